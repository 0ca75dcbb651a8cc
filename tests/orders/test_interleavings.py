"""Orders on few products, in any order with everything that reactions do about them, a little at a time."""

from collections.abc import Callable
from contextlib import suppress
from threading import Event
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pytest_django import Settings

from eventstore.current import current_store
from eventstore.decider import Refused
from eventstore.dispatch import dispatch
from eventstore.models import ParkedEvent
from eventstore.reactions.delivery import Turn, position, take, try_again
from eventstore.reactions.reaction import registry
from eventstore.store import Batch
from orders.commands import CancelOrder
from orders.order import ORDER, Status
from tests import factories
from tests.orders.settle import parked_events, run
from tests.orders.stock import each_effect_came_once, nothing_is_amiss, stock_adds_up

PRODUCTS = 3
CHAIN = ("buyers", "validation", "stock", "reservations", "payment")

LINES = st.dictionaries(st.integers(0, PRODUCTS - 1), st.integers(1, 4), min_size=1, max_size=PRODUCTS)
STEPS = st.one_of(
    st.tuples(st.just("place"), LINES),
    st.tuples(st.just("react"), st.tuples(st.sampled_from(CHAIN), st.integers(1, 6))),
    st.tuples(st.just("react"), st.tuples(st.sampled_from(CHAIN), st.integers(1, 6))),
    st.tuples(st.just("cancel"), st.integers(0, 9)),
    st.tuples(st.just("ship"), st.integers(0, 9)),
    st.tuples(st.just("restock"), st.integers(0, PRODUCTS - 1)),
    st.tuples(st.just("correct"), st.tuples(st.integers(0, PRODUCTS - 1), st.sampled_from([-3, -1, 1]))),
    st.tuples(st.just("pay"), st.sampled_from(["succeed", "fail"])),
)


class World:
    """Few products with little stock, and the orders on them."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._products = [factories.create_product(f"Product {n}", stock=3 + n) for n in range(PRODUCTS)]
        self.orders: list[UUID] = []

    def place(self, lines: dict[int, int]) -> None:
        units = {self._products[number]: count for number, count in lines.items()}
        self.orders.append(factories.place_order(units))

    def react(self, some: tuple[str, int]) -> None:
        """Let one reaction answer the next few events, and those that it has parked."""
        reaction, turn = registry[some[0]], Turn(Event())
        try_again(reaction, turn)
        after = position(reaction)
        if events := current_store().read_all(after, some[1]):
            take(reaction, after, Batch(events, events[-1].position), turn)

    def cancel(self, number: int) -> None:
        self._try(cancel_alone, number)

    def ship(self, number: int) -> None:
        self._try(factories.ship_order, number)

    def restock(self, number: int) -> None:
        factories.restock(self._products[number], 2)

    def correct(self, what: tuple[int, int]) -> None:
        """A correction by more than is free is refused."""
        number, difference = what
        with suppress(Refused):
            factories.correct_stock(self._products[number], difference)

    def pay(self, simulation: str) -> None:
        self._settings.PAYMENT_SIMULATION = simulation

    def _try(self, step: Callable[[UUID], object], number: int) -> None:
        """People may try what can no longer be done."""
        if self.orders:
            try:
                step(self.orders[number % len(self.orders)])
            except Refused:
                return


def cancel_alone(order_id: UUID) -> None:
    """Only the order is cancelled; the reactions release its stock."""
    dispatch(CancelOrder(order_id=order_id, reason="Never mind"), to=ORDER, by=factories.SOMEBODY)


@pytest.fixture
def no_grace(settings: Settings) -> Settings:
    settings.ORDER_GRACE_SECONDS = 0
    return settings


def state(order_id: UUID) -> Status:
    return ORDER.fold(each.event for each in current_store().read_stream(f"order-{order_id}")).status


def finish() -> None:
    """Run until nothing is parked: in whatever order things came, every reaction could answer."""
    run()
    assert parked_events() == []
    assert not ParkedEvent.objects.exists()


def afresh(settings: Settings) -> None:
    """An empty store; the database is rolled back after each example."""
    settings.EVENT_STORE_PREFIX = f"test{uuid4().hex}"
    current_store.cache_clear()


@hypothesis_settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, min_size=5, max_size=30))
def test_stock_adds_up_at_every_moment_and_everything_agrees_in_the_end(
    no_grace: Settings, steps: list[tuple[str, object]]
) -> None:
    with transaction.atomic():
        afresh(no_grace)
        world = World(no_grace)
        for verb, what in steps:
            getattr(world, verb)(what)
            stock_adds_up()
        finish()
        stock_adds_up()
        assert all(state(each) in (Status.PAID, Status.SHIPPED, Status.CANCELLED) for each in world.orders)
        each_effect_came_once()
        nothing_is_amiss()
        transaction.set_rollback(True)
