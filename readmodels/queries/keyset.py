"""Where the next page of a list begins: after a row, not after a number of rows."""

from typing import TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet

from readmodels.paging import Page

M = TypeVar("M", bound=Model)


def page_after(rows: QuerySet[M], key: str | None, size: int) -> Page[M]:
    """The page of the list that begins after the row with this primary key."""
    return Page.of(list(following(rows, key)[: size + 1]), size, lambda row: str(row.pk))


def following(rows: QuerySet[M], key: str | None) -> QuerySet[M]:
    """What comes after the row with this primary key in a list that ascends by several fields, the last
    of them unique; the whole list when the key is None, or that of no row."""
    last = _row(rows, key)
    if last is None:
        return rows
    beyond, same = Q(), Q()
    for field in (str(name) for name in rows.query.order_by or rows.model._meta.ordering or ()):
        value = getattr(last, field, 0)
        beyond |= same & Q(**{f"{field}__gt": value})
        same &= Q(**{field: value})
    return rows.filter(beyond)


def _row(rows: QuerySet[M], key: str | None) -> M | None:
    if key is None:
        return None
    try:
        return rows.filter(pk=key).first() or rows.model._default_manager.filter(pk=key).first()
    except (ValidationError, ValueError):  # a UUID, a number that is none
        return None
