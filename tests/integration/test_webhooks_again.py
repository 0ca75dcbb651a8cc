"""A delivery that arrived is asked for again, also during an attempt; nothing is lost."""

from datetime import timedelta
from threading import Event

import pytest
from django.test import Client
from django.utils import timezone

from integration import outbound_http
from integration.models import Delivery, Webhook
from integration.sender import ATTEMPTS, claim, take_turn, write_down
from tests import factories
from tests.eventstore.threads import PATIENCE, Beside
from tests.integration.deliveries import deliver, enqueue, let_pass, webhook
from tests.integration.receiver import Receiver
from tests.pages.page_requests import text_of
from tests.worker.processes import wait_for

pytestmark = pytest.mark.django_db(transaction=True)


def redeliver(browser: Client) -> None:
    """Press the button."""
    found = Delivery.objects.get()
    browser.post(f"/administration/webhooks/{found.webhook_id}/deliveries/{found.pk}/")


def pressed_meanwhile(browser: Client, hook: Webhook, receiver: Receiver) -> Delivery:
    """Make an attempt, with the button pressed while the receiver has the request but has not answered."""
    factories.raise_work()
    enqueue()
    receiver.hang()
    with Beside(1) as beside:
        turn = beside.run(take_turn, hook.pk, stop := Event())
        wait_for("the request", lambda: len(receiver.requests) == 1)
        redeliver(browser)
        stop.set()  # one attempt is enough
        receiver.go_on.set()
        turn.result(PATIENCE)
    return Delivery.objects.get()


def test_asked_for_while_an_attempt_fails_it_stays_due(
    receiver: Receiver, administration_client: Client
) -> None:
    receiver.code = 500
    hook = webhook(receiver)
    found = pressed_meanwhile(administration_client, hook, receiver)
    assert (found.status, found.attempts, found.delivered_at) == ("Waiting", 0, None)
    receiver.code = 200
    let_pass()
    deliver(hook)
    assert (Delivery.objects.get().status, len(receiver.requests)) == ("Delivered", 2)


def test_asked_for_while_an_attempt_goes_well_it_has_arrived_and_stays_due(
    receiver: Receiver, administration_client: Client
) -> None:
    hook = webhook(receiver)
    found = pressed_meanwhile(administration_client, hook, receiver)
    assert (found.status, found.attempts) == ("Waiting", 0)
    assert found.delivered_at
    deliver(hook)
    again = Delivery.objects.get()
    assert (again.status, len(receiver.requests)) == ("Delivered", 2)
    assert again.delivered_at
    assert again.delivered_at > found.delivered_at


def test_a_redelivery_that_fails_does_not_hide_that_it_once_arrived(
    receiver: Receiver, administration_client: Client
) -> None:
    hook = webhook(receiver)
    factories.raise_work()
    deliver(hook)
    arrived = timezone.now() - timedelta(days=2)
    Delivery.objects.update(delivered_at=arrived)
    receiver.code, receiver.answer = 500, b"out to lunch"
    redeliver(administration_client)
    for _ in range(ATTEMPTS):
        assert Delivery.objects.get().due_at
        deliver(hook)
        let_pass()
    found = Delivery.objects.get()
    assert (found.status, found.delivered_at) == ("Failed", arrived)
    page = administration_client.get(f"/administration/webhooks/{hook.pk}/?state=failed")
    assert f"Failed 2 d ago just now {ATTEMPTS} attempts Answered 500 It said: out to lunch" in text_of(page)


def test_an_attempt_that_outlasts_its_time_does_not_write_over_the_next_one(receiver: Receiver) -> None:
    hook = webhook(receiver)
    factories.raise_work()
    enqueue()
    slow = claim(hook.pk)
    assert slow
    let_pass()
    deliver(hook)
    write_down(slow, None, "No answer within 10 s")
    found = Delivery.objects.get()
    assert (found.status, found.error, found.attempts) == ("Delivered", "", 2)


def test_one_that_hangs_is_asked_for_again_and_arrives_when_the_receiver_is_back(
    receiver: Receiver, administration_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook = webhook(receiver)
    factories.raise_work()
    with monkeypatch.context() as hurried:
        hurried.setattr(outbound_http, "DEADLINE", 0.5)
        receiver.hang()
        deliver(hook)
    assert Delivery.objects.get().status == "Trying again"
    receiver.go_on.set()
    redeliver(administration_client)
    deliver(hook)
    found = Delivery.objects.get()
    assert (found.status, found.attempts, found.error) == ("Delivered", 1, "")
