"""manage.py project: bring read models up to date, once; or follow, with reactions, as long as it runs."""

import logging
import signal
import time
from argparse import ArgumentParser
from collections.abc import Sequence
from functools import partial
from threading import Event, Thread
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.db import connection

from eventstore.current import current_store
from eventstore.management.command import StoreCommand
from eventstore.management.names import named
from eventstore.management.status import line_of, reaction_line_of, why_stopped
from eventstore.models import Checkpoint
from eventstore.projections.advance import advance
from eventstore.projections.read_model import ReadModel, registry
from eventstore.reactions.delivery import followers as reacting
from eventstore.reactions.delivery import put_at
from eventstore.reactions.reaction import Reaction
from eventstore.reactions.reaction import registry as reactions
from eventstore.store import Declined, NoSuchPosition, Unreachable
from eventstore.worker.follow import Follower, ReadModels, Task, beside, follow, keep_at
from eventstore.worker.health import conditions, reaction_conditions, standing

logger = logging.getLogger(__name__)

TICK = 0.2  # seconds between two looks whether to stop; a signal handler must not meet a lock
GRACE = 3.0  # seconds for which a worker that shall stop still waits for an answer of its store


class Command(StoreCommand):
    help = "Take new events into the read models; one that stopped at an event tries it again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "name", nargs="*", help="Read models; all, and the reactions, if nothing is named."
        )
        parser.add_argument(
            "--reaction",
            action="append",
            default=[],
            metavar="NAME",
            help="With --follow: a reaction, and no others. May be given several times; several workers can "
            "share the reactions among them.",
        )
        instead = parser.add_mutually_exclusive_group()
        instead.add_argument(
            "--follow", action="store_true", help="Go on until told to stop (SIGTERM, Ctrl-C)."
        )
        instead.add_argument(
            "--reactions-at",
            choices=("beginning", "now"),
            help="Only put the reactions there, as after moving to another store: they have their effects "
            "again from the beginning (commands once all the same, mail and messages not), or from now on.",
        )
        instead.add_argument("--status", action="store_true", help="Only say how far each has come.")
        parser.add_argument(
            "--within", type=float, metavar="SECONDS", help="With --status: fail when one is further behind."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        names, reacting = options["name"], options["reaction"]
        if reacting and not options["follow"]:
            raise CommandError("--reaction asks for --follow.")
        chosen = named(names, registry) if names or reacting else list(registry.values())
        if options["within"] is not None and not options["status"]:
            raise CommandError("--within asks for --status.")
        if options["status"]:
            self.report(options["name"], options["within"])
            return
        if options["reactions_at"]:
            position = current_store().now() if options["reactions_at"] == "now" else 0
            put_at(reactions.values(), position)
            self.stdout.write(f"Reactions go on from position {position}.")
            return
        Checkpoint.objects.filter(name__in=[each.name for each in chosen]).exclude(error="").update(
            error="", failed_position=None
        )
        if options["follow"]:
            answering = (
                named(reacting, reactions, "reaction") if names or reacting else list(reactions.values())
            )
            self.follow(chosen, answering)
            return
        while advance(chosen):
            pass
        self.report(options["name"])

    def follow(self, chosen: list[ReadModel], answering: list[Reaction]) -> None:
        """Follow until a signal asks to stop; work that has begun is finished first."""
        stop = Event()

        def ask(_signal: int, _frame: FrameType | None) -> None:
            stop.set()

        signal.signal(signal.SIGTERM, ask)
        signal.signal(signal.SIGINT, ask)
        tasks = [partial(follow, each) for each in self.followers(chosen, answering, stop)]
        if answering:
            tasks += [partial(keep_at, each) for each in beside]
        # Each in its own thread, so that a slow reaction keeps no page waiting.
        failures: list[Exception] = []
        threads = [Thread(target=in_thread, args=(each, stop, failures)) for each in tasks]
        for each in threads:
            each.start()
        logger.info("Following the store")
        while not stop.is_set():
            time.sleep(TICK)
        wait_for(threads)
        if failures and isinstance(failures[0], NoSuchPosition):
            raise failures[0]
        if failures:
            raise CommandError(f"The worker failed: {failures[0]}") from failures[0]
        logger.info("Stopped")

    def followers(self, chosen: list[ReadModel], answering: list[Reaction], stop: Event) -> list[Follower]:
        """The followers of what the settings leave to a worker."""
        found: list[Follower] = [*reacting(answering, stop)]
        if settings.PROJECTION == "worker" and chosen:
            found.append(ReadModels(chosen, stop))
        elif chosen:
            logger.info("Read models are projected inline; this worker leaves them alone")
        return found

    def report(self, names: list[str], within: float | None = None) -> None:
        """Say how far each has come. Raises CommandError when one has stopped, or is more than `within`
        seconds behind.

        When the store is away, it says what the database alone knows, then raises Unreachable or Declined.
        """
        try:
            told = [each for each in conditions() if not names or each.name in names]
            reacting = [] if names else reaction_conditions()
        except (Unreachable, Declined):
            for each in standing():
                if not names or each.name in names:
                    self.stdout.write(line_of(each))
            raise
        for line in [*map(line_of, told), *map(reaction_line_of, reacting)]:
            self.stdout.write(line)
        faults = [f"{each.name} {why_stopped(each)}" for each in told if each.stopped]
        if within is not None:
            lags = {each.name: each.lag for each in told} | {each.name: each.lag for each in reacting}
            late = [name for name, lag in lags.items() if lag.seconds > within]
            faults += [f"{name} is more than {within:,.0f} s behind" for name in late]
        if faults:
            raise CommandError("\n".join(faults))


def wait_for(threads: Sequence[Thread]) -> None:
    """Wait until all have finished the work that has begun. A store that does not answer delays this only
    for a while."""
    until = time.monotonic() + GRACE
    for each in threads:
        while each.is_alive():
            each.join(TICK)
            if time.monotonic() > until:
                current_store().close()


def in_thread(task: Task, stop: Event, failures: list[Exception]) -> None:
    """Run the task on this thread's own connection. An unexpected error stops the worker, not just one
    thread."""
    try:
        task(stop)
    except Exception as error:
        logger.exception("The worker stops")
        failures.append(error)
    finally:
        stop.set()
        connection.close()
