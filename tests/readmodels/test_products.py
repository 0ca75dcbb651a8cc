"""The catalogue as it is now, the prices of products, and how products are found."""

from contextlib import suppress
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from eventstore.current import current_store
from eventstore.decider import Refused
from eventstore.dispatch import dispatch
from eventstore.projections.rebuild import rebuild, verify
from orders.commands import ConfirmLine
from orders.order import Status
from products.commands import ReserveStockAgain
from products.product import PRODUCT
from readmodels.models import PriceRow, ProductRow
from readmodels.products import products as updater
from readmodels.queries import products
from tests import factories
from tests.factories import noon
from tests.readmodels.tables import quietly


def names(text: str = "", **asked: bool | int | None) -> list[str]:
    return [row.name for row in products.find(text, **asked)]  # type: ignore[arg-type]


@pytest.mark.django_db
def test_a_product_is_kept_as_created_renamed_and_withdrawn() -> None:
    belt = factories.create_product("Fan belt", "12.50", 100, at=noon(1))
    row = ProductRow.objects.get()
    assert (row.product_id, row.name, row.price, row.stock, row.reserved) == (
        belt, "Fan belt", Decimal("12.50"), 100, 0,
    )  # fmt: skip
    assert (row.created_at, row.withdrawn_at) == (noon(1), None)
    factories.rename_product(belt, "Drive belt", at=noon(2))
    factories.withdraw(belt, at=noon(3))
    row = ProductRow.objects.get()
    assert (row.name, row.created_at, row.withdrawn_at) == ("Drive belt", noon(1), noon(3))


@pytest.mark.django_db
def test_stock_and_what_is_kept_for_orders() -> None:
    belt = factories.create_product(stock=10)
    first, second = factories.reserve(belt, 4), factories.reserve(belt, 3)
    factories.reserve(belt, 30)
    row = ProductRow.objects.get()
    assert (row.stock, row.reserved) == (3, 7)
    factories.release_stock(belt, first)
    factories.restock(belt, 5)
    factories.reserve(belt, 2, order_id=second)
    row = ProductRow.objects.get()
    assert (row.stock, row.reserved) == (12, 3)


def waiting(product_id: UUID) -> tuple[int, int]:
    """What is left in stock, and what waits to be shipped."""
    row = ProductRow.objects.get(pk=product_id)
    return row.stock, row.waiting


@pytest.mark.django_db
def test_what_was_shipped_waits_no_longer() -> None:
    belt, lamp = factories.create_product(stock=10), factories.create_product("Lamp", stock=10)
    order_id = factories.order_at(Status.PAID, {belt: 4, lamp: 2})
    other = factories.reserve(belt, 1)
    assert (waiting(belt), waiting(lamp)) == ((5, 5), (8, 2))
    factories.ship_order(order_id)
    assert (waiting(belt), waiting(lamp)) == ((5, 1), (8, 0))
    factories.release_stock(belt, other)
    assert waiting(belt) == (6, 0)


@pytest.mark.django_db
def test_what_is_released_and_reserved_again_for_an_order_that_has_left_waits_for_nothing() -> None:
    belt = factories.create_product(stock=10)
    order_id = factories.order_at(Status.SHIPPED, {belt: 4})
    factories.release_stock(belt, order_id)
    assert waiting(belt) == (10, 0)
    again = ReserveStockAgain(product_id=belt, order_id=order_id, quantity=4)
    dispatch(again, to=PRODUCT, by="user-0")
    assert waiting(belt) == (6, 0)


@pytest.mark.django_db
def test_a_shipped_product_that_is_reserved_only_afterwards_waits_for_nothing() -> None:
    belt = factories.create_product(stock=10)
    order_id = factories.place_order({belt: 4})
    factories.verify_buyer(order_id)
    factories.await_validation(order_id)
    factories.move_order(ConfirmLine(order_id=order_id, product_id=belt))
    factories.pay_order(order_id)
    factories.ship_order(order_id)
    factories.reserve(belt, 4, order_id=order_id)
    assert waiting(belt) == (6, 0)


@pytest.mark.django_db(transaction=True)
def test_a_rebuild_knows_what_was_shipped() -> None:
    belt = factories.create_product(stock=10)
    factories.order_at(Status.SHIPPED, {belt: 4})
    factories.order_at(Status.PAID, {belt: 1})
    factories.order_at(Status.CANCELLED, {belt: 2})
    assert verify(updater, progress=quietly).count == 0
    rebuild([updater], progress=quietly)
    assert verify(updater, progress=quietly).count == 0
    assert waiting(belt) == (5, 1)


@pytest.mark.django_db
def test_every_price_is_kept_with_its_moment() -> None:
    belt, other = factories.create_product(price="12.50", at=noon(1)), factories.create_product(price="1.00")
    factories.reprice(belt, "0.10", at=noon(2))
    factories.reprice(belt, "9999999.99", at=noon(3))
    prices = products.prices_of(belt, 10)
    assert [(row.price, row.since) for row in prices] == [
        (Decimal("12.50"), noon(1)),
        (Decimal("0.10"), noon(2)),
        (Decimal("9999999.99"), noon(3)),
    ]
    assert [row.price for row in products.prices_of(belt, 2)] == [Decimal("0.10"), Decimal("9999999.99")]
    assert ProductRow.objects.get(pk=belt).price == Decimal("9999999.99")
    assert PriceRow.objects.filter(product_id=other).count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(("text", "found"), [
    ("", ["Fan belt", "Fuse 13 A", "Žárovka"]),
    ("belt fan", ["Fan belt"]),
    ("FU", ["Fuse 13 A"]),
    ("žár", ["Žárovka"]),
    ("ŽÁR", ["Žárovka"]),
    ("belt fuse", []),
    ("%", []),
    ("_", []),
])  # fmt: skip
def test_a_product_is_found_by_any_part_of_its_name(text: str, found: list[str]) -> None:
    for name in ("Fuse 13 A", "Žárovka", "Fan belt"):
        factories.create_product(name)
    assert names(text) == found


@pytest.mark.django_db
def test_products_by_their_state_and_by_how_many_are_left() -> None:
    for name, stock in (("None", 0), ("Five", 5), ("Six", 6)):
        factories.create_product(name, stock=stock)
    factories.withdraw(factories.create_product("Gone", stock=0))
    assert names() == ["Five", "None", "Six"]
    assert names(withdrawn=True) == ["Gone"]
    assert names(withdrawn=None) == ["Five", "Gone", "None", "Six"]
    assert names(at_most=5) == ["Five", "None"]


@pytest.mark.django_db
def test_products_by_their_ids() -> None:
    belt, gone = factories.create_product("Fan belt"), factories.create_product("Gas mantle")
    factories.withdraw(gone)
    found = products.by_ids([belt, gone, belt, uuid4()])
    assert {key: row.name for key, row in found.items()} == {belt: "Fan belt", gone: "Gas mantle"}
    assert products.by_id(gone) == found[gone]
    assert products.by_id(uuid4()) is None


ORDERS = [UUID(int=number) for number in (51, 52, 53)]
steps = st.one_of(
    st.tuples(st.just("reserve"), st.sampled_from(ORDERS), st.integers(1, 6)),
    st.tuples(st.just("release"), st.sampled_from(ORDERS), st.just(0)),
    st.tuples(st.just("restock"), st.none(), st.integers(1, 3)),
    st.tuples(st.just("correct"), st.none(), st.sampled_from([-2, -1, 1])),
)


class TheRowIsTheProduct(TestCase):
    @settings(max_examples=25)
    @given(st.lists(steps, max_size=12))
    def test_at_every_moment(self, asked: list[tuple[str, UUID | None, int]]) -> None:
        """Whatever is done in whatever order, the table says what the events say."""
        belt = factories.create_product(stock=8)
        for what, order_id, quantity in asked:
            if what == "reserve":
                factories.reserve(belt, quantity, order_id=order_id)
            elif order_id:
                factories.release_stock(belt, order_id)
            elif what == "correct":
                with suppress(Refused):  # less is there
                    factories.correct_stock(belt, quantity)
            else:
                factories.restock(belt, quantity)
            history = current_store().read_stream(f"product-{belt}")
            product, row = PRODUCT.fold(each.event for each in history), ProductRow.objects.get(pk=belt)
            assert (row.stock, row.reserved) == (product.stock, sum(product.reserved.values()))
            assert row.stock >= 0
