"""Which webhook is delivered to next: fair to all, so that one that fails never holds up the others.

A receiver that hangs keeps its place until the deadline. If those that hang could have all the places
again and again, the others would wait as long.
"""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from integration.models import Delivery, Webhook

AT_ONCE = 8
"""Webhooks that are delivered to at the same time."""
AT_ONCE_FAILING = 4
"""The most of these whose last attempt failed."""


@dataclass(frozen=True, kw_only=True)
class Turn:
    """A webhook that is delivered to now, and whether it was failing before."""

    webhook_id: int
    is_failing: bool


def next_turns(at_work: Collection[Turn]) -> list[Turn]:
    """Who gets the free places: first the webhooks whose last attempt is longest ago; those that fail only
    while there is a place for them."""
    places = AT_ONCE - len(at_work)
    for_failing = AT_ONCE_FAILING - sum(each.is_failing for each in at_work)
    turns: list[Turn] = []
    for each in waiting().exclude(pk__in=[turn.webhook_id for turn in at_work]):
        turn = Turn(webhook_id=each.pk, is_failing=each.failing_since is not None)
        if turn.is_failing and not for_failing:
            continue
        for_failing -= turn.is_failing
        turns.append(turn)
    return turns[:places]


def waiting() -> QuerySet[Webhook]:
    """Those for which something is due, the one with the oldest attempt first."""
    due = Delivery.objects.filter(webhook=OuterRef("pk"), due_at__lte=timezone.now())
    by_age = F("attempted_at").asc(nulls_first=True)
    return Webhook.objects.filter(may_be_tried(), Exists(due)).order_by(by_age, "pk")


def may_be_tried(prefix: str = "") -> Q:
    """Those that are enabled, and do not wait after a failure."""
    waits = Q(**{f"{prefix}resumes_at__gt": timezone.now()})
    return Q(**{f"{prefix}is_enabled": True}) & ~waits
