"""What must be true of stock at every moment, and of orders in the end."""

from collections import Counter
from datetime import timedelta

from django.utils import timezone

from eventstore.store import RecordedEvent
from orders.audit import Limits, audit
from products.events import ProductCreated, ProductRestocked, StockCorrected, StockReleased, StockReserved
from products.product import PRODUCT
from tests.orders.settle import everything


def stock_adds_up() -> None:
    """At every moment, of every product: stock = created + restocked + corrected - reserved + released,
    never below nothing."""
    streams: dict[str, list[RecordedEvent]] = {}
    for each in everything():
        if each.stream.startswith("product-"):
            streams.setdefault(each.stream, []).append(each)
    for history in streams.values():
        stock, product = 0, PRODUCT.initial
        for each in history:
            stock += added(each.event)
            product = PRODUCT.evolve(product, each.event)
            assert stock == product.stock >= 0, each


def added(event: object) -> int:
    """By how much the event changes the stock."""
    match event:
        case ProductCreated():
            return event.stock
        case ProductRestocked() | StockReleased():
            return event.quantity
        case StockCorrected():
            return event.difference
        case StockReserved():
            return -event.quantity
    return 0


def each_effect_came_once() -> None:
    """No reaction has brought about the same twice: of the same type and content, in the same stream."""
    caused = (each for each in everything() if each.actor.startswith("reaction "))
    counts = Counter((each.stream, each.type, each.data) for each in caused)
    assert [what for what, times in counts.items() if times > 1] == []


def nothing_is_amiss() -> None:
    """The audit finds nothing, however young, except paid orders, which nobody has to ship in a test."""
    now = timezone.now() + timedelta(seconds=1)
    assert audit(Limits(settled=now, shipped=now - timedelta(days=1), grace=timedelta(0))) == []
