"""Webhooks made, and their deliveries made at once, for tests."""

from datetime import timedelta
from threading import Event
from typing import Any

from django.utils import timezone

from eventstore.reactions.delivery import Reactions
from eventstore.reactions.reaction import registry
from integration.events import by_type
from integration.models import Delivery, Webhook
from integration.sender import take_turn
from integration.signature import new_secret
from tests.integration.receiver import Receiver


def webhook(to: Receiver | str, *types: str, **fields: Any) -> Webhook:
    """A webhook for all types, unless some are given."""
    url = to if isinstance(to, str) else to.url
    return Webhook.objects.create(url=url, types=list(types or by_type), secret=new_secret(), **fields)


def enqueue() -> None:
    """Do what the reaction does in a worker that has just been started."""
    follower = Reactions([registry["webhooks"]], Event())
    follower.catch_up(follower.names)


def deliver(*webhooks: Webhook) -> None:
    """Do what the sender does for these webhooks, as far as something is due."""
    enqueue()
    for each in webhooks:
        take_turn(each.pk, Event())


def let_pass() -> None:
    """Everything that waits is due."""
    Webhook.objects.update(resumes_at=None)
    Delivery.objects.exclude(due_at=None).update(due_at=timezone.now() - timedelta(seconds=1))
