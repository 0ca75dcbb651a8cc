"""Finding work: any job there has ever been, newest first."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import QuerySet

from readmodels import cursor
from readmodels.models import OperativeText, SiteText, WorkRow, WorkSiteRow, WorkText
from readmodels.queries.jobs import is_open
from readmodels.queries.search import corrected, guesses
from readmodels.queries.work_hits import Place, hits, sought
from spelling.wanted import Term, terms

M = TypeVar("M", WorkRow, WorkText)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LISTED = "work"
"""What places in this list are sealed for."""
LOOKED_AT = (WorkText, SiteText, OperativeText)
"""The texts in which a job is found."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which jobs to list. `stage` is one of WorkRow.Stage, "open" or "waiting"; `text` is looked for in
    number, title, description, outcome, notes of abandonments, the sites' addresses and numbers, and the
    names of operatives; raised from `since` until before `until`, completed from `completed_since` on."""

    text: str = ""
    stage: str = ""
    site_id: UUID | None = None
    operative_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    completed_since: datetime | None = None


def page(wanted: Wanted, last: str | None, size: int) -> tuple[list[WorkRow], str | None]:
    """Up to `size` wanted jobs after the one with the key `last`, newest first by when they were raised,
    and the key to continue with (None: there are no more). Raises ValueError when `last` is no key.

    `work_hits` finds what contains a text. If no word of it is rare, one page reads through a limited
    number of jobs, so it may be short and still say where to continue. If the text is the number of a job,
    that job comes before all others, and "#412" finds that one alone. If nothing contains the text as it
    was typed, the page lists jobs that contain what may have been meant.
    """
    found = filtered(wanted).order_by("-raised_at", "-number")
    named: list[WorkRow] = []
    if number := number_in(wanted.text):
        named = list(found.filter(number=number)) if last is None else []
        if not wanted.text.strip().isdecimal():
            return named, None
        found = found.exclude(number=number)
    if not wanted.text.strip():
        return cut(list((found if last is None else after(found, last))[: size + 1]), size, None)
    exactly = terms(wanted.text)
    if not exactly:
        return [], None
    texts = found if is_filtered(wanted) else WorkText.objects.all()
    rows, following = read(found, texts, exactly, last, size)
    if following and not rows and (likely := corrected(exactly, LOOKED_AT)) != exactly:
        # Reading stopped early, but no job contains a word that does not exist: no older job either.
        rows, following = read(found, texts, likely, last, size)
    if named or rows or following or (last is not None and read(found, texts, exactly, None, 1)[0]):
        return named + rows, following
    meant = guessed(exactly)
    return read(found, texts, meant, last, size) if meant != exactly else ([], None)


def read(
    found: QuerySet[WorkRow], texts: QuerySet[Any], wanted: list[Term], last: str | None, size: int
) -> tuple[list[WorkRow], str | None]:
    """A page of those that contain every term, and the key to continue with."""
    held = hits(texts if last is None else after(texts, last), wanted, size)
    return cut(list(found.filter(pk__in=held.jobs[: size + 1])), size, held.read_to)


def cut(rows: list[WorkRow], size: int, read_to: Place | None) -> tuple[list[WorkRow], str | None]:
    """The page, and the key to continue with: after its last row, or where reading ended."""
    if len(rows) > size:
        return rows[:size], key(rows[size - 1].raised_at, rows[size - 1].number)
    return rows, key(*read_to) if read_to else None


def is_filtered(wanted: Wanted) -> bool:
    """Whether anything but a text is asked for."""
    return replace(wanted, text="") != Wanted()


def filtered(wanted: Wanted) -> QuerySet[WorkRow]:
    """The wanted jobs, before any text is looked for. Each filter has an index that ends in the order of
    the list, or leaves few jobs to sort."""
    found = WorkRow.objects.all()
    if wanted.stage:
        found = at_stage(found, wanted.stage)
    if wanted.site_id:
        # Fetched here: with a join, planners walk all work in order and do not begin at the site.
        at_site = WorkSiteRow.objects.filter(site_id=wanted.site_id).values_list("work_id", flat=True)
        found = found.filter(pk__in=list(at_site))
    if wanted.operative_id:
        found = found.filter(operative_id=wanted.operative_id)
    if wanted.completed_since:
        found = found.filter(completed_at__gte=wanted.completed_since)
    if wanted.since:
        found = found.filter(raised_at__gte=wanted.since)
    if wanted.until:
        found = found.filter(raised_at__lt=wanted.until)
    return found


def at_stage(found: QuerySet[WorkRow], stage: str) -> QuerySet[WorkRow]:
    """The jobs at a stage, "open" or "waiting". The small indexes over open work find it; an index by
    stage would be written at each step of each job. Most work is completed: there the list is already in
    order."""
    if stage == "open":
        return found.filter(is_open())
    if stage == "waiting":
        return found.filter(waiting_since__isnull=False)
    if stage in (WorkRow.Stage.RAISED, WorkRow.Stage.ABANDONED):
        return found.filter(waiting_since__isnull=False, stage=stage)
    if stage == WorkRow.Stage.COMPLETED:
        return found.filter(stage=stage)
    if stage == WorkRow.Stage.WITHDRAWN:
        return found.filter(withdrawn_at__isnull=False)
    return found.filter(queue_place__isnull=False, stage=stage)


def matching(found: QuerySet[WorkRow], text: str) -> QuerySet[WorkRow]:
    """Those of a few jobs that contain the text as it was typed, otherwise what may have been meant."""
    if not text.strip():
        return found
    wanted = terms(text)
    exactly = with_terms(found, wanted) if wanted else found.none()
    return exactly if not wanted or exactly.order_by().exists() else with_terms(found, guessed(wanted))


def guessed(wanted: list[Term]) -> list[Term]:
    """The terms, each with what may have been meant by it, in all the texts that are looked at."""
    return guesses(wanted, LOOKED_AT)


def with_terms(found: QuerySet[WorkRow], wanted: list[Term]) -> QuerySet[WorkRow]:
    """Those that contain every term, each in their text, at a site, or by an operative."""
    for term in wanted:
        found = found.filter(sought(term).held("folded__text"))
    return found


def number_in(text: str) -> int | None:
    """The number of a job, written 412 or #412; None when the text is something else."""
    digits = re.fullmatch(r"#?([0-9]{1,9})", text.strip())
    return int(digits[1]) if digits else None


def by_number(number: int) -> UUID | None:
    """The job of this number."""
    return WorkRow.objects.filter(number=number).values_list("pk", flat=True).first()


def key(raised_at: datetime, number: int) -> str:
    """A place in the list, to continue from."""
    return cursor.seal_place(LISTED, f"{(raised_at - EPOCH) // timedelta(microseconds=1)}-{number}")


def after(found: QuerySet[M], last: str) -> QuerySet[M]:
    """What comes after the place with this key. Raises ValueError when it is no key."""
    place = cursor.unseal_place(LISTED, last)
    if not re.fullmatch(r"-?[0-9]{1,16}-[0-9]{1,9}", place, re.ASCII):
        raise ValueError(f"{last!r} is no place in the list")
    micros, number = place.rsplit("-", 1)
    raised_at = EPOCH + timedelta(microseconds=int(micros))
    # The first condition adds nothing; it lets the index begin at the right place.
    return found.filter(raised_at__lte=raised_at).exclude(raised_at=raised_at, number__gte=int(number))
