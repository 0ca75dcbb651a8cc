"""Orders as they are now, numbered in the order in which they came."""

from eventstore.projections.read_model import ReadModel
from eventstore.projections.unit_of_work import Rows
from eventstore.store import RecordedEvent
from orders.events import (
    OrderAwaitingValidation,
    OrderBuyerVerified,
    OrderCancelled,
    OrderLineRejected,
    OrderLineReserved,
    OrderPaid,
    OrderShipped,
    OrderStarted,
    OrderStockConfirmed,
)
from readmodels.models import OrderCounter, OrderLineRow, OrderRow, OrderText, OrderWord
from readmodels.money import cents
from readmodels.texts import add_text

orders = ReadModel("orders", version=4, tables=[OrderRow, OrderLineRow, OrderCounter, OrderText, OrderWord])


@orders.on(OrderStarted)
def started(event: OrderStarted, recorded: RecordedEvent, rows: Rows) -> None:
    counter = rows.get_or_add(OrderCounter())
    counter.orders += 1
    rows.add(
        OrderRow(
            order_id=event.order_id,
            number=counter.orders,
            status=OrderRow.Status.SUBMITTED,
            buyer_name=event.buyer_name,
            buyer_email=event.buyer_email,
            card=f"{event.card.type.label} ending in {event.card.last_four}, expires {event.card.expiry}",
            ship_to=f"{event.ship_to.line_1}, {event.ship_to.town}, {event.ship_to.post_code}",
            site_id=event.site_id,
            work_id=event.work_id,
            total_cents=sum(cents(line.amount()) for line in event.lines),
            placed_at=recorded.occurred_at,
            changed_at=recorded.occurred_at,
        )
    )
    add_text(rows, OrderText, event.order_id, event.buyer_name, event.buyer_email)
    for place, line in enumerate(event.lines):
        rows.add(
            OrderLineRow(
                order_id=event.order_id,
                product_id=line.product_id,
                place=place,
                name=line.name,
                units=line.units,
                unit_price_cents=cents(line.unit_price),
            )
        )


@orders.on(OrderBuyerVerified, loads={OrderRow: "order_id"})
def buyer_verified(event: OrderBuyerVerified, recorded: RecordedEvent, rows: Rows) -> None:
    row = rows.get(OrderRow, event.order_id)
    row.buyer_id = event.buyer_id
    row.payment_method_id = event.payment_method_id
    row.discount_percent = event.discount_percent
    row.total_cents = cents(event.amount)


@orders.on(OrderLineReserved)
def line_reserved(event: OrderLineReserved, recorded: RecordedEvent, rows: Rows) -> None:
    rows.get(OrderLineRow, (event.order_id, event.product_id)).is_reserved = True


@orders.on(OrderLineRejected)
def line_rejected(event: OrderLineRejected, recorded: RecordedEvent, rows: Rows) -> None:
    rows.get(OrderLineRow, (event.order_id, event.product_id)).is_reserved = False


@orders.on(OrderAwaitingValidation, loads={OrderRow: "order_id"})
def awaiting_validation(event: OrderAwaitingValidation, recorded: RecordedEvent, rows: Rows) -> None:
    move(rows.get(OrderRow, event.order_id), OrderRow.Status.AWAITING_VALIDATION, recorded)


@orders.on(OrderStockConfirmed, loads={OrderRow: "order_id"})
def stock_confirmed(event: OrderStockConfirmed, recorded: RecordedEvent, rows: Rows) -> None:
    move(rows.get(OrderRow, event.order_id), OrderRow.Status.STOCK_CONFIRMED, recorded)


@orders.on(OrderPaid, loads={OrderRow: "order_id"})
def paid(event: OrderPaid, recorded: RecordedEvent, rows: Rows) -> None:
    move(rows.get(OrderRow, event.order_id), OrderRow.Status.PAID, recorded)


@orders.on(OrderShipped, loads={OrderRow: "order_id"})
def shipped(event: OrderShipped, recorded: RecordedEvent, rows: Rows) -> None:
    move(rows.get(OrderRow, event.order_id), OrderRow.Status.SHIPPED, recorded)


@orders.on(OrderCancelled, loads={OrderRow: "order_id"})
def cancelled(event: OrderCancelled, recorded: RecordedEvent, rows: Rows) -> None:
    row = rows.get(OrderRow, event.order_id)
    row.reason = event.reason
    move(row, OrderRow.Status.CANCELLED, recorded)


def move(row: OrderRow, status: OrderRow.Status, recorded: RecordedEvent) -> None:
    row.status, row.changed_at = status, recorded.occurred_at
