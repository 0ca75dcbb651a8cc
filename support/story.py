"""A job's story: its recorded events as entries from top to bottom, and the time between them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from eventstore.codec import Undecodable
from eventstore.events import UnknownEvent
from eventstore.store import RecordedEvent
from support.events import (
    OperativeArrived,
    OperativeDispatched,
    WorkAbandoned,
    WorkAssigned,
    WorkChangeUndone,
    WorkCompleted,
    WorkEvent,
    WorkRaised,
)

STAGES: dict[type, str] = {
    WorkRaised: "raised",
    WorkAssigned: "assigned",
    OperativeDispatched: "dispatched",
    OperativeArrived: "arrived",
    WorkCompleted: "completed",
    WorkAbandoned: "abandoned",
}
NOUNS = {
    "WorkRaised": "raising",
    "WorkAssigned": "assignment",
    "OperativeDispatched": "departure",
    "OperativeArrived": "arrival",
    "WorkCompleted": "completion",
    "WorkAbandoned": "abandonment",
    "WorkChangeUndone": "undo",
}
"""What people call each change, as in "Undo arrival", by the name of its event."""
SPENT = {
    "raised": "waiting for Control",
    "assigned": "in the queue",
    "dispatched": "on the way",
    "arrived": "on site",
    "abandoned": "waiting for Control again",
}


def noun_of(event_type: str) -> str:
    """What people call such a change; the event's own name if it has no words."""
    return NOUNS.get(event_type, event_type)


@dataclass(frozen=True)
class Leg:
    """The time from one entry to the next, and what it was spent on."""

    spent: str
    took: timedelta


@dataclass(frozen=True)
class Entry:
    """One event of the story. `event` is None, and `stage` empty, if this code cannot read it.

    `leg` is the time since the entry before. `behind` is how much later than estimated the operative
    arrived (negative: earlier). `visited` says whether they had arrived when they ended their work on the
    job. `undoes` is the entry that this one takes back; `is_undone` says whether another has taken this
    one back.
    """

    recorded: RecordedEvent
    event: WorkEvent | None
    stage: str
    leg: Leg | None
    behind: timedelta | None = None
    visited: bool = False
    undoes: "Entry | None" = None
    is_undone: bool = False

    @property
    def is_undo(self) -> bool:
        """Whether it takes another back, whether or not that one can be read."""
        return isinstance(self.event, WorkChangeUndone)

    @property
    def noun(self) -> str:
        """What people call such a change."""
        return noun_of(self.recorded.type)

    @property
    def operative_id(self) -> UUID | None:
        """The operative whom the event concerns."""
        return getattr(self.event, "operative_id", None)


@dataclass(frozen=True)
class Story:
    """`since` is the leg that still lasts, `total` the time from raising to completion. An open job has
    only the first, a completed job only the second."""

    entries: Sequence[Entry]
    since: Leg | None
    total: timedelta | None


def tell(history: Sequence[RecordedEvent], now: datetime) -> Story:
    """The story of a job from its stream, oldest event first."""
    events = [(recorded, read(recorded)) for recorded in history]
    undone = {event.undone_id for _, event in events if isinstance(event, WorkChangeUndone)}
    entries: list[Entry] = []
    told: list[Entry] = []
    valid: list[Entry] = []  # the entries that are not undone by then
    for recorded, event in events:
        if event is None or (type(event) not in STAGES and not isinstance(event, WorkChangeUndone)):
            entries.append(Entry(recorded, event, "", None))  # it has no words here, and takes no time
            continue
        last = told[-1] if told else None
        if isinstance(event, WorkChangeUndone):
            undoes = next((each for each in valid if each.recorded.id == event.undone_id), None)
            valid = [each for each in valid if each is not undoes]
            told.append(take_back(recorded, event, last, undoes))
        else:
            told.append(follow(recorded, event, last, valid[-1] if valid else None, recorded.id in undone))
            valid.append(told[-1])
        entries.append(told[-1])
    return summed_up(entries, told, now)


def summed_up(entries: Sequence[Entry], told: Sequence[Entry], now: datetime) -> Story:
    """The story of these entries, of which this code can read those in `told`."""
    if not told:
        return Story(entries, since=None, total=None)
    last, first = told[-1], told[0]
    done = last.stage == "completed"
    total = at_least_nothing(last.recorded.occurred_at - first.recorded.occurred_at)
    return Story(entries, since=leg_from(last, now), total=total if done else None)


def follow(
    recorded: RecordedEvent, event: WorkEvent, last: Entry | None, valid: Entry | None, is_undone: bool
) -> Entry:
    """The entry of an event that came after `last`; `valid` is the last entry that had not been undone."""
    before = valid.event if valid else None
    expected = before.estimated_arrival if isinstance(before, OperativeDispatched) else None
    arrived = isinstance(event, OperativeArrived)
    return Entry(
        recorded=recorded,
        event=event,
        stage=STAGES[type(event)],
        leg=leg_from(last, recorded.occurred_at) if last else None,
        behind=recorded.occurred_at - expected if arrived and expected else None,
        visited=isinstance(before, OperativeArrived),
        is_undone=is_undone,
    )


def take_back(
    recorded: RecordedEvent, event: WorkChangeUndone, last: Entry | None, undoes: Entry | None
) -> Entry:
    """The entry of an undo: from here on the job is at the stage where it was before."""
    leg = leg_from(last, recorded.occurred_at) if last else None
    return Entry(recorded=recorded, event=event, stage=event.stage, leg=leg, undoes=undoes)


def read(recorded: RecordedEvent) -> WorkEvent | None:
    """The event of work; None if code that this code does not know wrote it."""
    event = decoded(recorded)
    return event if isinstance(event, WorkEvent) else None


def decoded(recorded: RecordedEvent) -> object | None:
    """The event, whatever it is about; None if code that this code does not know wrote it."""
    try:
        return cast(object, recorded.event)
    except (UnknownEvent, Undecodable):
        return None


def leg_from(last: Entry, until: datetime) -> Leg | None:
    """The leg that began with an entry; none after the work was completed."""
    if last.stage not in SPENT:
        return None
    return Leg(SPENT[last.stage], at_least_nothing(until - last.recorded.occurred_at))


def at_least_nothing(took: timedelta) -> timedelta:
    """Never negative: clocks differ, and a late report may give an early time."""
    return max(took, timedelta(0))
