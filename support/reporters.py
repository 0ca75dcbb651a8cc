"""Who reported a job as completed or given back, if that was not the operative."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from accounts.models import Token, User
from accounts.names import known_by
from readmodels.models import WorkRow
from readmodels.queries.jobs import Job

Known = Mapping[str, User | Token]
"""The person or program of each actor."""


def speaks_for(who: User | Token | None, operative_id: UUID | None) -> bool:
    """Whether this is the operative themselves."""
    return isinstance(who, User) and who.operative_id is not None and who.operative_id == operative_id


def reporter_of(row: WorkRow, known: Known) -> str:
    """The name of the person or program that reported the job as completed or, before that, as last given
    back; empty if the operative did so themselves."""
    told_of = row.operative_id if row.completed_at else row.abandoned_by
    if not row.reported_by or speaks_for(known.get(row.reported_by), told_of):
        return ""
    return str(known.get(row.reported_by, row.reported_by))


def reporters(jobs: Iterable[Job], known: Known | None = None) -> dict[UUID, str]:
    """The reporter of each of these jobs that has one, by the job's id. `known` are the actors; looked up
    unless given."""
    rows = [job.work for job in jobs if job.work.reported_by]
    known = known_by(row.reported_by for row in rows) if known is None else known
    return {row.pk: name for row in rows if (name := reporter_of(row, known))}
