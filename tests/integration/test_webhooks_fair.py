"""Receivers that hang, and one that does not: which of them get the sender's places."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.utils import timezone

from integration import outbound_http
from integration.delivery_schedule import AT_ONCE, AT_ONCE_FAILING, Turn, next_turns
from integration.models import Delivery, Webhook
from tests import factories
from tests.eventstore.threads import PATIENCE
from tests.integration.deliveries import deliver, enqueue, let_pass, webhook
from tests.integration.receiver import Receiver
from tests.worker.processes import wait_for

pytestmark = pytest.mark.django_db(transaction=True)

BACKLOG = 10
"""Events for each receiver that hangs, before there was one that does not."""


@pytest.fixture(autouse=True)
def private(settings: LazySettings) -> None:
    """This installation delivers to private addresses."""
    settings.WEBHOOKS_TO_PRIVATE_ADDRESSES = True


def waiting_for_all_places(receiver: Receiver) -> list[Webhook]:
    """As many webhooks as there are places; each has a backlog for a receiver that hangs."""
    receiver.hang()
    hooks = [webhook(receiver) for _ in range(AT_ONCE)]
    for _ in range(BACKLOG):
        factories.raise_work()
    enqueue()
    return hooks


def failing() -> int:
    return Webhook.objects.exclude(failing_since=None).count()


def test_one_that_is_back_has_its_turn_among_those_that_hang(
    sending: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbound_http, "DEADLINE", 0.5)
    with Receiver() as hanging, Receiver() as quick:
        others = waiting_for_all_places(hanging)
        webhook(quick)
        Webhook.objects.update(failing_since=timezone.now())
        factories.raise_work()
        enqueue()
        sending()
        wait_for("the one that is back", lambda: len(quick.requests) == 1)
        assert Delivery.objects.filter(webhook__in=others, attempts=0).exists()


def test_while_as_many_hang_as_there_are_places_another_is_served(
    sending: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """They hang for longer than the test waits: were all the places theirs, nothing would come."""
    monkeypatch.setattr(outbound_http, "DEADLINE", 0.5)
    with Receiver() as hanging, Receiver() as quick:
        waiting_for_all_places(hanging)
        sending()
        wait_for("all to fail", lambda: failing() == AT_ONCE)
        monkeypatch.setattr(outbound_http, "DEADLINE", PATIENCE * 2.0)
        quick_waits = webhook(quick).deliveries.filter(delivered_at=None)
        while len(quick.requests) < 3:
            factories.raise_work()
            enqueue()
            wait_for("the quick receiver", lambda: not quick_waits.exists())
        assert failing() == AT_ONCE


def test_those_that_hung_get_everything_when_they_are_back(
    sending: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbound_http, "DEADLINE", 0.5)
    with Receiver() as hanging:
        waiting_for_all_places(hanging)
        sending()
        wait_for("all to fail", lambda: failing() == AT_ONCE)
        monkeypatch.setattr(outbound_http, "DEADLINE", 10.0)
        hanging.go_on.set()
        wait_for("all", lambda: not Delivery.objects.exclude(due_at=None).exists())
    assert all(each.status == "Delivered" for each in Delivery.objects.all())
    assert failing() == 0


def test_a_webhook_fails_from_when_an_attempt_did_until_one_goes_well(receiver: Receiver) -> None:
    receiver.code = 500
    hook = webhook(receiver)
    factories.raise_work()
    since = []
    for _ in range(2):
        deliver(hook)
        let_pass()
        since.append(Webhook.objects.get().failing_since)
    assert since[0] is not None
    assert since[0] == since[1]
    receiver.code = 200
    deliver(hook)
    assert Webhook.objects.get().failing_since is None


def in_line(*, failing: bool, minutes_ago: int | None = None) -> int:
    """A webhook that waits, with when it was last attempted; its id."""
    now = timezone.now()
    attempted = None if minutes_ago is None else now - timedelta(minutes=minutes_ago)
    made = webhook(
        "http://example.com/",
        attempted_at=attempted,
        failing_since=now - timedelta(hours=1) if failing else None,
    )
    return made.pk


def test_the_least_recently_attempted_comes_first() -> None:
    recent, old, never = (in_line(failing=False, minutes_ago=each) for each in (1, 9, None))
    factories.raise_work()
    enqueue()
    assert [each.webhook_id for each in next_turns([])] == [never, old, recent]
    busy = [Turn(webhook_id=never, is_failing=False)]
    assert [each.webhook_id for each in next_turns(busy)] == [old, recent]
    Webhook.objects.filter(pk=old).update(is_enabled=False)
    assert [each.webhook_id for each in next_turns(busy)] == [recent]


def test_those_that_fail_share_some_of_the_places_in_turn() -> None:
    bad = [in_line(failing=True, minutes_ago=60 - each) for each in range(AT_ONCE)]
    good = [in_line(failing=False, minutes_ago=1) for _ in range(AT_ONCE)]
    factories.raise_work()
    enqueue()
    places = [each.webhook_id for each in next_turns([])]
    assert places == bad[:AT_ONCE_FAILING] + good[: AT_ONCE - AT_ONCE_FAILING]
    busy = [Turn(webhook_id=each, is_failing=True) for each in bad[:AT_ONCE_FAILING]]
    assert [each.webhook_id for each in next_turns(busy)] == good[: AT_ONCE - AT_ONCE_FAILING]
    assert next_turns([Turn(webhook_id=each, is_failing=False) for each in good]) == []
