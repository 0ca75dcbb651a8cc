"""What can be wrong between orders, stock and buyers, each in one line."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from orders.order import Status


@dataclass(frozen=True)
class OrphanReservation:
    """Stock that is reserved for an order which does not want it, or no longer wants it."""

    order_id: UUID
    product_id: UUID
    quantity: int
    status: Status

    def __str__(self) -> str:
        is_live = self.status not in (Status.NONE, Status.CANCELLED)
        why = "does not want so many" if is_live else "was never placed, or was cancelled"
        return f"Product {self.product_id}: {self.quantity} reserved for order {self.order_id}, which {why}"


@dataclass(frozen=True)
class MissingReservation:
    """A line of an order that needs stock which is not reserved for it."""

    order_id: UUID
    product_id: UUID
    units: int
    kept: int
    status: Status

    def __str__(self) -> str:
        stock = f"{self.kept} of {self.units} reserved of product {self.product_id}"
        return f"Order {self.order_id} ({self.status.value}): {stock}"


@dataclass(frozen=True)
class Stuck:
    """An order that should have gone on by itself."""

    order_id: UUID
    status: Status
    since: datetime

    def __str__(self) -> str:
        return f"Order {self.order_id}: {self.status.value} since {self.since:%Y-%m-%d %H:%M:%S} UTC"


@dataclass(frozen=True)
class Unshipped:
    """A paid order that nobody has shipped yet."""

    order_id: UUID
    since: datetime

    def __str__(self) -> str:
        return f"Order {self.order_id}: Paid since {self.since:%Y-%m-%d %H:%M:%S} UTC, waits to be shipped"


@dataclass(frozen=True)
class WrongTotal:
    """A buyer whose total is not what they have paid over their orders; `missing` are paid orders that are
    not in it, `surplus` those in it that were not paid."""

    buyer_id: UUID
    difference: Decimal
    missing: tuple[UUID, ...]
    surplus: tuple[UUID, ...]

    def __str__(self) -> str:
        orders = [f"without order {each}" for each in self.missing]
        orders += [f"with order {each}, which was not paid so" for each in self.surplus]
        kind = "short of" if self.difference > 0 else "above"
        total = f"the total is {abs(self.difference)} {kind} what was paid"
        return f"Buyer {self.buyer_id}: {total}: {', '.join(orders)}"


@dataclass(frozen=True)
class NotReadable:
    """An event that the audit must skip, because the program cannot read it: other findings may follow
    from that."""

    position: int
    stream: str
    version: int
    type: str

    def __str__(self) -> str:
        return f"Event {self.position}: {self.type} {self.stream}@{self.version} cannot be read"


Finding = OrphanReservation | MissingReservation | Stuck | Unshipped | WrongTotal | NotReadable
