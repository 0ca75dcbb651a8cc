"""Sends what is to be delivered: one delivery at a time for each webhook, several webhooks at once
(integration/delivery_schedule.py says which).

A worker that takes a delivery first postpones its next attempt. So no two workers make the same attempt,
and if a worker dies before it writes down the outcome, the attempt is made again.
"""

import logging
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from threading import Event
from typing import Any

import httpcore
from django.conf import settings
from django.db import connection
from django.utils import timezone

from eventstore.database.trouble import in_words
from integration.delivery_schedule import AT_ONCE, Turn, may_be_tried, next_turns
from integration.models import AT_REST, Delivery, Webhook
from integration.outbound_http import DEADLINE, Answer, post
from integration.signature import EVENT_ID, EVENT_TYPE, SIGNATURE, TIMESTAMP, sign
from integration.translation import CONTENT_TYPE

logger = logging.getLogger(__name__)

LOOK = 0.5
"""Seconds between two looks for what is due."""
FEW = 8
"""Deliveries that are read in order to take one: another sender may just have taken the first."""
TURN = 5.0
"""Seconds after which a webhook gives its place to others, as it also does when its receiver fails."""
ATTEMPTS = 80
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=10), timedelta(hours=1)
"""The pause before the second attempt, and the longest; doubled in between, so that the last attempt comes
after three days."""
LATEST = timedelta(days=1)
"""The longest time before a receiver is tried again, whatever it asks for."""
GONE = 410
ASKS = (429, 503)
"""Answers whose Retry-After is respected."""
KEPT = timedelta(days=30)
"""How long a delivery stays in the log."""
LEASE = timedelta(seconds=DEADLINE * 6)
"""After this time a delivery is taken up again whose worker has died; the resolver has no deadline of
ours."""


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
    """Deliver to one webhook, until nothing is due, one delivery fails, or others should have the place."""
    until = time.monotonic() + TURN
    while not stop.is_set() and time.monotonic() < until:
        taken = claim(webhook_id)
        if taken is None or not attempt(taken):
            return


def claim(webhook_id: int) -> Delivery | None:
    """The next delivery that is due, reserved for the caller; None when there is none."""
    return next((each for each in due(webhook_id) if take(each)), None)


def due(webhook_id: int) -> list[Delivery]:
    """The first few deliveries that are due."""
    found = Delivery.objects.filter(
        may_be_tried("webhook__"), webhook_id=webhook_id, due_at__lte=timezone.now()
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
    """Make the attempt and write down its outcome; returns whether it was delivered."""
    answer, error = None, ""
    try:
        answer = request(delivery)
        if not 200 <= answer.code < 300:
            error = f"Answered {answer.code}{meaning_of(answer.code)}"
    except httpcore.TimeoutException:
        error = f"No answer within {DEADLINE:.0f} s"
    except Exception as failure:  # whatever a receiver causes fails this delivery, not the worker
        error = in_words(failure)
    if error:
        logger.info("Delivery %s to webhook %s failed: %s", delivery.event_id, delivery.webhook_id, error)
    write_down(delivery, answer, error)
    if error:
        let_wait(delivery.webhook, answer)
    elif delivery.webhook.failing_since is not None:
        Webhook.objects.filter(pk=delivery.webhook_id, url=delivery.webhook.url).update(**AT_REST)
    return not error


def meaning_of(code: int) -> str:
    """What the answer means to us, if that is not plain."""
    if code == GONE:
        return ": it is gone for good, and the webhook was disabled"
    return "; redirects are not followed" if 300 <= code < 400 else ""


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
    """Write down how the attempt went, and when the next one is to be made.

    If somebody has asked for another meanwhile, or if the attempt took so long that another sender has
    begun one, the delivery stays due as it is, and only the fact that this attempt arrived is kept.
    """
    now = timezone.now()
    is_over = delivery.attempts >= ATTEMPTS or (answer is not None and answer.code == GONE)
    pause = asked_for(answer, now) or pause_after(delivery.attempts)
    arrived = {} if error else {"delivered_at": now}
    unchanged = Delivery.objects.filter(pk=delivery.pk, due_at=delivery.due_at).update(
        due_at=now + pause if error and not is_over else None,
        answer_code=answer.code if answer else None,
        answer=answer.beginning if answer else "",
        error=error[:300],
        **arrived,
    )
    if arrived and not unchanged:
        Delivery.objects.filter(pk=delivery.pk).update(**arrived)


def let_wait(webhook: Webhook, answer: Answer | None) -> None:
    """Let everything that is due to the webhook wait, longer each time, or as long as the receiver asks.
    Disable one that is gone. An attempt at a former address says nothing about the webhook."""
    now = timezone.now()
    changed: dict[str, Any] = {
        "failing_since": webhook.failing_since or now,
        "failures": webhook.failures + 1,
        "resumes_at": now + (asked_for(answer, now) or pause_after(webhook.failures + 1)),
    }
    if answer is not None and answer.code == GONE:
        logger.warning("Webhook %s is gone, and was disabled", webhook.pk)
        changed |= {"is_enabled": False, "gone_at": now}
    Webhook.objects.filter(pk=webhook.pk, url=webhook.url).update(**changed)


def pause_after(failures: int) -> timedelta:
    """The pause before the next attempt, after so many failures in a row."""
    doubled: timedelta = FIRST_PAUSE * 2 ** min(failures - 1, 10)
    return min(doubled, LONGEST_PAUSE)


def seconds_until(date: str, now: datetime) -> float:
    """Seconds until a moment in HTTP's form. Raises ValueError, or TypeError if it has no zone."""
    moment: datetime = parsedate_to_datetime(date)
    return (moment - now).total_seconds()


def asked_for(answer: Answer | None, now: datetime) -> timedelta | None:
    """How long the receiver asks us to wait, in seconds or until a moment (RFC 9110, 10.2.3)."""
    if answer is None or answer.code not in ASKS:
        return None
    asked = answer.retry_after.strip()
    try:
        wait = timedelta(seconds=int(asked) if asked.isdecimal() else seconds_until(asked, now))
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return min(max(wait, timedelta(seconds=1)), LATEST)


def forget() -> None:
    """Delete old, finished deliveries from the log."""
    Delivery.objects.filter(created_at__lt=timezone.now() - KEPT, due_at=None).delete()


def _closing(task: Callable[[int, Event], None], webhook_id: int, stop: Event) -> None:
    """A thread of the pool keeps no database connection while it waits for its next turn."""
    try:
        task(webhook_id, stop)
    finally:
        connection.close()
