"""Where the next page of a list begins: after certain values, not after a number of rows."""

from typing import Any, TypeVar

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import Model, Q, QuerySet

from readmodels import cursor
from readmodels.page import Page

M = TypeVar("M", bound=Model)


def page_after(rows: QuerySet[M], key: str | None, size: int) -> Page[M]:
    """The page of the list that begins after this place: a cursor, or the primary key of a row, as places
    were named before there were cursors."""
    found = list(following(rows, key)[: size + 1])
    return Page.of(found, size, lambda row: cursor.seal(_name(rows), _values(rows, row)))


def following(rows: QuerySet[M], key: str | None) -> QuerySet[M]:
    """What comes after this place, in a list that ascends by several fields, the last of them unique; the
    whole list when the text is no place."""
    last = place_of(rows, key)
    if last is None:
        return rows
    beyond, same = Q(), Q()
    for field, value in last.items():
        beyond |= same & Q(**{f"{field}__gt": value})
        same &= Q(**{field: value})
    return rows.filter(beyond)


def place_of(rows: QuerySet[M], key: str | None) -> dict[str, Any] | None:
    """The values after which the page begins; None if the key is no place in this list.

    A cursor from when the list was sorted by other fields means the present place of its row.
    """
    kept = None if key is None else cursor.unseal(_name(rows), key)
    if kept is not None and list(kept) == _fields(rows):
        return {field: _read(rows.model, field, value) for field, value in kept.items()}
    row = _row(rows, key if kept is None else str(next(reversed(kept.values()))))
    return None if row is None else _values(rows, row)


def _name(rows: QuerySet[Any]) -> str:
    return str(rows.model._meta.label_lower)


def _fields(rows: QuerySet[Any]) -> list[str]:
    return [str(name) for name in rows.query.order_by or rows.model._meta.ordering or ()]


def _values(rows: QuerySet[Any], row: Model) -> dict[str, Any]:
    """The values by which the row is sorted. For a row found by its key alone, a value that the search
    counts is unknown."""
    return {field: getattr(row, field, 0) for field in _fields(rows)}


def _read(model: type[Model], field: str, value: Any) -> Any:
    try:
        column: Any = model._meta.pk if field == "pk" else model._meta.get_field(field)
    except FieldDoesNotExist:  # the query counts it
        return value
    return column.to_python(value)


def _row(rows: QuerySet[M], key: str | None) -> M | None:
    if key is None:
        return None
    try:
        return rows.filter(pk=key).first() or rows.model._default_manager.filter(pk=key).first()
    except (ValidationError, ValueError):  # a UUID, or a number, that is none
        return None
