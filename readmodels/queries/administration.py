"""What Administration keeps: operatives and sites, also former ones."""

from uuid import UUID

from django.db.models import Count, Q, QuerySet

from readmodels.models import OperativeRow, OperativeText, SiteRow
from readmodels.queries import sites
from readmodels.queries.search import holding, nearest_first


def operatives(text: str, *, released: bool | None) -> QuerySet[OperativeRow]:
    """Operatives whose names contain every word, by name; released ones, employed ones, or (None) both."""
    found = nearest_first(OperativeRow.objects.all(), text)
    found = holding(found, text, OperativeText)
    return found if released is None else found.filter(released_at__isnull=not released)


def places(text: str, *, relinquished: bool | None) -> QuerySet[SiteRow]:
    """Sites found by what a caller names; relinquished ones, active ones, or (None) both."""
    found = sites.find(text, active_only=False)
    return found if relinquished is None else found.filter(relinquished_at__isnull=not relinquished)


def site(site_id: UUID) -> SiteRow | None:
    """One site, relinquished or not."""
    return SiteRow.objects.filter(pk=site_id).first()


def counts() -> dict[str, int]:
    """How many are employed and released, active and relinquished; two queries."""
    employed = Count("pk", filter=Q(released_at__isnull=True))
    active = Count("pk", filter=Q(relinquished_at__isnull=True))
    people = OperativeRow.objects.aggregate(employed=employed, all=Count("pk"))
    held = SiteRow.objects.aggregate(active=active, all=Count("pk"))
    return {
        "employed": people["employed"],
        "released": people["all"] - people["employed"],
        "active": held["active"],
        "relinquished": held["all"] - held["active"],
    }
