"""Orders, as the API shows them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from pydantic import BaseModel, Field

from api.reads import Listed, PageWanted
from api.shapes import CURSOR, Moment, Text, such_as, when
from api.shapes.history import Happened, happened_as
from api.shapes.ids import BUYER, ORDER, PAYMENT_METHOD, BuyerId, OrderId, ProductId, SiteId, WorkId
from api.shapes.money import Money, costs
from eventstore.codec import json_of
from eventstore.store import RecordedEvent
from orders.bill import Bill, bill_of
from orders.events import OrderStockConfirmed
from orders.wait_reason import waits_for
from readmodels import time_travel
from readmodels.models import OrderRow
from readmodels.queries.orders import Wanted


class Line(BaseModel):
    """One product of an order, at the price at which it was placed."""

    product_id: ProductId
    name: str = Field(description="What it was called.", examples=["Circulating pump"])
    units: int = Field(description="How many.", examples=[2])
    unit_price: Money = costs("What one costs.")
    discount: Money = costs("What the discount takes off the line.", "23.60")
    amount: Money = costs("What the line costs after the discount.", "212.40")
    is_reserved: bool | None = Field(
        description="Whether its stock was reserved for the order; null until the stock has answered."
    )


class ListedOrder(BaseModel):
    """An order as it is now."""

    id: OrderId
    number: int = Field(description="What people call it by: counts from 1.", examples=[73])
    status: OrderRow.Status = Field(description="How far it has come.", examples=["stock_confirmed"])
    buyer_id: BuyerId | None = Field(description="The buyer; null until they have been verified.")
    buyer_name: str = Field(description="The name with which it was placed.", examples=["Grace Hopper"])
    site_id: SiteId | None = Field(description="The site that it goes to, if that is one of ours.")
    work_id: WorkId | None = Field(description="The work that it is for, if any.")
    lines: Sequence[Line] = Field(description="What was ordered, in the order in which it was asked for.")
    subtotal: Money = costs("What it costs before the discount.", "236.00")
    discount_percent: int = Field(description="The buyer's discount, in percent.", examples=[10])
    discount: Money = costs("What the discount takes off.", "23.60")
    total: Money = costs("What is to be paid.", "212.40")
    placed_at: datetime = when("When it was placed.", "2026-03-31T09:45:00Z")
    changed_at: datetime = when("When it came to its status.", "2026-03-31T09:46:10Z")


HIDDEN = "null for who may not see buyers, unless they placed it."


class Order(ListedOrder):
    """An order with what the list leaves out."""

    buyer_email: str | None = Field(
        description=f"Where its buyer is written to, in lower case; {HIDDEN}", examples=["grace@example.com"]
    )
    card: str = Field(
        description="Type, last four digits and expiry of the card. More of it is not kept.",
        examples=["Visa ending in 1111, expires 2035-12"],
    )
    ship_to: str | None = Field(
        description=f"Where it goes, in one line; {HIDDEN}", examples=["1 Harbour Street, Whitby, YO21 1AA"]
    )
    waits_for: str = Field(
        description="What has to happen next, for people; empty when it has come to its end.",
        examples=["Its payment."],
    )
    reason: str = Field(
        description="Why it was cancelled; empty unless it was.", examples=["", "Ordered by mistake."]
    )


class OrderList(Listed[ListedOrder]):
    """A page of orders, newest first."""

    model_config = such_as(next=f"/api/orders?limit=50&after={CURSOR}")


class OrderHappened(Happened[Order]):
    """What has happened to an order, and the order after it."""

    model_config = happened_as(
        OrderStockConfirmed(
            order_id=ORDER, buyer_id=BUYER, payment_method_id=PAYMENT_METHOD, amount=Decimal("212.40")
        )
    )


class OrderHistory(Listed[OrderHappened]):
    """A page of what has happened to an order."""

    model_config = such_as(next=f"/api/orders/{ORDER}/history?limit=50&after=8")


class OrdersWanted(PageWanted):
    """Which orders to list."""

    model_config = such_as(after=CURSOR)

    status: OrderRow.Status | Literal["open"] | None = Field(
        default=None, description="A status; `open` is whatever is neither shipped nor cancelled."
    )
    buyer: Text = Field(
        default="",
        description="Words, or parts of them, in the buyer's name; or in the e-mail, for who may see buyers.",
        examples=["hopper"],
    )
    buyer_id: BuyerId | None = Field(default=None, description="The orders of this buyer.")
    work_id: WorkId | None = Field(default=None, description="The orders for this work.")
    since: Moment | None = Field(
        default=None,
        description="Placed at this moment or later, written with its zone (RFC 3339).",
        examples=["2026-03-01T00:00:00Z"],
    )
    until: Moment | None = Field(
        default=None,
        description="Placed before this moment, written with its zone (RFC 3339).",
        examples=["2026-04-01T00:00:00Z"],
    )

    def wanted(self, *, by_name_alone: bool) -> Wanted:
        """The same, as the read model is asked."""
        return Wanted(
            buyer=self.buyer,
            by_name_alone=by_name_alone,
            status=self.status or "",
            since=self.since,
            until=self.until,
            buyer_id=self.buyer_id,
            work_id=self.work_id,
        )


OF_BUYER = {"buyer_email", "ship_to"}
"""What an order's events contain of its buyer, besides the name."""


def order_of(row: OrderRow, *, with_buyer: bool) -> Order:
    """One order."""
    return Order(
        **dict(listed_order_of(row)),
        buyer_email=row.buyer_email if with_buyer else None,
        card=row.card,
        ship_to=row.ship_to if with_buyer else None,
        waits_for=waits_for(row),
        reason=row.reason,
    )


def orders_then(moments: Iterable[time_travel.Moment], *, with_buyer: bool) -> list[Order]:
    """The order at each of these moments."""
    rows = (each.row for each in moments)
    return [order_of(row, with_buyer=with_buyer) for row in rows if isinstance(row, OrderRow)]


def without_holder(recorded: RecordedEvent) -> Any:
    """The event's data without the name on the card: the page of an order does not show it either."""
    data = json_of(recorded.data)
    if isinstance(data, dict) and isinstance(data.get("card"), dict):
        data["card"].pop("holder", None)
    return data


def without_buyer(recorded: RecordedEvent) -> Any:
    """The event's data without the name on the card and without the buyer's addresses."""
    data = without_holder(recorded)
    return {name: data[name] for name in data if name not in OF_BUYER} if isinstance(data, dict) else data


def listed_order_of(row: OrderRow) -> ListedOrder:
    """An order among others."""
    bill = bill_of(row)
    return ListedOrder(
        id=row.order_id,
        number=row.number,
        status=OrderRow.Status(row.status),
        buyer_id=row.buyer_id,
        buyer_name=row.buyer_name,
        site_id=row.site_id,
        work_id=row.work_id,
        lines=lines_of(bill),
        subtotal=bill.before,
        discount_percent=row.discount_percent,
        discount=bill.off,
        total=row.total,
        placed_at=row.placed_at,
        changed_at=row.changed_at,
    )


def lines_of(bill: Bill) -> list[Line]:
    """The lines of a bill."""
    return [
        Line(
            product_id=each.row.product_id,
            name=each.row.name,
            units=each.row.units,
            unit_price=each.row.unit_price,
            discount=each.off,
            amount=each.amount,
            is_reserved=each.row.is_reserved,
        )
        for each in bill.lines
    ]
