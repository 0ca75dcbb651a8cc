"""One operative's duty: the queue, and what is done today."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from eventstore.models import Checkpoint
from readmodels.models import OperativeRow, WorkRow
from readmodels.queries.crew import Member
from readmodels.queries.jobs import Job, complete, queue_of


@dataclass(frozen=True)
class Duty:
    """`queue` in the order of assignment, its head the current job; `done` newest first. `position` is
    the store's up to which this is true."""

    position: int
    member: Member
    queue: Sequence[Job]
    done: Sequence[Job]


def duty(operative_id: UUID, today: datetime) -> Duty | None:
    """What the operative has to do, and what they completed since `today`; None when there is no such one."""
    position = Checkpoint.objects.filter(name="work").values_list("position", flat=True).first() or 0
    operative = OperativeRow.objects.filter(pk=operative_id).first()
    if operative is None:
        return None
    queue = list(queue_of(operative_id))
    done = WorkRow.objects.filter(operative_id=operative_id, completed_at__gte=today).order_by(
        "-completed_at"
    )
    jobs = complete([*queue, *done])
    return Duty(position, Member(operative, queue, len(done)), jobs[: len(queue)], jobs[len(queue) :])


@dataclass(frozen=True)
class Holder:
    """Who answers for a job: the operative who holds or completed it, else the one who gave it back last;
    None when nobody ever held it."""

    operative_id: UUID | None


def holder_of(work_id: UUID) -> Holder | None:
    """Who answers for this job; None when there is no such job."""
    row = WorkRow.objects.filter(pk=work_id).only("operative_id", "abandoned_by").first()
    return Holder(row.operative_id or row.abandoned_by) if row else None
