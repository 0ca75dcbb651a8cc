"""manage.py audit_orders: each inconsistency is made by hand, found, named and repaired."""

import io
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from pytest_django import Settings

from eventstore.current import current_store
from eventstore.dispatch import dispatch
from orders.buyer import BUYER, buyer_id_of
from orders.commands import ConfirmLine, PayOrder, RecordPayment
from orders.order import ORDER, Status
from products.commands import ReserveStockAgain
from products.product import PRODUCT, Product
from tests import factories
from tests.events.foreign import append, unreadable
from tests.orders.settle import everything, parked_events, run

SOMEBODY = "user-0"
AT_ONCE = ("--stuck-after", "0")


@pytest.fixture(autouse=True)
def no_grace(settings: Settings) -> None:
    settings.ORDER_GRACE_SECONDS = 0


def audit(*options: str) -> tuple[list[str], str]:
    """The lines, and why it failed; empty when it did not."""
    out = io.StringIO()
    try:
        call_command("audit_orders", *AT_ONCE, *options, stdout=out)
    except CommandError as error:
        return out.getvalue().splitlines(), f"{error.returncode}: {error}"
    return out.getvalue().splitlines(), ""


def repaired() -> list[str]:
    """What was done until nothing was wrong; a second run then finds nothing and does nothing."""
    lines, why = audit("--repair")
    assert why == "", lines
    done = [line.removeprefix("Repaired: ") for line in lines if line.startswith("Repaired")]
    before = [each.id for each in everything()]
    assert audit("--repair") == (["Orders, stock and buyers agree."], "")
    assert [each.id for each in everything()] == before
    return done


def repaired_but_for(order_id: UUID) -> list[str]:
    """What was done when something about this order is left for a person to decide."""
    lines, why = audit("--repair")
    assert why == "1: 1 inconsistency", lines
    assert lines[-1].startswith("Not repaired")
    assert str(order_id) in lines[-1]
    return [line.removeprefix("Repaired: ") for line in lines if line.startswith("Repaired")]


def state(order_id: UUID) -> Status:
    return ORDER.fold(each.event for each in current_store().read_stream(f"order-{order_id}")).status


def product(product_id: UUID) -> Product:
    return PRODUCT.fold(each.event for each in current_store().read_stream(f"product-{product_id}"))


def buyer_total(buyer_id: UUID) -> Decimal:
    return BUYER.fold(each.event for each in current_store().read_stream(f"buyer-{buyer_id}")).total


def test_an_event_that_cannot_be_read_is_named_and_left_to_somebody() -> None:
    order_id = factories.place_order()
    append(unreadable("OrderPaid", order_id=order_id), f"order-{order_id}", 0)
    lines, why = audit("--repair")
    assert why.startswith("1: "), lines
    assert any(
        line.startswith("Not repaired") and f"OrderPaid order-{order_id}@1 cannot be read" in line
        for line in lines
    )


def confirm_unseen(order_id: UUID) -> None:
    """Somebody says that every line is reserved, which it is not."""
    for line in factories.started(order_id).lines:
        command = ConfirmLine(order_id=order_id, product_id=line.product_id)
        dispatch(command, to=ORDER, by=SOMEBODY)


def confirmed_unseen(units: dict[UUID, int]) -> UUID:
    """An order that needs stock which nobody has reserved."""
    order_id = factories.place_order(units)
    factories.verify_buyer(order_id)
    factories.await_validation(order_id)
    confirm_unseen(order_id)
    return order_id


# --- Nothing amiss ---------------------------------------------------------------------------------


def test_orders_that_came_to_their_ends_agree() -> None:
    scarce = factories.create_product("Lamp", stock=1)
    shipped, _, cancelled = (
        factories.place_order(),
        factories.place_order(),
        factories.place_order({scarce: 2}),
    )
    run()
    factories.ship_order(shipped)
    run()
    assert state(cancelled) is Status.CANCELLED
    assert audit() == (["Orders, stock and buyers agree."], "")


def test_what_is_young_is_left_to_the_reactions() -> None:
    factories.reserve(factories.create_product())
    factories.place_order()
    out = io.StringIO()
    call_command("audit_orders", stdout=out)
    assert out.getvalue() == "Orders, stock and buyers agree.\n"


def test_an_order_may_be_thought_over_before_it_is_stuck(settings: Settings) -> None:
    settings.ORDER_GRACE_SECONDS = 3600
    factories.place_order()
    assert audit()[1] == ""


@pytest.mark.parametrize("limit", ["--stuck-after", "--unshipped-after"])
def test_a_limit_below_nothing_is_refused(limit: str) -> None:
    with pytest.raises(CommandError, match=f"{limit} must not be negative"):
        call_command("audit_orders", limit, "-1")


# --- Stock that is reserved for nobody -------------------------------------------------------------


def test_stock_reserved_for_an_order_that_was_never_placed_is_released() -> None:
    belt = factories.create_product(stock=10)
    nobody = factories.reserve(belt, 3)
    assert audit() == (
        [f"Product {belt}: 3 reserved for order {nobody}, which was never placed, or was cancelled"],
        "1: 1 inconsistency",
    )
    assert product(belt).stock == 7
    assert repaired() == [f"released 3 of product {belt}"]
    assert product(belt).stock == 10


def test_what_is_reserved_for_nobody_keeps_no_order_waiting() -> None:
    belt, lamp = factories.create_product(stock=10), factories.create_product("Lamp", stock=10)
    factories.reserve(belt, 3)
    before = factories.place_order({belt: 1})
    factories.verify_buyer(before)
    factories.await_validation(before)
    factories.reserve(lamp, 2, order_id=before)
    run()
    assert (state(before), parked_events()) == (Status.PAID, [])
    assert repaired_but_for(before) == [f"released 3 of product {belt}"]
    after = factories.place_order({belt: 1, lamp: 1})
    run()
    assert (state(after), parked_events()) == (Status.PAID, [])


def test_stock_reserved_for_a_cancelled_order_is_released_as_part_of_its_chain() -> None:
    belt = factories.create_product(stock=10)
    order_id = factories.place_order({belt: 4})
    factories.cancel_order(order_id)
    factories.reserve(belt, 4, order_id=order_id)
    (line,), _ = audit()
    assert (
        line == f"Product {belt}: 4 reserved for order {order_id}, which was never placed, or was cancelled"
    )
    repaired()
    assert product(belt).stock == 10
    released, cancelled = everything()[-1], current_store().read_stream(f"order-{order_id}")[-1]
    assert (released.type, released.actor, released.source) == ("StockReleased", "audit_orders", "repair")
    assert released.causation_id == cancelled.id


def test_more_stock_than_a_live_order_wants_is_for_somebody_to_judge() -> None:
    belt, lamp = factories.create_product(), factories.create_product("Lamp")
    order_id = factories.order_at(Status.PAID, {belt: 1})
    factories.reserve(lamp, 2, order_id=order_id)
    lines, why = audit("--repair")
    assert why == "1: 1 inconsistency"
    assert lines[0] == f"Product {lamp}: 2 reserved for order {order_id}, which does not want so many"
    assert lines[-1].endswith("release it by hand, once it is shipped or cancelled")


# --- Orders that count on stock which is not reserved ----------------------------------------------


def test_a_paid_order_without_a_reservation_gets_it() -> None:
    belt, lamp = factories.create_product(stock=10), factories.create_product("Lamp", stock=10)
    order_id = confirmed_unseen({belt: 4, lamp: 1})
    factories.pay_order(order_id)
    lines, why = audit()
    assert why == "1: 2 inconsistencies"
    assert f"Order {order_id} (Paid): 0 of 4 reserved of product {belt}" in lines
    assert repaired() == [f"reserved 4 of product {belt}", f"reserved 1 of product {lamp}"]
    assert (product(belt).stock, product(lamp).stock, state(order_id)) == (6, 9, Status.PAID)


def test_one_that_is_not_paid_yet_and_cannot_be_reserved_is_cancelled() -> None:
    belt, lamp = factories.create_product(stock=10), factories.create_product("Lamp", stock=1)
    order_id = confirmed_unseen({belt: 4, lamp: 2})
    repaired()
    assert state(order_id) is Status.CANCELLED
    assert (product(belt).stock, product(lamp).stock) == (10, 1)


def test_a_paid_order_for_which_there_is_no_stock_is_for_somebody_to_judge() -> None:
    lamp = factories.create_product("Lamp", stock=1)
    order_id = confirmed_unseen({lamp: 2})
    factories.pay_order(order_id)
    lines, why = audit("--repair")
    assert why == "1: 1 inconsistency"
    assert lines[-1].endswith("it is paid, and the product cannot be reserved for it now")
    assert product(lamp).reserved == {}
    factories.restock(lamp, 5)
    repaired()
    assert product(lamp).stock == 4


def test_stock_that_was_released_after_everything_was_shipped_is_taken_out_again() -> None:
    """It has been shipped: what was put in its place can be sold only while it is there."""
    belt = factories.create_product(stock=10)
    order_id = factories.order_at(Status.SHIPPED, {belt: 4})
    factories.release_stock(belt, order_id)
    lines, why = audit()
    assert (lines, why) == (
        [f"Order {order_id} (Shipped): 0 of 4 reserved of product {belt}"],
        "1: 1 inconsistency",
    )
    assert repaired() == [f"reserved 4 of product {belt}"]
    assert product(belt).stock == 6


@pytest.mark.parametrize("status", [Status.PAID, Status.SHIPPED])
def test_what_was_released_by_hand_is_reserved_again_as_often_as_that_happens(status: Status) -> None:
    belt = factories.create_product(stock=10)
    order_id = factories.order_at(status, {belt: 4})
    for _ in range(2):
        factories.release_stock(belt, order_id)
        assert repaired() == [f"reserved 4 of product {belt}"]
        assert (product(belt).stock, state(order_id)) == (6, status)
    run()
    assert (state(order_id), parked_events()) == (status, [])


def test_what_was_released_and_is_gone_meanwhile_is_for_somebody_to_judge() -> None:
    belt = factories.create_product(stock=4)
    order_id = factories.order_at(Status.PAID, {belt: 4})
    factories.release_stock(belt, order_id)
    other = factories.order_at(Status.PAID, {belt: 1})
    assert repaired_but_for(order_id) == []
    assert (product(belt).stock, state(other)) == (3, Status.PAID)


def test_what_is_reserved_in_part_is_for_somebody_to_judge() -> None:
    belt = factories.create_product(stock=10)
    order_id = confirmed_unseen({belt: 4})
    factories.reserve(belt, 1, order_id=order_id)
    factories.pay_order(order_id)
    assert repaired_but_for(order_id) == []
    assert product(belt).stock == 9


def test_stock_that_is_reserved_for_nobody_again_is_released_again() -> None:
    belt = factories.create_product(stock=10)
    nobody = factories.reserve(belt, 3)
    assert repaired() == [f"released 3 of product {belt}"]
    again = ReserveStockAgain(product_id=belt, order_id=nobody, quantity=3)
    dispatch(again, to=PRODUCT, by=SOMEBODY)
    assert repaired() == [f"released 3 of product {belt}"]
    assert product(belt).stock == 10


# --- Orders that are stuck -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "first"),
    [
        (Status.SUBMITTED, "BuyerRegistered"),
        (Status.AWAITING_VALIDATION, "StockReserved"),
        (Status.STOCK_CONFIRMED, "OrderPaid"),
    ],
)
def test_a_stuck_order_goes_on_to_its_end(status: Status, first: str) -> None:
    order_id = factories.order_at(status)
    (line,), why = audit()
    assert why == "1: 1 inconsistency"
    assert line.startswith(f"Order {order_id}: {status.value} since ")
    assert repaired()[0].startswith(f"order {order_id} went on: {first}")
    assert state(order_id) is Status.PAID


def test_an_order_whose_answer_from_the_stock_was_lost_goes_on() -> None:
    belt = factories.create_product(stock=10)
    order_id = factories.place_order({belt: 4})
    factories.verify_buyer(order_id)
    factories.await_validation(order_id)
    factories.reserve(belt, 4, order_id=order_id)
    repaired()
    assert (state(order_id), product(belt).stock) == (Status.PAID, 6)


def test_a_paid_order_waits_for_somebody_to_ship_it() -> None:
    order_id = factories.order_at(Status.PAID)
    factories.order_at(Status.SHIPPED)
    factories.order_at(Status.CANCELLED)
    assert audit() == (["Orders, stock and buyers agree."], "")
    before = [each.id for each in everything()]
    lines, why = audit("--unshipped-after", "0", "--repair")
    assert why == "1: 1 inconsistency"
    waits = current_store().read_stream(f"order-{order_id}")[-1].recorded_at
    finding = f"Order {order_id}: Paid since {waits:%Y-%m-%d %H:%M:%S} UTC, waits to be shipped"
    assert lines == [finding, f"Not repaired: {finding}: somebody has to ship it"]
    assert [each.id for each in everything()] == before
    factories.ship_order(order_id)
    assert audit("--unshipped-after", "0") == (["Orders, stock and buyers agree."], "")


def test_what_the_worker_does_later_has_happened_already() -> None:
    """The repair sends the reactions' own commands, under their own ids."""
    order_id = factories.place_order()
    repaired()
    before = [each.id for each in everything()]
    run()
    assert [each.id for each in everything()] == before
    assert state(order_id) is Status.PAID


# --- What buyers have paid -------------------------------------------------------------------------


def paid_without_record() -> tuple[UUID, UUID]:
    """A paid order of which the buyer was never told, and the buyer."""
    order_id = factories.place_order({factories.create_product(price="12.50"): 2})
    buyer_id = factories.verify_buyer(order_id)
    factories.await_validation(order_id)
    factories.ask_stock(order_id)
    factories.move_order(PayOrder(order_id=order_id, reference="sim-1"))
    return order_id, buyer_id


def test_a_payment_that_is_not_in_the_total_is_recorded() -> None:
    order_id, buyer_id = paid_without_record()
    (line,), _ = audit()
    assert line == f"Buyer {buyer_id}: the total is 25.00 short of what was paid: without order {order_id}"
    assert repaired() == [f"order {order_id} went on: PaymentRecorded"]
    assert buyer_total(buyer_id) == Decimal("25.00")


def test_a_total_with_what_nobody_paid_is_for_somebody_to_judge() -> None:
    factories.order_at(Status.SHIPPED, email="grace@example.com")
    buyer_id, nothing = buyer_id_of("grace@example.com"), uuid4()
    record = RecordPayment(buyer_id=buyer_id, order_id=nothing, amount=Decimal(5))
    dispatch(record, to=BUYER, by=SOMEBODY)
    lines, why = audit("--repair")
    assert why == "1: 1 inconsistency"
    total = f"Buyer {buyer_id}: the total is 5 above what was paid"
    assert lines[0] == f"{total}: with order {nothing}, which was not paid so"
    assert lines[-1].endswith("a payment that was recorded cannot be taken back")
