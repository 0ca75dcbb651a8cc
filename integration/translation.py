"""Translates domain events into integration events, which other systems are told.

Pure: the same recorded event always gives the same integration events.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import uuid5

import msgspec
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from eventstore.events import type_of
from eventstore.store import RecordedEvent
from integration.events import (
    IntegrationEvent,
    Line,
    OrderStarted,
    OrderStatusChanged,
    ProductPriceChanged,
    Status,
    StockCorrected,
    StockRejected,
    Undone,
    WorkAbandoned,
    WorkAssigned,
    WorkChangeUndone,
    WorkCompleted,
    WorkRaised,
)
from orders import events as orders
from products import events as products
from support import events as support

SOURCE = "/callout"

COMES_TO: Mapping[type, Status] = {
    orders.OrderStarted: Status.SUBMITTED,
    orders.OrderAwaitingValidation: Status.AWAITING_VALIDATION,
    orders.OrderStockConfirmed: Status.STOCK_CONFIRMED,
    orders.OrderPaid: Status.PAID,
    orders.OrderShipped: Status.SHIPPED,
    orders.OrderCancelled: Status.CANCELLED,
}
"""The status that an order has after the event."""

UNDONE: Mapping[str, Undone] = {
    "WorkRaised": "raised",
    "WorkAssigned": "assigned",
    "WorkCompleted": "completed",
    "WorkAbandoned": "abandoned",
}
"""The changes to work that are told, by the name of the domain event; an undo of one of them is told too."""

TOLD: tuple[type, ...] = (
    *COMES_TO,
    products.StockRejected,
    products.StockCorrected,
    products.ProductRepriced,
    support.WorkRaised,
    support.WorkAssigned,
    support.WorkCompleted,
    support.WorkAbandoned,
    support.WorkChangeUndone,
)
"""The domain events that other systems hear of."""

_STATUS_OF = {type_of(event).name: status for event, status in COMES_TO.items()}

Earlier = Callable[[], Iterable[RecordedEvent]]
"""The earlier events of the event's stream, oldest first; only called if the answer depends on them."""


def translate(recorded: RecordedEvent, earlier: Earlier, *, currency: str) -> list[CloudEvent]:
    """The integration events for an event, in order; none for an event that is not in `TOLD`, or that
    undoes such an event."""
    event = recorded.event
    is_of_order = type(event) in COMES_TO
    told = _of_order(event, earlier, currency) if is_of_order else _of_product(event, currency)
    told = [*told, *_of_work(event)]
    return [_envelope(recorded, each, is_first=number == 0) for number, each in enumerate(told)]


def _of_order(event: Any, earlier: Earlier, currency: str) -> Iterable[IntegrationEvent]:
    came_from = None
    if isinstance(event, orders.OrderStarted):
        yield _order_started(event, currency)
    else:
        came_from = next(_STATUS_OF[each.type] for each in reversed([*earlier()]) if each.type in _STATUS_OF)
    yield OrderStatusChanged(order_id=event.order_id, from_=came_from, to=COMES_TO[type(event)])


def _order_started(event: orders.OrderStarted, currency: str) -> OrderStarted:
    lines = (
        Line(product_id=each.product_id, units=each.units, unit_price=each.unit_price) for each in event.lines
    )
    return OrderStarted(
        order_id=event.order_id,
        lines=list(lines),
        currency=currency,
        site_id=event.site_id,
        work_id=event.work_id,
    )


def _of_product(event: Any, currency: str) -> Iterable[IntegrationEvent]:
    match event:
        case products.StockRejected(product_id=product, order_id=order, quantity=wanted, available=left):
            yield StockRejected(product_id=product, order_id=order, quantity=wanted, available=left)
        case products.StockCorrected(product_id=product, difference=difference):
            yield StockCorrected(product_id=product, difference=difference)
        case products.ProductRepriced(product_id=product, old_price=old, price=price):
            yield ProductPriceChanged(product_id=product, old_price=old, price=price, currency=currency)


def _of_work(event: Any) -> Iterable[IntegrationEvent]:
    match event:
        case support.WorkRaised(work_id=work, site_ids=sites):
            yield WorkRaised(work_id=work, site_ids=list(sites))
        case support.WorkAssigned(work_id=work, operative_id=operative):
            yield WorkAssigned(work_id=work, operative_id=operative)
        case support.WorkCompleted(work_id=work, operative_id=operative):
            yield WorkCompleted(work_id=work, operative_id=operative)
        case support.WorkAbandoned(work_id=work, operative_id=operative, reason=reason):
            yield WorkAbandoned(work_id=work, operative_id=operative, reason=reason.value)
        case support.WorkChangeUndone(undone=change) if change in UNDONE:
            yield WorkChangeUndone(
                work_id=event.work_id,
                undone=UNDONE[change],
                undone_id=event.undone_id,
                operative_id=event.operative_id,
            )


def _envelope(recorded: RecordedEvent, told: IntegrationEvent, *, is_first: bool) -> CloudEvent:
    """The first integration event of a domain event has its id; the second has an id that follows from it."""
    attributes = {
        "specversion": "1.0",
        "id": str(recorded.id if is_first else uuid5(recorded.id, told.type)),
        "source": SOURCE,
        "type": told.type,
        "subject": recorded.stream,
        "time": recorded.occurred_at,
        "sequence": f"{recorded.version:010}",
        "datacontenttype": "application/json",
    }
    return CloudEvent(attributes, msgspec.to_builtins(told))


CONTENT_TYPE = JSONFormat.CONTENT_TYPE


def as_json(event: CloudEvent) -> bytes:
    """The whole event as JSON: CloudEvents calls this the structured mode."""
    return JSONFormat().write(event)
