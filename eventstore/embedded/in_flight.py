"""Appends in flight on PostgreSQL: those that have taken a position and not yet ended (docs/adr/0003).

An appender holds the appenders' lock from before it takes its first position until its transaction ends. A
reader may see a later event, but not the one at an earlier position. Only those who hold the lock at that
moment can still fill the hole. The reader waits for these alone and takes no lock, so it holds up nobody.
"""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from eventstore.database.trouble import Busy, Standby
from eventstore.models import StoredEvent
from eventstore.store import EventStore, RecordedEvent

logger = logging.getLogger(__name__)

APPENDERS = 0x0CA11
"""The key of the advisory lock: any number that nothing else in the database uses."""
PATIENCE = 1.0
"""Seconds for which a reader waits. After that it returns what lies before the hole, and comes again."""
LOOK, LONGEST_LOOK = 0.001, 0.05
"""Seconds between two looks whether all have ended: the first pause, doubled each time, and the longest."""

Query = Callable[[str, Sequence[Any]], Sequence[tuple[Any, ...]]]

# Compares transactions, not processes: a process may be in its next transaction by then, and a prepared
# transaction has no process.
_HOLDERS = """
    SELECT virtualtransaction, pid, pg_is_in_recovery() FROM pg_locks
    WHERE locktype = 'advisory' AND granted AND objsubid = 1 AND classid = 0 AND objid = %s
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND pid IS DISTINCT FROM pg_backend_pid()
    UNION ALL SELECT '', 0, true WHERE pg_is_in_recovery()
"""
_EVENTS = StoredEvent._meta.db_table
_HOLES = f"""
    SELECT position + 1, next - 1 FROM (
        SELECT position, lead(position) OVER (ORDER BY position) AS next
        FROM (SELECT %s::bigint AS position
              UNION ALL SELECT position FROM {_EVENTS} WHERE position > %s AND position <= %s) AS stored
    ) AS pairs WHERE next > position + 1 ORDER BY position
"""  # noqa: S608
# An event is recorded when it is about to be inserted; five minutes allow for the wait and for different
# clocks.
_DRAWN_BEFORE = f"""
    SELECT max(position) FROM {_EVENTS} WHERE recorded_at < (
        SELECT min(xact_start) - interval '5 minutes' FROM pg_stat_activity WHERE pid = ANY(%s::int[])
        HAVING count(xact_start) = count(*) -- or somebody else's session hides when it began
    )
"""  # noqa: S608
_FILLED = f"""
    SELECT min(position) FROM {_EVENTS}
    JOIN unnest(%s::bigint[], %s::bigint[]) AS hole (first, last) ON position BETWEEN first AND last
"""  # noqa: S608


def pages_of(store: EventStore, size: int) -> Iterator[list[RecordedEvent]]:
    """All events up to the present head, in pages of `size`; others may append meanwhile.

    Raises Busy when an append that does not end blocks the way.
    """
    head, position = store.head(), 0
    while position < head:
        page = store.read_all(position, size)
        if not page:
            if not store.backlog(position).events:
                return  # the head may be among foreign events
            raise Busy(
                f"An append does not end; nothing beyond position {position} can be read before it does"
            )
        yield [each for each in page if each.position <= head]
        position = page[-1].position


def is_over(query: Query) -> bool:
    """Whether all who hold the appenders' lock now have ended; waits for them up to PATIENCE. The next
    statement then sees what they have committed. Raises Standby on a server where nobody can know."""
    waited_for = holders = _holders(query)
    until, look = time.monotonic() + PATIENCE, LOOK
    while holders := {each: pid for each, pid in holders.items() if each in waited_for}:
        if time.monotonic() >= until:
            logger.warning("Still appending: processes %s of PostgreSQL; reading on later", _pids(holders))
            return False
        time.sleep(look)
        look = min(look * 2, LONGEST_LOOK)
        holders = _holders(query)
    return True


def before_open(query: Query, head: int, *, read_over: int) -> int:
    """The position after which lies everything that is not committed yet. It is `head`, which was read
    before, unless an earlier position is in flight. Nothing is in flight up to `read_over`. Waits for a
    while, so that it does not return to a hole that was rolled back long ago."""
    holders = _holders(query)
    if not holders:
        return head
    settled = max(read_over, _drawn_before(query, holders))
    holes = query(_HOLES, [settled, settled, head])
    if not holes:
        return head
    if not is_over(query):
        return int(holes[0][0]) - 1
    filled = query(_FILLED, [[first for first, _ in holes], [last for _, last in holes]])[0][0]
    return head if filled is None else int(filled) - 1


def _drawn_before(query: Query, holders: dict[str, int | None]) -> int:
    """A position that was taken before any of these transactions began, so that theirs are beyond it."""
    if None in holders.values():  # nobody knows when a prepared transaction began
        return 0
    return int(query(_DRAWN_BEFORE, [list(holders.values())])[0][0] or 0)


def _holders(query: Query) -> dict[str, int | None]:
    """The process of each transaction that holds the lock, except our own."""
    found = query(_HOLDERS, [APPENDERS])
    if any(in_recovery for *_, in_recovery in found):
        raise Standby("A standby does not show who appends on its primary: read events there")
    return {transaction: pid for transaction, pid, _ in found}


def _pids(holders: dict[str, int | None]) -> str:
    return ", ".join("(prepared)" if pid is None else str(pid) for pid in holders.values())
