"""Working off what is to be delivered: one delivery at a time for each webhook, several webhooks at once
(integration/turns.py says which).

Who takes a delivery puts its next attempt off first, so that no two workers make the same one, and one that
dies before writing down the outcome leaves it to be made again.
"""

import logging
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from threading import Event

import httpcore
from django.conf import settings
from django.db import connection
from django.utils import timezone

from integration.models import Delivery, Webhook
from integration.reaching import DEADLINE, Answer, post
from integration.signing import EVENT_ID, EVENT_TYPE, SIGNATURE, TIMESTAMP, sign
from integration.translation import CONTENT_TYPE
from integration.turns import AT_ONCE, Turn, next_turns

logger = logging.getLogger(__name__)

LOOK = 0.5
"""Seconds between two looks for what is due."""
FEW = 8
"""Deliveries that are read to take one of them: the first may just have been taken by another sender."""
TURN = 5.0
"""Seconds after which a webhook lets others have its place, as it also does when its receiver fails."""
ATTEMPTS = 12
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=10), timedelta(hours=1)
"""Before the second attempt, and at most; doubled in between, so that the last comes after about 3½ hours."""
KEPT = timedelta(days=30)
"""How long the log reaches back."""
LEASE = timedelta(seconds=DEADLINE * 6)
"""When a delivery is taken up again whose worker has died over it; the resolver has no deadline of ours."""


def send(stop: Event) -> None:
    """Deliver what is due, until told to stop."""
    at_work: dict[Turn, Future[None]] = {}
    tidied = 0.0
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="webhook") as pool:
        while not stop.is_set():
            for turn in [each for each, task in at_work.items() if task.done()]:
                at_work.pop(turn).result()
            for turn in next_turns(at_work):
                at_work[turn] = pool.submit(_closing, take_turn, turn.webhook_id, stop)
            if time.monotonic() - tidied > 3600:
                forget()
                tidied = time.monotonic()
            stop.wait(LOOK)


def take_turn(webhook_id: int, stop: Event) -> None:
    """Deliver to one webhook, until nothing is due, or one fails, or others should have the place."""
    until = time.monotonic() + TURN
    while not stop.is_set() and time.monotonic() < until:
        taken = claim(webhook_id)
        if taken is None or not attempt(taken):
            return


def claim(webhook_id: int) -> Delivery | None:
    """The next delivery that is due, for nobody else to make; None when there is none."""
    return next((each for each in due(webhook_id) if take(each)), None)


def due(webhook_id: int) -> list[Delivery]:
    """The first few deliveries that are due."""
    found = Delivery.objects.filter(
        webhook_id=webhook_id, webhook__is_enabled=True, due_at__lte=timezone.now()
    )
    return list(found.select_related("webhook").order_by("due_at", "id")[:FEW])


def take(delivery: Delivery) -> bool:
    """Begin an attempt, unless somebody else has begun it since the delivery was read."""
    now = timezone.now()
    unchanged = Delivery.objects.filter(pk=delivery.pk, due_at=delivery.due_at)
    delivery.due_at, delivery.attempts = now + LEASE, delivery.attempts + 1
    taken = unchanged.update(due_at=delivery.due_at, attempts=delivery.attempts, attempted_at=now)
    if taken:
        Webhook.objects.filter(pk=delivery.webhook_id).update(attempted_at=now)
    return bool(taken)


def attempt(delivery: Delivery) -> bool:
    """Make the attempt and write down its outcome; whether it was delivered."""
    answer, error = None, ""
    try:
        answer = request(delivery)
        if not 200 <= answer.code < 300:
            error = f"Answered {answer.code}{'; redirects are not followed' * (300 <= answer.code < 400)}"
    except httpcore.TimeoutException:
        error = f"No answer within {DEADLINE:.0f} s"
    except Exception as failure:  # whatever a receiver brings about fails this delivery, not the worker
        error = str(failure) or type(failure).__name__
    if error:
        logger.info("Delivery %s to webhook %s failed: %s", delivery.event_id, delivery.webhook_id, error)
    write_down(delivery, answer, error)
    tell_webhook(delivery.webhook, failed=bool(error))
    return not error


def request(delivery: Delivery) -> Answer:
    """One POST, signed at this moment."""
    body, timestamp = delivery.body.encode(), int(time.time())
    headers: dict[bytes | str, bytes | str] = {
        "Content-Type": f"{CONTENT_TYPE}; charset=utf-8",
        "User-Agent": "Callout",
        EVENT_ID: str(delivery.event_id),
        EVENT_TYPE: delivery.type,
        TIMESTAMP: str(timestamp),
        SIGNATURE: sign(delivery.webhook.secret, timestamp, body),
    }
    return post(delivery.webhook.url, body, headers, private=settings.WEBHOOKS_TO_PRIVATE_ADDRESSES)


def write_down(delivery: Delivery, answer: Answer | None, error: str) -> None:
    """How the attempt went, and when the next one is to be made.

    Unless somebody has asked for another meanwhile, or it took so long that another sender has begun one:
    then it stays due as it is, and of this attempt only that it arrived is kept.
    """
    now = timezone.now()
    pause = min(FIRST_PAUSE * 2 ** (delivery.attempts - 1), LONGEST_PAUSE)
    arrived = {} if error else {"delivered_at": now}
    unchanged = Delivery.objects.filter(pk=delivery.pk, due_at=delivery.due_at).update(
        due_at=now + pause if error and delivery.attempts < ATTEMPTS else None,
        answer_code=answer.code if answer else None,
        answer=answer.beginning if answer else "",
        error=error[:300],
        **arrived,
    )
    if arrived and not unchanged:
        Delivery.objects.filter(pk=delivery.pk).update(**arrived)


def tell_webhook(webhook: Webhook, *, failed: bool) -> None:
    """Keep since when it fails. An attempt at an address that it no longer has says nothing of it."""
    if failed != (webhook.failing_since is not None):
        since = timezone.now() if failed else None
        Webhook.objects.filter(pk=webhook.pk, url=webhook.url).update(failing_since=since)


def forget() -> None:
    """Delete from the log what is old and over."""
    Delivery.objects.filter(created_at__lt=timezone.now() - KEPT, due_at=None).delete()


def _closing(task: Callable[[int, Event], None], webhook_id: int, stop: Event) -> None:
    """A thread of the pool keeps no connection to the database while it waits for its next turn."""
    try:
        task(webhook_id, stop)
    finally:
        connection.close()
