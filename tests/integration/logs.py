"""A webhook with a history: one delivery arrived, one fails, one was given up."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone

from integration.events import by_type
from integration.models import Delivery, Webhook
from integration.signature import new_secret


def webhook_in_use(url: str = "https://warehouse.example.com/callout/events") -> dict[str, int]:
    """The ids of the webhook and of one of its deliveries, as an address wants them."""
    made = Webhook.objects.create(url=url, types=list(by_type), secret=new_secret(), added_by="user-0")
    now = timezone.now()
    minute = timedelta(minutes=1)
    order, work = uuid4(), uuid4()
    delivery(
        made, "callout.order.started.v1", f"order-{order}", attempts=12, attempted_at=now - 300 * minute,
        answer_code=503, answer="<h1>Service Unavailable</h1>", error="Answered 503",
    )  # fmt: skip
    delivery(
        made, "callout.order.status-changed.v1", f"order-{order}", attempts=2, attempted_at=now - minute,
        due_at=now + 5 * minute, error="warehouse.example.com is at 10.0.0.7, which is not a public address",
    )  # fmt: skip
    delivery(
        made, "callout.work.raised.v1", f"work-{work}", attempts=1, attempted_at=now - 2 * minute,
        delivered_at=now - 2 * minute, answer_code=200, answer="thank you",
    )  # fmt: skip
    last = delivery(made, "callout.work.assigned.v1", f"work-{work}", due_at=now)
    return {"webhook_id": made.pk, "delivery_id": last.pk}


def delivery(to: Webhook, kind: str, subject: str, event_id: UUID | None = None, **outcome: Any) -> Delivery:
    """One delivery, with how it went."""
    return Delivery.objects.create(
        webhook=to, event_id=event_id or uuid4(), type=kind, subject=subject, body="{}", **outcome
    )
