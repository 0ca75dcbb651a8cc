"""Letting the reactions and the read models run until nothing is left to do, as a worker does."""

from threading import Event
from uuid import UUID

from eventstore.current import current_store
from eventstore.models import Checkpoint, ParkedEvent
from eventstore.projections.advance import advance
from eventstore.reactions.delivery import Reactions
from eventstore.reactions.reaction import registry
from eventstore.store import RecordedEvent


def run() -> None:
    """Run until every reaction has answered everything, including what was due by now."""
    reactions = Reactions(list(registry.values()), Event())
    reached = -1
    while reached != current_store().head():
        reached = current_store().head()
        position = reactions.catch_up(reactions.names)
        reactions.take(reactions.names, position, None)
    while advance():
        pass


def all_at_head(*checkpoints: str) -> bool:
    """Whether these have taken in everything there is; what they append, they append before they move on."""
    head = current_store().head()
    standing = Checkpoint.objects.filter(name__in=checkpoints, position=head).count()
    return standing == len(checkpoints) and current_store().head() == head


def parked_events() -> list[str]:
    """The errors of events that reactions could not answer."""
    return list(ParkedEvent.objects.exclude(error="").values_list("error", flat=True))


def chain(order_id: UUID) -> list[str]:
    """The types of every event that belongs to the order's cause, in order."""
    (first, *_) = current_store().read_stream(f"order-{order_id}")
    return [each.type for each in everything() if each.correlation_id == first.correlation_id]


def everything() -> list[RecordedEvent]:
    """Every event there is."""
    return current_store().read_all(0, 10_000)
