"""Orders and buyers as they are now."""

from decimal import Decimal

import pytest

from orders.events import Card
from orders.order import Status
from readmodels.models import BuyerRow, OrderLineRow, OrderRow, PaymentMethodRow
from readmodels.queries import buyers, orders
from readmodels.queries.orders import Wanted
from tests import factories
from tests.factories import noon

pytestmark = pytest.mark.django_db


def test_a_placed_order_is_kept_with_its_lines_at_the_price_of_then() -> None:
    belt, filters = factories.create_product("Fan belt", "12.50"), factories.create_product("Filter", "3.05")
    order_id = factories.place_order({filters: 1, belt: 2}, at=noon(1))
    factories.reprice(belt, "99.00")
    row = orders.order(order_id)
    assert row is not None
    assert (row.number, row.status, row.total) == (1, OrderRow.Status.SUBMITTED, Decimal("28.05"))
    assert (row.buyer_name, row.buyer_email, row.buyer_id) == ("Grace Hopper", "grace@example.com", None)
    assert (row.placed_at, row.changed_at) == (noon(1), noon(1))
    assert row.card == "Visa ending in 1111, expires 2099-03"
    kept = [(line.name, line.units, line.unit_price, line.is_reserved) for line in row.lines.all()]
    assert kept == [("Filter", 1, Decimal("3.05"), None), ("Fan belt", 2, Decimal("12.50"), None)]


def test_orders_are_numbered_as_they_came() -> None:
    first, second = factories.place_order(at=noon(2)), factories.place_order(at=noon(1))
    assert [OrderRow.objects.get(pk=each).number for each in (first, second)] == [1, 2]


def test_with_its_buyer_an_order_has_its_discount_and_its_total() -> None:
    belt, filters = (
        factories.create_product("Fan belt", "6000.01"),
        factories.create_product("Filter", "3.05"),
    )
    crossing = factories.order_at(Status.PAID, {belt: 1})
    after = factories.order_at(Status.SUBMITTED, {filters: 1})
    assert OrderRow.objects.get(pk=after).discount_percent == 0
    buyer_id = factories.verify_buyer(after)
    rows = [OrderRow.objects.get(pk=each) for each in (crossing, after)]
    assert [(row.discount_percent, row.total) for row in rows] == [
        (0, Decimal("6000.01")),
        (10, Decimal("2.75")),
    ]
    assert {row.buyer_id for row in rows} == {buyer_id}


@pytest.mark.parametrize("status", [each for each in Status if each is not Status.NONE], ids=str)
def test_each_status_is_kept_with_when_it_came(status: Status) -> None:
    row = OrderRow.objects.get(pk=factories.order_at(status, at=noon(1)))
    assert row.get_status_display() == status.value
    assert (row.changed_at > noon(1)) == (status is not Status.SUBMITTED)
    assert row.reason == ("Ordered by mistake" if status is Status.CANCELLED else "")


def test_each_line_says_what_its_stock_answered() -> None:
    few, many = factories.create_product("Pump", stock=1), factories.create_product("Filter", stock=9)
    order_id = factories.order_at(Status.STOCK_CONFIRMED, {few: 2, many: 2})
    answered = dict(OrderLineRow.objects.values_list("name", "is_reserved"))
    assert answered == {"Pump": False, "Filter": True}
    assert OrderRow.objects.get(pk=order_id).reason == "The product items don't have stock: Pump."


@pytest.mark.parametrize("text", ["øster", "ØSTER", "håkon øster", "ÉLODIE@example"])
def test_buyers_are_found_in_any_case_of_any_letter(text: str) -> None:
    factories.verify_buyer(factories.place_order())
    factories.verify_buyer(factories.place_order(buyer="Håkon ØSTERGÅRD", email="élodie@example.com"))
    assert [row.name for row in buyers.find(text)] == ["Håkon ØSTERGÅRD"]


def test_a_buyer_is_kept_with_cards_and_what_they_have_paid() -> None:
    belt = factories.create_product("Fan belt", "3000.01")
    factories.order_at(Status.PAID, {belt: 1}, at=noon(1))
    factories.order_at(Status.CANCELLED, {belt: 1}, email="GRACE@example.com")
    factories.order_at(Status.STOCK_CONFIRMED, {belt: 1}, email="GRACE@example.com")
    row = BuyerRow.objects.get()
    assert (row.name, row.email) == ("Grace Hopper", "grace@example.com")
    assert (row.paid, row.discount_percent) == (Decimal("3000.01"), 0)
    factories.order_at(Status.SHIPPED, {belt: 1}, card=factories.MASTERCARD)
    row.refresh_from_db()
    assert (row.paid, row.discount_percent) == (Decimal("6000.02"), 10)
    methods = [str(each) for each in orders.payment_methods_of(row.buyer_id)]
    assert methods == ["Mastercard ending in 4444", "Visa ending in 1111"]


def test_a_card_used_again_is_one_method_with_the_holder_as_last_given() -> None:
    factories.verify_buyer(factories.place_order(), at=noon(1))
    again = Card(
        type=factories.CARD.type, holder="Dr Grace Hopper", last_four="1111", expiry=factories.CARD.expiry
    )
    factories.verify_buyer(factories.place_order(card=again), at=noon(2))
    method = PaymentMethodRow.objects.get()
    assert (method.holder, method.verified_at) == ("Dr Grace Hopper", noon(2))


def test_the_parts_of_a_job_are_its_orders_oldest_first() -> None:
    work_id = factories.raise_work()
    placed = [factories.place_order(work_id=work_id) for _ in range(2)]
    factories.place_order()
    assert [row.pk for row in orders.of_work(work_id)] == placed


def test_open_orders_are_those_that_have_not_come_to_their_end() -> None:
    for status in Status:
        if status is not Status.NONE:
            factories.order_at(status)
    found = {row.status for row in orders.page(Wanted(status="open"), None, 10).rows}
    assert found == set(OrderRow.Status) - {OrderRow.Status.SHIPPED, OrderRow.Status.CANCELLED}
