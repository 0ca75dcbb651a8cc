"""What waits for the person who opens the first page, depending on what they do."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from readmodels.models import WorkRow
from readmodels.queries.jobs import Job, complete, queue_of, queued, waiting

SHOWN = 6
"""Jobs shown of each kind."""
LATELY = timedelta(days=7)


@dataclass(frozen=True, kw_only=True)
class Duties:
    """What this person does: the actor who raised work, whether they assign work, and the operative they
    are."""

    raises_as: str | None = None
    assigns: bool = False
    operative_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """The first few of each: `raised`: what they raised lately. `oldest`: what waits longest for Control.
    `late`: on the way and past the estimate. `queue`: their own, in order."""

    raised: Sequence[Job] = field(default_factory=list)
    oldest: Sequence[Job] = field(default_factory=list)
    late: Sequence[Job] = field(default_factory=list)
    queue: Sequence[Job] = field(default_factory=list)


def waits_for(duties: Duties, now: datetime) -> Waiting:
    """What waits; one query for each kind and three for all together."""
    rows: dict[str, list[WorkRow]] = {}
    if duties.raises_as:
        # Limited in time, so that the search for a person's own work does not read the whole history.
        lately = WorkRow.objects.filter(raised_at__gte=now - LATELY, raised_by=duties.raises_as)
        rows["raised"] = list(lately.order_by("-raised_at", "-number")[:SHOWN])
    if duties.assigns:
        rows["oldest"] = list(waiting()[:SHOWN])
        late = queued().filter(stage=WorkRow.Stage.DISPATCHED, estimated_arrival__lt=now)
        rows["late"] = list(late.order_by("estimated_arrival")[:SHOWN])
    if duties.operative_id:
        rows["queue"] = list(queue_of(duties.operative_id)[:SHOWN])
    jobs = iter(complete(row for kind in rows.values() for row in kind))
    return Waiting(**{name: [next(jobs) for _ in kind] for name, kind in rows.items()})
