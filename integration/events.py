"""What other systems may rely on: the data of each integration event.

A type says its version. A field may be added to a version; anything else wants the next one, published beside
this one for as long as somebody uses it. People, and what people wrote, are never told: ids alone.
docs/integration-events.md holds the schema of each, as `schema_of` gives it.
"""

from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar, Literal
from uuid import UUID

import msgspec


class IntegrationEvent(msgspec.Struct):
    """The data of an integration event of this type."""

    type: ClassVar[str]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        by_type[cls.type] = cls


by_type: dict[str, type[IntegrationEvent]] = {}


class Line(msgspec.Struct):
    """So many units of a product, at the price of that moment."""

    product_id: UUID
    units: int
    unit_price: Decimal


class OrderStarted(IntegrationEvent):
    """Somebody has placed an order. `site_id` is the site it goes to, `work_id` the job it is for."""

    type = "callout.order.started.v1"

    order_id: UUID
    lines: list[Line]
    currency: str
    site_id: UUID | None
    work_id: UUID | None


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

    order_id: UUID
    from_: Status | None = msgspec.field(name="from")
    to: Status


class StockRejected(IntegrationEvent):
    """An order wanted more of a product than there was, and is going to be cancelled."""

    type = "callout.stock.rejected.v1"

    product_id: UUID
    order_id: UUID
    quantity: int
    available: int


class StockCorrected(IntegrationEvent):
    """There is more of a product than was thought, or (`difference` below 0) less."""

    type = "callout.stock.corrected.v1"

    product_id: UUID
    difference: int


class ProductPriceChanged(IntegrationEvent):
    """A product costs more, or less, from now on."""

    type = "callout.product.price-changed.v1"

    product_id: UUID
    old_price: Decimal
    price: Decimal
    currency: str


class WorkRaised(IntegrationEvent):
    """There is a new job of work, at these sites."""

    type = "callout.work.raised.v1"

    work_id: UUID
    site_ids: list[UUID]


class WorkAssigned(IntegrationEvent):
    """An operative was given the work."""

    type = "callout.work.assigned.v1"

    work_id: UUID
    operative_id: UUID


class WorkCompleted(IntegrationEvent):
    """The operative has dealt with the work."""

    type = "callout.work.completed.v1"

    work_id: UUID
    operative_id: UUID


Reason = Literal["no_access", "parts_needed", "another_trade", "unsafe", "customer_not_there", "other"]


class WorkAbandoned(IntegrationEvent):
    """The operative gave the work back; it waits to be assigned again."""

    type = "callout.work.abandoned.v1"

    work_id: UUID
    operative_id: UUID
    reason: Reason


Undone = Literal["raised", "assigned", "completed", "abandoned"]


class WorkChangeUndone(IntegrationEvent):
    """What was told of the work under this id no longer holds: whoever did it has taken it back. Work whose
    raising is undone is withdrawn. `operative_id` is whom the undone event named, if it named anybody."""

    type = "callout.work.change-undone.v1"

    work_id: UUID
    undone: Undone
    undone_id: UUID
    operative_id: UUID | None


def schema_of(kind: type[IntegrationEvent]) -> dict[str, Any]:
    """The JSON schema of the data."""
    (schema,), components = msgspec.json.schema_components([kind], ref_template="#/$defs/{name}")
    inlined = {**components.pop(kind.__name__), "$schema": "https://json-schema.org/draft/2020-12/schema"}
    assert schema == {"$ref": f"#/$defs/{kind.__name__}"}
    return inlined | ({"$defs": components} if components else {})
