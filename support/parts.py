"""The parts ordered for a job, in its story between its own events."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from readmodels.models import OrderRow

Status = OrderRow.Status
ENDS = {Status.SHIPPED: "shipped", Status.CANCELLED: "cancelled"}


@dataclass(frozen=True)
class Parts:
    """Something that happened to an order of parts: "ordered", "shipped" or "cancelled"."""

    order: OrderRow
    what: str
    at: datetime


def parts_of(orders: Iterable[OrderRow]) -> list[Parts]:
    """When each order was placed, and when it was finished."""
    found = []
    for order in orders:
        found.append(Parts(order, "ordered", order.placed_at))
        if end := ENDS.get(Status(order.status)):
            found.append(Parts(order, end, order.changed_at))
    return found
