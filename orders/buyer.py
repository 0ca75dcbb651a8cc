"""The buyer: who pays for orders, with which cards, and from when on at a discount."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import assert_never
from uuid import UUID, uuid5

from eventstore.decider import Decider, Refused
from orders.commands import BuyerCommand, RecordPayment, VerifyPaymentMethod
from orders.email_address import canonical
from orders.events import (
    BuyerEvent,
    BuyerRegistered,
    Card,
    DiscountEarned,
    PaymentMethodVerified,
    PaymentRecorded,
)

THRESHOLD = Decimal(6000)
"""A buyer gets the discount when they have paid more than this, over all their orders."""
DISCOUNT_PERCENT = 10

_BUYERS = UUID("6a0c0c4e-0d5b-4e0e-9d0e-2f6f1f1c9b1a")


@dataclass(frozen=True)
class Buyer:
    """`unpaid` are the orders that were verified and are not paid. Of the others it is known by the ids of
    commands what was done."""

    is_registered: bool = False
    unpaid: frozenset[UUID] = frozenset()
    total: Decimal = Decimal(0)
    discount_percent: int = 0


def buyer_id_of(email: str) -> UUID:
    """The buyer who has this e-mail address, however it is spelt: the same buyer each time, without a
    look-up."""
    return uuid5(_BUYERS, canonical(email))


def former_id_of(spelling: str) -> UUID:
    """The buyer's id from the time when each spelling of an address was a buyer of its own."""
    return uuid5(_BUYERS, spelling.strip().lower())


def payment_method_id_of(buyer_id: UUID, card: Card) -> UUID:
    """Same type, last four digits and expiry: the same method."""
    return uuid5(buyer_id, f"{card.type} {card.last_four} {card.expiry}")


def verify(command: VerifyPaymentMethod, buyer: Buyer) -> Sequence[BuyerEvent]:
    """The discount depends on what was paid before the order was placed, not on what is recorded here by
    now: both this command and the record of a payment may come late."""
    if command.order_id in buyer.unpaid:
        return []
    verified = PaymentMethodVerified(
        buyer_id=command.buyer_id,
        order_id=command.order_id,
        payment_method_id=payment_method_id_of(command.buyer_id, command.card),
        card=command.card,
        discount_percent=DISCOUNT_PERCENT if command.paid_before > THRESHOLD else 0,
    )
    if buyer.is_registered:
        return [verified]
    return [BuyerRegistered(buyer_id=command.buyer_id, name=command.name, email=command.email), verified]


def record_payment(command: RecordPayment, buyer: Buyer) -> Sequence[BuyerEvent]:
    if not buyer.is_registered:
        raise Refused("This buyer was never registered")
    total = buyer.total + command.amount
    recorded = PaymentRecorded(
        buyer_id=command.buyer_id, order_id=command.order_id, amount=command.amount, total=total
    )
    if total <= THRESHOLD or buyer.discount_percent:
        return [recorded]
    earned = DiscountEarned(
        buyer_id=command.buyer_id, order_id=command.order_id, discount_percent=DISCOUNT_PERCENT
    )
    return [recorded, earned]


def decide(command: BuyerCommand, buyer: Buyer) -> Sequence[BuyerEvent]:
    match command:
        case VerifyPaymentMethod():
            return verify(command, buyer)
        case RecordPayment():
            return record_payment(command, buyer)
        case _:
            assert_never(command)


def own_id(command: BuyerCommand) -> UUID:
    """An order is verified once and paid once, whoever says so for it."""
    return uuid5(command.order_id, f"{type(command).__name__} {command.buyer_id}")


def evolve(buyer: Buyer, event: BuyerEvent) -> Buyer:
    match event:
        case BuyerRegistered():
            return replace(buyer, is_registered=True)
        case PaymentMethodVerified():
            return replace(buyer, unpaid=buyer.unpaid | {event.order_id})
        case PaymentRecorded():
            return replace(buyer, unpaid=buyer.unpaid - {event.order_id}, total=event.total)
        case DiscountEarned():
            return replace(buyer, discount_percent=event.discount_percent)
        case _:
            assert_never(event)


BUYER = Decider(
    category="buyer",
    identify=lambda c: c.buyer_id,
    initial=Buyer(),
    decide=decide,
    evolve=evolve,
    own_id=own_id,
)
