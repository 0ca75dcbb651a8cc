"""What every event store promises, whatever keeps the events."""

from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, NamedTuple, Protocol
from uuid import UUID

from eventstore import codec
from eventstore.contract import Rules, promise
from eventstore.events import NOBODY, Means

NO_STREAM = -1
"""The expected version of a stream that does not exist yet; the first event's version is 0."""


MOST_EVENTS = 5000
"""The most events in one append: PostgreSQL takes 65,535 values in a statement, and an event has thirteen."""


class Declined(Exception):
    """The store answers, but will not do this, however often it is asked. Nothing was changed. The text
    says why, for the people who run the store."""


class NoSuchPosition(Declined):
    """The store knows that there is no event at this position."""

    def __init__(self, position: int) -> None:
        where = "it is of another store, or of before this one was restored"
        super().__init__(f"No event stands at position {position}: {where}")
        self.position = position


class TooManyEvents(Declined):
    """The append has more events than MOST_EVENTS."""

    def __init__(self, count: int) -> None:
        super().__init__(f"{count} events in one append are too many: at most {MOST_EVENTS} are taken")


class WrongVersion(Exception):
    """The stream is not at the expected version: somebody else appended first."""


class Unreachable(Exception):
    """The store does not answer. `nothing_changed` is False only if an append was sent and its answer
    never came: the store may have taken it or not, and sending it again stores it once."""

    def __init__(self, reason: str, *, nothing_changed: bool = True) -> None:
        super().__init__(reason)
        self.nothing_changed = nothing_changed


EventId = Annotated[UUID, Means("the id of the event")]
StreamName = Annotated[str, Means("the stream: its category and the id of its aggregate", personal=NOBODY)]
Version = Annotated[int, Means("the place in the stream, from 0", unit="events before it")]
TypeName = Annotated[str, Means("the name of the event", personal=NOBODY)]
SchemaVersion = Annotated[
    int, Means("the version of that event which the data is in", unit="versions from 1")
]
Data = Annotated[str, Means("the event as JSON text", personal="each field's own")]
Actor = Annotated[str, Means("who did it, by an id or the name of a program", personal="user")]
CorrelationId = Annotated[
    UUID, Means("what it belongs together with: the id of the command that began it all")
]
CausationId = Annotated[UUID, Means("what caused it: the id of a command, or of an event")]
Source = Annotated[str, Means("how it came in", personal=NOBODY)]
CommandDigest = Annotated[
    str, Means("what its command said, as a keyed digest; empty: none", personal=NOBODY)
]
OccurredAt = Annotated[datetime, Means("when it happened")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """Who and why: the actor, what the events belong together with, what caused them, how they came in, and
    what the command said (command_digest.py), which is empty where there was no command."""

    actor: Actor
    correlation_id: CorrelationId
    causation_id: CausationId
    source: Source
    command_digest: CommandDigest = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    """An event to be appended. `data` is JSON text."""

    id: EventId
    type: TypeName
    schema_version: SchemaVersion
    data: Data
    metadata: Metadata
    occurred_at: OccurredAt


FOREIGN = "foreign "
"""The prefix of the type of a foreign event, which another program wrote among ours. No class is
registered under such a name, so the event is shown as it is stored, and skipped."""


class RecordedEvent(NamedTuple):
    """An event as the store keeps it. `version` counts from 0 within the stream. `position` grows over the
    whole store and may leave holes. `occurred_at` is when it happened, `recorded_at` when the store took
    it; both have a time zone."""

    position: Annotated[int, Means("the place in the whole store, which may leave holes", unit="places")]
    id: EventId
    stream: StreamName
    version: Version
    type: TypeName
    schema_version: SchemaVersion
    data: Data
    actor: Actor
    correlation_id: CorrelationId
    causation_id: CausationId
    source: Source
    command_digest: CommandDigest
    occurred_at: OccurredAt
    recorded_at: Annotated[datetime, Means("when the store took it")]

    @property
    def event(self) -> Any:
        """The decoded event. Raises codec.Undecodable or events.UnknownEvent."""
        return codec.decode(self.type, self.schema_version, self.data, self)

    @property
    def is_foreign(self) -> bool:
        """Whether another program wrote it. It counts for its stream's version, and changes nothing else."""
        return self.type.startswith(FOREIGN)


ENVELOPE = Rules(
    field=True,
    needs_default=True,
    value=True,
    may_vanish=False,
    remedy="Stored events are kept with it as it was: put it back, or add a field with a default beside it",
)
promise("envelope", ENVELOPE, "recorded event", 1, RecordedEvent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which recorded events to show. None means any. The times limit `occurred_at`; `until` is exclusive."""

    stream: str | None = None
    types: Collection[str] | None = None
    actor: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class Batch(NamedTuple):
    """Events in order, and the position that a reader reaches by taking them in: that of the last event,
    or a later one if the store has skipped events that are not ours."""

    events: list[RecordedEvent]
    position: int


class Found(NamedTuple):
    """Selected events, newest first, and the position before which a search for older ones continues; None
    when there are none. A store without an index may return fewer than the limit."""

    events: list[RecordedEvent]
    before: int | None


class Backlog(NamedTuple):
    """What a reader still has to take in: the number of events (a lower bound, unless `is_exact`), and
    when the store took the oldest of them; None when there is nothing."""

    events: int
    is_exact: bool
    since: datetime | None


class Subscription(Protocol):
    """The events that are appended after a position, as they come."""

    def next(self, limit: int, wait: float) -> Batch | None:
        """Returns between one and `limit` events, or a position to move on to without any; None when
        nothing came within `wait` seconds. Raises Unreachable, or the database's error, when the
        subscription is dropped; it cannot be used any more after that."""
        ...

    def close(self) -> None:
        """Release the resources. May be called twice."""
        ...


class EventStore(Protocol):
    """Append-only streams under one total order. Any method raises Unreachable when the store does not
    answer for too long, and Declined when it refuses what it is asked. Given a position that the store
    never issued, a method raises NoSuchPosition if the store can tell."""

    def append(
        self, stream: str, expected_version: int, events: Sequence[NewEvent], *, waits: bool = True
    ) -> int:
        """Append all events (at least one) or none, and return the position of the last.

        Raises TooManyEvents beyond MOST_EVENTS, and WrongVersion unless the stream is at
        `expected_version`. But if events with these very ids are already at these very places with the
        same data, it returns their position and changes nothing. With `waits` False it may also raise
        WrongVersion when somebody else is appending to the stream and would be first: read again, in a
        turn.
        """
        ...

    def turn(self, stream: str, conflicts: int) -> AbstractContextManager[None]:
        """To be used after so many conflicts. Within it, the caller reads the stream and appends with less
        danger of another conflict, or none. It may wait for others, and is a transaction if the store has
        transactions. Before any conflict it does nothing, unless others had a conflict at this stream
        lately."""
        ...

    def read_stream(
        self, stream: str, start: int | None = None, limit: int | None = None, *, backwards: bool = False
    ) -> list[RecordedEvent]:
        """The events of one stream from version `start` on, oldest first; `backwards` from there down, newest
        first. Without a start, from its beginning, or its end. At most `limit`; empty when there are none."""
        ...

    def place_of(self, stream: str, ids: Collection[UUID]) -> int | None:
        """The version at which one of these ids stands in the stream, told without reading it: by an index,
        or by the places that were noted."""
        ...

    def note_places(self, stream: str, places: Sequence[tuple[UUID, int]]) -> None:
        """Remember which id stands at which version, in a store that has no index of ids itself."""
        ...

    def forget_places(self, stream: str) -> None:
        """Forget all that was noted of a stream."""
        ...

    def read_all(self, after: int, limit: int, until: int | None = None) -> list[RecordedEvent]:
        """Up to `limit` events after position `after` and not beyond `until`, in order. Never skips an
        event that may still commit."""
        ...

    def subscribe(self, after: int) -> Subscription:
        """Follow the store from after position `after`: first the events that are there, then those that
        come."""
        ...

    def head(self) -> int:
        """The position of the newest event; 0 when the store is empty. If foreign events lie between ours,
        it may be the position of a later foreign one; none of ours is beyond it."""
        ...

    def now(self) -> int:
        """The position after which a reader that begins now misses nothing that commits later: the
        position of the newest event, or one before everything that is in flight."""
        ...

    def backlog(self, after: int) -> Backlog:
        """What lies beyond position `after`."""
        ...

    def position_at(self, moment: datetime) -> int:
        """The position after which lie all events that the store took at `moment` or later, and all that
        commit later. It is the last such position, except for what is in flight."""
        ...

    def projecting(self) -> AbstractContextManager[None]:
        """A transaction for a reader that locks checkpoints."""
        ...

    def browse(self, selection: Selection, *, limit: int, before: int | None = None) -> Found:
        """Up to `limit` selected events older than position `before`. For people, not for projections:
        events in flight may be missing."""
        ...

    def close(self) -> None:
        """Disconnect from the server; the next call connects again. A call that waits for its answer
        fails."""
        ...
