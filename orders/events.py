"""What happens to an order and to the buyer who placed it.

A card is known by its type, holder, last four digits and expiry alone; its number and security code are
looked at in the form and go nowhere. Money is in the one currency of the settings, with two decimal places.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from uuid import UUID

from eventstore.events import event

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
    """`expiry` is its last month, such as 2027-03."""

    type: CardType
    holder: str
    last_four: str
    expiry: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Address:
    line_1: str
    town: str
    post_code: str


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderLine:
    """So many units at the price of that moment."""

    product_id: UUID
    name: str
    units: int
    unit_price: Decimal

    def amount(self, discount_percent: int = 0) -> Decimal:
        """What it costs after the discount, to the cent; a total is the sum of these."""
        whole = self.units * self.unit_price * (100 - discount_percent) / 100
        return whole.quantize(CENT, ROUND_HALF_UP)


@event("OrderStarted")
class OrderStarted:
    """`site_id` is the site it goes to, whose address `ship_to` then is; `work_id` the job it is for."""

    order_id: UUID
    buyer_name: str
    buyer_email: str
    lines: tuple[OrderLine, ...]
    ship_to: Address
    card: Card
    site_id: UUID | None
    work_id: UUID | None


@event("OrderBuyerVerified")
class OrderBuyerVerified:
    """The order has its buyer and payment method, and with the buyer perhaps a discount; `amount` is what is
    to be paid after it."""

    order_id: UUID
    buyer_id: UUID
    payment_method_id: UUID
    discount_percent: int
    amount: Decimal


@event("OrderAwaitingValidation")
class OrderAwaitingValidation:
    """The time in which it could be thought over has passed: its stock is to be reserved. `lines` once more,
    for those who do that."""

    order_id: UUID
    lines: tuple[OrderLine, ...]


@event("OrderLineReserved")
class OrderLineReserved:
    order_id: UUID
    product_id: UUID


@event("OrderLineRejected")
class OrderLineRejected:
    order_id: UUID
    product_id: UUID


@event("OrderStockConfirmed")
class OrderStockConfirmed:
    """Everything is reserved, and `amount` to be paid."""

    order_id: UUID
    buyer_id: UUID
    payment_method_id: UUID
    amount: Decimal


@event("OrderPaid")
class OrderPaid:
    """`reference` is the gateway's."""

    order_id: UUID
    buyer_id: UUID
    amount: Decimal
    reference: str


@event("OrderShipped")
class OrderShipped:
    order_id: UUID


@event("OrderCancelled")
class OrderCancelled:
    """`product_ids` are those whose stock may be reserved for it, and is to be released."""

    order_id: UUID
    reason: str
    product_ids: tuple[UUID, ...]


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
    buyer_id: UUID
    name: str
    email: str


@event("PaymentMethodVerified")
class PaymentMethodVerified:
    """The buyer wants to pay an order with this card; `discount_percent` is what the order then carries."""

    buyer_id: UUID
    order_id: UUID
    payment_method_id: UUID
    card: Card
    discount_percent: int


@event("PaymentRecorded")
class PaymentRecorded:
    """The buyer has paid an order; `total` is what they have paid over all their orders."""

    buyer_id: UUID
    order_id: UUID
    amount: Decimal
    total: Decimal


@event("DiscountEarned")
class DiscountEarned:
    """The total is above the threshold: whoever orders from now on does so at the discount. `order_id` is the
    payment that was recorded last, of those that it took."""

    buyer_id: UUID
    order_id: UUID
    discount_percent: int


BuyerEvent = BuyerRegistered | PaymentMethodVerified | PaymentRecorded | DiscountEarned
