"""Where a read model or a reaction begins that has no position yet."""

from dataclasses import dataclass
from datetime import datetime

from eventstore.store import EventStore


@dataclass(frozen=True)
class Beginning:
    """With the first event of the store."""


@dataclass(frozen=True)
class Now:
    """With what is committed after it is first heard of. If an earlier event was still in flight then, the
    events between the two come too."""


@dataclass(frozen=True)
class After:
    """With the events after a position; with the next event, if the store has not come so far."""

    position: int


@dataclass(frozen=True)
class Since:
    """With the first event that the store took at this moment or later. The moment has a time zone."""

    moment: datetime


Start = Beginning | Now | After | Since
FROM_BEGINNING = Beginning()


def position_of(start: Start, store: EventStore) -> int:
    """The position after which it begins."""
    match start:
        case Beginning():
            return 0
        case Now():
            return store.now()
        case After(position):
            return min(position, store.now())
        case Since(moment):
            return store.position_at(moment)
