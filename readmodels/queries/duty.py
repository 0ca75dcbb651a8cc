"""One operative's duty: the queue, and what is done today."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Case, Count, Q, Value, When, Window

from eventstore.models import Checkpoint
from readmodels.models import WorkRow
from readmodels.page import Page
from readmodels.queries.crew import Member
from readmodels.queries.jobs import Job, key_in_queue, place_in_queue, queue_of, with_people
from readmodels.queries.lane import HEAD, Head, heads
from readmodels.queries.names import Names
from readmodels.queries.operatives import with_namesakes

QUEUE = 20
"""The most jobs of the queue on one page; those under way come before the first page."""
MOST = 2 * HEAD + QUEUE + 2
DONE = 50
"""The most jobs done today that are shown, the latest."""


@dataclass(frozen=True)
class Duty:
    """`queue` begins with what is under way, the running job first, unless it is a later page
    (`begins_after`), and continues in the order of assignment; `done` has the newest first. `position` is
    the position in the store up to which this is true."""

    position: int
    member: Member
    begins_after: int | None
    queue: Page[Job]
    done: Sequence[Job]

    @property
    def current(self) -> Job | None:
        """What they are dealing with, or are to deal with next."""
        return self.queue.rows[0] if self.queue.rows and self.begins_after is None else None


def duty(operative_id: UUID, today: datetime, *, after: str = "", also: UUID | None = None) -> Duty | None:
    """What the operative has to do, and what they completed since `today`; None when there is no such
    operative. `after` is the place in the queue after which the page begins; the job `also` is always on
    it."""
    position = Checkpoint.objects.filter(name="work").values_list("position", flat=True).first() or 0
    namesakes = with_namesakes([operative_id])
    operative = namesakes.get(operative_id)
    if operative is None:
        return None
    employed = [row for row in namesakes.values() if row is operative or row.released_at is None]
    head = heads(operative_id).get(operative_id)
    begins_after = place_in_queue(after)
    page = page_of_queue(operative_id, head, begins_after, also)
    completed = WorkRow.objects.filter(operative_id=operative_id, completed_at__gte=today)
    done = list(completed.annotate(of=Window(Count("*"))).order_by("-completed_at")[:DONE])
    jobs = with_people([*page.rows, *done], {operative_id: operative})
    member = Member.of(operative, head, done[0].of if done else 0, Names.of_namesakes(employed))
    queue = Page(jobs[: len(page.rows)], page.after)
    return Duty(position, member, begins_after, queue, jobs[len(page.rows) :])


def page_of_queue(
    operative_id: UUID, head: Head | None, after: int | None, also: UUID | None
) -> Page[WorkRow]:
    """A page of what waits in the queue; the first begins with what is under way."""
    order = {row.pk: place for place, row in enumerate(head.rows if head else [])}
    begun = Q(pk__in=order) & ~Q(stage=WorkRow.Stage.ASSIGNED) if after is None else Q(pk__in=[])
    waits = Q(stage=WorkRow.Stage.ASSIGNED, queue_place__gt=after or 0)
    kind = Case(When(begun, then=Value(0)), When(pk=also, then=Value(1)), default=Value(2))
    found = queue_of(operative_id).filter(begun | waits | Q(pk=also)).annotate(kind=kind)
    rows = list(found.order_by("kind", "queue_place")[:MOST])
    first = sorted((row for row in rows if row.kind == 0), key=lambda row: order[row.pk])
    rest = sorted((row for row in rows if row.kind), key=lambda row: row.queue_place or 0)
    page = Page.of(rest[: QUEUE + 1], QUEUE, key_in_queue)
    missing = [row for row in rest[QUEUE:] if row.pk == also]
    return Page([*first, *page.rows, *missing], page.after)


@dataclass(frozen=True)
class Holder:
    """The operative who answers for a job: the one who holds or completed it, otherwise the last one who
    gave it back; None when nobody ever held it."""

    operative_id: UUID | None


def holder_of(work_id: UUID) -> Holder | None:
    """Who answers for this job; None when there is no such job."""
    row = WorkRow.objects.filter(pk=work_id).only("operative_id", "abandoned_by").first()
    return Holder(row.operative_id or row.abandoned_by) if row else None
