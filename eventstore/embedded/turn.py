"""Turns at appending: who is next when several append to one stream, and how many may wait at once
(docs/adr/0034-contested-streams.md).

Everybody takes locks in this order: the stream's, the appenders', checkpoints. Nobody waits for a stream's
lock who may already hold one of the others.
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

# An advisory lock with two numbers: ours, and the stream's. If two streams share a number, they only wait
# more than they need to.
_STREAM = f"({0x57EA}, hashtext(%s::text))"
TAKEN = f"pg_advisory_xact_lock{_STREAM} IS NOT NULL"
"""Takes the lock of a stream until the transaction ends, and returns true."""
TAKEN_IF_FREE = f"pg_try_advisory_xact_lock{_STREAM}"
"""The same, but returns false at once if somebody else holds it."""


_BEGINNING = "turn"
# There are two locks to wait for, this and the appenders': each gets half of the usual limit.
_STREAMS = f"""
    WITH bound AS MATERIALIZED (SELECT set_config('lock_timeout', (
        extract(epoch FROM current_setting('lock_timeout')::interval) * 500)::int::text, true))
    SELECT CASE WHEN {TAKEN_IF_FREE} THEN true ELSE NOT {TAKEN} END AS was_free FROM bound
"""  # noqa: S608
_APPENDERS = f"SELECT pg_advisory_xact_lock({APPENDERS})"
_SAVEPOINT = f"SAVEPOINT {_BEGINNING}"

REMEMBERED = 2.0
"""Seconds for which a stream counts as contested after a conflict. Commands then begin with a turn,
because an attempt without one would probably fail."""
_MOST = 1000
_conflicts: dict[str, float] = {}
"""The time of the last conflict, by stream."""


def note_conflict(stream: str) -> None:
    """Remember that several append to this stream."""
    if len(_conflicts) >= _MOST:
        _conflicts.clear()  # they are only hints
    _conflicts[stream] = monotonic()


def is_contested(stream: str) -> bool:
    """Whether there was a conflict at this stream lately."""
    return stream in _conflicts and monotonic() - _conflicts[stream] < REMEMBERED


@contextmanager
def turn_at(stream: str, alias: str, *, inline: bool, alone: bool) -> Iterator[None]:
    """A transaction in which nobody else appends to the stream (if `alone`, to any stream), so that what
    it reads of the stream stays true. Not to be used within another transaction, which must not wait for a
    stream. If `inline`, it can `begin_again`."""
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
    """Take the locks, and say whether the stream's lock was free."""
    if not inline:
        return bool(sql.query(_STREAMS, [stream, stream], alias=alias)[0][0])
    # One round trip, because each keeps others waiting. The savepoint comes last: rolling back to it also
    # releases the locks that were taken after it.
    statements = [_STREAMS, *[_APPENDERS] * alone, _SAVEPOINT]
    return bool(sql.script("; ".join(statements), [stream, stream], alias=alias)[0][0])


class _Ours(local):
    """The databases in which this thread has a turn."""

    alias: str | None = None


_ours = _Ours()


def begin_again(alias: str) -> None:
    """If there is a turn, roll back what was done in it; the turn goes on."""
    if is_in_turn(alias):
        sql.query(f"ROLLBACK TO SAVEPOINT {_BEGINNING}", alias=alias)


def is_in_turn(alias: str) -> bool:
    """Whether the transaction is a turn, which nobody continues after an error."""
    return _ours.alias == alias


@contextmanager
def place_in_queue(alias: str) -> Iterator[None]:
    """A place among those who wait for a lock of appenders, or hold it. There are at most as many places
    as half of the connections in the pool, so that pages can be read even if an appender hangs. Raises
    trouble.Busy if no place becomes free for a while; the connection serves others meanwhile. A caller in
    a transaction needs no place: it has one already, or there is no pool."""
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
"""Seconds for which an appender waits for a place; together with the waits for the locks, less than five."""


@cache
def _places(alias: str) -> BoundedSemaphore | None:
    """As many places as half of the pool has connections; None without a pool, where each thread has its
    own connection."""
    pool = connections[alias].settings_dict["OPTIONS"].get("pool")
    return BoundedSemaphore(max(1, pool["max_size"] // 2)) if pool else None
