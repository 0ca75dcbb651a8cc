"""The reactions that move an order on: each step changes one aggregate, and its event causes the next.

OrderStarted -> PaymentMethodVerified -> OrderBuyerVerified
both this and the grace period -> OrderAwaitingValidation -> StockReserved (products) -> OrderLineReserved
-> OrderStockConfirmed -> the gateway -> OrderPaid -> PaymentRecorded, DiscountEarned
"""

from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from eventstore.current import current_store
from eventstore.dispatch import state_of
from eventstore.reactions.reaction import Cause, Reaction
from orders.buyer import BUYER
from orders.commands import (
    AwaitValidation,
    CancelOrder,
    ConfirmLine,
    PayOrder,
    RecordPayment,
    RejectLine,
    VerifyBuyer,
    VerifyPaymentMethod,
)
from orders.events import (
    OrderBuyerVerified,
    OrderPaid,
    OrderStarted,
    OrderStockConfirmed,
    PaymentMethodVerified,
)
from orders.gateway import gateway
from orders.known_buyer import known_buyer_id
from orders.order import ORDER, Status, UnexpectedReservation, WrongStatus
from orders.paid_before import paid_before
from products.events import StockRejected, StockReserved

buyers = Reaction("buyers")


@buyers.on(OrderStarted)
def verify_payment_method(event: OrderStarted, cause: Cause) -> None:
    cause.dispatch(verification(event, paid_before(cause.recorded)), to=BUYER)


def verification(event: OrderStarted, paid: Decimal) -> VerifyPaymentMethod:
    """The check of the buyer's card for an order; they had paid so much before it."""
    return VerifyPaymentMethod(
        buyer_id=known_buyer_id(event.buyer_email),
        order_id=event.order_id,
        name=event.buyer_name,
        email=event.buyer_email,
        card=event.card,
        paid_before=paid,
    )


@buyers.on(PaymentMethodVerified)
def verify_buyer(event: PaymentMethodVerified, cause: Cause) -> None:
    command = VerifyBuyer(
        order_id=event.order_id,
        buyer_id=event.buyer_id,
        payment_method_id=event.payment_method_id,
        discount_percent=event.discount_percent,
    )
    cause.dispatch(command, to=ORDER)


@buyers.on(OrderPaid)
def record_payment(event: OrderPaid, cause: Cause) -> None:
    cause.dispatch(
        RecordPayment(buyer_id=event.buyer_id, order_id=event.order_id, amount=event.amount), to=BUYER
    )


validation = Reaction("validation")


@validation.on(OrderStarted, after=lambda: timedelta(seconds=settings.ORDER_GRACE_SECONDS))
def await_validation(event: OrderStarted, cause: Cause) -> None:
    ask_for_stock(event.order_id, cause)


@validation.on(OrderBuyerVerified)
def await_validation_late(event: OrderBuyerVerified, cause: Cause) -> None:
    """Asks for validation if the grace period was over before the buyer was known; otherwise its end does
    this.

    Decided by the clock, not by when the buyer was verified: this handler runs after that can be read, so
    at least one of the two, this and the end of the period, sees both.
    """
    (started,) = current_store().read_stream(ORDER.stream(event.order_id), limit=1)
    ends_at = validation.due(started)
    if ends_at is None or ends_at > timezone.now():
        cause.nothing()
        return
    ask_for_stock(event.order_id, cause)


def ask_for_stock(order_id: UUID, cause: Cause) -> None:
    """Go on with an order whose time for reconsidering is over."""
    try:
        cause.dispatch(AwaitValidation(order_id=order_id), to=ORDER)
    except WrongStatus:
        return  # cancelled meanwhile, already further on, or its buyer is not known yet and comes last


reservations = Reaction("reservations")


@reservations.on(StockReserved)
def confirm_line(event: StockReserved, cause: Cause) -> None:
    answer_line(ConfirmLine(order_id=event.order_id, product_id=event.product_id), cause)


@reservations.on(StockRejected)
def reject_line(event: StockRejected, cause: Cause) -> None:
    answer_line(RejectLine(order_id=event.order_id, product_id=event.product_id), cause)


def answer_line(command: ConfirmLine | RejectLine, cause: Cause) -> None:
    """Tell the order, if it waits for the answer. Stock that is reserved for no order is for the audit to
    find; meanwhile it must not keep the product's answers from other orders."""
    with suppress(UnexpectedReservation):
        cause.dispatch(command, to=ORDER)


payment = Reaction("payment")


@payment.on(OrderStockConfirmed)
def charge(event: OrderStockConfirmed, cause: Cause) -> None:
    """Charge the card, with the order as the key under which the gateway does so once."""
    history = current_store().read_stream(ORDER.stream(event.order_id))
    status = state_of(ORDER, history).status
    if status is Status.CANCELLED:  # perhaps after its card was charged, by an attempt that was interrupted
        gateway().void(event.order_id)
    if status is not Status.STOCK_CONFIRMED:
        return  # already paid: history that was moved here is not charged again
    taken = gateway().charge(event.order_id, event.payment_method_id, event.amount)
    try:
        if taken.is_accepted:
            cause.dispatch(PayOrder(order_id=event.order_id, reference=taken.reference), to=ORDER)
        else:
            cause.dispatch(CancelOrder(order_id=event.order_id, reason=DECLINED), to=ORDER)
    except WrongStatus:  # somebody cancelled it at this very moment
        gateway().void(event.order_id)


DECLINED = "The payment was declined."
