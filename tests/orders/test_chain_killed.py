"""A worker is killed between any two steps of an order, on the way to any of its endings, and the order ends
right. What has no id of its own, a mail or a message, comes twice when it dies just after sending. A run
takes some of the steps (tests/sampling.py)."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings
from django.utils import timezone

from eventstore.current import current_store
from eventstore.models import ParkedEvent
from eventstore.projections.advance import advance
from eventstore.store import RecordedEvent
from integration.event_messages import told
from orders.chain import chain_of
from orders.order import ORDER, Status
from products.product import PRODUCT
from readmodels.models import OrderRow, ProductRow
from tests.integration.bus import URL, Listening
from tests.orders.endings import (
    CANCELLED_IN_TIME,
    DECLINED,
    OUT_OF_STOCK,
    PAID,
    SHIPPED,
    WRITTEN_ABOUT,
    Ending,
)
from tests.orders.killable_worker import Mortals
from tests.orders.settle import all_at_head, everything
from tests.orders.stock import each_effect_came_once, nothing_is_amiss, stock_adds_up
from tests.sampling import sampled
from tests.worker.processes import wait_for

CHAIN = [f"reaction {each}" for each in ("buyers", "validation", "stock", "reservations", "payment", "mail")]


# --- What is around the workers -----------------------------------------------------------------------


@dataclass(frozen=True)
class Around:
    """The queue of everything that the workers publish, and the mail that they send."""

    folder: Path
    listening: Listening

    def workers(self, *, grace: int, payment: str = "succeed") -> Mortals:
        return Mortals(
            self.folder,
            DJANGO_SETTINGS_MODULE="config.settings",
            EMAIL_URL=f"file:///{self.folder}/mail",
            EVENT_BUS_URL=URL,
            ORDER_GRACE_SECONDS=str(grace),
            PAYMENT_SIMULATION=payment,
        )

    def mails(self, chain: list[RecordedEvent]) -> Counter[str]:
        """How often each was handed over that is about one of these, by the type of the event."""
        texts = (each.read_text() for each in (self.folder / "mail").glob("*"))
        times = Counter(found for text in texts for found in re.findall(r"^Message-ID: <(.*)@", text, re.M))
        return +Counter({each.type: times[str(each.id)] for each in chain})

    def messages(self, chain: list[RecordedEvent]) -> Counter[str]:
        """How often each of these was told."""
        streams = {each.stream for each in chain}
        return Counter(each.get_id() for each in self.listening.of(*streams))


@pytest.fixture
def around(tmp_path: Path, listening: Listening) -> Around:
    return Around(tmp_path, listening)


# --- Where an order stands ----------------------------------------------------------------------------


def state(order_id: UUID) -> Status:
    return ORDER.fold(each.event for each in current_store().read_stream(f"order-{order_id}")).status


def rest(order_ids: list[UUID], at: Status) -> bool:
    """Whether these have come so far, and all was answered whose time has come."""
    to_come = ParkedEvent.objects.filter(is_timer=True, due_at__gt=timezone.now())
    if ParkedEvent.objects.exclude(pk__in=to_come).exists():
        return False
    return all(state(each) is at for each in order_ids) and all_at_head(*CHAIN, "reaction bus")


def bring(workers: Mortals, order_ids: list[UUID], to: Status) -> Counter[str]:
    """Let a worker do what is left to do; returns the steps that it has passed."""
    workers.begin()
    wait_for(f"{to.value.lower()}", lambda: rest(order_ids, to))
    return workers.kill()


def check(around: Around, order_id: UUID, ending: Ending, last_step: str = "") -> None:
    """Every event, mail and message once; except for what a worker sent just before it died."""
    history = current_store().read_stream(f"order-{order_id}")
    chain = [each.recorded for each in chain_of(order_id, history)]
    assert [each.type for each in history] == ending.own
    assert sorted(each.type for each in chain if each not in history) == sorted(ending.beside)
    sent, _, about = last_step.partition(" ")
    written = Counter(each.type for each in chain if each.type in WRITTEN_ABOUT)
    assert around.mails(chain) == written + Counter({about: sent == "mail"})
    types = {told_of.get_id(): each.type for each in chain for told_of in told(each)}
    messages = around.messages(chain)
    assert set(messages) == set(types)
    told_again = {types[each] for each, times in messages.items() if times > 1}
    assert told_again == ({about} if sent == "message" else set())
    assert max(messages.values()) <= 2
    each_effect_came_once()


def check_all() -> None:
    """However the orders ended: the stock, the tables and the audit agree."""
    stock_adds_up()
    nothing_is_amiss()
    wait_for("the read models", rows_agree)


def rows_agree() -> bool:
    """Whether the tables say what the streams say. The worker has ended, so this advances them first."""
    while settings.PROJECTION == "worker" and advance():
        pass
    placed = [each.event.order_id for each in everything() if each.type == "OrderStarted"]
    rows = {each.order_id: each.get_status_display() for each in OrderRow.objects.all()}
    products = {f"product-{each.product_id}": each.stock for each in ProductRow.objects.all()}
    read = current_store().read_stream
    stock = {name: PRODUCT.fold(each.event for each in read(name)).stock for name in products}
    return rows == {each: state(each).value for each in placed} and products == stock


# --- Killed at each step in turn ----------------------------------------------------------------------


def numbered(steps: Counter[str], ending: Ending) -> Iterator[tuple[str, int]]:
    """Each step of this way: the first, second, ... of its name. There are no webhooks here."""
    for step, times in steps.items():
        events = set(step.rpartition(" ")[2].split("+"))
        if not step.startswith("answer webhooks ") and not events <= set(ending.common):
            yield from ((step, number) for number in range(1, times + 1))


def test_killed_at_any_step_until_it_is_paid_an_order_ends_as_if_nothing_had_happened(around: Around) -> None:
    with around.workers(grace=PAID.grace) as workers:
        order_id = PAID.place()
        steps = bring(workers, [order_id], PAID.status)
        check(around, order_id, PAID)
        assert {"append OrderPaid", "timer OrderStarted", "mail OrderPaid", "message OrderPaid"} <= set(steps)
        for step, number in sampled([*numbered(steps, PAID)]):
            workers.begin(step, number)
            order_id = PAID.place()
            assert workers.passed()[step] == number
            bring(workers, [order_id], PAID.status)
            check(around, order_id, PAID, step)
    check_all()


def ready(workers: Mortals, ending: Ending, number: int) -> list[UUID]:
    """So many orders where their way leaves the others."""
    order_ids = [ending.place() for _ in range(number)]
    bring(workers, order_ids, ending.parts_at)
    return order_ids


@pytest.mark.parametrize(
    "ending",
    [
        pytest.param(SHIPPED, id="shipped"),
        pytest.param(OUT_OF_STOCK, id="out of stock"),
        pytest.param(DECLINED, id="declined"),
        pytest.param(CANCELLED_IN_TIME, id="cancelled in time"),
    ],
)
def test_killed_at_any_step_to_another_ending_it_ends_as_if_nothing_had_happened(
    ending: Ending, around: Around
) -> None:
    with around.workers(grace=ending.grace, payment=ending.payment) as workers:
        (first,) = ready(workers, ending, 1)
        ending.part(first)
        every = list(numbered(bring(workers, [first], ending.status), ending))
        check(around, first, ending)
        assert {(f"{sent} {ending.own[-1]}", 1) for sent in ("mail", "message")} <= set(every)
        steps = sampled(every)
        for (step, number), order_id in zip(steps, ready(workers, ending, len(steps)), strict=True):
            workers.begin(step, number)
            ending.part(order_id)
            assert workers.passed()[step] == number
            bring(workers, [order_id], ending.status)
            check(around, order_id, ending, step)
    check_all()
    print(f"killed at {len(steps)} of {len(every)} steps: {steps}")


@pytest.mark.parametrize("restarted", ["before its time", "after its time"])
def test_killed_while_an_order_is_thought_over_it_goes_on_when_its_time_has_come(
    restarted: str, around: Around
) -> None:
    with around.workers(grace=1) as workers:
        workers.begin("timer OrderStarted", 1)
        order_id = PAID.place()
        workers.passed()
        due_at = ParkedEvent.objects.get(is_timer=True).due_at
        assert due_at
        assert state(order_id) is Status.SUBMITTED
        if restarted == "after its time":
            wait_for("its time", lambda: due_at < timezone.now())
        bring(workers, [order_id], PAID.status)
    check(around, order_id, PAID)
    assert current_store().read_stream(f"order-{order_id}")[2].recorded_at >= due_at
