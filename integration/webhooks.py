"""The reaction that notes what has to be delivered to which webhook; integration/sender.py then delivers
it."""

from cloudevents.core.v1.event import CloudEvent
from django.utils import timezone

from eventstore.reactions.reaction import Cause, Reaction
from integration.event_messages import told
from integration.models import Delivery, Webhook
from integration.translation import TOLD, as_json


def anybody_wants() -> bool:
    """Whether there is a webhook at all."""
    return Webhook.objects.filter(is_enabled=True).exists()


webhooks = Reaction("webhooks", wanted=anybody_wants)


def enqueue(_event: object, cause: Cause) -> None:
    """Note one delivery, once, for each webhook that existed when the event happened and wants its type."""
    wanting = Webhook.objects.filter(is_enabled=True, added_at__lte=cause.recorded.recorded_at)
    known = list(wanting)
    due = [delivery(each, to) for each in told(cause.recorded) for to in known if each.get_type() in to.types]
    if not due:
        cause.nothing()
        return
    Delivery.objects.bulk_create(due, ignore_conflicts=True)


def delivery(event: CloudEvent, to: Webhook) -> Delivery:
    """A delivery that is due at once."""
    return Delivery(
        webhook=to,
        event_id=event.get_id(),
        type=event.get_type(),
        subject=event.get_subject() or "",
        body=as_json(event).decode(),
        due_at=timezone.now(),
    )


for _each in TOLD:
    webhooks.on(_each)(enqueue)
