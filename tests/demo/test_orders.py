"""The demo's orders: made by commands like everything else, with all that the reactions would have done."""

import io
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives
from django.core.management import call_command
from django.utils import timezone
from pytest_django import Settings

from eventstore.current import current_store
from eventstore.models import Checkpoint, ParkedEvent, StoredEvent
from eventstore.reactions.reaction import registry
from eventstore.store import EventStore
from readmodels.models import BuyerRow, OrderRow, ProductRow
from tests import factories
from tests.orders.settle import everything, parked_events, run

pytestmark = pytest.mark.django_db(transaction=True)

Outbox = list[EmailMultiAlternatives]
CHAIN = ("buyers", "validation", "stock", "reservations", "payment")


@pytest.fixture(autouse=True)
def debug(settings: Settings) -> None:
    settings.DEBUG = True


def seed_demo(*options: str) -> None:
    """A small demo that ends now, so that its newest events are ones that mail would still be sent about."""
    call_command("seed_demo", "--jobs", "30", "--days", "10", *options, stdout=io.StringIO())


def lines_of(order: OrderRow) -> dict[str, Any]:
    return {line.name: line for line in order.lines.all()}


def test_there_is_a_catalogue_with_prices_that_changed_and_something_that_runs_low() -> None:
    seed_demo()
    assert 20 <= ProductRow.objects.filter(withdrawn_at=None).count() <= 30
    assert ProductRow.objects.exclude(withdrawn_at=None).count() == 1
    assert ProductRow.objects.filter(stock__lte=5, withdrawn_at=None).exists()
    assert StoredEvent.objects.filter(type="ProductRepriced").count() == 3
    assert StoredEvent.objects.filter(type="StockCorrected").count() == 1


def test_there_are_orders_in_every_status_over_the_whole_month_some_for_jobs() -> None:
    seed_demo("--jobs", "120")
    statuses = Counter(OrderRow.objects.values_list("status", flat=True))
    assert set(statuses) == set(OrderRow.Status.values)
    assert statuses["shipped"] > 5
    days = {each.placed_at.date() for each in OrderRow.objects.all()}
    assert len(days) > 5
    assert OrderRow.objects.exclude(work_id=None).exists()


def test_orders_were_cancelled_for_each_reason() -> None:
    seed_demo()
    assert set(OrderRow.objects.filter(status="cancelled").values_list("reason", flat=True)) >= {
        "Ordered twice by mistake.",
        "The payment was declined.",
        "The product items don't have stock: Sounder with beacon.",
    }


def test_one_buyer_is_past_the_threshold_and_has_the_discount_since() -> None:
    seed_demo()
    (buyer,) = BuyerRow.objects.filter(paid_cents__gt=600_000)
    percents = OrderRow.objects.filter(buyer_id=buyer.buyer_id).order_by("number")
    assert list(percents.values_list("discount_percent", flat=True)) == [0, 0, 10, 10]


def test_a_worker_that_starts_later_has_nothing_to_do_and_writes_to_nobody(mailoutbox: Outbox) -> None:
    seed_demo()
    before = [each.id for each in everything()]
    run()
    assert [each.id for each in everything()] == before
    assert mailoutbox == []
    assert parked_events() == []


def test_a_worker_that_begins_at_the_first_event_finds_everything_done(settings: Settings) -> None:
    """The follow-up events are those that the reactions would have made, ids and all."""
    settings.ORDER_GRACE_SECONDS = 0
    seed_demo()
    before = [each.id for each in everything()]
    for name in CHAIN:
        Checkpoint.objects.filter(name=registry[name].checkpoint).update(position=0)
    waiting = set(ParkedEvent.objects.values_list("stream", flat=True))
    run()
    added = [each for each in everything() if each.id not in set(before)]
    assert {each.correlation_id for each in added} <= {
        current_store().read_stream(stream)[0].correlation_id for stream in waiting
    }
    assert parked_events() == []


def test_what_was_under_way_goes_on_when_its_time_has_come() -> None:
    seed_demo()
    under_way = OrderRow.objects.filter(status__in=["submitted", "awaiting_validation", "stock_confirmed"])
    ids = list(under_way.values_list("order_id", flat=True))
    assert len(ids) == 4
    ParkedEvent.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    run()
    assert set(OrderRow.objects.filter(order_id__in=ids).values_list("status", flat=True)) == {"paid"}
    assert not ParkedEvent.objects.exists()


def test_orders_stock_and_buyers_agree() -> None:
    seed_demo()
    call_command("audit_orders", stdout=io.StringIO())


def test_seeded_beside_other_events_it_leaves_reactions_that_have_still_to_answer_those(
    mailoutbox: Outbox,
) -> None:
    factories.place_order()
    seed_demo()
    assert not Checkpoint.objects.filter(name__startswith="reaction").exists()
    run()
    assert OrderRow.objects.get(number=1).status == "submitted"


def test_it_can_be_put_into_kurrentdb(kurrent: EventStore, mailoutbox: Outbox) -> None:
    seed_demo()
    before = kurrent.read_all(0, 10_000)
    run()
    assert kurrent.read_all(0, 10_000) == before
    assert set(OrderRow.objects.values_list("status", flat=True)) == set(OrderRow.Status.values)
    assert mailoutbox == []
