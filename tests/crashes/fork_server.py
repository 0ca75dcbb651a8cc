"""A process with Django set up that forks a child for each order: `python -m tests.crashes.fork_server`.

Orders come in lines of JSON and are answered so. Starting Python anew for every place at which a process
can be killed would take a second each; a fork takes some milliseconds. It forks before any connection and
any gRPC channel is opened, for neither survives it.
"""

import gc
import json
import logging
import os
import signal
import sys
import traceback
from collections.abc import Callable
from tempfile import TemporaryFile
from typing import Any, NoReturn

import django

django.setup()

from django.conf import settings  # noqa: E402  Django must be set up first
from django.db import connection  # noqa: E402

from eventstore.current import current_store  # noqa: E402
from tests.crashes import boundaries, operations, stored_state  # noqa: E402

PATIENCE = 60
"""Seconds after which a child that hangs is ended, which fails the test."""


def serve() -> None:
    """One order after the other."""
    be_quick()
    for line in sys.stdin:
        assert connection.connection is None
        print(json.dumps(in_a_child(json.loads(line))), flush=True)


def be_quick() -> None:
    """The same settings as conftest.py makes for every test: what a killed process wrote is still in the
    system's memory, whether or not it reached the disk. And log nothing about errors that are intended."""
    logging.disable(logging.WARNING)
    options = settings.DATABASES["default"]["OPTIONS"]
    if "init_command" in options:
        options["init_command"] = options["init_command"].replace("synchronous=FULL", "synchronous=OFF")
    else:
        options["options"] = f"{options.get('options', '')} -c synchronous_commit=off".strip()


def in_a_child(order: dict[str, Any]) -> dict[str, Any]:
    """How it ended (0, an exit code, or minus a signal), and the lines that it said."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        obey(order, writing)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        said = [json.loads(line) for line in pipe]
    _, status = os.waitpid(child, 0)
    return {"ended": os.waitstatus_to_exitcode(status), "said": said}


def obey(order: dict[str, Any], pipe: int) -> NoReturn:
    """In the child: do one thing, and be gone without tidying up."""

    def say(kind: str, what: object) -> None:
        os.write(pipe, f"{json.dumps([kind, what])}\n".encode())

    signal.alarm(PATIENCE)
    gc.disable()  # looking for garbage would copy every page that is shared with the parent
    try:
        under(order["prefix"])
        operations.acknowledged = lambda what: say("acknowledged", what)
        ORDERS[order["do"]](order, say)
    except BaseException:
        say("failed", traceback.format_exc())
        os._exit(1)
    os._exit(0)


def under(prefix: str) -> None:
    """From here on KurrentDB's streams have this prefix."""
    settings.EVENT_STORE_PREFIX = prefix
    current_store.cache_clear()


Say = Callable[[str, object], None]


def prepare(order: dict[str, Any], say: Say) -> None:
    """Everything as it is before the deed."""
    stored_state.clear()
    operations.prepare(order["deed"])


def deed(order: dict[str, Any], say: Say) -> None:
    """The deed, to be killed at one of its boundaries; at which it was when it told of what it had done."""
    passed = boundaries.install(lambda where: say("killed", where))
    acknowledged = operations.acknowledged

    def tell(what: str) -> None:
        say("answered at", passed.passed)
        acknowledged(what)

    operations.acknowledged = tell
    connection.ensure_connection()
    passed.begin(order["kill_at"])
    operations.DEEDS[order["deed"]]()
    say("passed", passed.passed)


def restart(order: dict[str, Any], say: Say) -> None:
    """Look about, do the deed again, look about; then prepare for the next time."""
    say("before", stored_state.look(order["known"]))
    operations.DEEDS[order["deed"]]()
    stored_state.catch_up()
    say("after", stored_state.look(order["known"]))
    under(order["next_prefix"])
    prepare(order, say)


def watch(order: dict[str, Any], say: Say) -> None:
    """The deed, and for each statement that the database's own library saw, how many boundaries or, on
    PostgreSQL, how many statements the hook had seen."""
    passed = boundaries.install(lambda _: None)
    connection.ensure_connection()
    passed.begin(boundaries.NEVER)
    raw: Any = connection.connection
    if connection.vendor == "sqlite":
        marks: list[int] = []
        raw.set_trace_callback(lambda _: marks.append(passed.passed))
        operations.DEEDS[order["deed"]]()
        say("marks", marks)
        return
    with TemporaryFile("w+") as trace:
        raw.pgconn.trace(trace.fileno())
        operations.DEEDS[order["deed"]]()
        raw.pgconn.untrace()
        trace.seek(0)
        asked = [line for line in trace if line.split()[2:3] == ["F"]]
    ends = [line for line in asked if line.split()[4] in {"Query", "Sync"}]
    say("statements", [len(ends), passed.statements])


ORDERS = {"prepare": prepare, "deed": deed, "restart": restart, "watch": watch}

if __name__ == "__main__":
    serve()
