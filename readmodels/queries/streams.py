"""Streams by what people call the things that they are about."""

import re
from uuid import UUID

from django.db.models import Model, Q

from readmodels.models import OrderRow, WorkRow

_CALLED = re.compile(r"(?:(job|work|order)\s*)?#?\s*([0-9]{1,9})", re.ASCII | re.IGNORECASE)
_NUMBERED: dict[str, list[tuple[str, type[Model]]]] = {
    "": [("work", WorkRow), ("order", OrderRow)],
    "job": [("work", WorkRow)],
    "work": [("work", WorkRow)],
    "order": [("order", OrderRow)],
}
"""The streams of numbered things, by the word that may stand before the number."""


def streams_called(text: str) -> list[str]:
    """The streams of what has this name, such as "Order 12" or "job #12"; for a bare number the job's
    comes before the order's."""
    called = _CALLED.fullmatch(text.strip())
    if called is None:
        return []
    kinds = _NUMBERED[(called[1] or "").lower()]
    found = [(category, _key(table, int(called[2]))) for category, table in kinds]
    return [f"{category}-{key}" for category, key in found if key]


def about(text: str, column: str) -> Q:
    """A condition: the column names a stream of what has this name. For a text that is no number, also a
    stream whose name contains it; for a number that would be chance."""
    known = Q(**{f"{column}__in": streams_called(text)})
    return known if _CALLED.fullmatch(text) else known | Q(**{f"{column}__icontains": text})


def _key(table: type[Model], number: int) -> UUID | None:
    found: UUID | None = table._default_manager.filter(number=number).values_list("pk", flat=True).first()
    return found
