"""What a child process does for test_processes.py: `python -m tests.eventstore.child TASK ARGUMENT`.

It speaks with the test in lines: it prints what it has come to and reads when to go on. SILENCE is for how
many seconds it may say nothing while it holds a lock.
"""

import os
import sys
from collections.abc import Callable
from typing import Any
from uuid import UUID

import django

django.setup()

from django.db import connection  # noqa: E402  Django must be set up first

from eventstore.bell import events_appended  # noqa: E402
from eventstore.database import lock  # noqa: E402
from eventstore.embedded.store import EmbeddedStore  # noqa: E402
from eventstore.projections.read_model import registry  # noqa: E402
from eventstore.projections.rebuild import rebuild  # noqa: E402
from eventstore.store import WrongVersion  # noqa: E402
from tests import factories  # noqa: E402
from tests.eventstore.new_events import note, notes  # noqa: E402


def say(line: object) -> None:
    print(line, flush=True)


def contend(stream: str) -> None:
    """For each line, a version: append one event there; say its id, or "lost"."""
    say("ready")
    for line in sys.stdin:
        event = note()
        try:
            EmbeddedStore().append(stream, int(line), [event])
            say(event.id)
        except WrongVersion:
            say("lost")


def hang(*_: Any, **__: Any) -> None:
    """Say that the append is made but not committed, and wait to be killed by the test. The server must
    not end it first, so its patience is longer than a busy machine needs."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET idle_in_transaction_session_timeout = 0")
    say("in the middle")
    sys.stdin.read()


def append(stream: str) -> None:
    """Append a batch, and hang after the insert and the projection, before the commit."""
    events_appended.connect(hang)
    EmbeddedStore().append(stream, -1, notes(5))


def turn(stream: str) -> None:
    """Have the turn at a stream that is contested, and hang."""
    with EmbeddedStore().turn(stream, 1):
        hang()


def raise_work(site_id: str) -> None:
    """Raise work, and hang after the insert and the projection, before the commit."""
    events_appended.connect(hang)
    factories.raise_work("Never raised", site_ids=[UUID(site_id)])


def rebuild_all(_: str) -> None:
    """Rebuild everything, and hang when the first batch is in the shadows."""
    rebuild(list(registry.values()), progress=hang)


def append_without_end(stream: str) -> None:
    """Append batches of three as fast as can be, and say the version after each that was committed."""
    version = -1
    while True:
        EmbeddedStore().append(stream, version, notes(3))
        version += 3
        say(version)


TASKS: dict[str, Callable[[str], None]] = {
    task.__name__: task for task in (contend, append, turn, raise_work, rebuild_all, append_without_end)
}

if __name__ == "__main__":
    if "SILENCE" in os.environ:
        lock.SILENCE = float(os.environ["SILENCE"])
    TASKS[sys.argv[1]](sys.argv[2])
