"""What every event store promises, whatever keeps the events."""

from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from eventstore import codec

NO_STREAM = -1
"""The expected version of a stream that does not exist yet; the first event's version is 0."""


class WrongVersion(Exception):
    """The stream is not at the expected version: somebody else appended first."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which recorded events to show. None means any; times bound `occurred_at`, `until` exclusive."""

    stream: str | None = None
    types: Collection[str] | None = None
    actor: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class EventStore(Protocol):
    """Append-only streams under one total order."""

    def append(self, stream: str, expected_version: int, events: Sequence[NewEvent]) -> int:
        """Append all events, at least one, or none, and answer the position of the last.

        Raises WrongVersion unless the stream stands at `expected_version`; but where these very ids
        already stand at these very places, answers their position and changes nothing.
        """
        ...

    def read_stream(self, stream: str) -> list[RecordedEvent]:
        """Every event of one stream, oldest first; empty when there is no such stream."""
        ...

    def read_all(self, after: int, limit: int) -> list[RecordedEvent]:
        """Up to `limit` events beyond position `after`, in order, never skipping one that may yet commit."""
        ...

    def head(self) -> int:
        """The position of the newest event; 0 when the store is empty."""
        ...

    def projecting(self) -> AbstractContextManager[None]:
        """A transaction for a reader that locks checkpoints."""
        ...

    def browse(self, selection: Selection, *, limit: int, before: int | None = None) -> list[RecordedEvent]:
        """Up to `limit` selected events older than position `before`, newest first. For people, not for
        projections: events in flight may be missing."""
        ...


@cache
def current_store() -> EventStore:
    """The store that the settings name."""
    from eventstore.embedded import EmbeddedStore

    return EmbeddedStore()
