"""From the posted form to each of the four ends, with a worker process and without: exactly which events."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from eventstore.models import ParkedEvent
from eventstore.projections.read_model import registry as read_models
from eventstore.reactions.reaction import registry as reactions
from readmodels.models import ProductRow
from tests import factories
from tests.integration.bus import URL, Listening
from tests.orders.event_outline import outline, told_in_words
from tests.orders.settle import all_at_head, everything, parked_events, run
from tests.orders.smtp_server import Post
from tests.orders.stock import nothing_is_amiss, stock_adds_up
from tests.pages.page_requests import said, send
from tests.worker.processes import Worker, wait_for

Settle = Callable[[], None]
GRACE = 3600
"""Seconds; only the tests let them pass."""


@dataclass(frozen=True, kw_only=True)
class Ending:
    """How an order of 4 belts and 2 lamps ends: what `happens` in the store, is `told` to others, `mails` to
    its buyer, and what is left `in_stock` of ten belts and so many lamps. `steps` are those that people take:
    while it can be thought over, and in the end."""

    name: str
    lamps: int = 10
    simulation: str = "succeed"
    steps: tuple[str, str] = ("", "")
    happens: str
    told: list[str]
    mails: list[str]
    in_stock: tuple[int, int]


PLACED = ["order.started.v1", "None to submitted"]
VALIDATED = [*PLACED, "submitted to awaiting-validation"]
CONFIRMED = [*VALIDATED, "awaiting-validation to stock-confirmed"]

ENDINGS = [
    Ending(
        name="shipped",
        steps=("", "ship/"),
        happens="""\
            OrderStarted by somebody
              BuyerRegistered by buyers
              PaymentMethodVerified by buyers
                OrderBuyerVerified by buyers
              OrderAwaitingValidation by validation
                StockReserved by stock
                  OrderLineReserved by reservations
                StockReserved by stock
                  OrderLineReserved by reservations
                  OrderStockConfirmed by reservations
                    OrderPaid by payment
                      PaymentRecorded by buyers
            OrderShipped by somebody""",
        told=[*CONFIRMED, "stock-confirmed to paid", "paid to shipped"],
        mails=["Your order is confirmed", "Your order is on its way"],
        in_stock=(6, 8),
    ),
    Ending(
        name="no stock",
        lamps=1,
        happens="""\
            OrderStarted by somebody
              BuyerRegistered by buyers
              PaymentMethodVerified by buyers
                OrderBuyerVerified by buyers
              OrderAwaitingValidation by validation
                StockReserved by stock
                  OrderLineReserved by reservations
                StockRejected by stock
                  OrderLineRejected by reservations
                  OrderCancelled by reservations
                    StockReleased by stock""",
        told=[*VALIDATED, "stock.rejected.v1", "awaiting-validation to cancelled"],
        mails=["Your order was cancelled"],
        in_stock=(10, 1),
    ),
    Ending(
        name="payment failed",
        simulation="fail",
        happens="""\
            OrderStarted by somebody
              BuyerRegistered by buyers
              PaymentMethodVerified by buyers
                OrderBuyerVerified by buyers
              OrderAwaitingValidation by validation
                StockReserved by stock
                  OrderLineReserved by reservations
                StockReserved by stock
                  OrderLineReserved by reservations
                  OrderStockConfirmed by reservations
                    OrderCancelled by payment
                      StockReleased by stock
                      StockReleased by stock""",
        told=[*CONFIRMED, "stock-confirmed to cancelled"],
        mails=["Your order was cancelled"],
        in_stock=(10, 10),
    ),
    Ending(
        name="cancelled in the grace period",
        steps=("cancel/", ""),
        happens="""\
            OrderStarted by somebody
              BuyerRegistered by buyers
              PaymentMethodVerified by buyers
                OrderBuyerVerified by buyers
            OrderCancelled by somebody""",
        told=[*PLACED, "submitted to cancelled"],
        mails=["Your order was cancelled"],
        in_stock=(10, 10),
    ),
]


@pytest.fixture
def at_work(
    request: pytest.FixtureRequest, settings: Settings, post: Post, tmp_path: Path, listening: Listening
) -> Callable[[str], AbstractContextManager[Settle]]:
    """Reactions at work with a simulation of payment: where read models are inline, in this process; else in
    a worker's. What it gives waits until nothing is left to do for now."""

    @contextmanager
    def work(simulation: str) -> Iterator[Settle]:
        settings.ORDER_GRACE_SECONDS = GRACE
        settings.PAYMENT_SIMULATION = simulation
        if settings.PROJECTION == "inline":
            request.getfixturevalue("event_bus")
            yield run
            return
        variables = {"EMAIL_URL": post.url, "EVENT_BUS_URL": URL, "PAYMENT_SIMULATION": simulation}
        with Worker(tmp_path, ORDER_GRACE_SECONDS=str(GRACE), **variables).started():
            yield lambda: wait_for("everything to be done", is_settled)

    return work


def is_settled() -> bool:
    """Whether everything was answered that was due by now."""
    names = [each.checkpoint for each in reactions.values()]
    is_due = ParkedEvent.objects.filter(due_at__lte=timezone.now()).exists()
    return not is_due and all_at_head(*names, "reaction bus", *read_models)


def form(units: dict[UUID, int]) -> dict[str, Any]:
    """What a browser sends to order these, after it was asked whether more is wanted than there is."""
    return {
        "asked": [f"{product_id} {count}" for product_id, count in units.items()],
        "product": [str(each) for each in units],
        "units": [str(each) for each in units.values()],
        "buyer_name": "Grace Hopper",
        "buyer_email": "grace@example.com",
        "ship_to": "address",
        "address_line_1": "1 Harbour Street",
        "town": "Whitby",
        "post_code": "YO21 1AA",
        "card_type": "visa",
        "card_number": "4111 1111 1111 1111",
        "card_holder": "G Hopper",
        "expiry": f"12/{timezone.localdate().year % 100}",
        "security_code": "987",
    }


@pytest.mark.parametrize("ending", ENDINGS, ids=lambda each: each.name)
def test_from_the_form_to_its_end_exactly_this_happens_and_is_told(
    ending: Ending,
    at_work: Callable[[str], AbstractContextManager[Settle]],
    control_client: Client,
    listening: Listening,
    post: Post,
) -> None:
    belt = factories.create_product("Fan belt", stock=10)
    lamp = factories.create_product("Lamp", stock=ending.lamps)
    head, order_id = everything()[-1].position, uuid4()
    before_time, after_time = ending.steps
    with at_work(ending.simulation) as settle:
        settle()
        placed = send(control_client, "/orders/new/", command_id=order_id, **form({belt: 4, lamp: 2}))
        assert said(placed) == ["Succeeded placing order"]
        settle()
        take_step(control_client, order_id, before_time)
        ParkedEvent.objects.filter(is_timer=True).update(due_at=timezone.now())
        settle()
        take_step(control_client, order_id, after_time)
        settle()
    happened = [each for each in everything() if each.position > head]
    assert outline(happened) == dedent(ending.happens)
    streams = {each.stream for each in happened}
    assert [told_in_words(each) for each in listening.of(*streams)] == ending.told
    assert [each["Subject"] for each in post.messages] == ending.mails
    assert len(set(post.ids)) == len(post.ids)
    assert (stock(belt), stock(lamp)) == ending.in_stock
    assert parked_events() == []
    assert not ParkedEvent.objects.exists()
    stock_adds_up()
    nothing_is_amiss()


def take_step(browser: Client, order_id: UUID, step: str) -> None:
    """Press a button on the page of the order, if there is one to be pressed."""
    if step:
        send(browser, f"/orders/{order_id}/{step}", reason="Not needed")


def stock(product_id: UUID) -> int:
    """As the page shows it."""
    return ProductRow.objects.get(product_id=product_id).stock
