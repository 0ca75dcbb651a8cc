"""Reading $all page by page, as the real server does it.

Where a page begins and ends can be seen from outside: the positions of checkpoints come from it.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from tests.kurrent.log import Log
from tests.kurrent.records import Position, Record

START = Position(0, 0)
SIZE = 32
"""Events of one page, and the most live events that wait for a slow reader before it must catch up again."""

Filter = Callable[[Record], bool]


class InvalidPosition(Exception):
    """No record begins there."""


class BeyondEnd(Exception):
    """The log has not come so far."""


class Page(NamedTuple):
    """Some records from `start` on. `considered` counts those that the filter refused, too; `is_last`
    when the end of the log was met, which a page that is just full has not."""

    records: list[Record]
    start: Position
    next: Position
    considered: int
    is_last: bool


def page(log: Log, start: Position, *, window: int, allowed: Filter) -> Page:
    """The page at `start`, inclusive, looking at no more than `window` records."""
    with log.changed:
        found: list[Record] = []
        index = index_at(log, start)
        considered = 0
        for record in islice(log.records, index, index + window):
            if len(found) == SIZE:
                break
            considered += 1
            if allowed(record):
                found.append(record)
        following = Position(log.records[index + considered - 1].end, 0) if considered else start
        is_full = len(found) == SIZE or considered == window
        return Page(found, start, following, considered, is_last=not is_full)


def index_at(log: Log, position: Position) -> int:
    """The index of the record that begins there, or the number of records when that is after the last one.
    Raises InvalidPosition for a place within a record."""
    index = bisect_left(log.positions, position.commit)
    if index < len(log.positions) and log.positions[index] != position.commit:
        raise InvalidPosition
    return index


def forwards(log: Log, start: Position | None, allowed: Filter, limit: int) -> Iterator[Record]:
    """Records from `start` on, itself included."""
    with log.changed:
        places = range(index_at(log, start or START), len(log.records))
    return _chosen(log, places, allowed, limit)


def backwards(log: Log, start: Position | None, allowed: Filter, limit: int) -> Iterator[Record]:
    """Records before `start`, newest first; None is the end. Raises BeyondEnd."""
    with log.changed:
        if start is not None and start.commit > log.end:
            raise BeyondEnd
        places = range(len(log.records) if start is None else index_at(log, start))
    return _chosen(log, reversed(places), allowed, limit)


def _chosen(log: Log, places: Iterable[int], allowed: Filter, limit: int) -> Iterator[Record]:
    # One by one: a reader who asks for a few must not pay for a copy of the whole log, and gets those that
    # were found while others are still looked for.
    records = (log.records[place] for place in places)
    return islice(filter(allowed, records), limit)
