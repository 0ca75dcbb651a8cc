"""A product's story: its recorded events as entries, each with the stock after it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from eventstore.codec import Undecodable
from eventstore.events import UnknownEvent
from eventstore.store import RecordedEvent
from products.events import (
    ProductCreated,
    ProductEvent,
    ProductRenamed,
    ProductRestocked,
    StockCorrected,
    StockReleased,
    StockReserved,
)


@dataclass(frozen=True)
class Entry:
    """One event of the story; `event` is None if this code cannot read it.

    `change` is what it put into stock (negative: took out), `stock` the stock after it; `was` the name
    before it.
    """

    recorded: RecordedEvent
    event: ProductEvent | None
    change: int
    stock: int
    was: str


def tell(history: Sequence[RecordedEvent]) -> list[Entry]:
    """The story of a product from its stream, in the same order."""
    entries: list[Entry] = []
    stock, name = 0, ""
    for recorded in history:
        event = read(recorded)
        change = change_of(event)
        stock += change
        entries.append(Entry(recorded, event, change, stock, name))
        if isinstance(event, ProductCreated | ProductRenamed):
            name = event.name
    return entries


def change_of(event: ProductEvent | None) -> int:
    """How many the event puts into stock; negative when it takes out."""
    match event:
        case ProductCreated():
            return event.stock
        case ProductRestocked() | StockReleased():
            return event.quantity
        case StockCorrected():
            return event.difference
        case StockReserved():
            return -event.quantity
        case _:
            return 0


def read(recorded: RecordedEvent) -> ProductEvent | None:
    """The event of a product; None if code that this code does not know wrote it."""
    try:
        event = cast(object, recorded.event)
    except (UnknownEvent, Undecodable):
        return None
    return event if isinstance(event, ProductEvent) else None
