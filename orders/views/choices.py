"""The choices on the form of a new order: products and places, a few at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from orders.forms.items import Row, shortages
from pages.question import Question
from readmodels.models import ProductRow, SiteRow
from readmodels.queries import orders, sites, to_order

FOUND = 8
"""The most products, and sites, that are shown for a search."""


@dataclass(frozen=True)
class Line:
    """A row of the form, its product, and the question to ask if there is less of it than wanted."""

    row: Row
    product: ProductRow | None
    shortage: Question | None = None

    @property
    def product_fault(self) -> str:
        """Why this cannot be ordered; empty if it can."""
        if self.row.product_id is None:
            return "Choose a product"
        if self.product is None:
            return "There is no such product"
        return "No longer sold" if self.product.withdrawn_at else ""

    @property
    def is_faulty(self) -> bool:
        """Whether the form would be refused for it."""
        return bool(self.product_fault or self.row.fault or self.shortage)


@dataclass(frozen=True)
class Found:
    """What fits a search, nearest first; there may be more."""

    products: Sequence[ProductRow]
    has_more: bool


def lines_of(rows: Sequence[Row]) -> list[Line]:
    """The rows with what is known of their products."""
    known = to_order.by_ids([row.product_id for row in rows if row.product_id])
    short = shortages(((row.product_id, row.count) for row in rows if row.product_id and row.count), known)
    return [
        Line(row, known.get(row.product_id), short.get(row.product_id)) if row.product_id else Line(row, None)
        for row in rows
    ]


def products_found(text: str) -> Found:
    """The products with this name; none if nothing was typed."""
    found = list(to_order.find(text)[: FOUND + 1]) if text else []
    return Found(found[:FOUND], has_more=len(found) > FOUND)


def places(chosen: str, work_id: UUID | None, text: str) -> list[SiteRow]:
    """The sites to choose from, each once: the job's, the chosen one, and those that were looked for."""
    found = orders.sites_of(work_id) if work_id else []
    if site_id := uuid(chosen):
        found += SiteRow.objects.in_bulk([site_id]).values()
    if text:
        found += sites.find(text)[:FOUND]
    return list({each.pk: each for each in found}.values())


def uuid(text: str) -> UUID | None:
    """The UUID in the text; None when it is no UUID."""
    try:
        return UUID(text)
    except ValueError:
        return None
