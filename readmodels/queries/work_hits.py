"""Which jobs contain a text, newest first: in their own text, at a site, or by an operative.

The texts of jobs are stored in the order of the list of work, so that the newest are read one after
another, without their rows. A job's sites and operatives are looked at only if its own text lacks a word
that some site or operative contains.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import BooleanField, Count, Exists, ExpressionWrapper, OuterRef, Q, QuerySet, Subquery
from django.db.models.lookups import IsNull

from readmodels.models import OperativeText, SiteText, WorkRow, WorkSiteRow, WorkText
from readmodels.models.columns import has_trigrams
from readmodels.models.search import Text
from readmodels.queries.search import any_way
from spelling.wanted import Term

SCANNED = 50_000
"""The most texts that one page reads through, newest first, if no word is rare."""
RECENT = 1_000
"""The newest jobs: most pages are made of them, and they show how rare a word is."""
RARE = 200
"""A word that no more than one in so many jobs contains is looked for with the trigram indexes."""
COMPARED = 1_000
"""The most jobs that one page compares with sites and operatives."""
PART = 5
"""The number of letters of a long word with which the trigram index is asked."""

Place = tuple[datetime, int]
"""When a job was raised, and its number: its place in the list."""


@dataclass(frozen=True)
class Hits:
    """The jobs found, and the last place that was read when there is more to read."""

    jobs: list[UUID]
    read_to: Place | None


@dataclass(frozen=True)
class Candidate:
    """A job, and for each term whether the job contains it."""

    job: UUID
    place: Place
    held: list[bool]


@dataclass(frozen=True)
class Sought:
    """A term, and whether any site and any operative contains it: as a question to the database, or its
    answer."""

    term: Term
    at_sites: Exists | bool
    by_people: Exists | bool

    def held(self, column: str) -> Any:
        """Whether a job contains it: in its text; or at a site or by an operative, if any of those
        contains it.

        The subqueries about a job return a value: if they asked whether a row exists, a planner might
        first collect all jobs of all such sites.
        """
        sites = WorkSiteRow.objects.filter(work_id=OuterRef("pk"), site_id__in=keys_of(SiteText, self.term))
        people = keys_of(OperativeText, self.term)
        concerns_them = Q(operative_id__in=people) | Q(abandoned_by__in=people)
        work = WorkRow.objects.order_by().filter(concerns_them, pk=OuterRef("pk"))
        here = IsNull(Subquery(sites.values("site_id")[:1]), False)
        theirs = IsNull(Subquery(work.values("pk")[:1]), False)
        found = any_way(self.term, column)
        for any_holds, subquery in ((self.at_sites, here), (self.by_people, theirs)):
            if any_holds:
                found |= Q(subquery) if any_holds is True else Q(any_holds) & Q(subquery)
        return ExpressionWrapper(found, BooleanField())


def hits(texts: QuerySet[Any], terms: Sequence[Term], size: int) -> Hits:
    """More than `size` jobs that contain every term, or all that there are up to the place that is
    returned.

    `texts` are those of the jobs to look at: WorkText, or WorkRow with its text beside it.
    """
    texts = texts.order_by("-raised_at", "-number")
    asked = [sought(term) for term in terms]
    newest = candidates(texts, asked, RECENT)
    found = [each.job for each in newest if all(each.held)]
    if len(found) > size or len(newest) < RECENT:
        return Hits(found, None)
    answers = answered(asked)
    shares = [sum(each.held[n] for each in newest) for n in range(len(answers))]
    if min(shares) * RARE <= len(newest) and has_trigrams(connection):
        # The other terms are compared with what the index finds: to look for them in the index would cost
        # as much again.
        rarest = answers[shares.index(min(shares))]
        texts, most, end = texts.filter(pk__in=holding(rarest, texts)), COMPARED, None
    else:
        texts, end = newest_of(texts)
        certain = [each.term for each in answers if not (each.at_sites or each.by_people)]
        for term in certain:
            texts = texts.filter(any_way(term, column(texts)))
        most = size + 1 if len(certain) == len(answers) else COMPARED
    some = candidates(texts, answers, most)
    return Hits([each.job for each in some if all(each.held)], some[-1].place if len(some) == most else end)


def sought(term: Term) -> Sought:
    """The term, with the questions where else it occurs."""
    return Sought(term, Exists(keys_of(SiteText, term)), Exists(keys_of(OperativeText, term)))


def candidates(texts: QuerySet[Any], sought: Sequence[Sought], most: int) -> list[Candidate]:
    """The first of these jobs."""
    held = {f"held_{n}": each.held(column(texts)) for n, each in enumerate(sought)}
    rows = texts.annotate(**held).values_list("pk", "raised_at", "number", *held)[:most]
    return [Candidate(pk, (raised_at, number), said) for pk, raised_at, number, *said in rows]


def answered(sought: Sequence[Sought]) -> list[Sought]:
    """The same, with the answers: one query, returned beside any row."""
    asked = {f"at_{n}": each.at_sites for n, each in enumerate(sought)}
    asked |= {f"by_{n}": each.by_people for n, each in enumerate(sought)}
    row = WorkText.objects.annotate(**asked).values(*asked)[0]
    return [Sought(each.term, row[f"at_{n}"], row[f"by_{n}"]) for n, each in enumerate(sought)]


def newest_of(texts: QuerySet[Any]) -> tuple[QuerySet[Any], Place | None]:
    """As many of these jobs as one page reads through, and the place of the last, when there are more."""
    end = texts.values_list("raised_at", "number")[SCANNED : SCANNED + 1].first()
    if end:
        texts = texts.filter(raised_at__gte=end[0]).exclude(raised_at=end[0], number__lt=end[1])
    return texts, end


def holding(sought: Sought, texts: QuerySet[Any]) -> QuerySet[Any, Any]:
    """The ids of all jobs that may hold a term, each found by an index."""
    of_term = Q()
    for way in sought.term:
        of_term |= Q(text__contains=rarest_part(max(way, key=len), texts))
    by_text = WorkText.objects.filter(of_term).values("pk")
    if not (sought.at_sites or sought.by_people):
        return by_text
    sites, people = (
        list(keys_of(kept, sought.term).values_list("pk", flat=True)) for kept in (SiteText, OperativeText)
    )
    at_site = WorkSiteRow.objects.filter(site_id__in=sites).values("work_id")
    work = WorkRow.objects.order_by().values("pk")
    return by_text.union(at_site, work.filter(operative_id__in=people), work.filter(abandoned_by__in=people))


def rarest_part(phrase: str, texts: QuerySet[Any]) -> str:
    """The part of a phrase that the fewest of the newest texts contain. A trigram index reads a list for
    each three letters, and some lists are long: for "boardroom" those of "board", which is in every other
    text."""
    parts = [phrase[at : at + PART] for at in range(max(1, len(phrase) - PART + 1))]
    if len(parts) == 1:
        return phrase
    held = {
        f"part_{n}": Count("pk", filter=Q(**{f"{column(texts)}__contains": part}))
        for n, part in enumerate(parts)
    }
    counts = list(texts[:RECENT].aggregate(**held).values())
    return parts[counts.index(min(counts))]


def keys_of(texts: type[Text], term: Term) -> QuerySet[Any, Any]:
    """The keys of the rows whose text contains the term."""
    return texts._default_manager.filter(any_way(term, "text")).values("pk")


def column(texts: QuerySet[Any]) -> str:
    """The name of the column with the text of a job there."""
    return "text" if texts.model is WorkText else "folded__text"
