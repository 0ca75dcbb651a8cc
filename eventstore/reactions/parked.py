"""The events that reactions have parked, for people: which, why, and what to do about them.

Each function takes effect once, however often it is called. Each is safe while a worker handles the same
event.
"""

import logging

from django.db import transaction
from django.db.models import Case, Count, IntegerChoices, IntegerField, Q, QuerySet, Value, When
from django.utils import timezone

from eventstore.models import ParkedEvent

logger = logging.getLogger(__name__)


class ParkedReason(IntegerChoices):
    """Why an event is parked; the most pressing reason first."""

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
"""The others will be answered without anybody's help."""


def parked_events(only: ParkedReason | None = None) -> QuerySet[ParkedEvent]:
    """The parked events, for this reason or any, each with its `reason`: the most pressing first, then in
    the order in which they came."""
    reason = Case(
        *(When(which, then=Value(each)) for each, which in CONDITIONS.items()), output_field=IntegerField()
    )
    found = ParkedEvent.objects.filter(CONDITIONS[only] if only else Q())
    return found.annotate(reason=reason).order_by("reason", "pk")


def count_parked() -> dict[str, int]:
    """How many events are parked for each reason, by the reason's name in lower case."""
    counts = {each.name.lower(): Count("pk", filter=which) for each, which in CONDITIONS.items()}
    found: dict[str, int] = ParkedEvent.objects.aggregate(**counts)
    return found


def retry_now(parked_id: int, *, attempts: int) -> bool:
    """Let the worker try an event again when it next looks, within a second or so. Returns False when it
    is no longer parked, or was tried after its `attempts` were counted.

    An event that has failed too often gets one more attempt.
    """
    failed = ParkedEvent.objects.filter(FAILED, pk=parked_id, attempts=attempts)
    return bool(failed.update(due_at=timezone.now()))


def dismiss(parked_id: int, *, by: str) -> bool:
    """Give up an event that a reaction could not answer, and go on with the next of the stream. Returns
    False when it is no longer parked. The log says who dismissed what."""
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
        parked.error.partition(":")[0],  # the rest may hold data of the event
    )
    return True


def forget(found: QuerySet[ParkedEvent], parked: ParkedEvent) -> bool:
    """Delete an event that is no longer needed, if it is still found, and let the next of its stream come."""
    with transaction.atomic():
        if not found.delete()[0]:
            return False
        let_next_come(parked.reaction, parked.stream)
    return True


def let_next_come(reaction: str, stream: str) -> None:
    """Make the event due that waited behind another, once it is the first of its stream."""
    parked = ParkedEvent.objects.filter(reaction=reaction, stream=stream, is_timer=False)
    first = parked.order_by("position").first()
    if first is not None and not first.attempts:
        ParkedEvent.objects.filter(pk=first.pk, attempts=0, due_at=None).update(due_at=timezone.now())
