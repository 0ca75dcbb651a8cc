"""The rules of products, and what always holds of their stock, whatever is asked."""

from collections import Counter
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from eventstore.decider import Refused
from products.commands import (
    CorrectStock,
    CreateProduct,
    ProductCommand,
    ReleaseStock,
    RenameProduct,
    RepriceProduct,
    ReserveStock,
    ReserveStockAgain,
    RestockProduct,
    WithdrawProduct,
)
from products.events import (
    ProductCreated,
    ProductEvent,
    ProductRenamed,
    ProductRepriced,
    ProductRestocked,
    ProductWithdrawn,
    StockCorrected,
    StockRejected,
    StockReleased,
    StockReserved,
)
from products.product import MOST_STOCK, PRODUCT, Product, Status
from tests.domain.cast import BELT, FIRST_ORDER, SECOND_ORDER
from tests.domain.scenario import given

CREATE = CreateProduct(product_id=BELT, name="Fan belt", price=Decimal("12.50"), stock=10)
CREATED = ProductCreated(product_id=BELT, name="Fan belt", price=Decimal("12.50"), stock=10)
RENAME = RenameProduct(product_id=BELT, name="Fan belt, long")
REPRICE = RepriceProduct(product_id=BELT, price=Decimal("13.00"))
RESTOCK = RestockProduct(product_id=BELT, quantity=5)
CORRECT = CorrectStock(product_id=BELT, difference=-6, reason="Typed wrongly")
CORRECTED = StockCorrected(product_id=BELT, difference=-6, reason="Typed wrongly")
WITHDRAW = WithdrawProduct(product_id=BELT)
WITHDRAWN = ProductWithdrawn(product_id=BELT)
RESERVE = ReserveStock(product_id=BELT, order_id=FIRST_ORDER, quantity=4)
RESERVED = StockReserved(product_id=BELT, order_id=FIRST_ORDER, quantity=4)
AGAIN = ReserveStockAgain(product_id=BELT, order_id=FIRST_ORDER, quantity=4)
RELEASE = ReleaseStock(product_id=BELT, order_id=FIRST_ORDER)
RELEASED = StockReleased(product_id=BELT, order_id=FIRST_ORDER, quantity=4)


# --- The catalogue ---------------------------------------------------------------------------------


def test_a_product_is_created() -> None:
    given(PRODUCT).when(CREATE).then(CREATED)
    given(PRODUCT).when(replace(CREATE, name=" Fan belt\n", price=Decimal("12.5"))).then(CREATED)


def test_a_product_may_be_free_and_none_be_there() -> None:
    command = replace(CREATE, price=Decimal(0), stock=0)
    given(PRODUCT).when(command).then(replace(CREATED, price=Decimal("0.00"), stock=0))


def test_a_product_is_not_created_twice() -> None:
    given(PRODUCT, CREATED).when(CREATE).then_refused("This product has already been created")
    given(PRODUCT, CREATED, WITHDRAWN).when(CREATE).then_refused("This product has already been created")


@pytest.mark.parametrize("blank", ["", " ", "\t\n", "\u00a0\u2003", "\u200b", "\u3164\u202a"])
def test_a_product_must_have_a_name(blank: str) -> None:
    given(PRODUCT).when(replace(CREATE, name=blank)).then_refused("Product must have a name")
    given(PRODUCT, CREATED).when(replace(RENAME, name=blank)).then_refused("Product must have a name")


@pytest.mark.parametrize(
    ("price", "sentence"),
    [
        ("-0.01", "Price must not be negative"),
        ("-1E+30", "Price must not be negative"),
        ("10000000.00", "Price must not be above 9,999,999.99"),
        ("1E+999999", "Price must not be above 9,999,999.99"),
        ("0.001", "Price must have at most two decimal places"),
        ("1E-999", "Price must have at most two decimal places"),
        ("1.00000000000000000000000000000000001", "Price must have at most two decimal places"),
        ("NaN", "Price must be a number"),
        ("sNaN", "Price must be a number"),
        ("Infinity", "Price must be a number"),
        ("-Infinity", "Price must be a number"),
    ],
)
def test_a_text_that_is_no_price_is_refused(price: str, sentence: str) -> None:
    given(PRODUCT).when(replace(CREATE, price=Decimal(price))).then_refused(sentence)
    given(PRODUCT, CREATED).when(replace(REPRICE, price=Decimal(price))).then_refused(sentence)


@pytest.mark.parametrize(
    ("given_as", "kept_as"),
    [("7", "7.00"), ("7.1", "7.10"), ("7.100", "7.10"), ("1E+3", "1000.00"), ("-0", "0.00"),
     ("9999999.99", "9999999.99")],
)  # fmt: skip
def test_a_price_is_kept_with_two_decimal_places(given_as: str, kept_as: str) -> None:
    (created,) = PRODUCT.decide(replace(CREATE, price=Decimal(given_as)), Product())
    assert isinstance(created, ProductCreated)
    assert str(created.price) == kept_as


@pytest.mark.parametrize(
    ("stock", "sentence"),
    [(-1, "Stock must not be negative"), (MOST_STOCK + 1, "This is too much stock")],
)
def test_stock_is_neither_negative_nor_beyond_counting(stock: int, sentence: str) -> None:
    given(PRODUCT).when(replace(CREATE, stock=stock)).then_refused(sentence)


def test_a_product_is_renamed_and_repriced() -> None:
    given(PRODUCT, CREATED).when(RENAME).then(ProductRenamed(product_id=BELT, name="Fan belt, long"))
    given(PRODUCT, CREATED).when(REPRICE).then(
        ProductRepriced(product_id=BELT, old_price=Decimal("12.50"), price=Decimal("13.00"))
    )


def test_the_same_name_or_price_changes_nothing() -> None:
    given(PRODUCT, CREATED).when(replace(RENAME, name=" Fan belt ")).then()
    given(PRODUCT, CREATED).when(replace(REPRICE, price=Decimal("12.5"))).then()


def test_a_product_is_restocked() -> None:
    given(PRODUCT, CREATED).when(RESTOCK).then(ProductRestocked(product_id=BELT, quantity=5))


@pytest.mark.parametrize(
    ("quantity", "sentence"),
    [
        (0, "At least one must be put into stock"),
        (-3, "At least one must be put into stock"),
        (MOST_STOCK, "This is too much stock"),
    ],
)
def test_a_quantity_that_cannot_be_put_into_stock(quantity: int, sentence: str) -> None:
    given(PRODUCT, CREATED).when(replace(RESTOCK, quantity=quantity)).then_refused(sentence)


def test_stock_is_corrected_by_as_many_as_are_free() -> None:
    given(PRODUCT, CREATED, RESERVED).when(CORRECT).then(CORRECTED)
    more = replace(CORRECT, difference=3, reason=" Found behind the door\n")
    given(PRODUCT, CREATED).when(more).then(
        StockCorrected(product_id=BELT, difference=3, reason="Found behind the door")
    )


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"difference": -7}, "Not so many are free; at most 6 can be taken away"),
        ({"difference": 0}, "A correction must change the stock"),
        ({"difference": MOST_STOCK}, "This is too much stock"),
        ({"reason": " "}, "A correction of stock must have a reason"),
    ],
)
def test_a_correction_that_cannot_be(change: dict[str, Any], sentence: str) -> None:
    given(PRODUCT, CREATED, RESERVED).when(replace(CORRECT, **change)).then_refused(sentence)


def test_what_a_correction_took_away_is_reserved_no_more() -> None:
    rejected = StockRejected(product_id=BELT, order_id=FIRST_ORDER, quantity=5, available=4)
    given(PRODUCT, CREATED, CORRECTED).when(replace(RESERVE, quantity=5)).then(rejected)


def test_the_stock_of_what_is_not_sold_is_not_corrected() -> None:
    given(PRODUCT).when(CORRECT).then_refused("This product was never created")
    given(PRODUCT, CREATED, WITHDRAWN).when(CORRECT).then_refused("This product has been withdrawn")


def test_a_product_is_withdrawn_for_good() -> None:
    given(PRODUCT, CREATED).when(WITHDRAW).then(WITHDRAWN)
    changes: tuple[ProductCommand, ...] = (RENAME, REPRICE, RESTOCK, WITHDRAW)
    for command in changes:
        given(PRODUCT, CREATED, WITHDRAWN).when(command).then_refused("This product has been withdrawn")


def test_what_was_never_created_cannot_be_changed() -> None:
    changes: tuple[ProductCommand, ...] = (RENAME, REPRICE, RESTOCK, WITHDRAW, RESERVE, RELEASE)
    for command in changes:
        given(PRODUCT).when(command).then_refused("This product was never created")


# --- Stock for orders ------------------------------------------------------------------------------


def test_stock_is_reserved_to_the_last_piece() -> None:
    given(PRODUCT, CREATED).when(RESERVE).then(RESERVED)
    given(PRODUCT, CREATED).when(replace(RESERVE, quantity=10)).then(replace(RESERVED, quantity=10))


def test_more_than_there_is_is_rejected_as_a_whole() -> None:
    given(PRODUCT, CREATED, RESERVED).when(replace(RESERVE, order_id=SECOND_ORDER, quantity=7)).then(
        StockRejected(product_id=BELT, order_id=SECOND_ORDER, quantity=7, available=6)
    )


def test_of_a_withdrawn_product_nothing_is_available() -> None:
    given(PRODUCT, CREATED, WITHDRAWN).when(RESERVE).then(
        StockRejected(product_id=BELT, order_id=FIRST_ORDER, quantity=4, available=0)
    )


@pytest.mark.parametrize("quantity", [0, -1])
def test_a_reservation_is_of_one_at_least(quantity: int) -> None:
    command = replace(RESERVE, quantity=quantity)
    given(PRODUCT, CREATED).when(command).then_refused("At least one must be reserved")


def test_reserving_again_for_one_order_changes_nothing() -> None:
    given(PRODUCT, CREATED, RESERVED).when(RESERVE).then()
    given(PRODUCT, CREATED, RESERVED).when(replace(RESERVE, quantity=9)).then()


def test_a_product_keeps_in_mind_only_what_is_reserved() -> None:
    """Of an order that was rejected or released the id of its request tells that it was answered."""
    rejected = StockRejected(product_id=BELT, order_id=SECOND_ORDER, quantity=40, available=10)
    assert PRODUCT.fold([CREATED, rejected, RESERVED, RELEASED]) == PRODUCT.fold([CREATED])


def test_an_order_asks_for_a_product_once_whoever_says_so() -> None:
    assert PRODUCT.own_id(RESERVE) == PRODUCT.own_id(replace(RESERVE, quantity=9))
    others: list[ProductCommand] = [
        replace(RESERVE, order_id=SECOND_ORDER),
        replace(RESERVE, product_id=UUID(int=6)),
        AGAIN,
        RELEASE,
    ]
    assert PRODUCT.own_id(RESERVE) not in [PRODUCT.own_id(each) for each in others]


def test_what_was_released_or_rejected_is_reserved_again_for_those_who_say_so() -> None:
    rejected = StockRejected(product_id=BELT, order_id=FIRST_ORDER, quantity=40, available=10)
    given(PRODUCT, CREATED, RESERVED, RELEASED).when(AGAIN).then(RESERVED)
    given(PRODUCT, CREATED, rejected).when(AGAIN).then(RESERVED)
    given(PRODUCT, CREATED).when(AGAIN).then(RESERVED)


def test_while_it_is_reserved_it_is_not_reserved_again() -> None:
    given(PRODUCT, CREATED, RESERVED).when(AGAIN).then()
    given(PRODUCT, CREATED, RESERVED, RELEASED, RESERVED).when(AGAIN).then()
    given(PRODUCT, CREATED, RESERVED, RELEASED, RESERVED).when(RELEASE).then(RELEASED)


def test_somebody_who_asks_again_is_refused_what_is_not_there() -> None:
    sentence = "There is not enough in stock"
    given(PRODUCT, CREATED).when(replace(AGAIN, quantity=11)).then_refused(sentence)
    given(PRODUCT, CREATED, RESERVED, RELEASED, WITHDRAWN).when(AGAIN).then_refused(sentence)
    given(PRODUCT, CREATED).when(replace(AGAIN, quantity=0)).then_refused("At least one must be reserved")
    given(PRODUCT).when(AGAIN).then_refused("This product was never created")


def test_what_was_reserved_is_released_once_also_when_the_product_is_gone() -> None:
    given(PRODUCT, CREATED, RESERVED).when(RELEASE).then(RELEASED)
    given(PRODUCT, CREATED, RESERVED, WITHDRAWN).when(RELEASE).then(RELEASED)
    given(PRODUCT, CREATED, RESERVED, RELEASED).when(RELEASE).then()


def test_nothing_is_released_that_was_not_reserved() -> None:
    rejected = StockRejected(product_id=BELT, order_id=FIRST_ORDER, quantity=40, available=10)
    given(PRODUCT, CREATED).when(RELEASE).then()
    given(PRODUCT, CREATED, rejected).when(RELEASE).then()
    given(PRODUCT, CREATED, RESERVED).when(replace(RELEASE, order_id=SECOND_ORDER)).then()


# --- Whatever anybody asks -------------------------------------------------------------------------

order = st.sampled_from([UUID(int=number) for number in range(51, 57)])
quantity = st.integers(-2, 15) | st.just(MOST_STOCK)
price = st.decimals(allow_nan=True, allow_infinity=True) | st.decimals(0, 100, places=2)
name = st.sampled_from(["", " ", "Belt", " Fan belt "])
# Orders come and go far more often than products do.
commands: st.SearchStrategy[ProductCommand] = st.one_of(
    st.builds(ReserveStock, product_id=st.just(BELT), order_id=order, quantity=quantity),
    st.builds(ReserveStock, product_id=st.just(BELT), order_id=order, quantity=st.integers(1, 4)),
    st.builds(ReserveStockAgain, product_id=st.just(BELT), order_id=order, quantity=quantity),
    st.builds(ReleaseStock, product_id=st.just(BELT), order_id=order),
    st.builds(RestockProduct, product_id=st.just(BELT), quantity=quantity),
    st.builds(
        CorrectStock,
        product_id=st.just(BELT),
        difference=st.integers(-12, 5) | st.just(MOST_STOCK),
        reason=st.sampled_from(["", " ", "Counted"]),
    ),
    st.builds(RepriceProduct, product_id=st.just(BELT), price=price),
    st.builds(RenameProduct, product_id=st.just(BELT), name=name),
    st.builds(CreateProduct, product_id=st.just(BELT), name=name, price=price, stock=quantity),
    st.just(CREATE),
) | st.sampled_from([*[RESERVE] * 9, WITHDRAW])  # fmt: skip


def attempt(command: ProductCommand, product: Product) -> list[ProductEvent]:
    """The events of a command; none when it is refused."""
    try:
        return list(PRODUCT.decide(command, product))
    except Refused:
        return []


def total(history: list[ProductEvent], *kinds: type) -> int:
    """How many pieces the events of these kinds speak of."""
    found = [event for event in history if isinstance(event, kinds)]
    names = ("quantity", "stock", "difference")
    return sum(getattr(event, name, 0) for event in found for name in names)


@settings(max_examples=300)
@for_all(st.lists(commands, max_size=40))
def test_stock_is_created_and_restocked_less_reserved_and_released_again(
    asked: list[ProductCommand],
) -> None:
    product, history = PRODUCT.initial, list[ProductEvent]()
    for command in asked:
        for event in attempt(command, product):
            product = PRODUCT.evolve(product, event)
            history.append(event)
            came = total(history, ProductCreated, ProductRestocked, StockReleased, StockCorrected)
            assert product.stock == came - total(history, StockReserved)
            assert product.stock >= 0
            kept = total(history, StockReserved) - total(history, StockReleased)
            assert sum(product.reserved.values()) == kept
            assert min(product.reserved.values(), default=0) >= 0
    assert PRODUCT.fold(history) == product


@for_all(st.lists(commands, max_size=40))
def test_for_one_order_stock_is_reserved_once_at_a_time(
    asked: list[ProductCommand],
) -> None:
    product, history = PRODUCT.initial, list[ProductEvent]()
    for command in asked:
        for event in attempt(command, product):
            product = PRODUCT.evolve(product, event)
            history.append(event)
    answered = {each.order_id for each in history if isinstance(each, StockReserved | StockRejected)}
    released = Counter(each.order_id for each in history if isinstance(each, StockReleased))
    reserved = Counter(each.order_id for each in history if isinstance(each, StockReserved))
    assert all(reserved[each] - released[each] in (0, 1) for each in answered)
    assert reserved >= released


@for_all(st.lists(commands, max_size=40))
def test_a_price_always_has_two_decimal_places(asked: list[ProductCommand]) -> None:
    product = PRODUCT.initial
    for command in asked:
        for event in attempt(command, product):
            product = PRODUCT.evolve(product, event)
    if product.status is not Status.NONE:
        assert product.price.as_tuple().exponent == -2
        assert product.price >= 0


@for_all(st.lists(commands, max_size=20), commands)
def test_deciding_twice_gives_the_same_answer(asked: list[ProductCommand], command: ProductCommand) -> None:
    product = PRODUCT.initial
    for each in asked:
        for event in attempt(each, product):
            product = PRODUCT.evolve(product, event)
    assert attempt(command, product) == attempt(command, product)
