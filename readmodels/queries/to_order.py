"""What can be ordered, found by the names that customers use; never the whole catalogue, which may be
long."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from readmodels.models import ProductRow
from readmodels.queries import products


def any_sold() -> bool:
    """Whether there is anything to order."""
    return ProductRow.objects.filter(withdrawn_at__isnull=True).exists()


def find(text: str) -> QuerySet[ProductRow]:
    """Products that are sold and whose name contains every word: first those with exactly this name, then
    those whose name begins so. Without that order a short name would stay behind the long ones that
    contain it, however much of it is typed."""
    return with_namesakes(products.find(text))


def by_ids(product_ids: Iterable[UUID]) -> dict[UUID, ProductRow]:
    """The products of these ids, sold or not; unknown ids are left out."""
    return with_namesakes(ProductRow.objects.all()).in_bulk(set(product_ids))


def with_namesakes(found: QuerySet[ProductRow]) -> QuerySet[ProductRow]:
    """The same products, each with `has_namesake`: whether another that is sold is called the same."""
    others = ProductRow.objects.filter(name=OuterRef("name"), withdrawn_at__isnull=True)
    return found.annotate(has_namesake=Exists(others.exclude(pk=OuterRef("pk"))))
