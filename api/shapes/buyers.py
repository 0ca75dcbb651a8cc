"""Buyers, as the API shows them."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from operator import attrgetter

from pydantic import BaseModel, Field

from api.reads import Listed, PageWanted
from api.shapes import CURSOR, Text, such_as, when
from api.shapes.history import Happened, happened_as
from api.shapes.ids import BUYER, ORDER, BuyerId, PaymentMethodId
from api.shapes.money import Money, costs
from orders.events import PaymentRecorded
from readmodels import time_travel
from readmodels.models import BuyerRow, PaymentMethodRow


class PaymentMethod(BaseModel):
    """A card that a buyer has paid with, or wanted to. More of its number is not known."""

    id: PaymentMethodId
    type: str = Field(description="Whose card it is.", examples=["Visa"])
    holder: str = Field(description="The name on the card.", examples=["Grace Hopper"])
    last_four: str = Field(description="The last four digits of its number.", examples=["1111"])
    expiry: str = Field(description="The last month in which it is valid.", examples=["2035-12"])
    used_at: datetime = when("When it was last wanted for an order.", "2026-03-31T09:45:02Z")


class ListedBuyer(BaseModel):
    """Somebody who has placed orders."""

    id: BuyerId
    name: str = Field(description="As they gave it first.", examples=["Grace Hopper"])
    email: str = Field(description="The address by which they are known.", examples=["grace@example.com"])
    registered_at: datetime = when("When their first order was placed.", "2025-11-12T14:03:00Z")
    paid: Money = costs("What they have paid over all their orders.", "1284.60")
    discount_percent: int = Field(
        description="What their next order has taken off it, in percent.", examples=[10]
    )


class Buyer(ListedBuyer):
    """A buyer with their cards, as they are now or were. Their orders are at `/api/orders?buyer_id=`."""

    payment_methods: list[PaymentMethod] = Field(description="Their cards, the last used first.")


class BuyerList(Listed[ListedBuyer]):
    """A page of buyers, by name."""

    model_config = such_as(next=f"/api/buyers?limit=50&after={CURSOR}")


class BuyerHappened(Happened[Buyer]):
    """What has happened to a buyer, and the buyer after it."""

    model_config = happened_as(
        PaymentRecorded(buyer_id=BUYER, order_id=ORDER, amount=Decimal("212.40"), total=Decimal("1284.60"))
    )


class BuyerHistory(Listed[BuyerHappened]):
    """A page of what has happened to a buyer."""

    model_config = such_as(next=f"/api/buyers/{BUYER}/history?limit=50&after=8")


class BuyersWanted(PageWanted):
    """Which buyers to list."""

    model_config = such_as(after=CURSOR)

    q: Text = Field(
        default="", description="Words, or parts of them, in the name or e-mail address.", examples=["hopper"]
    )


def listed_buyer_of(row: BuyerRow) -> ListedBuyer:
    """A buyer among others."""
    return ListedBuyer(
        id=row.buyer_id,
        name=row.name,
        email=row.email,
        registered_at=row.registered_at,
        paid=row.paid,
        discount_percent=row.discount_percent,
    )


def buyer_of(row: BuyerRow, methods: Iterable[PaymentMethodRow]) -> Buyer:
    """A buyer with their cards."""
    return Buyer(**dict(listed_buyer_of(row)), payment_methods=[method_of(each) for each in methods])


def buyers_then(moments: Iterable[time_travel.Moment]) -> list[Buyer]:
    """The buyer at each of these moments."""
    return [buyer_then(each.row, each) for each in moments if isinstance(each.row, BuyerRow)]


def buyer_then(row: BuyerRow, moment: time_travel.Moment) -> Buyer:
    """With the cards of then, in the same order as now."""
    methods = [each for each in moment.parts[PaymentMethodRow] if isinstance(each, PaymentMethodRow)]
    return buyer_of(row, sorted(methods, key=attrgetter("verified_at"), reverse=True))


def method_of(row: PaymentMethodRow) -> PaymentMethod:
    """A card."""
    return PaymentMethod(
        id=row.payment_method_id,
        type=row.type,
        holder=row.holder,
        last_four=row.last_four,
        expiry=row.expiry,
        used_at=row.verified_at,
    )
