"""From an order to its end, by events that cause events: shipped, without stock, not paid, cancelled."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from threading import Event
from typing import Any
from uuid import UUID

import pytest
from django.core.mail import EmailMultiAlternatives
from pytest_django import Settings

from eventstore.current import current_store
from eventstore.decider import Refused
from eventstore.models import Checkpoint, ParkedEvent
from eventstore.reactions.delivery import Reactions
from eventstore.reactions.reaction import Cause, registry
from orders import gateway
from orders.buyer import buyer_id_of
from orders.gateway import Charge
from orders.order import ORDER, Status
from products.product import PRODUCT
from readmodels.models import BuyerRow, OrderRow, ProductRow
from tests import factories
from tests.orders.settle import chain, everything, parked_events, run

Outbox = list[EmailMultiAlternatives]

BUYER_IS_FOUND = ["OrderStarted", "BuyerRegistered", "PaymentMethodVerified", "OrderBuyerVerified"]
KNOWN_BUYER = ["OrderStarted", "PaymentMethodVerified", "OrderBuyerVerified"]


@pytest.fixture(autouse=True)
def no_grace(settings: Settings) -> None:
    settings.ORDER_GRACE_SECONDS = 0


def state(order_id: object) -> Status:
    return ORDER.fold(each.event for each in current_store().read_stream(f"order-{order_id}")).status


def stock(product_id: object) -> int:
    return PRODUCT.fold(each.event for each in current_store().read_stream(f"product-{product_id}")).stock


def test_an_order_is_paid_and_then_shipped(mailoutbox: Outbox) -> None:
    belt, lamp = (
        factories.create_product("Fan belt", "12.50", 10),
        factories.create_product("Lamp", "3.05", 5),
    )
    order_id = factories.place_order({belt: 4, lamp: 1})
    run()
    assert chain(order_id) == [
        *BUYER_IS_FOUND,
        "OrderAwaitingValidation",
        "StockReserved",
        "StockReserved",
        "OrderLineReserved",
        "OrderLineReserved",
        "OrderStockConfirmed",
        "OrderPaid",
        "PaymentRecorded",
    ]
    assert (stock(belt), stock(lamp)) == (6, 4)
    factories.ship_order(order_id)
    run()
    row = OrderRow.objects.get(order_id=order_id)
    assert (row.status, row.total, row.buyer_id) == (
        "shipped",
        Decimal("53.05"),
        buyer_id_of(row.buyer_email),
    )
    assert BuyerRow.objects.get().paid == Decimal("53.05")
    assert ProductRow.objects.get(product_id=belt).stock == 6
    assert [each.subject for each in mailoutbox] == ["Your order is confirmed", "Your order is on its way"]
    assert parked_events() == []


def test_each_event_says_what_caused_it() -> None:
    order_id = factories.place_order()
    run()
    known = {each.id for each in everything()}
    caused = [each for each in everything() if each.source == "reaction"]
    assert {each.causation_id for each in caused} <= known
    assert {each.actor for each in caused} >= {"reaction buyers", "reaction stock", "reaction payment"}
    assert state(order_id) is Status.PAID


def test_what_is_not_in_stock_cancels_the_order_and_releases_the_rest(mailoutbox: Outbox) -> None:
    belt, lamp = factories.create_product("Fan belt", stock=10), factories.create_product("Lamp", stock=1)
    order_id = factories.place_order({belt: 4, lamp: 2})
    run()
    assert (stock(belt), stock(lamp)) == (10, 1)
    row = OrderRow.objects.get(order_id=order_id)
    assert (row.status, row.reason) == ("cancelled", "The product items don't have stock: Lamp.")
    assert [each.type for each in everything() if each.type.startswith("Stock")] == [
        "StockReserved",
        "StockRejected",
        "StockReleased",
    ]
    (message,) = mailoutbox
    assert message.subject == "Your order was cancelled"
    assert "The product items don't have stock: Lamp." in message.body
    assert "OrderPaid" not in chain(order_id)


def test_a_payment_that_is_declined_cancels_the_order_and_releases_its_stock(
    settings: Settings, mailoutbox: Outbox
) -> None:
    settings.PAYMENT_SIMULATION = "fail"
    belt = factories.create_product(stock=10)
    order_id = factories.place_order({belt: 4})
    run()
    assert (state(order_id), stock(belt)) == (Status.CANCELLED, 10)
    assert [each.subject for each in mailoutbox] == ["Your order was cancelled"]
    assert "The payment was declined." in mailoutbox[0].body


def test_an_order_can_be_thought_over(settings: Settings, mailoutbox: Outbox) -> None:
    settings.ORDER_GRACE_SECONDS = 3600
    belt = factories.create_product(stock=10)
    order_id = factories.place_order({belt: 4})
    run()
    assert chain(order_id) == BUYER_IS_FOUND
    factories.cancel_order(order_id)
    waiting = ParkedEvent.objects.get()
    assert waiting.is_timer
    ParkedEvent.objects.update(due_at="2026-01-01T00:00Z")
    run()
    assert (state(order_id), stock(belt)) == (Status.CANCELLED, 10)
    assert not ParkedEvent.objects.exists()
    assert not any(each.type.startswith("Stock") for each in everything())
    assert [each.subject for each in mailoutbox] == ["Your order was cancelled"]


def test_a_buyer_who_is_known_only_after_the_grace_period_moves_the_order_on() -> None:
    order_id = factories.place_order()
    answer_alone("validation")
    assert not ParkedEvent.objects.exists()
    assert chain(order_id) == ["OrderStarted"]
    answer_alone("buyers")
    assert chain(order_id) == BUYER_IS_FOUND
    answer_alone("validation")
    assert chain(order_id) == [*BUYER_IS_FOUND, "OrderAwaitingValidation"]
    run()
    assert (state(order_id), parked_events()) == (Status.PAID, [])


def test_a_buyer_who_is_known_before_the_end_of_the_grace_period_waits_for_it(settings: Settings) -> None:
    settings.ORDER_GRACE_SECONDS = 3600
    order_id = factories.place_order()
    answer_alone("buyers")
    answer_alone("validation")
    assert chain(order_id) == BUYER_IS_FOUND
    ParkedEvent.objects.update(due_at="2026-01-01T00:00Z")
    answer_alone("validation")
    assert chain(order_id) == [*BUYER_IS_FOUND, "OrderAwaitingValidation"]


def answer_alone(name: str) -> None:
    """Let one reaction answer what there is, and what was due by then; the others wait."""
    reactions = Reactions([registry[name]], Event())
    reached = -1
    while reached != current_store().head():
        reached = current_store().head()
        reactions.take(reactions.names, reactions.catch_up(reactions.names), None)


def test_the_order_after_the_one_that_crosses_the_threshold_has_the_discount(mailoutbox: Outbox) -> None:
    engine = factories.create_product("Engine", "3000.00", 100)
    first = factories.place_order({engine: 2})
    run()
    crossing = factories.place_order({engine: 1})
    run()
    after = factories.place_order({engine: 1})
    run()
    totals = [OrderRow.objects.get(order_id=each).total for each in (first, crossing, after)]
    assert totals == [Decimal("6000.00"), Decimal("3000.00"), Decimal("2700.00")]
    assert chain(after)[:3] == KNOWN_BUYER
    assert [each.subject for each in mailoutbox].count("10% off from now on") == 1
    assert OrderRow.objects.get(order_id=after).discount_percent == 10
    assert "300.00" in mailoutbox[-1].body


@contextmanager
def failing(name: str, event: str, order_id: UUID | None = None) -> Iterator[None]:
    """A reaction that cannot answer an event just now: of one order, or of any."""
    handlers = registry[name]._handlers
    handler = handlers[event]

    def fail(given: Any, cause: Cause) -> None:
        if order_id in (None, given.order_id):
            raise ConnectionError("not just now")
        handler(given, cause)

    handlers[event] = fail
    try:
        yield
    finally:
        handlers[event] = handler


def try_again() -> None:
    """What was parked is due."""
    ParkedEvent.objects.update(due_at="2026-01-01T00:00Z")
    run()
    assert parked_events() == []


def test_a_payment_that_is_recorded_late_counts_for_the_order_that_was_placed_after_it() -> None:
    engine = factories.create_product("Engine", "2500.00", 100)
    with failing("buyers", "OrderPaid"):
        crossing = factories.place_order({engine: 3})
        run()
        after = factories.place_order({engine: 1})
        run()
    assert (state(crossing), state(after), len(parked_events())) == (Status.PAID, Status.PAID, 2)
    try_again()
    assert discounts(crossing, after) == [0, 10]
    assert BuyerRow.objects.get().paid == Decimal("9750.00")
    assert [each.type for each in everything()].count("DiscountEarned") == 1


def test_an_order_that_is_verified_late_has_no_discount_for_what_was_paid_after_it_was_placed() -> None:
    engine = factories.create_product("Engine", "2500.00", 100)
    crossing, before = factories.place_order({engine: 3}), factories.place_order({engine: 1})
    with failing("buyers", "OrderStarted", before):
        run()
    assert (state(crossing), state(before)) == (Status.PAID, Status.SUBMITTED)
    try_again()
    assert (state(before), discounts(crossing, before)) == (Status.PAID, [0, 0])
    after = factories.place_order({engine: 1})
    run()
    assert discounts(after) == [10]


def test_of_two_payments_both_must_be_before_the_order_and_either_may_be_recorded_late() -> None:
    engine = factories.create_product("Engine", "1000.00", 100)
    first = factories.place_order({engine: 4})
    with failing("buyers", "OrderPaid", first):
        run()
        second, between = factories.place_order({engine: 3}), factories.place_order({engine: 1})
        run()
        after = factories.place_order({engine: 1})
        run()
    try_again()
    assert discounts(first, second, between, after) == [0, 0, 0, 10]


def discounts(*order_ids: UUID) -> list[int]:
    """The discount of each of these orders, in percent."""
    return [OrderRow.objects.get(order_id=each).discount_percent for each in order_ids]


def test_an_order_that_was_cancelled_counts_for_no_discount(settings: Settings) -> None:
    engine = factories.create_product("Engine", "7000.00", 100)
    settings.PAYMENT_SIMULATION = "fail"
    factories.place_order({engine: 1})
    run()
    settings.PAYMENT_SIMULATION = "succeed"
    second = factories.place_order({engine: 1})
    run()
    assert OrderRow.objects.get(order_id=second).discount_percent == 0


def test_events_that_come_again_change_nothing_and_nobody_is_written_to_twice(
    mailoutbox: Outbox,
) -> None:
    """A worker that lost all its checkpoints goes through everything again."""
    order_id = factories.place_order()
    run()
    before = [each.id for each in everything()]
    Checkpoint.objects.filter(name__startswith="reaction").update(position=0)
    run()
    assert [each.id for each in everything()] == before
    assert state(order_id) is Status.PAID
    assert len(mailoutbox) == 1


def test_a_cancellation_while_the_card_is_charged_gives_the_money_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    order_id = factories.place_order()
    voided: list[object] = []

    def charge(_self: object, charged_id: object, *_: object) -> Charge:
        factories.cancel_order(order_id, "Never mind")
        return Charge(True, f"taken for {charged_id}")

    monkeypatch.setattr(gateway.SimulatedGateway, "charge", charge)
    monkeypatch.setattr(gateway.SimulatedGateway, "void", lambda _self, order_id: voided.append(order_id))
    run()
    assert state(order_id) is Status.CANCELLED
    assert voided == [order_id]
    assert parked_events() == []


def test_what_was_charged_by_an_attempt_that_was_cut_off_is_given_back_when_the_order_was_cancelled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    voided: list[object] = []

    def void(_self: object, order_id: object) -> None:
        voided.append(order_id)
        if len(voided) == 1:
            raise ConnectionError("the gateway has gone")

    with monkeypatch.context() as cut_off:
        cut_off.setattr(gateway.SimulatedGateway, "charge", lambda *_: 1 / 0)
        order_id = factories.place_order()
        run()
    factories.cancel_order(order_id)
    monkeypatch.setattr(gateway.SimulatedGateway, "void", void)
    for _ in range(2):
        ParkedEvent.objects.update(due_at="2026-01-01T00:00Z")
        run()
    assert voided == [order_id, order_id]
    assert parked_events() == []


def test_a_gateway_that_is_away_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as away:
        away.setattr(gateway.SimulatedGateway, "charge", lambda *_: 1 / 0)
        order_id = factories.place_order()
        other = factories.place_order(email="ada@example.com")
        run()
    assert (state(order_id), state(other)) == (Status.STOCK_CONFIRMED, Status.STOCK_CONFIRMED)
    assert len(parked_events()) == 2
    ParkedEvent.objects.update(due_at="2026-01-01T00:00Z")
    run()
    assert (state(order_id), state(other)) == (Status.PAID, Status.PAID)
    assert parked_events() == []


def test_an_order_that_is_not_paid_cannot_be_shipped() -> None:
    order_id = factories.place_order()
    sentence = r"Is not possible to change the order status from Submitted to Shipped\."
    with pytest.raises(Refused, match=sentence):
        factories.ship_order(order_id)
