"""Rows that are like one which somebody is about to make or change: the same in another spelling."""

from collections.abc import Callable, Hashable
from typing import TypeVar

from django.db.models import Model, QuerySet

from readmodels.models import OperativeRow, ProductRow, SiteRow
from spelling.address import address_key
from spelling.fold import fold

M = TypeVar("M", bound=Model)
END = 3
"""The last characters of a post code, which every spelling of it shares."""


def alike(rows: QuerySet[M], key: Callable[[M], Hashable], wanted: Hashable, own: object) -> M | None:
    """One of the rows that has the wanted key. Also None if the row with the primary key `own` has it:
    then a form was sent twice, or changes something else."""
    found = [row for row in rows.iterator() if key(row) == wanted]
    return None if any(row.pk == own for row in found) else next(iter(found), None)


def operative(forename: str, surname: str, own: object = None) -> OperativeRow | None:
    """An employed operative of this name."""
    return alike(
        OperativeRow.objects.filter(released_at__isnull=True),
        lambda row: fold(f"{row.forename} {row.surname}"),
        fold(f"{forename} {surname}"),
        own,
    )


def site(line_1: str, post_code: str, own: object = None) -> SiteRow | None:
    """A site of ours at this address."""
    wanted = address_key(line_1, post_code)
    near = SiteRow.objects.filter(relinquished_at__isnull=True, post_code__iendswith=post_code.strip()[-END:])
    return alike(near, lambda row: address_key(row.address_line_1, row.post_code), wanted, own)


def product(name: str, own: object = None) -> ProductRow | None:
    """A product that is sold under this name."""
    sold = ProductRow.objects.filter(withdrawn_at__isnull=True)
    return alike(sold, lambda row: fold(row.name), fold(name), own)
