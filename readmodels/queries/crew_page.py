"""A page of the crew: on the board, on the roster, for programs."""

from collections.abc import Sequence
from datetime import datetime

from django.core.exceptions import ValidationError

from readmodels import cursor
from readmodels.models import OperativeRow
from readmodels.page import Page
from readmodels.queries.crew import Member, Wanted
from spelling.fold import kept
from spelling.wanted import among

Place = tuple[int, str, str]
"""Rank in the chosen order, the sort key of the name, and the id."""


def page_of_crew(
    members: Sequence[Member], wanted: Wanted, *, now: datetime, after: str, size: int
) -> Page[Member]:
    """The wanted ones in their order, from the place `after` on: a cursor, or the id of an operative. That
    operative may have been released meanwhile, or have other work."""
    begins = place_after(wanted, after)
    placed = sorted(
        ((place(member.operative, wanted.rank(member, now)), member) for member in members),
        key=lambda each: each[0],
    )
    named = among({member.operative.pk: kept(str(member.operative)) for member in members}, wanted.text)
    rows = [
        (at, member)
        for at, member in placed
        if (begins is None or at > begins) and member.operative.pk in named and wanted.fits(member, now)
    ]
    page = Page.of(rows, size, lambda each: seal(wanted, each[0]))
    return Page([member for _, member in page.rows], page.after)


def place_after(wanted: Wanted, after: str) -> Place | None:
    """Where the page begins; None at the beginning, or if the text is no place in the list."""
    given = cursor.unseal(_name(wanted), after) if after else None
    if given is not None:
        return int(given["rank"]), str(given["name"]), str(given["id"])
    # Places were named so before there were cursors. If the order is by what people do now, such a place
    # is unknown.
    row = _operative(after) if after and not wanted.order else None
    return place(row, 0) if row else None


def place(row: OperativeRow, rank: int) -> Place:
    return rank, row.sort_key, str(row.pk)


def seal(wanted: Wanted, at: Place) -> str:
    rank, name, operative_id = at
    return cursor.seal(_name(wanted), {"rank": rank, "name": name, "id": operative_id})


def _name(wanted: Wanted) -> str:
    return f"crew {wanted.order}"


def _operative(key: str) -> OperativeRow | None:
    try:
        return OperativeRow.objects.filter(pk=key).first()
    except (ValidationError, ValueError):
        return None
