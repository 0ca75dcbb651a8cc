"""What the person who takes a call sees: sites as the caller names them, and what is known of each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import BooleanField, Count, ExpressionWrapper, F, Q, Window
from django.db.models.functions import Coalesce, RowNumber

from readmodels.models import SiteRow, WorkRow
from readmodels.queries import jobs, sites
from readmodels.queries.jobs import Job

FOUND = 8
"""Sites that are offered at once; if there are more, the caller can say more of the address."""
SHOWN = 4
"""Jobs shown of each site: so many open ones, and as many done ones."""
RECENT = 15


@dataclass(frozen=True)
class Place:
    """A site in the tick list."""

    site: SiteRow
    open_jobs: int
    ticked: bool


@dataclass(frozen=True)
class History:
    """The newest open jobs at a site and the latest done ones, and how many there are of each."""

    site: SiteRow
    open: Sequence[Job]
    open_count: int
    done: Sequence[Job]
    done_count: int


@dataclass(frozen=True)
class Desk:
    """`places`: the ticked sites in the order of ticking, then the sites found; `more` when still others
    match. `histories`: one for each ticked site. `recent`: the newest work anywhere."""

    places: Sequence[Place]
    found: int
    more: bool
    histories: Sequence[History]
    recent: Sequence[Job]


def desk(text: str, ticked: Sequence[UUID]) -> Desk:
    """Everything beside the form. Six queries, however much there is, and more for words that nothing
    contains."""
    chosen = sites.with_open_jobs(SiteRow.objects.all()).in_bulk(ticked) if ticked else {}
    matches = sites.first_found(text, FOUND + 1) if text else []
    found = [site for site in matches[:FOUND] if site.pk not in chosen]
    listed = [chosen[site_id] for site_id in ticked if site_id in chosen]
    here = newest_at(chosen) if chosen else []
    recent = list(WorkRow.objects.order_by("-raised_at", "-number")[:RECENT])
    known = jobs.complete([*(each.work for each in here), *recent])
    pairs = list(zip(here, known[: len(here)], strict=True))
    return Desk(
        places=[Place(site, site.open_jobs, site.pk in chosen) for site in [*listed, *found]],  # type: ignore[attr-defined]
        found=min(len(matches), FOUND),
        more=len(matches) > FOUND,
        histories=[history(site, [pair for pair in pairs if pair[0].site_id == site.pk]) for site in listed],
        recent=known[len(here) :],
    )


@dataclass(frozen=True)
class Found:
    """A job at a site that was asked about, and how many such jobs (open, or done) there are."""

    work: WorkRow
    site_id: UUID
    of: int


def newest_at(site_ids: Iterable[UUID]) -> list[Found]:
    """The newest few open jobs and the latest few done ones at each of these sites, in one query."""
    kind = [F("places__site_id"), F("is_done")]
    latest = [Coalesce("completed_at", "raised_at").desc(), F("number").desc()]
    rows = (
        WorkRow.objects.filter(places__site_id__in=list(site_ids), withdrawn_at__isnull=True)
        .annotate(
            is_done=ExpressionWrapper(Q(completed_at__isnull=False), BooleanField()),
            at=F("places__site_id"),
            of=Window(Count("*"), partition_by=kind),
            nth=Window(RowNumber(), partition_by=kind, order_by=latest),
        )
        .filter(nth__lte=SHOWN)
        .order_by("nth")
    )
    return [Found(row, row.at, row.of) for row in rows]


def history(site: SiteRow, here: Sequence[tuple[Found, Job]]) -> History:
    """What `newest_at` found at one site."""
    opened = [(each, job) for each, job in here if each.work.completed_at is None]
    done = [(each, job) for each, job in here if each.work.completed_at is not None]
    return History(
        site=site,
        open=[job for _, job in opened],
        open_count=opened[0][0].of if opened else 0,
        done=[job for _, job in done],
        done_count=done[0][0].of if done else 0,
    )
