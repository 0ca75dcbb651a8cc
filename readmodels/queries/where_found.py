"""Where a job contains what was looked for, if its line in a list does not show it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from readmodels.queries.jobs import Job
from readmodels.queries.work_list import guessed
from spelling.excerpt import Excerpt, excerpt
from spelling.fold import kept
from spelling.telephone import digits_of
from spelling.wanted import Term, holds, terms


class Where(StrEnum):
    """The texts of a job that its line in a list does not show."""

    DESCRIPTION = "description"
    OUTCOME = "outcome"
    NOTE = "note"
    BACK_FROM = "back_from"
    SITE = "site"
    EARLIER = "earlier"

    @property
    def label(self) -> str:
        """The text for people. For the name of the operative it came back from, it does not say that they
        reported so."""
        return {"note": "Given back", "earlier": "Noted earlier"}.get(
            self, self.replace("_", " ").capitalize()
        )


@dataclass(frozen=True)
class Hit:
    """In which text, and the part of it; no part if an earlier text is not available."""

    where: Where
    excerpt: Excerpt | None


def where_found(jobs: Sequence[Job], text: str) -> list[list[Hit]]:
    """For each job, a hit for each word that its number, title, place and operative do not contain."""
    wanted = terms(text)
    if not wanted or not jobs:
        return [[] for _ in jobs]
    if not _is_known(jobs[0], wanted):
        wanted = guessed(wanted)
    return [list(dict.fromkeys(_hits(job, wanted))) for job in jobs]


def _is_known(job: Job, wanted: Sequence[Term]) -> bool:
    """Whether the job contains the words as typed, not only what may have been meant."""
    return all(hit.excerpt for hit in _hits(job, wanted))


def _hits(job: Job, wanted: Sequence[Term]) -> Iterator[Hit]:
    seen = kept(str(job.work.number), job.work.title, *map(str, job.sites), str(job.operative or ""))
    for term in wanted:
        if not holds(seen, [term]):
            yield _hit(job, term)


def _hit(job: Job, term: Term) -> Hit:
    for where, text in _texts(job):
        if found := excerpt(text, term):
            return Hit(where, found)
    for site in job.sites:
        if holds(kept(site.post_code.replace(" ", ""), digits_of(site.telephone_number)), [term]):
            return Hit(Where.SITE, Excerpt("", f"{site.post_code}, {site.telephone_number}", ""))
    return Hit(Where.EARLIER, None)


def _texts(job: Job) -> Iterator[tuple[Where, str]]:
    yield Where.DESCRIPTION, job.work.description
    yield Where.OUTCOME, job.work.outcome
    yield Where.NOTE, job.work.abandoned_note
    yield Where.BACK_FROM, job.back_from
    for site in job.sites:
        yield Where.SITE, f"{site.post_code}, {site.telephone_number}"
