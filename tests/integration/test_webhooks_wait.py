"""A webhook that fails waits as a whole: as long as its receiver asks, and for ever if that is gone."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone

from integration.models import Delivery, Webhook
from integration.sender import FIRST_PAUSE, LATEST
from tests import factories
from tests.integration.deliveries import deliver, let_pass, webhook
from tests.integration.receiver import Receiver
from tests.pages.page_requests import text_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def private(settings: LazySettings) -> None:
    """This installation delivers to private addresses."""
    settings.WEBHOOKS_TO_PRIVATE_ADDRESSES = True


def wait_of(hook: Webhook) -> float:
    """Seconds, about, for which nothing is sent to it."""
    hook.refresh_from_db()
    assert hook.resumes_at is not None
    return (hook.resumes_at - timezone.now()).total_seconds()


def in_two_hours() -> str:
    return format_datetime(datetime.now(UTC) + timedelta(hours=2), usegmt=True)


def test_all_that_is_due_to_it_waits_and_comes_once_one_has_arrived(receiver: Receiver) -> None:
    receiver.code = 500
    hook = webhook(receiver)
    for _ in range(3):
        factories.raise_work()
    for _ in range(2):
        deliver(hook)
    assert len(receiver.requests) == 1
    Webhook.objects.update(resumes_at=timezone.now() - timedelta(seconds=1))
    deliver(hook)
    assert len(receiver.requests) == 2
    assert wait_of(hook) > FIRST_PAUSE.total_seconds()
    receiver.code = 200
    let_pass()
    deliver(hook)
    assert not Delivery.objects.filter(delivered_at=None).exists()
    hook.refresh_from_db()
    assert (hook.failing_since, hook.failures, hook.resumes_at) == (None, 0, None)


@pytest.mark.parametrize("code", [429, 503])
@pytest.mark.parametrize(
    ("asked", "least", "most"),
    [
        ("3600", 3500, 3600),
        ("0", 0, 1),
        ("in_two_hours", 7000, 7200),
        ("Mon, 02 Mar 2020 09:00:00 GMT", 0, 1),
        ("9" * 40, 1, LATEST.total_seconds()),
        ("99999999", LATEST.total_seconds() - 100, LATEST.total_seconds()),
        ("after lunch", 1, FIRST_PAUSE.total_seconds()),
        ("-5", 1, FIRST_PAUSE.total_seconds()),
    ],
)
def test_it_waits_for_as_long_as_its_receiver_asks(
    receiver: Receiver, code: int, asked: str, least: float, most: float
) -> None:
    receiver.code = code
    receiver.headers = {"Retry-After": in_two_hours() if asked == "in_two_hours" else asked}
    hook = webhook(receiver)
    factories.raise_work()
    deliver(hook)
    assert least - 1 <= wait_of(hook) <= most
    assert Delivery.objects.get().status == "Trying again"


def test_another_answer_asks_for_nothing(receiver: Receiver) -> None:
    receiver.code, receiver.headers = 500, {"Retry-After": "3600"}
    hook = webhook(receiver)
    factories.raise_work()
    deliver(hook)
    assert wait_of(hook) <= FIRST_PAUSE.total_seconds()


def test_one_that_is_gone_is_disabled_until_somebody_enables_it(
    receiver: Receiver, administration_client: Client
) -> None:
    receiver.code = 410
    hook = webhook(receiver)
    for _ in range(2):
        factories.raise_work()
    for _ in range(2):
        deliver(hook)
        let_pass()
    assert len(receiver.requests) == 1
    page = f"/administration/webhooks/{hook.pk}/"
    assert "Disabled: the receiver says that it is gone for good" in text_of(administration_client.get(page))
    assert sorted(each.status for each in Delivery.objects.all()) == ["Failed", "Waiting"]
    receiver.code = 200
    administration_client.post(f"{page}enabled/", {"enabled": "yes"})
    deliver(hook)
    assert sorted(each.status for each in Delivery.objects.all()) == ["Delivered", "Failed"]
    assert "gone for good" not in text_of(administration_client.get(page)).partition("Answered 410")[0]


def test_somebody_who_asks_for_a_delivery_has_it_at_once(
    receiver: Receiver, administration_client: Client
) -> None:
    receiver.code, receiver.headers = 503, {"Retry-After": "3600"}
    hook = webhook(receiver)
    factories.raise_work()
    deliver(hook)
    receiver.code = 200
    found = Delivery.objects.get()
    administration_client.post(f"/administration/webhooks/{hook.pk}/deliveries/{found.pk}/")
    deliver(hook)
    assert Delivery.objects.get().status == "Delivered"
