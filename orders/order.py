"""The order: what a buyer wants, on its way from submitted to shipped, or cancelled."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import Enum
from typing import assert_never
from uuid import UUID

from eventstore.decider import Decider, Refused
from orders.commands import (
    AwaitValidation,
    CancelOrder,
    ConfirmLine,
    OrderCommand,
    OrderItem,
    PayOrder,
    PlaceOrder,
    RejectLine,
    ShipOrder,
    VerifyBuyer,
    WorkFact,
)
from orders.events import (
    Address,
    OrderAwaitingValidation,
    OrderBuyerVerified,
    OrderCancelled,
    OrderEvent,
    OrderLine,
    OrderLineRejected,
    OrderLineReserved,
    OrderPaid,
    OrderShipped,
    OrderStarted,
    OrderStockConfirmed,
)
from products.commands import ProductStatus
from sites.commands import SiteStatus
from spelling.line import trimmed

MOST_UNITS = 1_000_000


class Status(Enum):
    """The values are the text for people."""

    NONE = "None"
    SUBMITTED = "Submitted"
    AWAITING_VALIDATION = "Awaiting validation"
    STOCK_CONFIRMED = "Stock confirmed"
    PAID = "Paid"
    SHIPPED = "Shipped"
    CANCELLED = "Cancelled"


class WrongStatus(Refused):
    """The order is not in a status that allows this, or not yet."""


class UnexpectedReservation(Refused):
    """There is no such order, or it never asked for this."""


CANCELLABLE = (Status.SUBMITTED, Status.AWAITING_VALIDATION, Status.STOCK_CONFIRMED)


@dataclass(frozen=True)
class Order:
    """`answered` says for each product of the order whether its stock is reserved."""

    status: Status = Status.NONE
    lines: tuple[OrderLine, ...] = ()
    buyer_id: UUID | None = None
    payment_method_id: UUID | None = None
    answered: tuple[tuple[UUID, bool], ...] = ()
    amount: Decimal = Decimal(0)


def place(command: PlaceOrder, order: Order) -> Sequence[OrderEvent]:
    if order.status is not Status.NONE:
        raise Refused("This order has already been placed")
    if not trimmed(command.buyer_name):
        raise Refused("Order must have a buyer name")
    if not command.buyer_email.strip():
        raise Refused("Order must have a buyer e-mail address")
    lines = lines_of(command.items)
    must_be_delivered_somewhere(command)
    return [
        OrderStarted(
            order_id=command.order_id,
            buyer_name=trimmed(command.buyer_name),
            buyer_email=command.buyer_email.strip().lower(),
            lines=lines,
            ship_to=stripped(command.ship_to),
            card=command.card,
            site_id=command.site.site_id if command.site else None,
            work_id=command.work.work_id if command.work else None,
        )
    ]


def lines_of(items: Sequence[OrderItem]) -> tuple[OrderLine, ...]:
    """A line for each product, in the order in which they were asked for; the units of the same product
    are added up."""
    if not items:
        raise Refused("No order items found")
    units: dict[UUID, int] = {}
    for item in items:
        if not 0 < item.units <= MOST_UNITS:
            raise Refused("Invalid number of units")
        if item.product.status is ProductStatus.UNKNOWN:
            raise Refused("There is no such product")
        if item.product.status is ProductStatus.WITHDRAWN:
            raise Refused(f"{item.product.name} is no longer sold")
        units[item.product.product_id] = units.get(item.product.product_id, 0) + item.units
    if any(count > MOST_UNITS for count in units.values()):
        raise Refused("Invalid number of units")
    products = {item.product.product_id: item.product for item in items}
    return tuple(
        OrderLine(
            product_id=product_id,
            name=products[product_id].name,
            units=count,
            unit_price=products[product_id].price,
        )
        for product_id, count in units.items()
    )


def must_be_delivered_somewhere(command: PlaceOrder) -> None:
    if not all(map(trimmed, (command.ship_to.line_1, command.ship_to.town, command.ship_to.post_code))):
        raise Refused("Order must have an address to ship to")
    if command.site is not None and command.site.status is not SiteStatus.ACTIVE:
        raise Refused("Order must be shipped to a site that is ours")
    if command.work is not None:
        must_be_wanted(command.work)


def must_be_wanted(work: WorkFact) -> None:
    """A completed job is allowed: parts are often ordered late, to replace what it took."""
    if not work.is_known:
        raise Refused("There is no such job for the order to belong to")
    if work.is_withdrawn:
        raise Refused("This job was withdrawn; an order cannot belong to it")


def stripped(address: Address) -> Address:
    return Address(
        line_1=trimmed(address.line_1), town=trimmed(address.town), post_code=trimmed(address.post_code)
    )


def verify_buyer(command: VerifyBuyer, order: Order) -> Sequence[OrderEvent]:
    """No event if the order has its buyer already, or was cancelled before the buyer was known."""
    must_be_placed(order)
    if order.buyer_id is not None or order.status is Status.CANCELLED:
        return []
    return [
        OrderBuyerVerified(
            order_id=command.order_id,
            buyer_id=command.buyer_id,
            payment_method_id=command.payment_method_id,
            discount_percent=command.discount_percent,
            amount=total(order.lines, command.discount_percent),
        )
    ]


def total(lines: Sequence[OrderLine], discount_percent: int) -> Decimal:
    """The sum to pay."""
    return sum((each.amount(discount_percent) for each in lines), Decimal("0.00"))


def await_validation(command: AwaitValidation, order: Order) -> Sequence[OrderEvent]:
    must_come_from(order, Status.SUBMITTED, to=Status.AWAITING_VALIDATION)
    if order.buyer_id is None:
        raise WrongStatus("The buyer of this order has not been verified yet")
    return [OrderAwaitingValidation(order_id=command.order_id, lines=order.lines)]


def answer_line(command: ConfirmLine | RejectLine, order: Order) -> Sequence[OrderEvent]:
    """Note the answer for one line; the last answer settles the order. No event if it no longer matters."""
    must_be_placed(order)
    answered = dict(order.answered)
    asked_for = {line.product_id: line.name for line in order.lines}
    if order.status is not Status.AWAITING_VALIDATION or command.product_id in answered:
        return []
    if command.product_id not in asked_for:
        raise UnexpectedReservation("This product is not part of the order")
    is_reserved = isinstance(command, ConfirmLine)
    noted = OrderLineReserved if is_reserved else OrderLineRejected
    event = noted(order_id=command.order_id, product_id=command.product_id)
    answered[command.product_id] = is_reserved
    if len(answered) < len(asked_for):
        return [event]
    missing = [name for product_id, name in asked_for.items() if not answered[product_id]]
    if missing:
        reason = f"The product items don't have stock: {', '.join(missing)}."
        return [event, cancelled(command.order_id, order, reason)]
    return [event, stock_confirmed(command.order_id, order)]


def stock_confirmed(order_id: UUID, order: Order) -> OrderStockConfirmed:
    assert order.buyer_id is not None
    assert order.payment_method_id is not None
    return OrderStockConfirmed(
        order_id=order_id,
        buyer_id=order.buyer_id,
        payment_method_id=order.payment_method_id,
        amount=order.amount,
    )


def pay(command: PayOrder, order: Order) -> Sequence[OrderEvent]:
    must_come_from(order, Status.STOCK_CONFIRMED, to=Status.PAID)
    assert order.buyer_id is not None
    return [
        OrderPaid(
            order_id=command.order_id,
            buyer_id=order.buyer_id,
            amount=order.amount,
            reference=command.reference,
        )
    ]


def ship(command: ShipOrder, order: Order) -> Sequence[OrderEvent]:
    must_come_from(order, Status.PAID, to=Status.SHIPPED)
    return [OrderShipped(order_id=command.order_id)]


def cancel(command: CancelOrder, order: Order) -> Sequence[OrderEvent]:
    must_come_from(order, *CANCELLABLE, to=Status.CANCELLED)
    if not trimmed(command.reason):
        raise Refused("An order is cancelled for a reason")
    return [cancelled(command.order_id, order, trimmed(command.reason))]


def cancelled(order_id: UUID, order: Order, reason: str) -> OrderCancelled:
    """While the order is submitted, no stock has been asked for yet."""
    asked = [] if order.status is Status.SUBMITTED else [line.product_id for line in order.lines]
    return OrderCancelled(order_id=order_id, reason=reason, product_ids=tuple(asked))


def must_be_placed(order: Order) -> None:
    if order.status is Status.NONE:
        raise UnexpectedReservation("This order was never placed")


def must_come_from(order: Order, *statuses: Status, to: Status) -> None:
    must_be_placed(order)
    if order.status not in statuses:
        raise WrongStatus(
            f"Is not possible to change the order status from {order.status.value} to {to.value}."
        )


def decide(command: OrderCommand, order: Order) -> Sequence[OrderEvent]:
    match command:
        case PlaceOrder():
            return place(command, order)
        case VerifyBuyer():
            return verify_buyer(command, order)
        case AwaitValidation():
            return await_validation(command, order)
        case ConfirmLine() | RejectLine():
            return answer_line(command, order)
        case PayOrder():
            return pay(command, order)
        case ShipOrder():
            return ship(command, order)
        case CancelOrder():
            return cancel(command, order)
        case _:
            assert_never(command)


def evolve(order: Order, event: OrderEvent) -> Order:
    match event:
        case OrderStarted():
            return Order(Status.SUBMITTED, event.lines)
        case OrderBuyerVerified():
            return replace(
                order,
                buyer_id=event.buyer_id,
                payment_method_id=event.payment_method_id,
                amount=event.amount,
            )
        case OrderAwaitingValidation():
            return replace(order, status=Status.AWAITING_VALIDATION)
        case OrderLineReserved():
            return replace(order, answered=(*order.answered, (event.product_id, True)))
        case OrderLineRejected():
            return replace(order, answered=(*order.answered, (event.product_id, False)))
        case OrderStockConfirmed():
            return replace(order, status=Status.STOCK_CONFIRMED)
        case OrderPaid():
            return replace(order, status=Status.PAID)
        case OrderShipped():
            return replace(order, status=Status.SHIPPED)
        case OrderCancelled():
            return replace(order, status=Status.CANCELLED)
        case _:
            assert_never(event)


ORDER = Decider(
    category="order",
    identify=lambda c: c.order_id,
    initial=Order(),
    decide=decide,
    evolve=evolve,
)
