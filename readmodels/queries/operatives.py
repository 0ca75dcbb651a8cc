"""Operatives: who there is, and what each is doing."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Count, QuerySet

from readmodels.models import OperativeRow, WorkRow


def employed() -> QuerySet[OperativeRow]:
    """Everybody who has not been released, by name."""
    return OperativeRow.objects.filter(released_at__isnull=True)


def by_id(operative_id: UUID) -> OperativeRow | None:
    """One operative, released or not."""
    return OperativeRow.objects.filter(pk=operative_id).first()


def open_jobs_of(operative_id: UUID) -> int:
    """How many open jobs the operative holds."""
    return WorkRow.objects.filter(operative_id=operative_id, queue_place__isnull=False).count()


def open_jobs_by_operative() -> dict[UUID, int]:
    """How many open jobs each operative holds; those with none are left out."""
    counted = (
        WorkRow.objects.filter(queue_place__isnull=False).values("operative_id").annotate(jobs=Count("pk"))
    )
    return {each["operative_id"]: each["jobs"] for each in counted}


def everybody() -> QuerySet[OperativeRow]:
    """Everybody there has ever been, by name."""
    return OperativeRow.objects.all()


def with_namesakes(operative_ids: Iterable[UUID]) -> dict[UUID, OperativeRow]:
    """The operatives of these ids, and everybody else who was ever called like one of them."""
    wanted = OperativeRow.objects.filter(pk__in=set(operative_ids)).order_by().values("sort_key")
    return {row.pk: row for row in OperativeRow.objects.filter(sort_key__in=wanted)}
