"""Following the embedded store: LISTEN/NOTIFY wakes the follower on PostgreSQL; on SQLite it polls.

A wake-up says nothing but "look": losing one costs time, but no event.
"""

import logging
import time
from typing import Protocol

from django.db import Error, connection

from eventstore.database import sql
from eventstore.database.name import NAME
from eventstore.database.trouble import trouble_of
from eventstore.store import Batch, RecordedEvent

logger = logging.getLogger(__name__)

CHANNEL = f"{NAME}_events"
LOOK = 0.01
"""Seconds between two looks whether somebody else has written to the SQLite file."""


def wake() -> None:
    """Wake all who follow this database. The append is already committed, so they find it even without
    this."""
    if not sql.is_postgresql():
        return
    try:
        sql.query(f"SELECT pg_notify('{CHANNEL}', '')")
    except Error as error:
        if not trouble_of(error):
            raise
        logger.warning("Nobody was woken (%s)", type(error).__name__)


class Store(Protocol):
    """The store that is followed."""

    def read_all(self, after: int, limit: int) -> list[RecordedEvent]: ...


class Subscription:
    """Reads on from a position, and waits while there is nothing yet."""

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
    """Listens for NOTIFY on a connection of its own, because Django's is busy with reading and projecting."""

    def __init__(self) -> None:
        self._connection = sql.connect()
        with connection.wrap_database_errors:  # it may be lost as soon as it is made
            self._connection.execute(f"LISTEN {CHANNEL}")

    def rings_within(self, seconds: float) -> bool:
        """Whether somebody has appended since the last call, or appends within `seconds`."""
        with connection.wrap_database_errors:
            return any(True for _ in self._connection.notifies(timeout=seconds, stop_after=1))

    def close(self) -> None:
        self._connection.close()


class Looker:
    """Sees that another connection has committed to the SQLite file; a look takes microseconds."""

    def __init__(self) -> None:
        self._seen = -1

    def rings_within(self, seconds: float) -> bool:
        """Whether anything was written since the last call, or is written within `seconds`."""
        until = time.monotonic() + seconds
        while (version := sql.query("PRAGMA data_version")[0][0]) == self._seen:
            if time.monotonic() >= until:
                return False
            time.sleep(LOOK)
        self._seen = version
        return True

    def close(self) -> None:
        """Does nothing: it holds no resources."""
