"""Work, as the API shows it and takes it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field
from pydantic.config import JsonDict

from accounts.names import known_by
from api.reads import Listed, PageWanted
from api.shapes import CURSOR, NOT_BLANK, Moment, Reference, Sent, Text, such_as, when
from api.shapes.history import Happened, happened_as
from api.shapes.ids import EVENT, OPERATIVE, WORK, EventId, OperativeId, SiteId, WorkId
from readmodels import time_travel
from readmodels.models import WorkRow
from readmodels.queries.jobs import Job, complete
from readmodels.queries.where_found import Hit, Where, where_found
from readmodels.queries.work_list import Wanted
from support.events import AbandonReason, WorkCompleted
from support.forms.raise_work import DESCRIPTION, SITES, TITLE
from support.forms.steps import NOTE, OUTCOME
from support.reporters import Known, reporter_of


class NewWork(Sent):
    """What has to be dealt with, and where."""

    title: str = Field(
        max_length=TITLE, json_schema_extra=NOT_BLANK, description="A few words.", examples=["Boiler out"]
    )
    description: str = Field(
        max_length=DESCRIPTION,
        json_schema_extra=NOT_BLANK,
        description="The fault in the caller's words.",
        examples=["No heating since this morning."],
    )
    site_ids: list[SiteId] = Field(
        max_length=SITES, json_schema_extra={"minItems": 1}, description="The sites that it is for."
    )


class Assignment(Sent):
    """Who shall deal with it."""

    operative_id: OperativeId = Field(description="An operative who is employed.")


class Departure(Sent):
    """The operative is on the way."""

    estimated_arrival: Moment | None = Field(
        default=None,
        description="When they expect to be there: a moment to come, with its zone (RFC 3339).",
        examples=["2030-03-31T14:30:00+01:00"],
    )


class Completion(Sent):
    """The work is done."""

    outcome: str = Field(
        default="", max_length=OUTCOME, description="What was done.", examples=["Replaced the pump."]
    )


class Abandonment(Sent):
    """The operative gives the work back."""

    reason: AbandonReason = Field(description="Why. `other` needs a note.")
    note: str = Field(default="", max_length=NOTE, description="For Control.", examples=["Gate locked."])


class Undoing(Sent):
    """Which step to take back."""

    change: EventId | None = Field(
        default=None,
        description="The event that was the latest step when you looked. The latest, unless given.",
        examples=[str(EVENT), None],
    )


WHO: JsonDict = {"id": str(OPERATIVE), "name": "Ada Lovelace"}


class GivenBack(BaseModel):
    """The last time that an operative gave the work back."""

    at: datetime = when("When.", "2026-03-31T09:40:00Z")
    by: Reference = Field(
        description="The operative from whom it came back, whoever reported it.", examples=[WHO]
    )
    reason: AbandonReason = Field(description="Why.")
    note: str = Field(description="For Control; may be empty.", examples=["Gate locked."])


class Work(BaseModel):
    """A job of work, as it is now or was. Moments are null until they have come. Sites and operatives are
    called what they are called now."""

    id: WorkId
    number: int = Field(description="What people call it by: counts from 1.", examples=[412])
    title: str = Field(description="A few words.", examples=["Boiler out"])
    description: str = Field(
        description="The fault in the caller's words.", examples=["No heating since this morning."]
    )
    stage: WorkRow.Stage = Field(description="How far it has come.", examples=["completed"])
    sites: list[Reference] = Field(description="The sites that it is for, by address.")
    operative: Reference | None = Field(description="Who holds it, or completed it.", examples=[WHO, None])
    raised_at: datetime = when("When it was raised.", "2026-03-31T08:05:00Z")
    raised_by: str = Field(description="The name of whoever raised it.", examples=["Grace Hopper"])
    assigned_at: datetime | None = when("When somebody last got it.", "2026-03-31T10:15:00Z", None)
    dispatched_at: datetime | None = when("When they set out.", "2026-03-31T10:20:00Z", None)
    estimated_arrival: datetime | None = when("When they expect to be there.", "2026-03-31T10:50:00Z", None)
    arrived_at: datetime | None = when("When they arrived.", "2026-03-31T10:48:00Z", None)
    completed_at: datetime | None = when("When it was done.", "2026-03-31T11:30:00Z", None)
    outcome: str = Field(description="What was done; may be empty.", examples=["Replaced the pump."])
    abandoned: GivenBack | None = Field(description="The last time that it was given back.")
    reported_by: str | None = Field(
        description="The name of whoever reported that it was completed or, while it is not, last given back;"
        " null where the operative did so themselves.",
        examples=["Grace Hopper", None],
    )


class FoundIn(BaseModel):
    """A text that holds what was looked for."""

    where: Where = Field(
        description="Which text. `note` is that of the last abandonment, `back_from` the operative who had"
        " the work then, `site` a post code or telephone number, `earlier` a text that has been superseded.",
        examples=["description"],
    )
    text: str | None = Field(
        description="The part of it that holds what was looked for; null where it is not at hand.",
        examples=["\u2026 the pump hums and the radiators stay cold"],
    )


class ListedWork(Work):
    """A job of work in a list."""

    found_in: list[FoundIn] = Field(
        description="Where it holds the words of `q` that are not in its number, title, sites or operative."
    )


class WorkList(Listed[ListedWork]):
    """A page of work, newest first by when it was raised."""

    model_config = such_as(next=f"/api/work?limit=50&after={CURSOR}")


class WorkQueue(Listed[Work]):
    """A page of an operative's open work, in the order of assignment."""

    model_config = such_as(next=f"/api/operatives/{OPERATIVE}/queue?limit=50&after={CURSOR}")


class WorkHappened(Happened[Work]):
    """What has happened to a job, and the job after it."""

    model_config = happened_as(
        WorkCompleted(work_id=WORK, operative_id=OPERATIVE, outcome="Replaced the pump.")
    )


class WorkHistory(Listed[WorkHappened]):
    """A page of what has happened to a job."""

    model_config = such_as(next=f"/api/work/{WORK}/history?limit=50&after=8")


class WorkWanted(PageWanted):
    """Which work to list."""

    model_config = such_as(after=CURSOR)

    q: Text = Field(
        default="",
        description="Words in the title, the description, outcomes, notes, the sites or the operatives;"
        " or the number.",
        examples=["boiler whitby"],
    )
    stage: WorkRow.Stage | Literal["open", "waiting"] | None = Field(
        default=None, description="A stage; `open` is whatever is not done, `waiting` what nobody holds."
    )
    site_id: SiteId | None = Field(default=None, description="Work for this site.")
    operative_id: OperativeId | None = Field(
        default=None, description="Work that this operative holds, or completed."
    )
    since: Moment | None = Field(
        default=None,
        description="Raised at this moment or later, written with its zone (RFC 3339).",
        examples=["2026-03-01T00:00:00Z"],
    )
    until: Moment | None = Field(
        default=None,
        description="Raised before this moment, written with its zone (RFC 3339).",
        examples=["2026-04-01T00:00:00Z"],
    )

    @property
    def wanted(self) -> Wanted:
        """The same, as the read model is asked."""
        return Wanted(
            text=self.q,
            stage=self.stage or "",
            site_id=self.site_id,
            operative_id=self.operative_id,
            since=self.since,
            until=self.until,
        )


def shown(jobs: Iterable[Job]) -> list[Work]:
    """The jobs, in the same order."""
    jobs = list(jobs)
    known = known_by(actor for job in jobs for actor in (job.work.raised_by, job.work.reported_by))
    return [work_of(job, known) for job in jobs]


def listed(jobs: Sequence[Job], q: str) -> list[ListedWork]:
    """The jobs, each with where it holds what was looked for."""
    return [
        ListedWork(**dict(work), found_in=[found_in(hit) for hit in hits])
        for work, hits in zip(shown(jobs), where_found(jobs, q), strict=True)
    ]


def found_in(hit: Hit) -> FoundIn:
    part = hit.excerpt
    text = " ".join(filter(None, (part.before, part.hit, part.after))) if part else None
    return FoundIn(where=hit.where, text=text)


def works_then(moments: Iterable[time_travel.Moment]) -> list[Work]:
    """The job at each of these moments."""
    return shown(complete([each.row for each in moments if isinstance(each.row, WorkRow)]))


def work_of(job: Job, known: Known) -> Work:
    row = job.work
    operative, gone = job.operative, job.abandoned_by
    return Work(
        id=row.work_id,
        number=row.number,
        title=row.title,
        description=row.description,
        stage=WorkRow.Stage(row.stage),
        sites=[Reference(id=site.site_id, name=str(site)) for site in job.sites],
        operative=Reference(id=operative.operative_id, name=str(operative)) if operative else None,
        raised_at=row.raised_at,
        raised_by=str(known.get(row.raised_by, row.raised_by)),
        assigned_at=row.assigned_at,
        dispatched_at=row.dispatched_at,
        estimated_arrival=row.estimated_arrival,
        arrived_at=row.arrived_at,
        completed_at=row.completed_at,
        outcome=row.outcome,
        abandoned=GivenBack(
            at=row.abandoned_at,
            by=Reference(id=gone.operative_id, name=str(gone)),
            reason=AbandonReason(row.abandoned_reason),
            note=row.abandoned_note,
        )
        if gone and row.abandoned_at
        else None,
        reported_by=reporter_of(row, known) or None,
    )
