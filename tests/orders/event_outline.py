"""What happened, in the order of cause and effect."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from cloudevents.core.v1.event import CloudEvent

from eventstore.store import RecordedEvent


def outline(events: Sequence[RecordedEvent]) -> str:
    """A line for each event, indented below the one that caused it; what one event caused stands in the
    order in which it was stored."""
    known = {each.id for each in events}
    roots = [each for each in events if each.causation_id not in known]
    return "\n".join(line for each in roots for line in lines(each, events))


def lines(cause: RecordedEvent, events: Sequence[RecordedEvent]) -> Iterator[str]:
    by = cause.actor.removeprefix("reaction ") if cause.source == "reaction" else "somebody"
    yield f"{cause.type} by {by}"
    for effect in effects(cause.id, events):
        yield from (f"  {line}" for line in lines(effect, events))


def effects(cause: UUID, events: Sequence[RecordedEvent]) -> list[RecordedEvent]:
    return [each for each in events if each.causation_id == cause]


def told_in_words(event: CloudEvent) -> str:
    """What other systems are told, in short."""
    data = event.get_data()
    assert isinstance(data, dict)
    if event.get_type() == "callout.order.status-changed.v1":
        return f"{data['from']} to {data['to']}"
    return event.get_type().removeprefix("callout.")
