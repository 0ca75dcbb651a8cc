"""One buyer, however their address is spelt; and those who were two before stay two."""

from decimal import Decimal
from uuid import UUID

import pytest
from pytest_django import Settings

from eventstore.current import current_store
from eventstore.dispatch import dispatch
from orders.buyer import BUYER, buyer_id_of, former_id_of
from orders.chain import chain_of
from orders.commands import VerifyPaymentMethod
from orders.known_buyer import known_buyer_id
from readmodels.models import BuyerRow, OrderRow
from tests import factories
from tests.orders.settle import run

READ, ASCII = "grace@münchen.example", "grace@xn--mnchen-3ya.example"
SPELLINGS = [
    READ,
    ASCII,
    "Grace@MÜNCHEN.example",
    "grace@mu\u0308nchen.example",
    "grace@\uff4dünchen.example",
]


@pytest.fixture(autouse=True)
def way(transactional_db: None, settings: Settings) -> None:
    """The store is the embedded one here; for the buyer it does not matter where the events come from."""
    settings.ORDER_GRACE_SECONDS = 0


def register(spelling: str) -> UUID:
    """A buyer from when each spelling was one of its own."""
    command = VerifyPaymentMethod(
        buyer_id=former_id_of(spelling),
        order_id=factories.place_order(email=spelling),
        name="Grace Hopper",
        email=spelling.lower(),
        card=factories.CARD,
        paid_before=Decimal(0),
    )
    return dispatch(command, to=BUYER, by=factories.SOMEBODY).aggregate_id


def test_all_spellings_of_an_address_are_one_buyer() -> None:
    assert len({buyer_id_of(each) for each in SPELLINGS}) == 1
    orders = [factories.place_order({factories.create_product(): 1}, email=each) for each in SPELLINGS]
    run()
    assert BuyerRow.objects.count() == 1
    assert OrderRow.objects.filter(status=OrderRow.Status.PAID, pk__in=orders).count() == len(orders)


def test_an_address_in_plain_letters_keeps_the_id_that_it_always_had() -> None:
    assert buyer_id_of(" Grace@Example.com") == former_id_of("grace@example.com")
    assert known_buyer_id("grace@example.com") == UUID("6885f232-e682-57b9-8f49-a0f1cf38446c")


@pytest.mark.parametrize("stored", [READ, ASCII, "grace@mu\u0308nchen.example"])
@pytest.mark.parametrize("typed", SPELLINGS)
def test_a_buyer_who_is_known_by_another_spelling_stays_that_buyer(stored: str, typed: str) -> None:
    known = register(stored)
    assert known_buyer_id(typed) == known


@pytest.mark.parametrize("own", [READ, ASCII])
def test_two_that_were_one_address_stay_two(own: str) -> None:
    both = {each: register(each) for each in (READ, ASCII)}
    assert both[READ] != both[ASCII]
    assert known_buyer_id(own) == both[own]


def test_what_was_paid_under_another_spelling_counts_towards_the_discount() -> None:
    belt = factories.create_product("Fan belt", "3000.01")
    buyer_id = register(READ)
    for _ in range(2):
        factories.place_order({belt: 1}, email=READ)
    run()
    assert BuyerRow.objects.get(pk=buyer_id).paid > Decimal(6000)
    last = factories.place_order({belt: 1}, email=ASCII)
    run()
    row = OrderRow.objects.get(pk=last)
    assert (row.buyer_id, row.discount_percent) == (buyer_id, 10)
    history = [each.recorded for each in chain_of(last, current_store().read_stream(f"order-{last}"))]
    assert f"buyer-{buyer_id}" in {each.stream for each in history}
