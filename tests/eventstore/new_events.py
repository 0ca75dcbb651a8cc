"""Events to append, of a type that no read model knows."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

from eventstore.store import Metadata, NewEvent

DIGEST = "0a1b2c3d:of-what-a-command-said"
HAPPENED = datetime(2026, 3, 2, 9, 30, 15, 123456, tzinfo=UTC)


def note(
    text: str = "",
    *,
    event_id: UUID | None = None,
    event_type: str = "Noted",
    actor: str = "user-1",
    occurred_at: datetime = HAPPENED,
) -> NewEvent:
    """A new event that says something."""
    return NewEvent(
        id=event_id or uuid4(),
        type=event_type,
        schema_version=1,
        data=f'{{"text":"{text}"}}',
        metadata=Metadata(
            actor=actor, correlation_id=uuid4(), causation_id=uuid4(), source="test", command_digest=DIGEST
        ),
        occurred_at=occurred_at,
    )


def notes(count: int) -> list[NewEvent]:
    """Several new events."""
    return [note(str(number)) for number in range(count)]


def new_stream() -> str:
    """The name of a stream that does not exist yet."""
    return f"notes-{uuid4()}"
