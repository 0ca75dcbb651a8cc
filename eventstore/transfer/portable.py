"""An event as it travels between stores, and how its arrival is checked.

What belongs to the event travels: its stream and version, its id, its data byte for byte, who, why and
when it happened. What belongs to a store does not travel: the position, and when the store took it.
"""

from datetime import UTC
from hashlib import sha256
from typing import Annotated, NamedTuple

import msgspec

from eventstore import store
from eventstore.store import Metadata, NewEvent, RecordedEvent


class CannotMove(Exception):
    """Why events cannot be moved from one store to another, in a sentence or two."""


class PortableEvent(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """An event without the store that keeps it. Its data is never decoded, so that any type can travel.

    One without a digest of its command is written as in version 1 of the format, which had none.
    """

    stream: store.StreamName
    version: Annotated[store.Version, msgspec.Meta(ge=0)]
    id: store.EventId
    type: store.TypeName
    schema_version: store.SchemaVersion
    data: store.Data
    actor: store.Actor
    correlation_id: store.CorrelationId
    causation_id: store.CausationId
    source: store.Source
    command_digest: store.CommandDigest = ""
    occurred_at: Annotated[store.OccurredAt, msgspec.Meta(tz=True)]

    def __str__(self) -> str:
        return f"{self.type} {self.stream}@{self.version}"

    @property
    def line(self) -> bytes:
        """The only written form: a line of an exported file, and the input of the digest."""
        return msgspec.json.encode(self) + b"\n"

    @property
    def new(self) -> NewEvent:
        """The event as a store appends it."""
        metadata = Metadata(
            actor=self.actor,
            correlation_id=self.correlation_id,
            causation_id=self.causation_id,
            source=self.source,
            command_digest=self.command_digest,
        )
        return NewEvent(
            id=self.id,
            type=self.type,
            schema_version=self.schema_version,
            data=self.data,
            metadata=metadata,
            occurred_at=self.occurred_at,
        )


def portable(recorded: RecordedEvent) -> PortableEvent:
    """The parts of a recorded event that can travel."""
    return PortableEvent(
        stream=recorded.stream,
        version=recorded.version,
        id=recorded.id,
        type=recorded.type,
        schema_version=recorded.schema_version,
        data=recorded.data,
        actor=recorded.actor,
        correlation_id=recorded.correlation_id,
        causation_id=recorded.causation_id,
        source=recorded.source,
        command_digest=recorded.command_digest,
        occurred_at=recorded.occurred_at.astimezone(UTC),
    )


class Stream(NamedTuple):
    """How many events of a stream were counted, and their digest: the SHA-256 of the digest before the
    last event and the line of that event."""

    events: int
    digest: bytes


EMPTY = Stream(0, b"")


class Tally:
    """Events counted in their order: each stream's count and digest, and the SHA-256 of all their lines."""

    def __init__(self) -> None:
        self.events = 0
        self.streams: dict[str, Stream] = {}
        self._lines = sha256()

    @property
    def digest(self) -> str:
        """The digest of all events in the order of the whole store, in hexadecimal."""
        return self._lines.hexdigest()

    def add(self, event: PortableEvent) -> bytes:
        """Count the next event; returns its line. Raises CannotMove when an earlier one of its stream is
        missing."""
        stream = self.streams.get(event.stream, EMPTY)
        if event.version != stream.events:
            raise CannotMove(f"{event} stands where version {stream.events} of its stream is due.")
        line = event.line
        self.events += 1
        self.streams[event.stream] = Stream(stream.events + 1, sha256(stream.digest + line).digest())
        self._lines.update(line)
        return line
