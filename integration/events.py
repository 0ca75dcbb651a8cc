"""What other systems may rely on: the data of each integration event.

A type says its version. A field may be added to a version; anything else wants the next one, published beside
this one for as long as somebody uses it. People, and what people wrote, are never told: ids alone.
docs/integration-events.md holds the schema of each, as `schema_of` gives it.
"""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

import msgspec

from eventstore.contract import Rules, promise
from eventstore.events import NOBODY, Means

OrderId = Annotated[UUID, Means("the order")]
ProductId = Annotated[UUID, Means("the product")]
WorkId = Annotated[UUID, Means("the job")]
OperativeId = Annotated[UUID, Means("the operative")]
Money = Annotated[Decimal, Means(unit="the currency beside it")]
Currency = Annotated[str, Means("the currency of all amounts, by its code of ISO 4217", personal=NOBODY)]

RULES = Rules(
    field=True,
    needs_default=False,
    value=False,
    may_vanish=True,
    remedy="Others read what it was: put it back, and publish the next version beside it. When nobody uses "
    "the old one any more, say in the record why it is `retired`, and take its class away",
)


class IntegrationEvent(msgspec.Struct):
    """The data of an integration event of this type."""

    type: ClassVar[str]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        by_type[cls.type] = cls
        name, _, version = cls.type.rpartition(".v")
        promise("integration events", RULES, name, int(version), cls)


by_type: dict[str, type[IntegrationEvent]] = {}


class Line(msgspec.Struct):
    """So many units of a product, at the price of that moment."""

    product_id: ProductId
    units: Annotated[int, Means("how many of it", unit="pieces")]
    unit_price: Annotated[Money, Means("what one costs")]


class OrderStarted(IntegrationEvent):
    """Somebody has placed an order. `site_id` is the site it goes to, `work_id` the job it is for."""

    type = "callout.order.started.v1"

    order_id: OrderId
    lines: Annotated[list[Line], Means("what was ordered")]
    currency: Currency
    site_id: Annotated[UUID | None, Means("the site it goes to, if any")]
    work_id: Annotated[UUID | None, Means("the job it is for, if any")]


class Status(StrEnum):
    """Where an order is on its way."""

    SUBMITTED = "submitted"
    AWAITING_VALIDATION = "awaiting-validation"
    STOCK_CONFIRMED = "stock-confirmed"
    PAID = "paid"
    SHIPPED = "shipped"
    CANCELLED = "cancelled"


class OrderStatusChanged(IntegrationEvent):
    """An order has come to a status, from another one or, as it is placed, from none."""

    type = "callout.order.status-changed.v1"

    order_id: OrderId
    from_: Annotated[Status | None, Means("what it was; null: it has just been placed")] = msgspec.field(
        name="from"
    )
    to: Annotated[Status, Means("what it is now")]


class StockRejected(IntegrationEvent):
    """An order wanted more of a product than there was, and is going to be cancelled."""

    type = "callout.stock.rejected.v1"

    product_id: ProductId
    order_id: OrderId
    quantity: Annotated[int, Means("how many were wanted", unit="pieces")]
    available: Annotated[int, Means("how many there were", unit="pieces")]


class StockCorrected(IntegrationEvent):
    """There is more of a product than was thought, or (`difference` below 0) less."""

    type = "callout.stock.corrected.v1"

    product_id: ProductId
    difference: Annotated[int, Means("how many more there are, below 0 how many less", unit="pieces")]


class ProductPriceChanged(IntegrationEvent):
    """A product costs more, or less, from now on."""

    type = "callout.product.price-changed.v1"

    product_id: ProductId
    old_price: Annotated[Money, Means("what one cost until now")]
    price: Annotated[Money, Means("what one costs")]
    currency: Currency


class WorkRaised(IntegrationEvent):
    """There is a new job of work, at these sites."""

    type = "callout.work.raised.v1"

    work_id: WorkId
    site_ids: Annotated[list[UUID], Means("where it is to be done")]


class WorkAssigned(IntegrationEvent):
    """An operative was given the work."""

    type = "callout.work.assigned.v1"

    work_id: WorkId
    operative_id: OperativeId


class WorkCompleted(IntegrationEvent):
    """The operative has dealt with the work."""

    type = "callout.work.completed.v1"

    work_id: WorkId
    operative_id: OperativeId


Reason = Literal["no_access", "parts_needed", "another_trade", "unsafe", "customer_not_there", "other"]


class WorkAbandoned(IntegrationEvent):
    """The operative gave the work back; it waits to be assigned again."""

    type = "callout.work.abandoned.v1"

    work_id: WorkId
    operative_id: OperativeId
    reason: Annotated[Reason, Means("why")]


Undone = Literal["raised", "assigned", "completed", "abandoned"]


class WorkChangeUndone(IntegrationEvent):
    """What was told of the work under this id no longer holds: whoever did it has taken it back. Work whose
    raising is undone is withdrawn. `operative_id` is whom the undone event named, if it named anybody."""

    type = "callout.work.change-undone.v1"

    work_id: WorkId
    undone: Annotated[Undone, Means("what no longer holds")]
    undone_id: Annotated[UUID, Means("the id of the event that told it")]
    operative_id: Annotated[UUID | None, Means("whom that event named, if anybody")]


def schema_of(kind: type[IntegrationEvent]) -> dict[str, Any]:
    """The JSON schema of the data."""
    (schema,), components = msgspec.json.schema_components([kind], ref_template="#/$defs/{name}")
    inlined = {**components.pop(kind.__name__), "$schema": "https://json-schema.org/draft/2020-12/schema"}
    assert schema == {"$ref": f"#/$defs/{kind.__name__}"}
    return inlined | ({"$defs": components} if components else {})
