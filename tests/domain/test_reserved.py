"""What a product keeps for orders, and the cost of that for very many orders."""

import tracemalloc
from decimal import Decimal
from itertools import pairwise
from uuid import UUID

import pytest

from products.commands import ReserveStock
from products.events import ProductCreated, ProductEvent, StockRejected, StockReleased, StockReserved
from products.product import PRODUCT, Product
from products.reserved import Reserved
from tests.domain.cast import BELT, FIRST_ORDER, SECOND_ORDER

MANY, BLOCK = 12_000, 1_000
CREATED = ProductCreated(product_id=BELT, name="Fan belt", price=Decimal("12.50"), stock=10**9)


class Counted(UUID):
    """An order's id that counts how often any is compared."""

    comparisons = 0

    def __eq__(self, other: object) -> bool:
        Counted.comparisons += 1
        return super().__eq__(other)

    __hash__ = UUID.__hash__


def reserved(number: int) -> StockReserved:
    return StockReserved(product_id=BELT, order_id=Counted(int=number), quantity=1)


def after(events: list[ProductEvent]) -> Product:
    return PRODUCT.fold([CREATED, *events])


def test_the_latest_word_about_an_order_counts() -> None:
    kept = Reserved().having(FIRST_ORDER, 4).having(SECOND_ORDER, 2).having(FIRST_ORDER, 0)
    assert dict(kept) == {SECOND_ORDER: 2}
    assert (kept.get(FIRST_ORDER), kept[SECOND_ORDER], kept.get(UUID(int=53)), len(kept)) == (
        None,
        2,
        None,
        1,
    )
    assert kept == Reserved().having(SECOND_ORDER, 2).having(FIRST_ORDER, 0)


def test_what_was_kept_once_is_gone_on_with() -> None:
    kept = Reserved({FIRST_ORDER: 4, SECOND_ORDER: 2}).having(FIRST_ORDER, 0)
    assert (dict(kept), kept.get(FIRST_ORDER), kept[SECOND_ORDER]) == ({SECOND_ORDER: 2}, None, 2)
    assert dict(kept.having(FIRST_ORDER, 1)) == {FIRST_ORDER: 1, SECOND_ORDER: 2}


def test_what_was_before_stays_as_it_was() -> None:
    before = Reserved().having(FIRST_ORDER, 4)
    before.having(FIRST_ORDER, 0)
    before.having(SECOND_ORDER, 2)
    assert dict(before) == {FIRST_ORDER: 4}


def test_each_further_state_of_a_product_takes_the_same_room_whatever_came_before() -> None:
    """Every state of a long history is kept, so a copy for each of them would be counted."""
    states, sizes = [after([])], list[int]()
    tracemalloc.start()
    try:
        for number in range(MANY):
            states.append(PRODUCT.evolve(states[-1], reserved(number)))
            if number % BLOCK == BLOCK - 1:
                sizes.append(tracemalloc.get_traced_memory()[0])
                room = [now - then for then, now in pairwise([0, *sizes])]
                assert max(room) < 2 * room[0], room
    finally:
        tracemalloc.stop()
    assert len(states[-1].reserved) == MANY


@pytest.mark.parametrize("known", [True, False])
def test_a_request_for_stock_looks_at_each_reservation_once_at_most(known: bool) -> None:
    product = after([reserved(number) for number in range(MANY)])
    order_id = Counted(int=0 if known else MANY)
    Counted.comparisons = 0
    events = PRODUCT.decide(ReserveStock(product_id=BELT, order_id=order_id, quantity=1), product)
    assert len(events) == (0 if known else 1)
    assert 0 < Counted.comparisons <= MANY


def test_a_product_of_very_many_orders_can_be_printed_and_compared() -> None:
    answers: list[ProductEvent] = [reserved(number) for number in range(MANY)]
    rejected = StockRejected(product_id=BELT, order_id=FIRST_ORDER, quantity=4, available=0)
    released = StockReleased(product_id=BELT, order_id=Counted(int=3), quantity=1)
    assert f"reserved for {MANY} orders" in repr(after(answers))
    assert f"reserved for {MANY - 1} orders" in repr(after([*answers, released]))
    assert after([rejected, *answers[:9]]) == after([rejected, *answers[:9]])
