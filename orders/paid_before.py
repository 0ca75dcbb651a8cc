"""What a buyer had paid when they placed an order, by the order of events in the store.

The buyer's own history at some moment is not enough: the command that tells it of a payment may fail, and
be tried again after the next order came; and so may the check of an order until the next payment came.
"""

from decimal import Decimal
from uuid import UUID

from eventstore.current import current_store
from eventstore.events import type_of
from eventstore.store import RecordedEvent
from orders.buyer import BUYER
from orders.events import OrderPaid, OrderStarted, PaymentMethodVerified, PaymentRecorded
from orders.known_buyer import known_buyer_id
from orders.order import ORDER

PAID = type_of(OrderPaid).name


def paid_before(started: RecordedEvent) -> Decimal:
    """What the buyer of the order that this event started had paid before it: the same whenever one asks.

    An order is paid only after its buyer was told of it. So it is enough to ask the orders that the buyer
    knew of, but did not yet know to be paid.
    """
    placed: OrderStarted = started.event
    total, unrecorded = Decimal(0), set[UUID]()
    for each in current_store().read_stream(BUYER.stream(known_buyer_id(placed.buyer_email))):
        if each.position > started.position:
            break
        match each.event:
            case PaymentMethodVerified(order_id=order_id):
                unrecorded.add(order_id)
            case PaymentRecorded(order_id=order_id, amount=amount):
                unrecorded.discard(order_id)
                total += amount
    return sum((paid_for(order_id, started.position) for order_id in unrecorded), total)


def paid_for(order_id: UUID, before: int) -> Decimal:
    """What was paid for the order before this position."""
    history = current_store().read_stream(ORDER.stream(order_id))
    paid = (each.event.amount for each in history if each.type == PAID and each.position < before)
    return sum(paid, Decimal(0))
