"""What happens to an order and to the buyer who placed it.

A card is known by its type, holder, last four digits and expiry alone; its number and security code are
looked at in the form and go nowhere. Money is in the one currency of the settings, with two decimal places.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from eventstore.events import NOBODY, Means, event

OrderId = Annotated[UUID, Means("the order")]
BuyerId = Annotated[UUID, Means("the buyer")]
ProductId = Annotated[UUID, Means("the product")]
PaymentMethodId = Annotated[UUID, Means("the card, as one of the buyer's")]
Money = Annotated[Decimal, Means(unit="the currency of the settings")]
Amount = Annotated[Money, Means("what is to be paid for the order, or was, after the discount")]
DiscountPercent = Annotated[int, Means("the discount on it", unit="per cent")]

CENT = Decimal("0.01")


class CardType(StrEnum):
    """The values are stored."""

    AMERICAN_EXPRESS = "american_express"
    MASTERCARD = "mastercard"
    VISA = "visa"

    @property
    def label(self) -> str:
        """How people say it."""
        return self.value.replace("_", " ").title()


@dataclass(frozen=True, kw_only=True, slots=True)
class Card:
    """What is known of a card."""

    type: Annotated[CardType, Means("who issues it")]
    holder: Annotated[str, Means("the name on it", personal="buyer")]
    last_four: Annotated[str, Means("the last four digits of its number", personal="buyer")]
    expiry: Annotated[str, Means("its last month, such as 2027-03", personal="buyer")]


@dataclass(frozen=True, kw_only=True, slots=True)
class Address:
    """Where an order goes."""

    line_1: Annotated[str, Means("house and street", personal="buyer")]
    town: Annotated[str, Means("the town", personal="buyer")]
    post_code: Annotated[str, Means("the post code", personal="buyer")]


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderLine:
    """So many units at the price of that moment."""

    product_id: ProductId
    name: Annotated[str, Means("what it was called", personal=NOBODY)]
    units: Annotated[int, Means("how many of it", unit="pieces")]
    unit_price: Annotated[Money, Means("what one cost")]

    def amount(self, discount_percent: int = 0) -> Decimal:
        """What it costs after the discount, to the cent; a total is the sum of these."""
        whole = self.units * self.unit_price * (100 - discount_percent) / 100
        return whole.quantize(CENT, ROUND_HALF_UP)


Lines = Annotated[tuple[OrderLine, ...], Means("what is ordered")]


@event("OrderStarted")
class OrderStarted:
    """Somebody has placed an order."""

    order_id: OrderId
    buyer_name: Annotated[str, Means("who pays for it", personal="buyer")]
    buyer_email: Annotated[str, Means("where they are written to", personal="buyer", identifies="buyer")]
    lines: Lines
    ship_to: Annotated[Address, Means("where it goes; the address of the site, if it goes to one")]
    card: Annotated[Card, Means("how it is to be paid")]
    site_id: Annotated[UUID | None, Means("the site it goes to, if any")]
    work_id: Annotated[UUID | None, Means("the job it is for, if any")]


@event("OrderBuyerVerified")
class OrderBuyerVerified:
    """The order has its buyer and payment method, and with the buyer perhaps a discount."""

    order_id: OrderId
    buyer_id: BuyerId
    payment_method_id: PaymentMethodId
    discount_percent: DiscountPercent
    amount: Amount


@event("OrderAwaitingValidation")
class OrderAwaitingValidation:
    """The time in which it could be thought over has passed: its stock is to be reserved. The lines once
    more, for those who do that."""

    order_id: OrderId
    lines: Lines


@event("OrderLineReserved")
class OrderLineReserved:
    """There is enough of this product, and it is kept for the order."""

    order_id: OrderId
    product_id: ProductId


@event("OrderLineRejected")
class OrderLineRejected:
    """There is not enough of this product: the order is going to be cancelled."""

    order_id: OrderId
    product_id: ProductId


@event("OrderStockConfirmed")
class OrderStockConfirmed:
    """Everything is reserved: it can be paid."""

    order_id: OrderId
    buyer_id: BuyerId
    payment_method_id: PaymentMethodId
    amount: Amount


@event("OrderPaid")
class OrderPaid:
    """The gateway has taken the money."""

    order_id: OrderId
    buyer_id: BuyerId
    amount: Amount
    reference: Annotated[str, Means("what the gateway calls the payment", personal=NOBODY)]


@event("OrderShipped")
class OrderShipped:
    """It is on its way to where it goes."""

    order_id: OrderId


@event("OrderCancelled")
class OrderCancelled:
    """Nothing comes of it. What may be reserved for it is to be released."""

    order_id: OrderId
    reason: Annotated[str, Means("why, in somebody's words or in ours", personal="order")]
    product_ids: Annotated[tuple[UUID, ...], Means("whose stock may be reserved for it")]


OrderEvent = (
    OrderStarted
    | OrderBuyerVerified
    | OrderAwaitingValidation
    | OrderLineReserved
    | OrderLineRejected
    | OrderStockConfirmed
    | OrderPaid
    | OrderShipped
    | OrderCancelled
)


@event("BuyerRegistered")
class BuyerRegistered:
    """Somebody has ordered for the first time."""

    buyer_id: BuyerId
    name: Annotated[str, Means("what they are called", personal="buyer")]
    email: Annotated[str, Means("where they are written to", personal="buyer")]


@event("PaymentMethodVerified")
class PaymentMethodVerified:
    """The buyer wants to pay an order with this card, and has their discount on it or none."""

    buyer_id: BuyerId
    order_id: OrderId
    payment_method_id: PaymentMethodId
    card: Annotated[Card, Means("how they pay")]
    discount_percent: DiscountPercent


@event("PaymentRecorded")
class PaymentRecorded:
    """The buyer has paid an order."""

    buyer_id: BuyerId
    order_id: OrderId
    amount: Amount
    total: Annotated[Money, Means("what they have paid over all their orders")]


@event("DiscountEarned")
class DiscountEarned:
    """The total is above the threshold: whoever orders from now on does so at the discount."""

    buyer_id: BuyerId
    order_id: Annotated[UUID, Means("the order whose payment was recorded last of those that it took")]
    discount_percent: DiscountPercent


BuyerEvent = BuyerRegistered | PaymentMethodVerified | PaymentRecorded | DiscountEarned
