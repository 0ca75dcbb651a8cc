"""Jobs of work, with the sites they are for and the operatives they concern."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from readmodels import cursor
from readmodels.models import OperativeRow, SiteRow, WorkRow, WorkSiteRow
from readmodels.queries.names import Names, whole_name
from readmodels.queries.operatives import with_namesakes
from spelling.line import isolated


@dataclass(frozen=True)
class Job:
    """A job with what its row refers to. `sites` are in the order in which they were ticked.
    `operative_name` and `back_from` (the operative it was `abandoned_by`) are distinct even for people of
    the same name; empty if there is nobody."""

    work: WorkRow
    sites: Sequence[SiteRow]
    operative: OperativeRow | None
    abandoned_by: OperativeRow | None
    operative_name: str
    back_from: str

    def is_late(self, now: datetime) -> bool:
        """Whether the operative is on the way and past the estimated arrival."""
        return is_late(self.work, now)


def is_late(row: WorkRow, now: datetime) -> bool:
    """Whether the operative is on the way and past the estimated arrival."""
    expected = row.estimated_arrival
    return row.stage == WorkRow.Stage.DISPATCHED and expected is not None and expected < now


def complete(rows: Iterable[WorkRow]) -> list[Job]:
    """The rows as jobs, in the same order; two queries, however many there are."""
    rows = list(rows)
    people = [each for row in rows for each in (row.operative_id, row.abandoned_by) if each]
    return with_people(rows, with_namesakes(people) if people else {})


def with_people(rows: Sequence[WorkRow], operatives: Mapping[UUID, OperativeRow]) -> list[Job]:
    """The rows as jobs, with names that are distinct among these operatives, who are known already; one
    query. Sites that are not known yet are left out."""
    names = Names.of_namesakes(operatives.values())
    places = WorkSiteRow.objects.filter(work__in=[row.pk for row in rows]).select_related("site")
    at: dict[UUID, list[SiteRow]] = {}
    for place in places.order_by("place"):
        at.setdefault(place.work_id, []).append(place.site)
    found = []
    for row in rows:
        holder = operatives.get(row.operative_id) if row.operative_id else None
        former = operatives.get(row.abandoned_by) if row.abandoned_by else None
        called = [names.whole(each) if each else "" for each in (holder, former)]
        found.append(Job(row, at.get(row.pk, []), holder, former, *called))
    return found


def job(work_id: UUID) -> Job | None:
    """One job, or None when there is none of this id."""
    found = complete(WorkRow.objects.filter(pk=work_id))
    return found[0] if found else None


def name_of(work_id: UUID, *, with_operative: bool = False) -> str:
    """What people call the job: its number and title, and who holds or held it; empty while the read model
    has not taken it in yet."""
    row = WorkRow.objects.filter(pk=work_id).first()
    if row is None:
        return ""
    holder = row.operative_id or row.abandoned_by
    operative = OperativeRow.objects.filter(pk=holder).first() if with_operative and holder else None
    name = f"{row.number} {isolated(row.title)}"
    return f"{name}, {isolated(whole_name(operative))}" if operative else name


def waiting() -> QuerySet[WorkRow]:
    """What waits to be assigned, oldest first by when it was raised; abandoned work keeps its place."""
    return WorkRow.objects.filter(waiting_since__isnull=False).order_by("waiting_since", "number")


def queued() -> QuerySet[WorkRow]:
    """Open assigned work, each operative's in the order of assignment."""
    return WorkRow.objects.filter(queue_place__isnull=False).order_by("operative_id", "queue_place")


def queue_of(operative_id: UUID) -> QuerySet[WorkRow]:
    """One operative's open work in the order of assignment; the first is the current job."""
    return queued().filter(operative_id=operative_id)


def key_in_queue(row: WorkRow) -> str:
    """The key of a job's place in a queue, to continue from."""
    return cursor.seal_place("queue", str(row.queue_place))


def place_in_queue(after: str) -> int | None:
    """The place after which the page begins; None if the text is no place."""
    place = cursor.unseal_place("queue", after)
    return int(place) if re.fullmatch("[0-9]{1,18}", place) else None


def numbers_of(work_ids: Collection[UUID]) -> list[int]:
    """The numbers of these jobs, as far as they are known."""
    found = WorkRow.objects.filter(pk__in=work_ids).order_by("number")
    return list(found.values_list("number", flat=True))


def at_site(site_id: UUID) -> QuerySet[WorkRow]:
    """Every job there has been at a site, newest first."""
    return WorkRow.objects.filter(places__site_id=site_id).order_by("-raised_at", "-number")


def is_open() -> Q:
    """Neither completed nor withdrawn."""
    return Q(waiting_since__isnull=False) | Q(queue_place__isnull=False)


@dataclass(frozen=True)
class Tally:
    """How many jobs are at each stage; `completed` counts those of today; withdrawn ones count nowhere."""

    raised: int
    assigned: int
    dispatched: int
    arrived: int
    completed: int
    abandoned: int


def tally(today: datetime) -> Tally:
    """Counts open work, and what was completed since `today`, however long the history."""
    counted = WorkRow.objects.filter(is_open()).order_by().values_list("stage").annotate(jobs=Count("pk"))
    at = dict(counted)
    return Tally(
        raised=at.get("raised", 0),
        assigned=at.get("assigned", 0),
        dispatched=at.get("dispatched", 0),
        arrived=at.get("arrived", 0),
        completed=WorkRow.objects.filter(completed_at__gte=today).count(),
        abandoned=at.get("abandoned", 0),
    )
