"""An order's whole chain of cause and effect: its own events, and those that they led to with its buyer
and its products. It is read from their streams, so that it works with every store."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from eventstore.codec import Undecodable
from eventstore.current import current_store
from eventstore.events import UnknownEvent
from eventstore.store import RecordedEvent
from orders.events import OrderStarted
from orders.known_buyer import known_buyer_id


@dataclass(frozen=True)
class Link:
    """One event of the chain. `event` is None if this code cannot read it. `because` is the event of the
    chain that caused it; None if a person caused it, or something outside the order."""

    recorded: RecordedEvent
    event: object | None
    because: RecordedEvent | None

    @property
    def about(self) -> str:
        """The kind of aggregate that it belongs to."""
        return self.recorded.stream.partition("-")[0]


def chain_of(order_id: UUID, history: Sequence[RecordedEvent]) -> list[Link]:
    """The chain of the order with this history, in the order in which it was recorded."""
    recorded = [*history]
    for stream in streams_beside(history):
        recorded += belonging(current_store().read_stream(stream), order_id, history)
    recorded.sort(key=lambda each: each.position)
    by_id = {each.id: each for each in recorded}
    return [Link(each, read(each), by_id.get(each.causation_id)) for each in recorded]


def streams_beside(history: Sequence[RecordedEvent]) -> list[str]:
    """The streams of the buyer and the products of an order."""
    for each in history:
        event = read(each)
        if isinstance(event, OrderStarted):
            products = [f"product-{line.product_id}" for line in event.lines]
            return [f"buyer-{known_buyer_id(event.buyer_email)}", *products]
    return []


def belonging(
    events: Iterable[RecordedEvent], order_id: UUID, history: Sequence[RecordedEvent]
) -> list[RecordedEvent]:
    """The events about the order, or correlated with an event of the order. A product has many events of
    other orders: these are filtered out before any is decoded."""
    together, key = {each.correlation_id for each in history}, str(order_id)
    return [each for each in events if each.correlation_id in together or key in each.data]


def read(recorded: RecordedEvent) -> object | None:
    """The event; None if code that this code does not know wrote it."""
    try:
        event: object = recorded.event
    except (UnknownEvent, Undecodable):
        return None
    return event
