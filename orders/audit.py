"""Whether orders, stock and buyers agree with each other.

Each step of an order changes one aggregate, so between two steps they disagree for a moment, until a
reaction corrects that. What is not corrected after a while is an inconsistency. The audit finds it by
reading every event once, in order, and keeping in memory only what is not yet settled.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from functools import singledispatchmethod
from typing import Any
from uuid import UUID

from eventstore.codec import Undecodable
from eventstore.current import current_store
from eventstore.embedded.in_flight import pages_of
from eventstore.events import UnknownEvent, type_of
from eventstore.store import RecordedEvent
from orders.events import (
    OrderAwaitingValidation,
    OrderCancelled,
    OrderPaid,
    OrderShipped,
    OrderStarted,
    OrderStockConfirmed,
    PaymentRecorded,
)
from orders.findings import (
    Finding,
    MissingReservation,
    NotReadable,
    OrphanReservation,
    Stuck,
    Unshipped,
    WrongTotal,
)
from orders.order import Status
from products.events import StockReleased, StockReserved

BATCH = 1000
TAKEN = {
    type_of(each).name
    for each in (
        OrderStarted,
        OrderAwaitingValidation,
        OrderStockConfirmed,
        OrderPaid,
        OrderShipped,
        OrderCancelled,
        PaymentRecorded,
        StockReserved,
        StockReleased,
    )
}
MOVING = (Status.SUBMITTED, Status.AWAITING_VALIDATION, Status.STOCK_CONFIRMED)
"""What an order leaves without anybody's action."""
CERTAIN = (Status.STOCK_CONFIRMED, Status.PAID, Status.SHIPPED)
"""Statuses in which everything that an order asks for is reserved."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How old a disagreement must be to be reported; younger ones are left to the reactions, and to
    people: a paid order is for them to ship. Orders may stay submitted longer, by the grace period."""

    settled: datetime
    shipped: datetime
    grace: timedelta

    def of(self, status: Status) -> datetime:
        """The time before which an order must have reached this status."""
        return self.settled - (self.grace if status is Status.SUBMITTED else timedelta(0))


@dataclass
class Open:
    """An order that is not settled, and when the store took the last of its events that matters here."""

    status: Status
    wanted: dict[UUID, int]
    since: datetime


@dataclass
class Account:
    """What a buyer has paid beyond their total, by order; empty once both agree."""

    since: datetime
    beyond: dict[UUID, Decimal] = field(default_factory=lambda: defaultdict(Decimal))


class Books:
    """Everything that is not settled after the events taken in so far."""

    def __init__(self) -> None:
        self._orders: dict[UUID, Open] = {}
        self._kept: dict[UUID, dict[UUID, tuple[int, datetime]]] = defaultdict(dict)
        self._let_go: dict[tuple[UUID, UUID], tuple[int, datetime]] = {}
        self._accounts: dict[UUID, Account] = {}
        self._not_readable: list[NotReadable] = []

    def take(self, recorded: RecordedEvent) -> None:
        """Take in the next event of the store."""
        if recorded.type not in TAKEN:
            return
        try:
            event = recorded.event
        except (Undecodable, UnknownEvent):
            self._not_readable.append(
                NotReadable(recorded.position, recorded.stream, recorded.version, recorded.type)
            )
        else:
            self._take(event, recorded.recorded_at)

    @singledispatchmethod
    def _take(self, event: Any, _at: datetime) -> None:
        raise TypeError(type(event).__name__)

    @_take.register
    def _started(self, event: OrderStarted, at: datetime) -> None:
        wanted = {line.product_id: line.units for line in event.lines}
        self._orders[event.order_id] = Open(Status.SUBMITTED, wanted, at)

    @_take.register
    def _awaiting(self, event: OrderAwaitingValidation, at: datetime) -> None:
        self._move(event.order_id, Status.AWAITING_VALIDATION, at)

    @_take.register
    def _confirmed(self, event: OrderStockConfirmed, at: datetime) -> None:
        self._move(event.order_id, Status.STOCK_CONFIRMED, at)

    @_take.register
    def _paid(self, event: OrderPaid, at: datetime) -> None:
        self._move(event.order_id, Status.PAID, at)
        self._book(event.buyer_id, event.order_id, event.amount, at)

    @_take.register
    def _shipped(self, event: OrderShipped, at: datetime) -> None:
        self._move(event.order_id, Status.SHIPPED, at)

    @_take.register
    def _cancelled(self, event: OrderCancelled, at: datetime) -> None:
        self._move(event.order_id, Status.CANCELLED, at)

    @_take.register
    def _recorded(self, event: PaymentRecorded, at: datetime) -> None:
        self._book(event.buyer_id, event.order_id, -event.amount, at)

    @_take.register
    def _reserved(self, event: StockReserved, at: datetime) -> None:
        if self._let_go.get((event.order_id, event.product_id), (0,))[0] == event.quantity:
            del self._let_go[event.order_id, event.product_id]
            return
        self._kept[event.order_id][event.product_id] = (event.quantity, at)
        self._forget_settled(event.order_id)

    @_take.register
    def _released(self, event: StockReleased, at: datetime) -> None:
        if event.product_id in self._kept.get(event.order_id, {}):
            del self._kept[event.order_id][event.product_id]
            self._forget_settled(event.order_id)
        else:  # the order had been shipped with everything, and forgotten
            self._let_go[event.order_id, event.product_id] = (event.quantity, at)

    def _move(self, order_id: UUID, status: Status, at: datetime) -> None:
        order = self._orders.get(order_id)
        if order is None:  # the event that began it cannot be read
            return
        order.status, order.since = status, at
        self._forget_settled(order_id)

    def _book(self, buyer_id: UUID, order_id: UUID, amount: Decimal, at: datetime) -> None:
        account = self._accounts.setdefault(buyer_id, Account(at))
        account.since = at
        account.beyond[order_id] += amount
        if not account.beyond[order_id]:
            del account.beyond[order_id]
        if not account.beyond:
            del self._accounts[buyer_id]

    def _forget_settled(self, order_id: UUID) -> None:
        """Forget what is cancelled with nothing reserved, or shipped with everything."""
        order = self._orders.get(order_id)
        kept = {product_id: quantity for product_id, (quantity, _) in self._kept[order_id].items()}
        if order is not None:
            ends_with = {Status.CANCELLED: {}, Status.SHIPPED: order.wanted}.get(order.status)
            if kept == ends_with:
                del self._orders[order_id]
                kept = {}
        if not kept:
            del self._kept[order_id]

    def findings(self, limits: Limits) -> Iterator[Finding]:
        """What is wrong beyond these limits."""
        yield from self._not_readable
        yield from self._kept_for_nobody(limits.settled)
        yield from self._not_kept(limits.settled)
        for order_id, order in self._orders.items():
            if order.status in MOVING and order.since < limits.of(order.status):
                yield Stuck(order_id, order.status, order.since)
            if order.status is Status.PAID and order.since < limits.shipped:
                yield Unshipped(order_id, order.since)
        for buyer_id, account in self._accounts.items():
            if account.since < limits.settled:
                yield wrong_total(buyer_id, account.beyond)

    def _kept_for_nobody(self, before: datetime) -> Iterator[Finding]:
        for order_id, kept in self._kept.items():
            order = self._orders.get(
                order_id, Open(Status.NONE, {}, datetime.min.replace(tzinfo=before.tzinfo))
            )
            for product_id, (quantity, at) in kept.items():
                wanted = 0 if order.status is Status.CANCELLED else order.wanted.get(product_id, 0)
                if quantity > wanted and max(at, order.since) < before:
                    yield OrphanReservation(order_id, product_id, quantity, order.status)

    def _not_kept(self, before: datetime) -> Iterator[Finding]:
        for order_id, order in self._orders.items():
            if order.status in CERTAIN and order.since < before:
                for product_id, units in order.wanted.items():
                    quantity, _ = self._kept.get(order_id, {}).get(product_id, (0, None))
                    if quantity < units:
                        yield MissingReservation(order_id, product_id, units, quantity, order.status)
        for (order_id, product_id), (quantity, at) in self._let_go.items():
            if at < before:
                yield MissingReservation(order_id, product_id, quantity, 0, Status.SHIPPED)


def wrong_total(buyer_id: UUID, beyond: dict[UUID, Decimal]) -> WrongTotal:
    """The finding about a buyer who has paid so much beyond their total."""
    return WrongTotal(
        buyer_id,
        sum(beyond.values(), Decimal(0)),
        tuple(order_id for order_id, amount in beyond.items() if amount > 0),
        tuple(order_id for order_id, amount in beyond.items() if amount < 0),
    )


def audit(limits: Limits) -> list[Finding]:
    """Everything that is wrong beyond these limits."""
    books = Books()
    for page in pages_of(current_store(), BATCH):
        for recorded in page:
            books.take(recorded)
    return list(books.findings(limits))
