"""What a stream is about: a job, a site, an order, ..., by the name that people know, and its page."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Model
from django.urls import reverse

from accounts import rules
from accounts.models import User
from readmodels.models import BuyerRow, OperativeRow, OrderRow, ProductRow, SiteRow, WorkRow

CATEGORIES: dict[str, type[Model]] = {
    "work": WorkRow,
    "site": SiteRow,
    "operative": OperativeRow,
    "product": ProductRow,
    "order": OrderRow,
    "buyer": BuyerRow,
}
LABELS = {
    "work": "Work",
    "site": "Sites",
    "operative": "Operatives",
    "product": "Products",
    "order": "Orders",
    "buyer": "Buyers",
}
PAGES = {
    "work": (("job", rules.SEE_WORK),),
    "site": (("administration-site", rules.MANAGE_SITES),),
    "operative": (
        ("administration-operative", rules.MANAGE_OPERATIVES),
        ("operative", rules.SEE_QUEUE),
    ),
    "product": (("product", rules.SEE_PRODUCTS),),
    "order": (("order", rules.SEE_ORDERS),),
    "buyer": (("buyer", rules.SEE_BUYERS),),
}
"""The pages of each kind of subject, and who may open them. A person gets the first that they may open."""


@dataclass(frozen=True)
class Subject:
    """What a stream is about. `url` is None where the person may not open its page."""

    name: str
    url: str | None


def subjects_of(streams: Iterable[str], reader: User) -> dict[str, Subject]:
    """The subject of each stream that has one; one query for each category that occurs."""
    ids: dict[str, dict[UUID, str]] = {}
    for stream in streams:
        category, _, key = stream.partition("-")
        if category in CATEGORIES and (subject_id := _uuid(key)):
            ids.setdefault(category, {})[subject_id] = stream
    return {
        wanted[subject_id]: Subject(_name(row), _page(category, subject_id, reader))
        for category, wanted in ids.items()
        for subject_id, row in CATEGORIES[category]._default_manager.in_bulk(list(wanted)).items()
    }


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _name(row: Model) -> str:
    return f"#{row.number} {row.title}" if isinstance(row, WorkRow) else str(row)


def _page(category: str, subject_id: UUID, reader: User) -> str | None:
    for page, rule in PAGES[category]:
        if rule.allows(reader, {f"{category}_id": subject_id}):
            return reverse(page, args=[subject_id])
    return None
