"""Webhooks: what is delivered where, to a real HTTP server that fails, hangs, redirects and comes back."""

import logging
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest
from django.utils import timezone

from eventstore.current import current_store
from eventstore.reactions.reaction import registry
from integration import outbound_http
from integration.models import Delivery, Webhook
from integration.sender import ATTEMPTS, KEPT, claim, due, forget, take, take_turn
from integration.signature import new_secret
from tests import factories
from tests.eventstore.threads import PATIENCE, Beside
from tests.integration.bus import kinds, stream
from tests.integration.deliveries import deliver, enqueue, let_pass, webhook
from tests.integration.receiver import Receiver, is_genuine
from tests.worker.processes import Worker, wait_for

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_event_is_posted_signed_as_the_receiver_expects(receiver: Receiver) -> None:
    hook = webhook(receiver)
    work_id = factories.raise_work()
    deliver(hook)
    ((line, headers, body),) = receiver.requests
    (recorded,) = current_store().read_stream(stream("work", work_id))
    assert line == "POST /hook"
    assert headers["Content-Type"] == "application/cloudevents+json; charset=utf-8"
    assert headers["Callout-Event-Id"] == receiver.events[0].get_id() == str(recorded.id)
    assert headers["Callout-Event-Type"] == receiver.events[0].get_type() == "callout.work.raised.v1"
    assert is_genuine(hook.secret, headers, body)
    assert not is_genuine(new_secret(), headers, body)
    assert not is_genuine(hook.secret, headers, body.replace(b"work", b"play"))
    later = headers | {"Callout-Timestamp": str(int(headers["Callout-Timestamp"]) + 1)}
    assert not is_genuine(hook.secret, later, body)


def test_what_was_delivered_is_in_the_log(receiver: Receiver) -> None:
    receiver.answer = b"thank you \0" + b"!" * 5000
    hook = webhook(receiver)
    factories.raise_work()
    deliver(hook)
    delivery = Delivery.objects.get()
    assert (delivery.status, delivery.attempts, delivery.answer_code) == ("Delivered", 1, 200)
    assert delivery.answer.startswith("thank you !")
    assert len(delivery.answer) <= 200


def test_a_webhook_gets_the_types_it_wants_from_when_it_was_added(receiver: Receiver) -> None:
    factories.assign(factories.raise_work(), factories.hire())
    hook = webhook(receiver, "callout.work.assigned.v1")
    work_id = factories.raise_work()
    factories.assign(work_id, factories.hire())
    deliver(hook)
    assert kinds(receiver.events) == ["work.assigned.v1"]
    assert receiver.events[0].get_subject() == stream("work", work_id)


def test_a_disabled_webhook_gets_nothing_and_misses_what_happens_meanwhile(receiver: Receiver) -> None:
    hook = webhook(receiver)
    before = factories.raise_work()
    enqueue()
    Webhook.objects.update(is_enabled=False)
    factories.raise_work()
    deliver(hook)
    assert receiver.requests == []
    Webhook.objects.update(is_enabled=True)
    deliver(hook)
    assert [each.get_subject() for each in receiver.events] == [stream("work", before)]


def test_an_event_that_comes_again_is_delivered_once(receiver: Receiver) -> None:
    hook = webhook(receiver)
    factories.place_order()
    deliver(hook)
    assert kinds(receiver.events) == ["order.started.v1", "order.status-changed.v1"]
    recorded = current_store().read_all(0, 100)[-1]
    registry["webhooks"].handle(recorded)
    deliver(hook)
    assert len(receiver.requests) == 2


def test_a_receiver_that_fails_is_tried_again_ever_more_seldom(receiver: Receiver) -> None:
    receiver.code, receiver.answer = 503, b"out to lunch"
    hook = webhook(receiver)
    factories.raise_work()
    pauses = []
    for _ in range(ATTEMPTS - 1):
        deliver(hook)
        waiting = Delivery.objects.get()
        assert waiting.due_at
        assert waiting.attempted_at
        pauses.append(round((waiting.due_at - waiting.attempted_at).total_seconds() / 10))
        assert (waiting.status, waiting.error, waiting.answer) == (
            "Trying again",
            "Answered 503",
            "out to lunch",
        )
        let_pass()
    assert pauses == [1, 2, 4, 8, 16, 32, 64, 128, 256, *[360] * (ATTEMPTS - 10)]
    deliver(hook)
    let_pass()
    deliver(hook)
    assert Delivery.objects.get().status == "Failed"
    assert len(receiver.requests) == ATTEMPTS
    assert len({body for _, _, body in receiver.requests}) == 1


def test_a_receiver_that_was_away_gets_everything_when_it_is_back(
    receiver: Receiver, sending: Callable[[], None]
) -> None:
    receiver.code = 500
    webhook(receiver)
    sending()
    works = [factories.raise_work() for _ in range(4)]
    enqueue()
    wait_for("some attempts", lambda: len(receiver.requests) > 2)
    receiver.code = 204
    wait_for("all", lambda: Delivery.objects.exclude(delivered_at=None).count() == 4)
    heard = {each.get_subject() for each in receiver.events}
    assert heard == {stream("work", each) for each in works}


def test_a_receiver_that_hangs_holds_up_nobody_else(
    receiver: Receiver, sending: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request that is still open when the other receiver has everything never gets an answer."""
    receiver.hang()
    with Receiver() as quick:
        webhook(receiver)
        webhook(quick)
        sending()
        for _ in range(5):
            factories.raise_work()
        enqueue()
        wait_for("the other receiver", lambda: len(quick.requests) == 5)
        assert len(receiver.requests) <= 1
    receiver.go_on.set()


@pytest.mark.parametrize("drips", [True, False])
def test_a_receiver_that_does_not_end_its_answer_in_time_has_not_taken_it(
    receiver: Receiver, drips: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbound_http, "DEADLINE", 0.5)
    if drips:
        receiver.drips = True
    else:
        receiver.hang()
    hook = webhook(receiver)
    factories.raise_work()
    deliver(hook)
    assert Delivery.objects.get().error.startswith("No answer within")


def test_a_redirect_is_not_followed(receiver: Receiver) -> None:
    with Receiver() as elsewhere:
        receiver.code, receiver.headers = 302, {"Location": elsewhere.url}
        hook = webhook(receiver)
        factories.raise_work()
        deliver(hook)
        assert Delivery.objects.get().error == "Answered 302; redirects are not followed"
        assert elsewhere.requests == []
        assert len(receiver.requests) == 1


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9/", "http://no-such-host.invalid/", "https://127.0.0.1:{port}/"]
)
def test_a_receiver_that_is_not_there_is_an_error_like_any_other(receiver: Receiver, url: str) -> None:
    hook = webhook(url.format(port=receiver.port))
    factories.raise_work()
    deliver(hook)
    delivery = Delivery.objects.get()
    assert (delivery.status, delivery.answer_code) == ("Trying again", None)
    assert delivery.error


def test_two_senders_never_make_the_same_attempt(receiver: Receiver) -> None:
    hook = webhook(receiver)
    for _ in range(5):
        factories.raise_work()
    enqueue()
    with Beside(4) as beside:
        tried = [beside.run(take_turn, hook.pk, Event()) for _ in range(4)]
        for each in tried:
            each.result(PATIENCE)
    assert len(receiver.requests) == 5


def test_of_two_senders_that_have_read_the_same_delivery_one_makes_it(receiver: Receiver) -> None:
    hook = webhook(receiver)
    factories.raise_work()
    enqueue()
    (mine,), (theirs,) = due(hook.pk), due(hook.pk)
    assert take(mine)
    assert not take(theirs)


def test_a_delivery_whose_sender_died_is_made_again_after_a_while(receiver: Receiver) -> None:
    hook = webhook(receiver)
    factories.raise_work()
    enqueue()
    assert claim(hook.pk)
    assert claim(hook.pk) is None
    let_pass()
    deliver(hook)
    assert Delivery.objects.get().attempts == 2
    assert len(receiver.requests) == 1


def test_a_worker_delivers_and_one_that_is_killed_in_between_loses_nothing(
    receiver: Receiver, tmp_path: Path
) -> None:
    webhook(receiver)
    receiver.hang()
    variables = {"WEBHOOKS_TO_PRIVATE_ADDRESSES": "1"}
    works = [factories.raise_work(), factories.raise_work()]
    with Worker(tmp_path, **variables):
        wait_for("the first request", lambda: len(receiver.requests) == 1)
    receiver.go_on.set()
    let_pass()
    with Worker(tmp_path, **variables) as second:
        wait_for("both", lambda: Delivery.objects.exclude(delivered_at=None).count() == 2)
        assert second.terminate() == 0
    heard = [str(each.get_subject()) for each in receiver.events]
    assert set(heard) == {stream("work", each) for each in works}
    assert len(heard) == 3


def test_no_secret_gets_into_the_log(receiver: Receiver, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    receiver.code = 500
    hook = webhook(receiver)
    factories.raise_work()
    deliver(hook)
    assert "failed: Answered 500" in caplog.text
    assert hook.secret not in caplog.text
    assert hook.secret.removeprefix("whsec_") not in repr(Delivery.objects.values().get())


def test_the_log_forgets_what_is_old_and_over(receiver: Receiver) -> None:
    hook = webhook(receiver)
    factories.raise_work()
    deliver(hook)
    factories.raise_work()
    enqueue()
    forget()
    assert Delivery.objects.count() == 2
    Delivery.objects.update(created_at=timezone.now() - KEPT - timedelta(days=1))
    forget()
    assert [each.status for each in Delivery.objects.all()] == ["Waiting"]
