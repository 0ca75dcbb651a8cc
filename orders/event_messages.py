"""What each event of an order's chain is called on its page."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from orders.events import (
    BuyerRegistered,
    DiscountEarned,
    OrderAwaitingValidation,
    OrderBuyerVerified,
    OrderCancelled,
    OrderLineRejected,
    OrderLineReserved,
    OrderPaid,
    OrderShipped,
    OrderStarted,
    OrderStockConfirmed,
    PaymentMethodVerified,
    PaymentRecorded,
)
from pages.templatetags.callout import money
from products.events import StockRejected, StockReleased, StockReserved

Names = dict[UUID, str]
TIMES = "\u00d7"


@dataclass(frozen=True)
class Told:
    """A short text, what more there is to say, the icon, and the colour (a stage of work)."""

    words: str
    more: str = ""
    icon: str = "dot"
    colour: str = ""


def tell(event: Any, names: Names) -> Told | None:
    """The event in words; None for one that is not known here. `names` are those of the products."""
    words = WORDS.get(type(event))
    return words(event, names) if words else None


def _discounted(percent: int) -> str:
    return f"With {percent}% off" if percent else ""


def _bought(event: OrderBuyerVerified, _names: Names) -> Told:
    words = f"The buyer and the card are known; {money(event.amount)} to pay"
    return Told(words, _discounted(event.discount_percent), "person-check", "assigned")


def _card(event: PaymentMethodVerified, _names: Names) -> Told:
    card = event.card
    return Told(f"{card.type.label} ending in {card.last_four} was verified", icon="shield-lock")


def _reserved(event: StockReserved, names: Names) -> Told:
    return Told(
        f"{event.quantity} {TIMES} {names.get(event.product_id, 'a product')} reserved", icon="box-seam"
    )


def _rejected(event: StockRejected, names: Names) -> Told:
    name = names.get(event.product_id, "a product")
    words = f"{event.quantity} {TIMES} {name} could not be reserved"
    return Told(words, f"{event.available} in stock", "exclamation-triangle", "abandoned")


def _released(event: StockReleased, names: Names) -> Told:
    name = names.get(event.product_id, "a product")
    return Told(f"{event.quantity} {TIMES} {name} went back into stock", icon="arrow-return-left")


def _cancelled(event: OrderCancelled, _names: Names) -> Told:
    return Told("The order was cancelled", event.reason, "x-circle", "abandoned")


def _paid(event: OrderPaid, _names: Names) -> Told:
    return Told(f"{money(event.amount)} were paid", f"Reference {event.reference}", "check-circle", "arrived")


def _total(event: PaymentRecorded, _names: Names) -> Told:
    return Told(f"The buyer has now paid {money(event.total)} in all", icon="person")


def _earned(event: DiscountEarned, _names: Names) -> Told:
    return Told(f"The buyer earned {event.discount_percent}% off every order after this one", icon="tag")


WORDS: dict[type, Any] = {
    OrderStarted: lambda _event, _names: Told("The order was placed", icon="cart", colour="raised"),
    BuyerRegistered: lambda event, _names: Told(f"{event.name} became a buyer", icon="person-plus"),
    PaymentMethodVerified: _card,
    OrderBuyerVerified: _bought,
    OrderAwaitingValidation: lambda _event, _names: Told(
        "The time to think it over has passed", icon="hourglass-split", colour="raised"
    ),
    StockReserved: _reserved,
    StockRejected: _rejected,
    StockReleased: _released,
    OrderLineReserved: lambda event, names: Told(
        f"{names.get(event.product_id, 'A product')} is certain", icon="check-lg"
    ),
    OrderLineRejected: lambda event, names: Told(
        f"{names.get(event.product_id, 'A product')} cannot be had", icon="x-circle"
    ),
    OrderStockConfirmed: lambda event, _names: Told(
        f"Everything is reserved; {money(event.amount)} are asked for",
        icon="clipboard-check",
        colour="assigned",
    ),
    OrderPaid: _paid,
    PaymentRecorded: _total,
    DiscountEarned: _earned,
    OrderShipped: lambda _event, _names: Told("The order was shipped", icon="truck", colour="completed"),
    OrderCancelled: _cancelled,
}
