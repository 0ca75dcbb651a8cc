"""Turns at appending: who comes next where several append to one stream, and how many may wait at once
(docs/adr/0034-contested-streams.md).

Locks are taken in this order by everybody: the stream's, the appenders', checkpoints. Nobody waits for a
stream's who may hold one of the others already.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import BoundedSemaphore, local
from time import monotonic

from django.db import connections, transaction

from eventstore.database import sql
from eventstore.database.trouble import Busy
from eventstore.embedded.in_flight import APPENDERS

# An advisory lock of two numbers: ours, and the stream's. Streams that share a number only wait too much.
_STREAM = f"({0x57EA}, hashtext(%s::text))"
TAKEN = f"pg_advisory_xact_lock{_STREAM} IS NOT NULL"
"""What takes the lock of a stream until the transaction ends, and is true."""
TAKEN_IF_FREE = f"pg_try_advisory_xact_lock{_STREAM}"
"""The same, but false at once where another holds it."""


_BEGINNING = "turn"
# Two locks are waited for, this and the appenders': each for half as long as otherwise.
_STREAMS = f"""
    WITH bound AS MATERIALIZED (SELECT set_config('lock_timeout', (
        extract(epoch FROM current_setting('lock_timeout')::interval) * 500)::int::text, true))
    SELECT CASE WHEN {TAKEN_IF_FREE} THEN true ELSE NOT {TAKEN} END AS was_free FROM bound
"""  # noqa: S608
_APPENDERS = f"SELECT pg_advisory_xact_lock({APPENDERS})"
_SAVEPOINT = f"SAVEPOINT {_BEGINNING}"

REMEMBERED = 2.0
"""Seconds for which a stream counts as contested after a conflict: commands then begin with a turn, for an
attempt without one would most likely be in vain."""
_MOST = 1000
_conflicts: dict[str, float] = {}


def note_conflict(stream: str) -> None:
    """Remember that several append to the stream."""
    if len(_conflicts) >= _MOST:
        _conflicts.clear()  # they are only a hint
    _conflicts[stream] = monotonic()


def is_contested(stream: str) -> bool:
    """Whether there was a conflict at the stream lately."""
    return stream in _conflicts and monotonic() - _conflicts[stream] < REMEMBERED


@contextmanager
def turn_at(stream: str, alias: str, *, inline: bool, alone: bool) -> Iterator[None]:
    """A transaction in which nobody else appends to the stream, or if `alone` to any, so that what is read of
    it now stands. Not for within another transaction, which must not wait for a stream. `inline` it can
    `begin_again`."""
    with place_in_queue(alias), transaction.atomic(using=alias):
        if not sql.is_postgresql(alias):
            sql.query(_SAVEPOINT, alias=alias)  # there is one writer at a time, from BEGIN IMMEDIATE on
        elif _took(stream, alias, inline=inline, alone=alone):
            _conflicts.pop(stream, None)  # nobody else was there any more
        _ours.alias = alias
        try:
            yield
        finally:
            _ours.alias = None


def _took(stream: str, alias: str, *, inline: bool, alone: bool) -> bool:
    """Take the locks, and say whether that of the stream was free."""
    if not inline:
        return bool(sql.query(_STREAMS, [stream, stream], alias=alias)[0][0])
    # In one round trip, for each keeps others waiting. The savepoint comes last: with what is taken back to
    # it go the locks that were taken since.
    statements = [_STREAMS, *[_APPENDERS] * alone, _SAVEPOINT]
    return bool(sql.script("; ".join(statements), [stream, stream], alias=alias)[0][0])


class _Ours(local):
    """The database in which this thread has a turn."""

    alias: str | None = None


_ours = _Ours()


def begin_again(alias: str) -> None:
    """Take back what was done in this turn, if it is one, which goes on."""
    if is_in_turn(alias):
        sql.query(f"ROLLBACK TO SAVEPOINT {_BEGINNING}", alias=alias)


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
