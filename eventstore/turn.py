"""Turns at appending: who comes next where several append to one stream, and how many may wait at once
(docs/adr/0034-contested-streams.md).

Locks are taken in this order by everybody: the stream's, the appenders', checkpoints. Nobody waits for a
stream's who may hold one of the others already.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import BoundedSemaphore, local

from django.db import connections, transaction

from eventstore import sql
from eventstore.trouble import Busy

# An advisory lock of two numbers: ours, and the stream's. Streams that share a number only wait too much.
_STREAM = f"({0x57EA}, hashtext(%s::text))"
TAKEN = f"pg_advisory_xact_lock{_STREAM} IS NOT NULL"
"""What takes the lock of a stream until the transaction ends, and is true."""
TAKEN_IF_FREE = f"pg_try_advisory_xact_lock{_STREAM}"
"""The same, but false at once where another holds it."""


@contextmanager
def turn_at(stream: str, alias: str) -> Iterator[None]:
    """A transaction in which nobody else appends to the stream, so that what is read of it now stands.
    Not for within another transaction, which must not wait for a stream."""
    with place_in_queue(alias), transaction.atomic(using=alias):
        if sql.is_postgresql(alias):  # SQLite has one writer at a time, from BEGIN IMMEDIATE on
            sql.query(f"SELECT {TAKEN}", [stream], alias=alias)
        _ours.alias = alias
        try:
            yield
        finally:
            _ours.alias = None


class _Ours(local):
    """The database in which this thread has a turn."""

    alias: str | None = None


_ours = _Ours()


def is_in_turn(alias: str) -> bool:
    """Whether the transaction is that of a turn, which nobody goes on with after an error."""
    return _ours.alias == alias


@contextmanager
def place_in_queue(alias: str) -> Iterator[None]:
    """A place among those who wait for a lock of appenders, or hold it: at most half of a pool's connections,
    so that pages are read whatever stops an appender. Raises trouble.Busy when none is free for a while,
    during which the connection serves others. Who is in a transaction needs none: it has one, or no pool."""
    places = _places(alias)
    if places is None or connections[alias].in_atomic_block:
        yield
        return
    if not places.acquire(blocking=False):
        connections[alias].close()
        if not places.acquire(timeout=QUEUE):
            raise Busy("Too many wait to append already")
    try:
        yield
    finally:
        places.release()


QUEUE = 1.0
"""Seconds for which an appender waits until fewer wait; with those for the locks themselves, below five."""


@cache
def _places(alias: str) -> BoundedSemaphore | None:
    """As many as half of the pool; None without one, where each thread has a connection of its own."""
    pool = connections[alias].settings_dict["OPTIONS"].get("pool")
    return BoundedSemaphore(max(1, pool["max_size"] // 2)) if pool else None
