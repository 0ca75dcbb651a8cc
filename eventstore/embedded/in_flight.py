"""What is in flight on PostgreSQL: appends that have taken a position and not yet ended (docs/adr/0003).

Whoever appends holds the appenders' lock from before the first position is drawn until the transaction ends.
A reader that sees a later event but not an earlier position therefore knows all who may still fill it: those
who hold the lock now. It waits for these alone, takes no lock, and so holds up nobody.
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
"""The key of the advisory lock; any number that nothing else in the database uses."""
PATIENCE = 1.0
"""Seconds for which a reader waits. Then it answers what lies before the hole, and comes again."""
LOOK, LONGEST_LOOK = 0.001, 0.05
"""Seconds between the first and, as they double, the last looks at whether all have ended."""

Query = Callable[[str, Sequence[Any]], Sequence[tuple[Any, ...]]]

# A transaction, not a process, for that may have gone on to its next; one that was prepared has no process.
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
# An event is recorded when it is about to be inserted; five minutes are for the wait and for clocks.
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
    """All events up to what is now the head, so many at a time; the store may go on meanwhile.

    Raises Busy where an append that does not end bars the way.
    """
    head, position = store.head(), 0
    while position < head:
        page = store.read_all(position, size)
        if not page:
            if not store.backlog(position).events:
                return  # the head may lie among events of others
            raise Busy(
                f"An append does not end; nothing beyond position {position} can be read before it does"
            )
        yield [each for each in page if each.position <= head]
        position = page[-1].position


def is_over(query: Query) -> bool:
    """Whether all who hold the appenders' lock now have ended, if need be after a while. The next statement
    then sees whatever they have committed. Raises Standby, where nobody can know."""
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
    """The position after which lies whatever is not committed yet: `head`, which was read before, unless an
    earlier one is in flight. Up to `read_over` nothing is. Waits for a while, so as not to go back to a hole
    that was rolled back long ago."""
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
    """A position that was drawn before any of these transactions began, so that theirs lie beyond it."""
    if None in holders.values():  # when one was begun that was prepared, nobody can say
        return 0
    return int(query(_DRAWN_BEFORE, [list(holders.values())])[0][0] or 0)


def _holders(query: Query) -> dict[str, int | None]:
    """The process of each transaction that holds the lock, but for our own."""
    found = query(_HOLDERS, [APPENDERS])
    if any(in_recovery for *_, in_recovery in found):
        raise Standby("A standby does not show who appends on its primary: read events there")
    return {transaction: pid for transaction, pid, _ in found}


def _pids(holders: dict[str, int | None]) -> str:
    return ", ".join("(prepared)" if pid is None else str(pid) for pid in holders.values())
