"""Workers that die at a given step: `python -m` with this module forks one for each line that it reads, as
tests/crashes/fork_server.py does, and for the same reason. killable_worker.py is the other end.

A step is what a worker has just done that cannot be undone: events appended ("append OrderPaid"), a timer
set ("timer OrderStarted"), a mail handed over ("mail OrderPaid"), a message confirmed by the broker ("message
OrderPaid"); or what it has done with, since it is about to answer the next event ("answer buyers OrderPaid").
The last word is the event that the step is about. Each step is counted for itself, for the threads of a
worker come in any order.
"""

import faulthandler
import gc
import json
import os
import signal
import sys
import traceback
from collections import Counter
from collections.abc import Callable
from functools import wraps
from threading import RLock, local
from typing import Any, NoReturn

import django

django.setup()

from django.core.mail import EmailMessage  # noqa: E402  Django must be set up first
from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402

from eventstore.dispatch import Outcome, dispatch  # noqa: E402
from eventstore.events import type_of  # noqa: E402
from eventstore.reactions import delivery, reaction  # noqa: E402
from eventstore.store import RecordedEvent  # noqa: E402
from eventstore.worker import follow  # noqa: E402
from integration.broker import Broker  # noqa: E402

PATIENCE = 60
"""Seconds after which a worker that hangs is ended, which fails the test."""


class Steps:
    """Counts the steps and kills the process at the one wanted."""

    def __init__(self, step: str, number: int) -> None:
        self._wanted = (step, number)
        self._passed = Counter[str]()
        self._lock = RLock()
        self._here = local()
        self.apart = RLock()
        """Held by each reaction from taking an event to having noted that: at a step of one, no other is in
        between."""

    def answering(self, reaction: str, about: str) -> None:
        """From now on this thread works on this event."""
        self._here.about = about
        self.passed(f"answer {reaction}", about)

    def passed(self, kind: str, about: str) -> None:
        step = f"{kind} {about}"
        with self._lock:
            self._passed[step] += 1
            say(step)
            is_last = (step, self._passed[step]) == self._wanted
        if is_last:
            with self.apart:
                os.kill(os.getpid(), signal.SIGKILL)
                signal.pause()  # never to be left: the signal may need a moment to arrive

    def after(self, kind: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, and then the step."""

        @wraps(function)
        def watched(*args: Any, **options: Any) -> Any:
            result = function(*args, **options)
            self.passed(kind, self._here.about)
            return result

        return watched


def say(what: object) -> None:
    os.write(sys.stdout.fileno(), f"{json.dumps(what)}\n".encode())


def watch(steps: Steps) -> None:
    """Let this process pass the steps from now on."""
    EmailMessage.send = steps.after("mail", EmailMessage.send)  # type: ignore[method-assign]
    Broker.publish = steps.after("message", Broker.publish)  # type: ignore[method-assign]
    take, park, handle = delivery.take, delivery.park, reaction.Reaction.handle

    def dispatch_and_tell(*args: Any, **options: Any) -> Outcome:
        outcome = dispatch(*args, **options)
        if outcome.events:
            steps.passed("append", "+".join(type_of(type(each)).name for each in outcome.events))
        return outcome

    def take_with_lock(reaction: reaction.Reaction, *args: Any) -> None:
        with steps.apart:
            take(reaction, *args)

    def park_and_tell(reaction: reaction.Reaction, recorded: RecordedEvent, **options: Any) -> None:
        park(reaction, recorded, **options)
        if options.get("is_timer"):
            transaction.on_commit(lambda: steps.passed("timer", recorded.type))

    def tell_and_handle(self: reaction.Reaction, recorded: RecordedEvent) -> bool:
        steps.answering(self.name, recorded.type)
        return handle(self, recorded)

    reaction.dispatch = dispatch_and_tell  # type: ignore[attr-defined]
    delivery.take = take_with_lock  # type: ignore[assignment]
    delivery.park = park_and_tell
    reaction.Reaction.handle = tell_and_handle  # type: ignore[method-assign]


def work(step: str, number: int) -> NoReturn:
    """In the child: follow until killed."""
    signal.alarm(PATIENCE)
    gc.disable()  # looking for garbage would copy every page that is shared with the parent
    watch(Steps(step, number))
    follow.LOOK = 0.1
    try:
        call_command("project", "--follow")
    except BaseException:
        traceback.print_exc()
    os._exit(1)


def serve() -> None:
    """One worker after the other: its id, its steps, and how it ended."""
    faulthandler.enable()
    for line in sys.stdin:
        assert connection.connection is None
        child = os.fork()
        if child == 0:
            say({"pid": os.getpid()})
            work(*json.loads(line))
        _, status = os.waitpid(child, 0)
        say({"ended": os.waitstatus_to_exitcode(status)})


if __name__ == "__main__":
    serve()
