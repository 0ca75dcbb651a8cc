"""A command to an aggregate with a long history, against one with ten events."""

from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID, uuid4

from bench.history import analyze
from bench.rounds import in_turns
from eventstore import codec
from eventstore.current import current_store
from eventstore.dispatch import dispatch
from eventstore.store import NO_STREAM, Metadata, NewEvent
from products.commands import RestockProduct
from products.events import ProductCreated, ProductEvent, StockReleased, StockReserved
from products.product import PRODUCT

FEW = 10
HAPPENED = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
BATCH = 5_000


def product_of(events: int) -> UUID:
    """A product for which so much has happened, by far the most of it to orders."""
    product_id = uuid4()
    happened: list[ProductEvent] = [
        ProductCreated(product_id=product_id, name="Fan belt", price=Decimal("12.50"), stock=100)
    ]
    while len(happened) < events:
        order_id = uuid4()
        happened.append(StockReserved(product_id=product_id, order_id=order_id, quantity=2))
        happened.append(StockReleased(product_id=product_id, order_id=order_id, quantity=2))
    new, version = [as_new(each) for each in happened[:events]], NO_STREAM
    for first in range(0, events, BATCH):
        batch = new[first : first + BATCH]
        current_store().append(PRODUCT.stream(product_id), version, batch)
        version += len(batch)
    return product_id


def as_new(event: ProductEvent) -> NewEvent:
    name, schema_version = codec.registered(event)
    event_id = uuid4()
    metadata = Metadata(actor="bench", correlation_id=event_id, causation_id=event_id, source="bench")
    return NewEvent(
        id=event_id,
        type=name,
        schema_version=schema_version,
        data=codec.encode(event),
        metadata=metadata,
        occurred_at=HAPPENED,
    )


def restock(product_id: UUID) -> None:
    dispatch(RestockProduct(product_id=product_id, quantity=1), to=PRODUCT, by="bench")


def measure(events: int, rounds: int, times: int) -> dict[str, float]:
    """A step: seconds for a command to the long one (ours) and to one of ten events (rival)."""
    long = product_of(events)
    few = iter([product_of(FEW) for _ in range((rounds + 1) * times)])
    restock(long)  # which keeps the first state
    analyze()
    return in_turns(lambda: restock(long), lambda: restock(next(few)), rounds=rounds, times=times)
