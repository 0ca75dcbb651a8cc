"""The order of an operative's open work: the running job, then the others that they have set out for, then
the queue as it was assigned. Few rows of each operative are read, however many are open."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Case, Count, F, Q, Value, When, Window
from django.db.models.functions import RowNumber

from readmodels.models import WorkRow
from readmodels.queries.jobs import queued

HEAD = 8
"""The most open jobs that are read of each operative, and as many again of those under way."""
UNDER_WAY = (WorkRow.Stage.ARRIVED, WorkRow.Stage.DISPATCHED)
FAR = float("inf")


@dataclass(frozen=True)
class Head:
    """The first of an operative's open jobs in their order, and how many are open."""

    rows: list[WorkRow]
    open: int


def heads(operative_id: UUID | None = None) -> dict[UUID, Head]:
    """By operative, for everybody who holds open work, or for this one alone; one query."""
    of = F("operative_id")
    set_out = Case(When(stage__in=UNDER_WAY, then=Value(0)), default=Value(1))
    # The running job: one on site before one on the way; of several on the way, the one set out for last.
    running = [nearness(), F("dispatched_at").desc(nulls_last=True), F("queue_place").asc()]
    # The late ones come before the others that are under way.
    due = [set_out.asc(), F("estimated_arrival").asc(nulls_last=True), F("queue_place").asc()]
    rows = queued() if operative_id is None else queued().filter(operative_id=operative_id)
    numbered = rows.order_by().annotate(
        of=Window(Count("*"), partition_by=of),
        nth=Window(RowNumber(), partition_by=of, order_by=running),
        due=Window(RowNumber(), partition_by=of, order_by=due),
    )
    near = Q(nth__lte=HEAD) | Q(due__lte=HEAD, stage__in=UNDER_WAY)
    found: dict[UUID, list[tuple[int, WorkRow]]] = {}
    counts: dict[UUID, int] = {}
    for row in numbered.filter(near).defer("description", "outcome"):
        if row.operative_id:
            found.setdefault(row.operative_id, []).append((row.nth, row))
            counts[row.operative_id] = row.of
    return {key: Head(in_order(ranked), counts[key]) for key, ranked in found.items()}


def nearness() -> Case:
    """On site, then on the way, then all others."""
    steps = [When(stage=stage, then=Value(rank)) for rank, stage in enumerate(UNDER_WAY)]
    return Case(*steps, default=Value(len(UNDER_WAY)))


def in_order(ranked: list[tuple[int, WorkRow]]) -> list[WorkRow]:
    """The running job; then the other jobs where they are expected, the earliest first; then the queue."""

    def place(each: tuple[int, WorkRow]) -> tuple[bool, bool, float, int]:
        nth, row = each
        waits = row.stage not in UNDER_WAY
        expected = row.estimated_arrival
        due = FAR if waits or expected is None else expected.timestamp()
        return nth > 1, waits, due, row.queue_place or 0

    return [row for _, row in sorted(ranked, key=place)]
