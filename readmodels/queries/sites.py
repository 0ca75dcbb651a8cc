"""Sites, found as a caller names them."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from readmodels.models import SiteRow, SiteText, WorkSiteRow
from readmodels.queries.search import first_holding, holding, nearest_first

OPEN = Q(work__completed_at__isnull=True, work__withdrawn_at__isnull=True)
"""The places of open work."""


def find(text: str, *, active_only: bool = True) -> QuerySet[SiteRow]:
    """Sites whose address, town, post code or telephone number contains every word, however it is spelt;
    those that begin with it come first."""
    found = nearest_first(SiteRow.objects.all(), text)
    if active_only:
        found = found.filter(relinquished_at__isnull=True)
    return holding(found, text, SiteText)


def first_found(text: str, size: int) -> list[SiteRow]:
    """The first so many active ones, each with `open_jobs`."""
    active = SiteRow.objects.filter(relinquished_at__isnull=True)
    return first_holding(nearest_first(with_open_jobs(active), text), text, SiteText, size)


def open_jobs_at(site_ids: Iterable[UUID]) -> dict[UUID, int]:
    """How many jobs are open at each of these sites; those with none are left out."""
    counted = (
        WorkSiteRow.objects.filter(OPEN, site_id__in=list(site_ids))
        .values("site_id")
        .annotate(jobs=Count("work_id"))
    )
    return {each["site_id"]: each["jobs"] for each in counted}


def with_open_jobs(found: QuerySet[SiteRow]) -> QuerySet[SiteRow]:
    """The same sites, each with `open_jobs`, in the same query."""
    here = WorkSiteRow.objects.filter(OPEN, site_id=OuterRef("pk"))
    counted = here.order_by().values("site_id").annotate(jobs=Count("work_id")).values("jobs")
    return found.annotate(open_jobs=Coalesce(Subquery(counted), 0))


def any_active() -> bool:
    """Whether there is a site at which work could be raised."""
    return SiteRow.objects.filter(relinquished_at__isnull=True).exists()
