"""What people did before a test begins: each function sends one command, or the few that belong together."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone

from eventstore.current import current_store
from eventstore.dispatch import Outcome, dispatch
from operatives.commands import (
    HireOperative,
    OperativeFact,
    OperativeStatus,
    ReleaseOperative,
    RenameOperative,
)
from operatives.operative import OPERATIVE
from orders.buyer import BUYER, buyer_id_of
from orders.commands import (
    AwaitValidation,
    CancelOrder,
    ConfirmLine,
    OrderCommand,
    OrderItem,
    PayOrder,
    PlaceOrder,
    RecordPayment,
    RejectLine,
    ShipOrder,
    VerifyBuyer,
    VerifyPaymentMethod,
    WorkFact,
)
from orders.events import (
    Address,
    Card,
    CardType,
    OrderCancelled,
    OrderPaid,
    OrderStarted,
    PaymentMethodVerified,
)
from orders.order import ORDER
from orders.order import Status as OrderStatus
from orders.paid_before import paid_before
from products.commands import (
    CorrectStock,
    CreateProduct,
    ProductFact,
    ProductStatus,
    ReleaseStock,
    RenameProduct,
    RepriceProduct,
    ReserveStock,
    RestockProduct,
    WithdrawProduct,
)
from products.events import StockReserved
from products.product import PRODUCT
from sites.commands import AcquireSite, CorrectSite, RelinquishSite, SiteFact, SiteStatus
from sites.site import SITE
from support.commands import (
    AbandonWork,
    ArriveOnSite,
    AssignWork,
    ChangeFact,
    CompleteWork,
    DispatchOperative,
    RaiseWork,
    UndoWorkChange,
)
from support.events import AbandonReason
from support.undo import latest_step
from support.work import WORK, Stage

SOMEBODY = "user-0"


def noon(day: int, minute: int = 0) -> datetime:
    """A fixed time for `at`: noon in UTC on a day of March 2026, and so many minutes."""
    return datetime(2026, 3, 1, 12, tzinfo=UTC) + timedelta(days=day - 1, minutes=minute)


def hire(
    forename: str = "Ada", surname: str = "Lovelace", *, at: datetime | None = None, by: str = SOMEBODY
) -> UUID:
    """A new operative."""
    operative_id = uuid4()
    command = HireOperative(operative_id=operative_id, forename=forename, surname=surname)
    dispatch(command, to=OPERATIVE, by=by, occurred_at=at)
    return operative_id


def rename(operative_id: UUID, forename: str, surname: str, *, at: datetime | None = None) -> Outcome:
    command = RenameOperative(operative_id=operative_id, forename=forename, surname=surname)
    return dispatch(command, to=OPERATIVE, by=SOMEBODY, occurred_at=at)


def release(operative_id: UUID, *, open_jobs: int = 0, at: datetime | None = None) -> Outcome:
    command = ReleaseOperative(operative_id=operative_id, open_jobs=open_jobs)
    return dispatch(command, to=OPERATIVE, by=SOMEBODY, occurred_at=at)


def acquire(
    address_line_1: str = "1 Harbour Street",
    town: str = "Whitby",
    post_code: str = "YO21 1AA",
    telephone_number: str = "01947 600001",
    *,
    at: datetime | None = None,
    by: str = SOMEBODY,
) -> UUID:
    """A new site."""
    site_id = uuid4()
    command = AcquireSite(
        site_id=site_id,
        address_line_1=address_line_1,
        town=town,
        post_code=post_code,
        telephone_number=telephone_number,
    )
    dispatch(command, to=SITE, by=by, occurred_at=at)
    return site_id


def correct(
    site_id: UUID,
    address_line_1: str = "1 Harbour Street",
    town: str = "Whitby",
    post_code: str = "YO21 1AA",
    telephone_number: str = "01947 600001",
    *,
    at: datetime | None = None,
) -> Outcome:
    command = CorrectSite(
        site_id=site_id,
        address_line_1=address_line_1,
        town=town,
        post_code=post_code,
        telephone_number=telephone_number,
    )
    return dispatch(command, to=SITE, by=SOMEBODY, occurred_at=at)


def relinquish(site_id: UUID, *, open_jobs: int = 0, at: datetime | None = None) -> Outcome:
    command = RelinquishSite(site_id=site_id, open_jobs=open_jobs)
    return dispatch(command, to=SITE, by=SOMEBODY, occurred_at=at)


def raise_work(
    title: str = "Boiler out",
    description: str = "No heating since this morning.",
    *,
    site_ids: Sequence[UUID] = (),
    at: datetime | None = None,
    by: str = SOMEBODY,
) -> UUID:
    """New work, at a new site unless some are given."""
    work_id = uuid4()
    sites = tuple(active_site(site_id) for site_id in site_ids or [acquire()])
    command = RaiseWork(work_id=work_id, title=title, description=description, sites=sites)
    dispatch(command, to=WORK, by=by, occurred_at=at)
    return work_id


def active_site(site_id: UUID, name: str = "1 Harbour Street, Whitby") -> SiteFact:
    return SiteFact(site_id=site_id, name=name, status=SiteStatus.ACTIVE)


def employed(operative_id: UUID, name: str = "Ada Lovelace") -> OperativeFact:
    return OperativeFact(operative_id=operative_id, name=name, status=OperativeStatus.EMPLOYED)


def released(operative_id: UUID, name: str = "Ada Lovelace") -> OperativeFact:
    return OperativeFact(operative_id=operative_id, name=name, status=OperativeStatus.RELEASED)


def assign(work_id: UUID, operative_id: UUID, *, at: datetime | None = None, by: str = SOMEBODY) -> Outcome:
    """Put the work at the end of the operative's queue."""
    command = AssignWork(work_id=work_id, operative=employed(operative_id))
    return dispatch(command, to=WORK, by=by, occurred_at=at)


def set_out(
    work_id: UUID,
    *,
    estimated_arrival: datetime | None = None,
    at: datetime | None = None,
    by: str = SOMEBODY,
) -> Outcome:
    """The operative is on the way (DispatchOperative)."""
    command = DispatchOperative(
        work_id=work_id, now=at or timezone.now(), estimated_arrival=estimated_arrival
    )
    return dispatch(command, to=WORK, by=by, occurred_at=at)


def arrive(work_id: UUID, *, at: datetime | None = None, by: str = SOMEBODY) -> Outcome:
    return dispatch(ArriveOnSite(work_id=work_id), to=WORK, by=by, occurred_at=at)


def complete(work_id: UUID, outcome: str = "", *, at: datetime | None = None, by: str = SOMEBODY) -> Outcome:
    return dispatch(CompleteWork(work_id=work_id, outcome=outcome), to=WORK, by=by, occurred_at=at)


def abandon(
    work_id: UUID,
    reason: AbandonReason = AbandonReason.NO_ACCESS,
    note: str = "",
    *,
    at: datetime | None = None,
    by: str = SOMEBODY,
) -> Outcome:
    command = AbandonWork(work_id=work_id, reason=reason, note=note)
    return dispatch(command, to=WORK, by=by, occurred_at=at)


def undo(work_id: UUID, *, at: datetime | None = None, by: str | None = None) -> Outcome:
    """Take back the latest step that is not undone, at once and by the person who took it, unless told
    otherwise."""
    latest = latest_step(current_store().read_stream(f"work-{work_id}"))
    command = UndoWorkChange(
        work_id=work_id,
        change=ChangeFact(event_id=latest.id, made_by=latest.actor, made_at=latest.occurred_at),
        asked_by=by or latest.actor,
        now=at or latest.occurred_at,
    )
    return dispatch(command, to=WORK, by=command.asked_by, occurred_at=command.now)


def work_at(stage: Stage, operative_id: UUID | None = None, *, title: str = "Boiler out") -> UUID:
    """New work brought to a stage, by a new operative unless one is given."""
    work_id = raise_work(title)
    if stage is Stage.WITHDRAWN:
        undo(work_id)
    elif stage is not Stage.RAISED:
        assign(work_id, operative_id or hire())
    if stage in {Stage.DISPATCHED, Stage.ARRIVED}:
        set_out(work_id)
    if stage is Stage.ARRIVED:
        arrive(work_id)
    if stage is Stage.COMPLETED:
        complete(work_id)
    if stage is Stage.ABANDONED:
        abandon(work_id)
    return work_id


CARD = Card(type=CardType.VISA, holder="Grace Hopper", last_four="1111", expiry="2099-03")
MASTERCARD = Card(type=CardType.MASTERCARD, holder="G. M. Hopper", last_four="4444", expiry="2098-01")


def create_product(
    name: str = "Fan belt",
    price: str = "12.50",
    stock: int = 100,
    *,
    at: datetime | None = None,
    by: str = SOMEBODY,
) -> UUID:
    """A new product in the catalogue."""
    product_id = uuid4()
    command = CreateProduct(product_id=product_id, name=name, price=Decimal(price), stock=stock)
    dispatch(command, to=PRODUCT, by=by, occurred_at=at)
    return product_id


def rename_product(product_id: UUID, name: str, *, at: datetime | None = None) -> Outcome:
    command = RenameProduct(product_id=product_id, name=name)
    return dispatch(command, to=PRODUCT, by=SOMEBODY, occurred_at=at)


def reprice(product_id: UUID, price: str, *, at: datetime | None = None, by: str = SOMEBODY) -> Outcome:
    command = RepriceProduct(product_id=product_id, price=Decimal(price))
    return dispatch(command, to=PRODUCT, by=by, occurred_at=at)


def restock(product_id: UUID, quantity: int = 10, *, at: datetime | None = None) -> Outcome:
    command = RestockProduct(product_id=product_id, quantity=quantity)
    return dispatch(command, to=PRODUCT, by=SOMEBODY, occurred_at=at)


def correct_stock(product_id: UUID, difference: int, reason: str = "Counted again") -> Outcome:
    command = CorrectStock(product_id=product_id, difference=difference, reason=reason)
    return dispatch(command, to=PRODUCT, by=SOMEBODY)


def withdraw(product_id: UUID, *, at: datetime | None = None) -> Outcome:
    return dispatch(WithdrawProduct(product_id=product_id), to=PRODUCT, by=SOMEBODY, occurred_at=at)


def reserve(
    product_id: UUID, quantity: int = 1, *, order_id: UUID | None = None, at: datetime | None = None
) -> UUID:
    """Ask for stock, for an order of which nothing else is known unless one is given; returns its id."""
    order_id = order_id or uuid4()
    command = ReserveStock(product_id=product_id, order_id=order_id, quantity=quantity)
    dispatch(command, to=PRODUCT, by=SOMEBODY, occurred_at=at)
    return order_id


def release_stock(product_id: UUID, order_id: UUID, *, at: datetime | None = None) -> Outcome:
    command = ReleaseStock(product_id=product_id, order_id=order_id)
    return dispatch(command, to=PRODUCT, by=SOMEBODY, occurred_at=at)


def order_item(product_id: UUID, units: int = 1) -> OrderItem:
    """So many units of the product at its price of now."""
    product = PRODUCT.fold(each.event for each in current_store().read_stream(f"product-{product_id}"))
    fact = ProductFact(
        product_id=product_id, name=product.name, price=product.price, status=ProductStatus.SOLD
    )
    return OrderItem(product=fact, units=units)


def place_order(
    units: dict[UUID, int] | None = None,
    *,
    buyer: str = "Grace Hopper",
    email: str = "grace@example.com",
    work_id: UUID | None = None,
    card: Card = CARD,
    at: datetime | None = None,
    by: str = SOMEBODY,
) -> UUID:
    """A new order of so many units of each product: two of a new one, unless some are given."""
    order_id = uuid4()
    command = PlaceOrder(
        order_id=order_id,
        buyer_name=buyer,
        buyer_email=email,
        items=tuple(order_item(*each) for each in (units or {create_product(): 2}).items()),
        ship_to=Address(line_1="1 Harbour Street", town="Whitby", post_code="YO21 1AA"),
        card=card,
        work=WorkFact(work_id=work_id, is_known=True) if work_id else None,
    )
    dispatch(command, to=ORDER, by=by, occurred_at=at)
    return order_id


def because_of(stream: str, at: datetime | None) -> dict[str, Any]:
    """What the reactions give to commands that the newest event of a stream causes."""
    newest = current_store().read_stream(stream)[-1]
    return {
        "by": "reaction orders",
        "correlation_id": newest.correlation_id,
        "causation_id": newest.id,
        "source": "reaction",
        "occurred_at": at,
    }


def move_order(command: OrderCommand, because: str = "", *, at: datetime | None = None) -> Outcome:
    """Send an order a command as the reactions do, because of the newest event of a stream: its own, unless
    another is given."""
    return dispatch(command, to=ORDER, **because_of(because or f"order-{command.order_id}", at))


def started(order_id: UUID) -> OrderStarted:
    """The event with which the order began."""
    event = current_store().read_stream(f"order-{order_id}")[0].event
    assert isinstance(event, OrderStarted)
    return event


def verify_buyer(order_id: UUID, *, at: datetime | None = None) -> UUID:
    """The buyer is found or registered, the card verified, and the order told; returns the buyer's id."""
    order = started(order_id)
    buyer_id = buyer_id_of(order.buyer_email)
    verify = VerifyPaymentMethod(
        buyer_id=buyer_id,
        order_id=order_id,
        name=order.buyer_name,
        email=order.buyer_email,
        card=order.card,
        paid_before=paid_before(current_store().read_stream(f"order-{order_id}")[0]),
    )
    verified = dispatch(verify, to=BUYER, **because_of(f"order-{order_id}", at)).events[-1]
    assert isinstance(verified, PaymentMethodVerified)
    command = VerifyBuyer(
        order_id=order_id,
        buyer_id=buyer_id,
        payment_method_id=verified.payment_method_id,
        discount_percent=verified.discount_percent,
    )
    move_order(command, f"buyer-{buyer_id}", at=at)
    return buyer_id


def await_validation(order_id: UUID, *, at: datetime | None = None) -> Outcome:
    return move_order(AwaitValidation(order_id=order_id), at=at)


def ask_stock(order_id: UUID, *, at: datetime | None = None) -> None:
    """Every line's stock is reserved or rejected, depending on whether there is enough, and the order is
    told. What was reserved for an order that this cancels is released again."""
    because = because_of(f"order-{order_id}", at)
    for line in started(order_id).lines:
        reserve = ReserveStock(product_id=line.product_id, order_id=order_id, quantity=line.units)
        answered = dispatch(reserve, to=PRODUCT, **because).events[-1]
        tell = ConfirmLine if isinstance(answered, StockReserved) else RejectLine
        told = tell(order_id=order_id, product_id=line.product_id)
        release_stock_of(move_order(told, f"product-{line.product_id}", at=at), at)


def release_stock_of(outcome: Outcome, at: datetime | None) -> None:
    """Release what is reserved for an order, if this cancelled it."""
    for cancelled in (each for each in outcome.events if isinstance(each, OrderCancelled)):
        because = because_of(f"order-{cancelled.order_id}", at)
        for product_id in cancelled.product_ids:
            command = ReleaseStock(product_id=product_id, order_id=cancelled.order_id)
            dispatch(command, to=PRODUCT, **because)


def pay_order(order_id: UUID, *, at: datetime | None = None) -> Outcome:
    """The gateway has taken the money, and the buyer is told."""
    paid = move_order(PayOrder(order_id=order_id, reference="sim-1"), at=at)
    (event,) = paid.events
    assert isinstance(event, OrderPaid)
    record = RecordPayment(buyer_id=event.buyer_id, order_id=order_id, amount=event.amount)
    dispatch(record, to=BUYER, **because_of(f"order-{order_id}", at))
    return paid


def ship_order(order_id: UUID, *, at: datetime | None = None, by: str = SOMEBODY) -> Outcome:
    return dispatch(ShipOrder(order_id=order_id), to=ORDER, by=by, occurred_at=at)


def cancel_order(
    order_id: UUID, reason: str = "Ordered by mistake", *, at: datetime | None = None, by: str = SOMEBODY
) -> Outcome:
    """The order is cancelled, and what was reserved for it is released."""
    cancelled = dispatch(CancelOrder(order_id=order_id, reason=reason), to=ORDER, by=by, occurred_at=at)
    release_stock_of(cancelled, at)
    return cancelled


def order_at(status: OrderStatus, units: dict[UUID, int] | None = None, **placed: Any) -> UUID:
    """A new order brought to a status; `placed` as for `place_order`."""
    order_id = place_order(units, **placed)
    if status is OrderStatus.SUBMITTED:
        return order_id
    if status is OrderStatus.CANCELLED:
        cancel_order(order_id)
        return order_id
    verify_buyer(order_id)
    await_validation(order_id)
    if status is not OrderStatus.AWAITING_VALIDATION:
        ask_stock(order_id)
    if status in {OrderStatus.PAID, OrderStatus.SHIPPED}:
        pay_order(order_id)
    if status is OrderStatus.SHIPPED:
        ship_order(order_id)
    return order_id


def one_of_each(operative_id: UUID | None) -> dict[str, Any]:
    """Something for every parameter of an address by which aggregates are named; the job is with this
    operative."""
    return {
        "work_id": work_at(Stage.ASSIGNED, operative_id),
        "operative_id": operative_id,
        "site_id": acquire(),
        "product_id": create_product(),
        "order_id": place_order(),
        "buyer_id": verify_buyer(place_order()),
    }
