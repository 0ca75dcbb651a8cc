"""The catalogue, and what products have cost."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet

from readmodels.models import PriceRow, ProductRow, ProductText
from readmodels.queries.search import holding, nearest_first


def find(text: str, *, withdrawn: bool | None = False, at_most: int | None = None) -> QuerySet[ProductRow]:
    """Products whose name contains every word, the nearest first, then by name: withdrawn ones, those that
    are sold, or (None) both; with `at_most`, only those with so many in stock or fewer."""
    found = nearest_first(ProductRow.objects.all(), text)
    if withdrawn is not None:
        found = found.filter(withdrawn_at__isnull=not withdrawn)
    if at_most is not None:
        found = found.filter(stock__lte=at_most)
    return holding(found, text, ProductText)


def by_id(product_id: UUID) -> ProductRow | None:
    """One product, withdrawn or not."""
    return ProductRow.objects.filter(pk=product_id).first()


def by_ids(product_ids: Iterable[UUID]) -> dict[UUID, ProductRow]:
    """The products of these ids; unknown ids are left out."""
    return ProductRow.objects.in_bulk(set(product_ids))


def prices_of(product_id: UUID, most: int) -> list[PriceRow]:
    """The newest prices of a product, oldest first."""
    newest = PriceRow.objects.filter(product_id=product_id).order_by("-position")[:most]
    return list(newest)[::-1]
