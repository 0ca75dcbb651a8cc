"""What reactions have put aside, for people: which events, why, and what to do about them.

Each function has its effect once, however often it is called, and none does harm beside a worker that is
at the same event.
"""

import logging

from django.db import transaction
from django.db.models import Case, Count, IntegerChoices, IntegerField, Q, QuerySet, Value, When
from django.utils import timezone

from eventstore.models import ParkedEvent

logger = logging.getLogger(__name__)


class ParkedReason(IntegerChoices):
    """Why an event is aside, the most pressing first."""

    PARKED = 1, "Somebody has to look"
    RETRYING = 2, "Being tried again"
    BEHIND = 3, "Waiting behind another"
    TIMER = 4, "Waiting for its time"


CONDITIONS: dict[ParkedReason, Q] = {
    ParkedReason.PARKED: Q(due_at__isnull=True, attempts__gt=0),
    ParkedReason.RETRYING: Q(due_at__isnull=False, attempts__gt=0),
    ParkedReason.BEHIND: Q(attempts=0, is_timer=False),
    ParkedReason.TIMER: Q(due_at__isnull=False, attempts=0, is_timer=True),
}
FAILED = Q(attempts__gt=0)
"""The others come by themselves."""


def parked_events(only: ParkedReason | None = None) -> QuerySet[ParkedEvent]:
    """What is aside, for this reason or any, each with its `plight`; the most pressing first, then as they
    came."""
    plight = Case(
        *(When(which, then=Value(each)) for each, which in CONDITIONS.items()), output_field=IntegerField()
    )
    found = ParkedEvent.objects.filter(CONDITIONS[only] if only else Q())
    return found.annotate(plight=plight).order_by("plight", "pk")


def count_aside() -> dict[str, int]:
    """How many are aside for each reason, by the reason's name in small letters."""
    counts = {each.name.lower(): Count("pk", filter=which) for each, which in CONDITIONS.items()}
    found: dict[str, int] = ParkedEvent.objects.aggregate(**counts)
    return found


def retry_now(parked_id: int, *, attempts: int) -> bool:
    """Let the worker try an event again when it next looks, within a second or so; False when it is aside
    no more, or has been tried since it had been `attempts` times.

    One that had failed too often gets one more attempt.
    """
    failed = ParkedEvent.objects.filter(FAILED, pk=parked_id, attempts=attempts)
    return bool(failed.update(due_at=timezone.now()))


def dismiss(parked_id: int, *, by: str) -> bool:
    """Let a reaction never answer an event that it could not, and go on with the next of the stream; False
    when it is aside no more. Who dismissed what is written to the log."""
    parked = ParkedEvent.objects.filter(FAILED, pk=parked_id).first()
    if parked is None or not forget(ParkedEvent.objects.filter(pk=parked_id), parked):
        return False
    logger.warning(
        "%s dismissed what reaction %s could not answer: %s at position %s, %s@%s, after %s attempts (%s)",
        by,
        parked.reaction,
        parked.type,
        parked.position,
        parked.stream,
        parked.version,
        parked.attempts,
        parked.error.partition(":")[0],  # what follows may hold what is in the event
    )
    return True


def forget(found: QuerySet[ParkedEvent], parked: ParkedEvent) -> bool:
    """Delete an event that is aside no more, if it is still found, and let the next of its stream come."""
    with transaction.atomic():
        if not found.delete()[0]:
            return False
        let_next_come(parked.reaction, parked.stream)
    return True


def let_next_come(reaction: str, stream: str) -> None:
    """Make what waited behind another due, where it is the first of its stream by now."""
    aside = ParkedEvent.objects.filter(reaction=reaction, stream=stream, is_timer=False)
    first = aside.order_by("position").first()
    if first is not None and not first.attempts:
        ParkedEvent.objects.filter(pk=first.pk, attempts=0, due_at=None).update(due_at=timezone.now())
