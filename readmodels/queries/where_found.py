"""Where a job holds what was looked for, as far as its line in a list does not show it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from readmodels.queries.jobs import Job
from readmodels.queries.work_list import guessed
from spelling.excerpt import Excerpt, excerpt
from spelling.telephone import digits_of
from spelling.wanted import Term, holds, kept, terms

BACK_FROM = "Back from"
"""The label of the operative who last gave the job back, whoever reported it."""


@dataclass(frozen=True)
class Hit:
    """What the text is, in a word, and the part of it; none where an earlier text is not at hand."""

    label: str
    excerpt: Excerpt | None


def where_found(jobs: Sequence[Job], text: str) -> list[list[Hit]]:
    """For each job a hit for each word that its number, title, place and operative do not hold."""
    wanted = terms(text)
    if not wanted or not jobs:
        return [[] for _ in jobs]
    if not _is_known(jobs[0], wanted):
        wanted = guessed(wanted)
    return [list(dict.fromkeys(_hits(job, wanted))) for job in jobs]


def _is_known(job: Job, wanted: Sequence[Term]) -> bool:
    """Whether the job holds the words as typed, not only what may have been meant."""
    return all(hit.excerpt for hit in _hits(job, wanted))


def _hits(job: Job, wanted: Sequence[Term]) -> Iterator[Hit]:
    seen = kept(str(job.work.number), job.work.title, *map(str, job.sites), str(job.operative or ""))
    for term in wanted:
        if not holds(seen, [term]):
            yield _hit(job, term)


def _hit(job: Job, term: Term) -> Hit:
    for label, text in _texts(job):
        if found := excerpt(text, term):
            return Hit(label, found)
    for site in job.sites:
        if holds(kept(site.post_code.replace(" ", ""), digits_of(site.telephone_number)), [term]):
            return Hit("Site", Excerpt("", f"{site.post_code}, {site.telephone_number}", ""))
    return Hit("Noted earlier", None)


def _texts(job: Job) -> Iterator[tuple[str, str]]:
    yield "Description", job.work.description
    yield "Outcome", job.work.outcome
    yield "Given back", job.work.abandoned_note
    yield BACK_FROM, str(job.abandoned_by or "")
    for site in job.sites:
        yield "Site", f"{site.post_code}, {site.telephone_number}"
