"""The ways in which an order can end, and where each leaves the way to Paid."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from uuid import UUID, uuid4

from django.utils import timezone

from eventstore.models import ParkedEvent
from orders.order import Status
from tests import factories

AN_HOUR = 3600
WRITTEN_ABOUT = {"OrderPaid", "OrderShipped", "OrderCancelled", "DiscountEarned"}


@dataclass(frozen=True, kw_only=True)
class Ending:
    """`own` is what happens to the order, `beside` what happens to its buyer and its products, in any order.
    It goes its own way from where it rests at `parts_at`, when `part` happens; what it still has in common
    with a way before it are the steps about `common`."""

    status: Status
    own: list[str]
    beside: list[str]
    parts_at: Status = Status.SUBMITTED
    part: Callable[[UUID], object]
    common: Collection[str] = ()
    grace: int = AN_HOUR
    payment: str = "succeed"
    lamps: int = 5

    def place(self) -> UUID:
        """An order of two products, by a new buyer, who earns a discount with it if it is paid."""
        engine = factories.create_product("Engine", "2500.00", stock=10)
        lamp = factories.create_product("Lamp", stock=self.lamps)
        return factories.place_order({engine: 3, lamp: 1}, email=f"{uuid4()}@example.com")


def let_time_pass(order_id: UUID) -> None:
    """The time in which it may be thought over is over at once."""
    due = ParkedEvent.objects.filter(stream=f"order-{order_id}", is_timer=True)
    assert due.update(due_at=timezone.now())


def cancel_in_time(order_id: UUID) -> None:
    factories.cancel_order(order_id)
    let_time_pass(order_id)


KNOWN = ["OrderStarted", "OrderBuyerVerified"]
ASKED = [*KNOWN, "OrderAwaitingValidation", "OrderLineReserved"]
CONFIRMED = [*ASKED, "OrderLineReserved", "OrderStockConfirmed"]
BUYER = ["BuyerRegistered", "PaymentMethodVerified"]
RESERVED = [*BUYER, "StockReserved", "StockReserved"]

PAID = Ending(
    status=Status.PAID,
    own=[*CONFIRMED, "OrderPaid"],
    beside=[*RESERVED, "PaymentRecorded", "DiscountEarned"],
    parts_at=Status.NONE,
    part=lambda _: None,
    grace=0,
)
SHIPPED = Ending(
    status=Status.SHIPPED,
    own=[*PAID.own, "OrderShipped"],
    beside=PAID.beside,
    parts_at=Status.PAID,
    part=factories.ship_order,
    grace=0,
)
OUT_OF_STOCK = Ending(
    status=Status.CANCELLED,
    own=[*ASKED, "OrderLineRejected", "OrderCancelled"],
    beside=[*BUYER, "StockReserved", "StockRejected", "StockReleased"],
    part=let_time_pass,
    common=[*PAID.own, *PAID.beside],
    lamps=0,
)
DECLINED = Ending(
    status=Status.CANCELLED,
    own=[*CONFIRMED, "OrderCancelled"],
    beside=[*RESERVED, "StockReleased", "StockReleased"],
    part=let_time_pass,
    common=[*PAID.own, *PAID.beside],
    payment="fail",
)
CANCELLED_IN_TIME = Ending(
    status=Status.CANCELLED, own=[*KNOWN, "OrderCancelled"], beside=BUYER, part=cancel_in_time
)
