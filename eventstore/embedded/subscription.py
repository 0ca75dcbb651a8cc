"""Following the embedded store: woken by LISTEN/NOTIFY on PostgreSQL, by looking on SQLite.

What wakes a follower says nothing but "look": one that is lost costs the wait, no event.
"""

import logging
import time
from typing import Protocol

from django.db import Error, connection

from eventstore.database import sql
from eventstore.database.trouble import trouble_of
from eventstore.store import Batch, RecordedEvent

logger = logging.getLogger(__name__)

CHANNEL = "callout_events"
LOOK = 0.01
"""Seconds between two looks at whether somebody else has written to the SQLite file."""


def wake() -> None:
    """Wake whoever follows this database. What was appended stands; they will find it anyway."""
    if not sql.is_postgresql():
        return
    try:
        sql.query(f"SELECT pg_notify('{CHANNEL}', '')")
    except Error as error:
        if not trouble_of(error):
            raise
        logger.warning("Nobody was woken (%s)", type(error).__name__)


class Store(Protocol):
    """What is followed."""

    def read_all(self, after: int, limit: int) -> list[RecordedEvent]: ...


class Subscription:
    """Reads on from a position, and waits where there is nothing yet."""

    def __init__(self, store: Store, after: int) -> None:
        self._store = store
        self._position = after
        self._bell: Listener | Looker = Listener() if sql.is_postgresql() else Looker()

    def next(self, limit: int, wait: float) -> Batch | None:
        events = self._store.read_all(self._position, limit)
        if not events and self._bell.rings_within(wait):
            events = self._store.read_all(self._position, limit)
        if not events:
            return None
        self._position = events[-1].position
        return Batch(events, self._position)

    def close(self) -> None:
        self._bell.close()


class Listener:
    """Hears NOTIFY, on a connection of its own: Django's is busy with reading and projecting."""

    def __init__(self) -> None:
        self._connection = sql.connect()
        with connection.wrap_database_errors:  # it may end as soon as it has begun
            self._connection.execute(f"LISTEN {CHANNEL}")

    def rings_within(self, seconds: float) -> bool:
        """Whether somebody has appended since the last call, or does within `seconds`."""
        with connection.wrap_database_errors:
            return any(True for _ in self._connection.notifies(timeout=seconds, stop_after=1))

    def close(self) -> None:
        self._connection.close()


class Looker:
    """Sees that another connection has committed to the SQLite file; microseconds a look."""

    def __init__(self) -> None:
        self._seen = -1

    def rings_within(self, seconds: float) -> bool:
        """Whether anything was written since the last call, or is within `seconds`."""
        until = time.monotonic() + seconds
        while (version := sql.query("PRAGMA data_version")[0][0]) == self._seen:
            if time.monotonic() >= until:
                return False
            time.sleep(LOOK)
        self._seen = version
        return True

    def close(self) -> None:
        """There is nothing to let go of."""
