"""Events to KurrentDB and back: what it keeps beside an event's data, and which events are not ours."""

from datetime import UTC
from typing import Any

import msgspec

from eventstore.contract import promise
from eventstore.kurrent import client
from eventstore.store import (
    ENVELOPE,
    FOREIGN,
    Actor,
    CausationId,
    CommandDigest,
    CorrelationId,
    Metadata,
    NewEvent,
    OccurredAt,
    RecordedEvent,
    SchemaVersion,
    Source,
)


class Envelope(
    msgspec.Struct,
    omit_defaults=True,
    rename={"correlation_id": "$correlationId", "causation_id": "$causationId"},
):
    """An event's metadata as KurrentDB keeps it. KurrentDB itself knows the two names with a dollar sign."""

    schema_version: SchemaVersion
    actor: Actor
    source: Source
    correlation_id: CorrelationId
    causation_id: CausationId
    occurred_at: OccurredAt
    command_digest: CommandDigest = ""


promise("envelope", ENVELOPE, "metadata in KurrentDB", 1, Envelope)

_envelopes = msgspec.json.Decoder(Envelope)


def to_kurrent(new: NewEvent) -> client.NewEvent:
    """The event in the form in which the client appends it."""
    metadata: Metadata = new.metadata
    envelope = Envelope(
        schema_version=new.schema_version,
        actor=metadata.actor,
        source=metadata.source,
        correlation_id=metadata.correlation_id,
        causation_id=metadata.causation_id,
        occurred_at=new.occurred_at.astimezone(UTC),
        command_digest=metadata.command_digest,
    )
    return client.NewEvent(
        id=new.id, type=new.type, data=new.data.encode(), metadata=msgspec.json.encode(envelope)
    )


def is_servers_own(event: client.RecordedEvent) -> bool:
    """Whether the server itself wrote it into a stream: a tombstone or a link."""
    return event.type.startswith("$")


def from_kurrent(event: client.RecordedEvent, stream: str) -> RecordedEvent:
    """The event as all other code knows it; a foreign event if we have not written it."""
    try:
        envelope = _envelopes.decode(event.metadata)
        data = event.data.decode()
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return _foreign(event, stream)
    if is_servers_own(event):
        return _foreign(event, stream)
    # always there from KurrentDB 22.10 on, the oldest version that we support
    position: Any = event.commit_position
    return RecordedEvent(
        position,
        event.id,
        stream,
        event.stream_position,
        event.type,
        envelope.schema_version,
        data,
        envelope.actor,
        envelope.correlation_id,
        envelope.causation_id,
        envelope.source,
        envelope.command_digest,
        envelope.occurred_at,
        event.recorded_at or envelope.occurred_at,
    )


def _foreign(event: client.RecordedEvent, stream: str) -> RecordedEvent:
    position: Any = event.commit_position
    recorded_at: Any = event.recorded_at
    return RecordedEvent(
        position,
        event.id,
        stream,
        event.stream_position,
        FOREIGN + " ".join(event.type.split()),
        1,
        _as_json(event.data),
        "",
        event.id,
        event.id,
        "foreign",
        "",
        recorded_at,
        recorded_at,
    )


def _as_json(data: bytes) -> str:
    """The data, if it is JSON; otherwise as text within JSON, or in Base64."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return msgspec.json.encode(data).decode()
    try:
        msgspec.json.decode(text)
    except msgspec.MsgspecError:
        return msgspec.json.encode(text).decode()
    return text
