"""The tray of Control's board: the jobs that wait and match the filters, a page at a time."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Case, Count, F, OuterRef, Q, QuerySet, Subquery, Value, When

from eventstore.models import Checkpoint
from readmodels import cursor
from readmodels.models import SiteRow, WorkRow, WorkSiteRow
from readmodels.page import Page
from readmodels.queries.jobs import waiting
from readmodels.queries.work_list import EPOCH, matching

LISTED = "tray"
"""What places in the tray are sealed for."""
TRAY = 40
"""The most waiting jobs that are shown beside the lanes."""
WHOLE = 100
"""The most that are shown if the tray has the page to itself."""

NEWEST = "newest"
ORDERS = {"": "Oldest first", NEWEST: "Newest first"}
"""The ways to sort, with their text for people; the first is the default."""
AGES = {"": "However long", "1h": "1 hour", "4h": "4 hours", "1d": "1 day", "3d": "3 days"}
LONGER_THAN = {
    "1h": timedelta(hours=1),
    "4h": timedelta(hours=4),
    "1d": timedelta(days=1),
    "3d": timedelta(days=3),
}
STAGES = {
    "": "Any",
    WorkRow.Stage.RAISED.value: "Raised",
    WorkRow.Stage.ABANDONED.value: "Given back",
}


@dataclass(frozen=True, kw_only=True)
class TrayWanted:
    """Which of the waiting jobs to show: by text, stage, town, for how long (one of AGES) and who gave it
    back; in which order, and after which place. `new` are the numbers of jobs to show before all others."""

    text: str = ""
    stage: str = ""
    town: str = ""
    age: str = ""
    abandoned_by: UUID | None = None
    order: str = ""
    after: str = ""
    new: frozenset[int] = frozenset()

    @property
    def is_narrowed(self) -> bool:
        """Whether anything is left out."""
        return bool(self.text or self.is_filtered)

    @property
    def is_filtered(self) -> bool:
        """Whether anything is left out by a choice from a list, not by typed text."""
        return bool(self.stage or self.town or self.age or self.abandoned_by)


@dataclass(frozen=True)
class Extent:
    """All that waits, counted by what the filters offer; and how far the read model has come."""

    position: int
    waiting: int
    towns: Counter[str] = field(default_factory=Counter)
    stages: Counter[str] = field(default_factory=Counter)
    given_back_by: Counter[UUID] = field(default_factory=Counter)


@dataclass(frozen=True)
class Tray:
    """`pinned` is what was announced as new, `page` what was asked for, `found` how much of that there is.
    `chosen` is the job that was chosen, on whatever page it is, as long as it waits."""

    pinned: Sequence[WorkRow]
    page: Page[WorkRow]
    found: int
    chosen: WorkRow | None

    @property
    def rows(self) -> list[WorkRow]:
        """All rows of the tray, each once."""
        return list({row.pk: row for row in [*self.pinned, *self.page.rows, *self._chosen]}.values())

    @property
    def _chosen(self) -> list[WorkRow]:
        return [self.chosen] if self.chosen else []


def extent() -> Extent:
    """Read first, so that what happens meanwhile is announced and not missed. One query, and another when
    nothing waits."""
    checkpoint = Checkpoint.objects.filter(name="work")
    facets = (
        WorkSiteRow.objects.filter(work__waiting_since__isnull=False)
        .annotate(
            position=Subquery(checkpoint.values("position")),
            town=Subquery(SiteRow.objects.filter(pk=OuterRef("site_id")).values("town")),
            stage=F("work__stage"),
            by=F("work__abandoned_by"),
        )
        .order_by()
        .values("position", "town", "stage", "by")
        .annotate(jobs=Count("work_id", distinct=True), whole=Count("work_id", filter=Q(place=0)))
    )
    found = list(facets.values_list("position", "town", "stage", "by", "jobs", "whole"))
    if not found:
        return Extent(checkpoint.values_list("position", flat=True).first() or 0, 0)
    towns, stages, given_back_by = Counter[str](), Counter[str](), Counter[UUID]()
    for _, town, stage, by, jobs, whole in found:
        towns[town or ""] += jobs
        stages[stage] += whole
        if by:
            given_back_by[by] += whole
    return Extent(found[0][0] or 0, sum(stages.values()), towns, stages, given_back_by)


def read_tray(wanted: TrayWanted, *, choice: UUID | None, now: datetime, size: int) -> Tray:
    """A page of what is wanted, preceded by what is new and what was chosen; one query."""
    found = narrowed(waiting(), wanted, now)
    page = beyond(found, wanted)
    named = Q(pk=choice) | Q(number__in=wanted.new)
    rows = page
    if choice or wanted.new:
        rows = waiting().filter(Q(pk__in=page.order_by().values("pk")) | named)
    count = found.order_by().values(none=Value(0)).annotate(jobs=Count("pk")).values("jobs")
    rows = rows.annotate(
        found=Subquery(count) if wanted.is_narrowed else Value(0),
        fits=Case(When(pk__in=page.order_by().values("pk"), then=Value(1)), default=Value(0)),
        named=Case(When(named, then=Value(0)), default=Value(1)),
    )
    read = list(rows.order_by("named", *in_order(wanted))[: size + 2 + len(wanted.new)])
    pinned = [row for row in read if row.number in wanted.new]
    listed = [row for row in read if row.fits and row.number not in wanted.new]
    listed.sort(key=lambda row: (row.raised_at, row.number), reverse=wanted.order == NEWEST)
    chosen = next((row for row in read if row.pk == choice), None)
    return Tray(pinned, Page.of(listed[: size + 1], size, key), read[0].found if read else 0, chosen)


def narrowed(found: QuerySet[WorkRow], wanted: TrayWanted, now: datetime) -> QuerySet[WorkRow]:
    """Those that fit, on whatever page."""
    if wanted.text:
        found = matching(found, wanted.text)
    if wanted.stage:
        found = found.filter(stage=wanted.stage)
    if wanted.town:
        there = SiteRow.objects.filter(town=wanted.town).values("pk")
        found = found.filter(pk__in=WorkSiteRow.objects.filter(site_id__in=there).values("work_id"))
    if wanted.age:
        found = found.filter(waiting_since__lte=now - LONGER_THAN[wanted.age])
    if wanted.abandoned_by:
        found = found.filter(abandoned_by=wanted.abandoned_by)
    return found


def in_order(wanted: TrayWanted) -> tuple[str, str]:
    """The fields to sort by."""
    return ("-waiting_since", "-number") if wanted.order == NEWEST else ("waiting_since", "number")


def beyond(found: QuerySet[WorkRow], wanted: TrayWanted) -> QuerySet[WorkRow]:
    """What comes after the place where the page begins. The place is one in time, so that it remains valid
    when the job that stood there has been assigned. A text that is no place begins at the first page."""
    found = found.order_by(*in_order(wanted))
    place = cursor.unseal_place(LISTED, wanted.after)
    if not re.fullmatch(r"-?[0-9]{1,16}-[0-9]{1,9}", place, re.ASCII):
        return found
    micros, number = place.rsplit("-", 1)
    since, there = EPOCH + timedelta(microseconds=int(micros)), int(number)
    if wanted.order == NEWEST:
        return found.filter(Q(waiting_since__lt=since) | Q(waiting_since=since, number__lt=there))
    return found.filter(Q(waiting_since__gt=since) | Q(waiting_since=since, number__gt=there))


def key(row: WorkRow) -> str:
    """The place of a job in the tray: when it was raised, in microseconds, and its number."""
    return cursor.seal_place(LISTED, f"{(row.raised_at - EPOCH) // timedelta(microseconds=1)}-{row.number}")
