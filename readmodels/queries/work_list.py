"""Finding work: any job there has ever been, newest first."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from readmodels.models import SiteRow, WorkRow, WorkSiteRow
from readmodels.queries.jobs import is_open
from readmodels.search_text import search_text

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SCANNED = 50_000
"""Jobs compared with a text for one page."""
WORDS = 6
"""Words of a search that count; each one more makes the scan longer."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which jobs to list. `stage` is one of WorkRow.Stage, "open" or "waiting"; `text` is looked for in
    number, title, description and the sites' addresses; raised from `since` until before `until`."""

    text: str = ""
    stage: str = ""
    site_id: UUID | None = None
    operative_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


def page(wanted: Wanted, last: str | None, size: int) -> tuple[list[WorkRow], str | None]:
    """Up to `size` wanted jobs after the one with the key `last`, newest first by when they were raised,
    and the key from which to go on (None: there are no more). Raises ValueError when `last` is no key.

    A text is compared job by job. One page reads through SCANNED of them at most, and so may be short and
    yet say where to go on. The job whose number the text is comes before all others.
    """
    found = filtered(wanted).order_by("-raised_at", "-number")
    named: list[WorkRow] = []
    if number := number_in(wanted.text):
        named = list(found.filter(number=number)) if last is None else []
        found = found.exclude(number=number)
    if last is not None:
        found = after(found, last)
    unread = None
    if wanted.text:
        unread = found.values_list("raised_at", flat=True)[SCANNED : SCANNED + 1].first()
        if unread is not None:
            found = found.filter(raised_at__gte=unread)
    rows = list(matching(found, wanted.text)[: size + 1])
    if len(rows) > size:
        return named + rows[:size], key(rows[size - 1].raised_at, rows[size - 1].number)
    return named + rows, key(unread, 0) if unread else None


def filtered(wanted: Wanted) -> QuerySet[WorkRow]:
    """The wanted jobs before any text is looked for. Each filter has an index that ends in the order of
    the list, or leaves few jobs to sort."""
    found = WorkRow.objects.all()
    if wanted.stage:
        found = at_stage(found, wanted.stage)
    if wanted.site_id:
        # Fetched here: told to join, planners walk all work in order rather than begin at the site.
        at_site = WorkSiteRow.objects.filter(site_id=wanted.site_id).values_list("work_id", flat=True)
        found = found.filter(pk__in=list(at_site))
    if wanted.operative_id:
        found = found.filter(operative_id=wanted.operative_id)
    if wanted.since:
        found = found.filter(raised_at__gte=wanted.since)
    if wanted.until:
        found = found.filter(raised_at__lt=wanted.until)
    return found


def at_stage(found: QuerySet[WorkRow], stage: str) -> QuerySet[WorkRow]:
    """Those at a stage, "open" or "waiting". Open work is found by the small indexes over it; an index by
    stage would be written anew at each step of each job. Most work is completed: the list is in order."""
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
    """Those in which every word of the text occurs."""
    for word in search_text(text).split()[:WORDS]:
        found = found.filter(
            Q(title__icontains=word) | Q(description__icontains=word) | Q(pk__in=at_place(word))
        )
    return found


def number_in(text: str) -> int | None:
    """The number of a job, written 412 or #412; None when the text is something else."""
    digits = re.fullmatch(r"#?([0-9]{1,9})", text.strip())
    return int(digits[1]) if digits else None


def at_place(word: str) -> QuerySet[WorkSiteRow, UUID]:
    """The ids of jobs at sites whose address, town, post code or number holds the word."""
    sites = SiteRow.objects.filter(search__contains=word).values("pk")
    return WorkSiteRow.objects.filter(site_id__in=sites).values_list("work_id", flat=True)


def key(raised_at: datetime, number: int) -> str:
    """A place in the list, to go on from."""
    return f"{(raised_at - EPOCH) // timedelta(microseconds=1)}-{number}"


def after(found: QuerySet[WorkRow], last: str) -> QuerySet[WorkRow]:
    """What comes after the place with this key; ValueError when it is no key."""
    if not re.fullmatch(r"-?[0-9]{1,16}-[0-9]{1,9}", last):
        raise ValueError(f"{last!r} is no place in the list")
    micros, number = last.rsplit("-", 1)
    raised_at = EPOCH + timedelta(microseconds=int(micros))
    # The first condition says nothing new; it lets the index begin at the right place.
    return found.filter(raised_at__lte=raised_at).exclude(raised_at=raised_at, number__gte=int(number))
