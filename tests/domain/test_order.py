"""The rules of orders."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from orders.buyer import payment_method_id_of
from orders.commands import (
    AwaitValidation,
    CancelOrder,
    ConfirmLine,
    OrderCommand,
    OrderItem,
    PayOrder,
    PlaceOrder,
    RejectLine,
    ShipOrder,
    VerifyBuyer,
    WorkFact,
)
from orders.events import (
    Address,
    OrderAwaitingValidation,
    OrderBuyerVerified,
    OrderCancelled,
    OrderEvent,
    OrderLine,
    OrderLineRejected,
    OrderLineReserved,
    OrderPaid,
    OrderShipped,
    OrderStarted,
    OrderStockConfirmed,
)
from orders.order import MOST_UNITS, ORDER, Status
from products.commands import ProductFact, ProductStatus
from sites.commands import SiteFact, SiteStatus
from tests.domain.cast import BELT, FILTER, FIRST_ORDER, GRACE, GRACES_CARD, HARBOUR, HARBOUR_ADDRESS, JOB
from tests.domain.scenario import given

METHOD = payment_method_id_of(GRACE, GRACES_CARD)
LINES = (
    OrderLine(product_id=BELT, name="Fan belt", units=2, unit_price=Decimal("12.50")),
    OrderLine(product_id=FILTER, name="Filter", units=1, unit_price=Decimal("3.05")),
)


def item(
    product_id: UUID = BELT,
    units: int = 2,
    *,
    name: str = "Fan belt",
    price: str = "12.50",
    status: ProductStatus = ProductStatus.SOLD,
) -> OrderItem:
    fact = ProductFact(product_id=product_id, name=name, price=Decimal(price), status=status)
    return OrderItem(product=fact, units=units)


BELTS, FILTERS = item(), item(FILTER, 1, name="Filter", price="3.05")
PLACE = PlaceOrder(
    order_id=FIRST_ORDER,
    buyer_name="Grace Hopper",
    buyer_email="grace@example.com",
    items=(BELTS, FILTERS),
    ship_to=HARBOUR_ADDRESS,
    card=GRACES_CARD,
)
STARTED = OrderStarted(
    order_id=FIRST_ORDER,
    buyer_name="Grace Hopper",
    buyer_email="grace@example.com",
    lines=LINES,
    ship_to=HARBOUR_ADDRESS,
    card=GRACES_CARD,
    site_id=None,
    work_id=None,
)
VERIFY = VerifyBuyer(order_id=FIRST_ORDER, buyer_id=GRACE, payment_method_id=METHOD, discount_percent=0)
VERIFIED = OrderBuyerVerified(
    order_id=FIRST_ORDER,
    buyer_id=GRACE,
    payment_method_id=METHOD,
    discount_percent=0,
    amount=Decimal("28.05"),
)
AWAITING = OrderAwaitingValidation(order_id=FIRST_ORDER, lines=LINES)
BELTS_RESERVED = OrderLineReserved(order_id=FIRST_ORDER, product_id=BELT)
BELTS_REJECTED = OrderLineRejected(order_id=FIRST_ORDER, product_id=BELT)
FILTERS_RESERVED = OrderLineReserved(order_id=FIRST_ORDER, product_id=FILTER)
FILTERS_REJECTED = OrderLineRejected(order_id=FIRST_ORDER, product_id=FILTER)
CONFIRMED = OrderStockConfirmed(
    order_id=FIRST_ORDER, buyer_id=GRACE, payment_method_id=METHOD, amount=Decimal("28.05")
)
PAID = OrderPaid(order_id=FIRST_ORDER, buyer_id=GRACE, amount=Decimal("28.05"), reference="sim-1")
SHIPPED = OrderShipped(order_id=FIRST_ORDER)


def cancelled(reason: str = "Too late", *product_ids: UUID) -> OrderCancelled:
    return OrderCancelled(order_id=FIRST_ORDER, reason=reason, product_ids=product_ids)


TO_AWAITING = (STARTED, VERIFIED, AWAITING)
TO_CONFIRMED = (*TO_AWAITING, BELTS_RESERVED, FILTERS_RESERVED, CONFIRMED)
AT: dict[Status, Sequence[OrderEvent]] = {
    Status.SUBMITTED: (STARTED, VERIFIED),
    Status.AWAITING_VALIDATION: TO_AWAITING,
    Status.STOCK_CONFIRMED: TO_CONFIRMED,
    Status.PAID: (*TO_CONFIRMED, PAID),
    Status.SHIPPED: (*TO_CONFIRMED, PAID, SHIPPED),
    Status.CANCELLED: (STARTED, VERIFIED, cancelled()),
}


def without(**changes: Any) -> PlaceOrder:
    return replace(PLACE, **changes)


# --- Placing it ------------------------------------------------------------------------------------


def test_an_order_is_placed() -> None:
    given(ORDER).when(PLACE).then(STARTED)


def test_what_is_typed_around_the_words_is_dropped_and_the_e_mail_is_kept_in_lower_case() -> None:
    command = without(
        buyer_name=" Grace Hopper ",
        buyer_email=" Grace@Example.COM ",
        ship_to=Address(line_1=" 1 Harbour Street", town="Whitby ", post_code=" YO21 1AA "),
    )
    given(ORDER).when(command).then(STARTED)


def test_it_may_go_to_a_site_and_belong_to_a_job() -> None:
    command = without(
        site=HARBOUR,
        work=WorkFact(work_id=JOB, is_known=True),
    )
    given(ORDER).when(command).then(replace(STARTED, site_id=HARBOUR.site_id, work_id=JOB))


def test_it_is_placed_once() -> None:
    given(ORDER, STARTED).when(PLACE).then_refused("This order has already been placed")


@pytest.mark.parametrize("blank", ["", "  "])
def test_it_has_a_buyer(blank: str) -> None:
    given(ORDER).when(without(buyer_name=blank)).then_refused("Order must have a buyer name")
    given(ORDER).when(without(buyer_email=blank)).then_refused("Order must have a buyer e-mail address")


def test_it_is_for_something() -> None:
    given(ORDER).when(without(items=())).then_refused("No order items found")


@pytest.mark.parametrize("units", [0, -1, MOST_UNITS + 1])
def test_of_everything_at_least_one_is_wanted_and_not_absurdly_many(units: int) -> None:
    command = without(items=(FILTERS, item(units=units)))
    given(ORDER).when(command).then_refused("Invalid number of units")


def test_the_same_product_twice_adds_up_where_it_was_asked_for_first() -> None:
    command = without(items=(item(units=1), FILTERS, item(units=1)))
    given(ORDER).when(command).then(STARTED)


def test_the_same_product_twice_must_not_add_up_to_absurdly_many() -> None:
    command = without(items=(item(units=MOST_UNITS), item(units=1)))
    given(ORDER).when(command).then_refused("Invalid number of units")


def test_only_what_is_sold_can_be_ordered() -> None:
    gone, unknown = item(status=ProductStatus.WITHDRAWN), item(status=ProductStatus.UNKNOWN)
    given(ORDER).when(without(items=(FILTERS, gone))).then_refused("Fan belt is no longer sold")
    given(ORDER).when(without(items=(FILTERS, unknown))).then_refused("There is no such product")


@pytest.mark.parametrize("line", ["line_1", "town", "post_code"])
def test_it_goes_somewhere(line: str) -> None:
    blank: dict[str, Any] = {line: " "}
    command = without(ship_to=replace(HARBOUR_ADDRESS, **blank))
    given(ORDER).when(command).then_refused("Order must have an address to ship to")


@pytest.mark.parametrize("status", [SiteStatus.RELINQUISHED, SiteStatus.UNKNOWN])
def test_it_goes_to_no_site_that_is_not_ours(status: SiteStatus) -> None:
    command = without(site=SiteFact(site_id=HARBOUR.site_id, name="9 Gone Lane", status=status))
    given(ORDER).when(command).then_refused("Order must be shipped to a site that is ours")


def test_it_belongs_to_no_job_that_nobody_knows() -> None:
    command = without(work=WorkFact(work_id=JOB, is_known=False))
    given(ORDER).when(command).then_refused("There is no such job for the order to belong to")


def test_it_belongs_to_no_job_that_was_withdrawn() -> None:
    command = without(work=WorkFact(work_id=JOB, is_known=True, is_withdrawn=True))
    given(ORDER).when(command).then_refused("This job was withdrawn; an order cannot belong to it")


# --- Its buyer, and the discount -------------------------------------------------------------------


def test_it_is_given_its_buyer_once() -> None:
    given(ORDER, STARTED).when(VERIFY).then(VERIFIED)
    given(ORDER, STARTED, VERIFIED).when(replace(VERIFY, buyer_id=UUID(int=9))).then()


def test_a_cancelled_order_needs_no_buyer() -> None:
    given(ORDER, STARTED, cancelled()).when(VERIFY).then()


def test_with_a_discount_the_total_is_the_sum_of_the_discounted_lines() -> None:
    # 25.00 and 3.05 become 22.50 and 2.745, which is 2.75; ten percent off the whole would be 25.245.
    discounted = replace(VERIFIED, discount_percent=10, amount=Decimal("25.25"))
    given(ORDER, STARTED).when(replace(VERIFY, discount_percent=10)).then(discounted)


@pytest.mark.parametrize(
    ("units", "price", "percent", "amount"),
    [
        (3, "0.01", 0, "0.03"),
        (1, "0.05", 10, "0.05"),  # 0.045: half a cent goes up
        (1, "0.15", 10, "0.14"),  # 0.135
        (1, "0.25", 10, "0.23"),  # 0.225: up, and not to the even cent
        (1, "0.04", 10, "0.04"),  # 0.036
        (7, "9.99", 10, "62.94"),  # 62.937
        (1, "0.00", 10, "0.00"),
        (MOST_UNITS, "9999999.99", 10, "8999999991000.00"),
    ],
)
def test_a_line_is_discounted_to_the_cent(units: int, price: str, percent: int, amount: str) -> None:
    line = OrderLine(product_id=BELT, name="Fan belt", units=units, unit_price=Decimal(price))
    assert str(line.amount(percent)) == amount


def test_what_is_confirmed_and_paid_is_the_discounted_amount() -> None:
    discounted = replace(VERIFIED, discount_percent=10, amount=Decimal("25.25"))
    history = (STARTED, discounted, AWAITING, BELTS_RESERVED)
    confirmed = replace(CONFIRMED, amount=Decimal("25.25"))
    confirm = ConfirmLine(order_id=FIRST_ORDER, product_id=FILTER)
    given(ORDER, *history).when(confirm).then(FILTERS_RESERVED, confirmed)
    pay = PayOrder(order_id=FIRST_ORDER, reference="sim-1")
    paid = replace(PAID, amount=Decimal("25.25"))
    given(ORDER, *history, FILTERS_RESERVED, confirmed).when(pay).then(paid)


# --- Its stock -------------------------------------------------------------------------------------


def test_its_stock_is_asked_for_once_its_buyer_is_known() -> None:
    given(ORDER, STARTED, VERIFIED).when(AwaitValidation(order_id=FIRST_ORDER)).then(AWAITING)
    refused = "The buyer of this order has not been verified yet"
    given(ORDER, STARTED).when(AwaitValidation(order_id=FIRST_ORDER)).then_refused(refused)


def test_the_last_line_that_is_reserved_confirms_the_order() -> None:
    belts, filters = (ConfirmLine(order_id=FIRST_ORDER, product_id=each) for each in (BELT, FILTER))
    given(ORDER, *TO_AWAITING).when(belts).then(BELTS_RESERVED)
    given(ORDER, *TO_AWAITING, BELTS_RESERVED).when(filters).then(FILTERS_RESERVED, CONFIRMED)


def test_one_line_that_is_rejected_cancels_the_order_when_all_have_answered() -> None:
    reject, confirm = (
        RejectLine(order_id=FIRST_ORDER, product_id=BELT),
        ConfirmLine(order_id=FIRST_ORDER, product_id=FILTER),
    )
    ended = cancelled("The product items don't have stock: Fan belt.", BELT, FILTER)
    given(ORDER, *TO_AWAITING).when(reject).then(BELTS_REJECTED)
    given(ORDER, *TO_AWAITING, BELTS_REJECTED).when(confirm).then(FILTERS_RESERVED, ended)
    given(ORDER, *TO_AWAITING, FILTERS_RESERVED).when(reject).then(BELTS_REJECTED, ended)


def test_every_missing_product_is_named_in_the_order_of_the_lines() -> None:
    reject = RejectLine(order_id=FIRST_ORDER, product_id=BELT)
    ended = cancelled("The product items don't have stock: Fan belt, Filter.", BELT, FILTER)
    given(ORDER, *TO_AWAITING, FILTERS_REJECTED).when(reject).then(BELTS_REJECTED, ended)


@pytest.mark.parametrize("answer", [ConfirmLine, RejectLine])
def test_a_line_answers_once(answer: Any) -> None:
    given(ORDER, *TO_AWAITING, BELTS_RESERVED).when(answer(order_id=FIRST_ORDER, product_id=BELT)).then()


@pytest.mark.parametrize("answer", [ConfirmLine, RejectLine])
@pytest.mark.parametrize("status", [each for each in AT if each is not Status.AWAITING_VALIDATION], ids=str)
def test_an_answer_that_comes_when_it_no_longer_matters_changes_nothing(answer: Any, status: Status) -> None:
    given(ORDER, *AT[status]).when(answer(order_id=FIRST_ORDER, product_id=BELT)).then()


def test_a_product_that_nobody_asked_for_is_no_answer() -> None:
    command = ConfirmLine(order_id=FIRST_ORDER, product_id=UUID(int=99))
    given(ORDER, *TO_AWAITING).when(command).then_refused("This product is not part of the order")


# --- Its payment, its shipping, its end ------------------------------------------------------------


def test_it_is_paid_and_shipped() -> None:
    given(ORDER, *TO_CONFIRMED).when(PayOrder(order_id=FIRST_ORDER, reference="sim-1")).then(PAID)
    given(ORDER, *TO_CONFIRMED, PAID).when(ShipOrder(order_id=FIRST_ORDER)).then(SHIPPED)


def test_from_submitted_it_is_cancelled_and_no_stock_is_to_be_released() -> None:
    given(ORDER, STARTED).when(CancelOrder(order_id=FIRST_ORDER, reason=" Too late ")).then(cancelled())


@pytest.mark.parametrize("status", [Status.AWAITING_VALIDATION, Status.STOCK_CONFIRMED], ids=str)
def test_later_it_is_cancelled_and_its_stock_released(status: Status) -> None:
    command = CancelOrder(order_id=FIRST_ORDER, reason="Too late")
    given(ORDER, *AT[status]).when(command).then(cancelled("Too late", BELT, FILTER))


@pytest.mark.parametrize("blank", ["", "  "])
def test_it_is_cancelled_for_a_reason(blank: str) -> None:
    command = CancelOrder(order_id=FIRST_ORDER, reason=blank)
    given(ORDER, STARTED).when(command).then_refused("An order is cancelled for a reason")


MOVES: list[tuple[OrderCommand, Status, set[Status]]] = [
    (AwaitValidation(order_id=FIRST_ORDER), Status.AWAITING_VALIDATION, {Status.SUBMITTED}),
    (PayOrder(order_id=FIRST_ORDER, reference="sim-1"), Status.PAID, {Status.STOCK_CONFIRMED}),
    (ShipOrder(order_id=FIRST_ORDER), Status.SHIPPED, {Status.PAID}),
    (
        CancelOrder(order_id=FIRST_ORDER, reason="Too late"),
        Status.CANCELLED,
        {Status.SUBMITTED, Status.AWAITING_VALIDATION, Status.STOCK_CONFIRMED},
    ),
]
CANNOT = [(command, at, to) for command, to, possible in MOVES for at in AT if at not in possible]


@pytest.mark.parametrize(
    ("command", "at", "to"), CANNOT, ids=[f"{a.value} to {t.value}" for _, a, t in CANNOT]
)
def test_it_does_not_change_its_status_out_of_turn(command: OrderCommand, at: Status, to: Status) -> None:
    sentence = f"Is not possible to change the order status from {at.value} to {to.value}."
    given(ORDER, *AT[at]).when(command).then_refused(sentence)


def test_the_sentence_word_for_word() -> None:
    sentence = "Is not possible to change the order status from Stock confirmed to Awaiting validation."
    given(ORDER, *TO_CONFIRMED).when(AwaitValidation(order_id=FIRST_ORDER)).then_refused(sentence)


@pytest.mark.parametrize(
    "command",
    [VERIFY, *(command for command, _, _ in MOVES), ConfirmLine(order_id=FIRST_ORDER, product_id=BELT)],
    ids=lambda command: type(command).__name__,
)
def test_nothing_can_be_done_with_an_order_that_was_never_placed(command: OrderCommand) -> None:
    given(ORDER).when(command).then_refused("This order was never placed")
