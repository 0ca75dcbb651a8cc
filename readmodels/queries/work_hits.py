"""Which jobs hold a text, newest first: in their own text, at a site, or by an operative.

The texts of jobs stand in the order of the list of work, so that the newest are read one after another,
without their rows. Sites and operatives are few beside the jobs: those that hold a word are looked up first,
and a job's own are compared with them only where its text alone does not settle it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet

from readmodels.models import OperativeText, SiteText, WorkRow, WorkSiteRow, WorkText
from readmodels.models.columns import has_trigrams
from readmodels.models.search import Text
from readmodels.queries.search import any_way
from spelling.wanted import Term, holds

SCANNED = 50_000
"""Texts that one page reads through, newest first, where no word is rare."""
RECENT = 1_000
"""The newest jobs, of which most pages are made, and which show how rare a word is."""
RARE = 200
"""A word that no more than one in so many jobs holds is looked for by the indexes of trigrams."""
COMPARED = 1_500
"""Jobs that one page compares with sites and operatives."""

Place = tuple[datetime, int]
"""When a job was raised, and its number: where it stands in the list."""


@dataclass(frozen=True)
class Hits:
    """The jobs found, and the last place that was read when there is more to read."""

    jobs: list[UUID]
    read_to: Place | None


@dataclass(frozen=True)
class Sought:
    """A term, and the sites and operatives that hold it."""

    term: Term
    sites: frozenset[UUID]
    people: frozenset[UUID]

    @property
    def is_elsewhere(self) -> bool:
        """Whether a job may hold it outside its own text."""
        return bool(self.sites or self.people)


@dataclass
class Candidate:
    """A job, and for each term whether it is known to hold it."""

    job: UUID
    place: Place
    held: list[bool] = field(default_factory=list)


def hits(texts: QuerySet[Any], terms: Sequence[Term], size: int) -> Hits:
    """More than `size` jobs that hold every term, or all that there are up to the place named.

    `texts` are those of jobs to look at: WorkText, or WorkRow with its text beside it.
    """
    sought = resolve(terms)
    texts = texts.order_by("-raised_at", "-number")
    newest = settled(candidates(texts, sought, RECENT), sought)
    found = [each.job for each in newest if all(each.held)]
    if len(found) > size or len(newest) < RECENT:
        return Hits(found, None)
    shares = [sum(each.held[n] for each in newest) for n in range(len(sought))]
    if min(shares) * RARE <= len(newest) and has_trigrams(connection):
        # The other terms are compared with what the index finds: looked for in it, they cost as much again.
        texts, most, end = texts.filter(pk__in=holding(sought[shares.index(min(shares))])), COMPARED, None
    else:
        texts, end = newest_of(texts, sought)
        most = COMPARED if any(each.is_elsewhere for each in sought) else size + 1
    some = settled(candidates(texts, sought, most), sought)
    return Hits([each.job for each in some if all(each.held)], some[-1].place if len(some) == most else end)


def newest_of(texts: QuerySet[Any], sought: Sequence[Sought]) -> tuple[QuerySet[Any], Place | None]:
    """The newest of these jobs, without those whose text lacks a term that stands nowhere else; and the place
    of the last, when there are more."""
    end = texts.values_list("raised_at", "number")[SCANNED : SCANNED + 1].first()
    if end:
        texts = texts.filter(raised_at__gte=end[0]).exclude(raised_at=end[0], number__lt=end[1])
    for each in sought:
        if not each.is_elsewhere:
            texts = texts.filter(any_way(each.term, column(texts)))
    return texts, end


def resolve(terms: Sequence[Term]) -> list[Sought]:
    """Each term with where else it stands: two queries."""
    sites, people = (
        [frozenset(key for key, text in known if holds(text, [term])) for term in terms]
        for known in (texts_with_any(table, terms) for table in (SiteText, OperativeText))
    )
    return [Sought(*each) for each in zip(terms, sites, people, strict=True)]


def texts_with_any(table: type[Text], terms: Sequence[Term]) -> list[tuple[UUID, str]]:
    """The keys and texts of the rows that hold any of the terms."""
    any_term = Q()
    for term in terms:
        any_term |= any_way(term, "text")
    return list(table._default_manager.filter(any_term).values_list("pk", "text"))


def candidates(texts: QuerySet[Any], sought: Sequence[Sought], most: int) -> list[Candidate]:
    """The first of these jobs, each with whether its own text holds the terms."""
    flags = {
        f"term_{n}": ExpressionWrapper(any_way(each.term, column(texts)), BooleanField())
        for n, each in enumerate(sought)
    }
    rows = texts.annotate(**flags).values_list("pk", "raised_at", "number", *flags)[:most]
    return [
        Candidate(pk, (raised_at, number), list(map(bool, held))) for pk, raised_at, number, *held in rows
    ]


def settled(some: list[Candidate], sought: Sequence[Sought]) -> list[Candidate]:
    """The same, compared with sites and operatives where their own texts leave it open: for each term at most
    two queries."""
    for n, each in enumerate(sought):
        open_ = {candidate.job: candidate for candidate in some if not candidate.held[n]}
        if each.sites and open_:
            places = WorkSiteRow.objects.filter(work_id__in=list(open_))
            for job, site in places.values_list("work_id", "site_id"):
                open_[job].held[n] |= site in each.sites
        if each.people and open_:
            rows = WorkRow.objects.filter(pk__in=list(open_)).order_by()
            for job, holder, gave_back in rows.values_list("pk", "operative_id", "abandoned_by"):
                open_[job].held[n] |= holder in each.people or gave_back in each.people
    return some


def holding(sought: Sought) -> QuerySet[Any, Any]:
    """The ids of all jobs that hold a term, each found by an index."""
    by_text = WorkText.objects.filter(any_way(sought.term, "text")).values("pk")
    at_site = WorkSiteRow.objects.filter(site_id__in=sought.sites).values("work_id")
    work = WorkRow.objects.order_by().values("pk")
    by_holder, gave_back = (
        work.filter(**{f"{role}__in": sought.people}) for role in ("operative_id", "abandoned_by")
    )
    return by_text.union(at_site, by_holder, gave_back)


def column(texts: QuerySet[Any]) -> str:
    """How the text of a job is called there."""
    return "text" if texts.model is WorkText else "folded__text"
