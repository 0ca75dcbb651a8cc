"""A webhook with another address, other types or a new secret, as its receivers see it."""

import pytest
from django.test import Client

from integration.events import by_type
from integration.models import Delivery, Webhook
from integration.sender import let_wait
from integration.signature import new_secret
from tests import factories
from tests.integration.bus import kinds
from tests.integration.deliveries import deliver, let_pass, webhook
from tests.integration.receiver import Receiver, is_genuine

pytestmark = pytest.mark.django_db(transaction=True)


def edit(browser: Client, hook: Webhook, **fields: object) -> None:
    answer = browser.post(
        f"/administration/webhooks/{hook.pk}/edit/", {"url": hook.url, "types": hook.types, **fields}
    )
    assert answer.status_code == 302


def test_what_waits_goes_to_the_new_address(receiver: Receiver, administration_client: Client) -> None:
    receiver.code = 500
    hook = webhook(receiver)
    factories.raise_work()
    deliver(hook)
    let_pass()
    with Receiver() as elsewhere:
        edit(administration_client, hook, url=elsewhere.url)
        assert Webhook.objects.get().failing_since is None
        deliver(hook)
        (request,) = elsewhere.requests
        assert is_genuine(hook.secret, *request[1:])
    assert len(receiver.requests) == 1
    assert Delivery.objects.get().status == "Delivered"


def test_other_types_hold_from_then_on(receiver: Receiver, administration_client: Client) -> None:
    hook = webhook(receiver, "callout.order.started.v1")
    work_id = factories.raise_work()
    deliver(hook)
    edit(administration_client, hook, types=["callout.work.assigned.v1"])
    factories.place_order()
    factories.assign(work_id, factories.hire())
    deliver(hook)
    assert kinds(receiver.events) == ["work.assigned.v1"]


def test_an_attempt_at_the_old_address_does_not_say_that_the_new_one_fails(
    receiver: Receiver, administration_client: Client
) -> None:
    hook = webhook(receiver)
    edit(administration_client, hook, url="http://127.0.0.1:9/")
    let_wait(hook, None)
    assert Webhook.objects.get().failing_since is None


def test_the_old_secret_stops_at_once(receiver: Receiver, administration_client: Client) -> None:
    hook = webhook(receiver, *by_type)
    receiver.code = 500
    factories.raise_work()
    deliver(hook)
    let_pass()
    receiver.code = 200
    administration_client.post(f"/administration/webhooks/{hook.pk}/secret/")
    new = Webhook.objects.get().secret
    deliver(hook)
    before, after = (request[1:] for request in receiver.requests)
    assert is_genuine(hook.secret, *before)
    assert is_genuine(new, *after)
    assert not is_genuine(hook.secret, *after)
    assert not is_genuine(new_secret(), *after)
