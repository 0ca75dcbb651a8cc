"""What every event store promises, whatever keeps the events."""

from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from eventstore import codec

NO_STREAM = -1
"""The expected version of a stream that does not exist yet; the first event's version is 0."""


MOST_EVENTS = 5000
"""The most events of one append: PostgreSQL takes 65,535 values in one statement, and an event has twelve."""


class Declined(Exception):
    """The store answers, and does not do this, however often it is asked. Nothing was changed. The words say
    why, for whoever looks after it."""


class NoSuchPosition(Declined):
    """The store can tell that no event stands at this position."""

    def __init__(self, position: int) -> None:
        where = "it is of another store, or of before this one was restored"
        super().__init__(f"No event stands at position {position}: {where}")
        self.position = position


class TooManyEvents(Declined):
    """One append may hold MOST_EVENTS."""

    def __init__(self, count: int) -> None:
        super().__init__(f"{count} events in one append are too many: at most {MOST_EVENTS} are taken")


class WrongVersion(Exception):
    """The stream is not at the expected version: somebody else appended first."""


class Unreachable(Exception):
    """The store does not answer. `nothing_changed` is False only where an append was sent whose answer
    never came: whether it was taken is then unknown, and sending it again takes it once."""

    def __init__(self, reason: str, *, nothing_changed: bool = True) -> None:
        super().__init__(reason)
        self.nothing_changed = nothing_changed


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """Who and why: the actor, what the events belong together with, what caused them, by which door."""

    actor: str
    correlation_id: UUID
    causation_id: UUID
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    """An event about to be appended. `data` is JSON text."""

    id: UUID
    type: str
    schema_version: int
    data: str
    metadata: Metadata
    occurred_at: datetime


FOREIGN = "foreign "
"""What the type begins with of an event that stands among ours and was written by somebody else: no class is
registered under such a name, so it is shown as stored and passed over."""


class RecordedEvent(NamedTuple):
    """An event as the store keeps it. `version` counts within the stream from 0; `position` grows over
    the whole store and may leave holes. `occurred_at` is when it happened, `recorded_at` when the
    store took it; both are aware."""

    position: int
    id: UUID
    stream: str
    version: int
    type: str
    schema_version: int
    data: str
    actor: str
    correlation_id: UUID
    causation_id: UUID
    source: str
    occurred_at: datetime
    recorded_at: datetime

    @property
    def event(self) -> Any:
        """The event itself, decoded; raises codec.Undecodable or events.UnknownEvent."""
        return codec.decode(self.type, self.schema_version, self.data)

    @property
    def is_foreign(self) -> bool:
        """Whether somebody else wrote it. It counts for its stream's version, and says nothing."""
        return self.type.startswith(FOREIGN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which recorded events to show. None means any; times bound `occurred_at`, `until` exclusive."""

    stream: str | None = None
    types: Collection[str] | None = None
    actor: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class Batch(NamedTuple):
    """Events in order, and the position at which a reader stands that has taken them in: that of the last,
    or beyond it where the store has passed over events that are not ours."""

    events: list[RecordedEvent]
    position: int


class Found(NamedTuple):
    """Selected events, newest first, and the position before which a search for older ones goes on; None
    when there are none. A store that has no index may stop short of the limit."""

    events: list[RecordedEvent]
    before: int | None


class Backlog(NamedTuple):
    """What a reader has still to take in: how many events (at least, unless `is_exact`), and when the store
    took the oldest of them; None when there is nothing."""

    events: int
    is_exact: bool
    since: datetime | None


class Subscription(Protocol):
    """What is appended after some position, as it comes."""

    def next(self, limit: int, wait: float) -> Batch | None:
        """At least one event and up to `limit`, or a position to move on to without any; None when nothing
        came within `wait` seconds. Raises Unreachable, or the database's error, when the subscription is
        dropped; it is then of no more use."""
        ...

    def close(self) -> None:
        """Let go of what it holds. May be called twice."""
        ...


class EventStore(Protocol):
    """Append-only streams under one total order. Any method raises Unreachable when the store stays away, and
    Declined when it does not do what it is asked; NoSuchPosition, where it can tell, at a position that it
    has never named."""

    def append(
        self, stream: str, expected_version: int, events: Sequence[NewEvent], *, waits: bool = True
    ) -> int:
        """Append all events, at least one, or none, and answer the position of the last.

        Raises TooManyEvents beyond MOST_EVENTS, and WrongVersion unless the stream stands at
        `expected_version`; but where these very ids already stand at these very places with the same data,
        answers their position and changes nothing. Unless it `waits`, it may also raise WrongVersion where
        somebody else is appending to the stream, who would come first: read again, in a turn.
        """
        ...

    def turn(self, stream: str, conflicts: int) -> AbstractContextManager[None]:
        """After so many conflicts: within it the stream is read and appended to with less danger of another,
        or none. It may wait for others, and is a transaction where the store has such. Before any conflict it
        is nothing, unless others have met at this stream lately."""
        ...

    def read_stream(
        self, stream: str, start: int | None = None, limit: int | None = None, *, backwards: bool = False
    ) -> list[RecordedEvent]:
        """The events of one stream from version `start` on, oldest first; `backwards` from there down, newest
        first. Without a start, from its beginning, or its end. At most `limit`; empty when there are none."""
        ...

    def read_all(self, after: int, limit: int, until: int | None = None) -> list[RecordedEvent]:
        """Up to `limit` events beyond position `after`, in order, never skipping one that may yet commit.
        None beyond `until`."""
        ...

    def subscribe(self, after: int) -> Subscription:
        """Follow the store from beyond position `after`: first what is there, then what comes."""
        ...

    def head(self) -> int:
        """The position of the newest event; 0 when the store is empty. Where those of others have come in
        between, perhaps that of a later one of theirs: none of ours lies beyond it."""
        ...

    def now(self) -> int:
        """The position after which a reader that begins now misses nothing that commits later: that of the
        newest event, or one before what is still in flight."""
        ...

    def backlog(self, after: int) -> Backlog:
        """What lies beyond position `after`."""
        ...

    def position_at(self, moment: datetime) -> int:
        """The position after which lie all events that the store took at `moment` or later, and all that
        commit later; the last such, but for what is in flight."""
        ...

    def projecting(self) -> AbstractContextManager[None]:
        """A transaction for a reader that locks checkpoints."""
        ...

    def browse(self, selection: Selection, *, limit: int, before: int | None = None) -> Found:
        """Up to `limit` selected events older than position `before`. For people, not for projections:
        events in flight may be missing."""
        ...

    def close(self) -> None:
        """Let go of the server, which the next call reaches again. A call that waits for its answer fails."""
        ...
