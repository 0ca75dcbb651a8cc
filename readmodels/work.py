"""Work as it is now: each job, its sites, and how many stand at each stage."""

from eventstore.read_models import ReadModel
from eventstore.rows import Rows
from eventstore.store import RecordedEvent
from readmodels.models import WorkRow, WorkSiteRow, WorkTally
from support.events import (
    OperativeArrived,
    OperativeDispatched,
    WorkAbandoned,
    WorkAssigned,
    WorkCompleted,
    WorkRaised,
)

work = ReadModel("work", version=1, tables=[WorkRow, WorkSiteRow, WorkTally])

Stage = WorkRow.Stage


@work.on(WorkRaised)
def raised(event: WorkRaised, recorded: RecordedEvent, rows: Rows) -> None:
    tally = rows.find(WorkTally, 1) or WorkTally()
    rows.add(tally)
    rows.add(
        WorkRow(
            work_id=event.work_id,
            number=tally.all + 1,
            title=event.title,
            description=event.description,
            stage=Stage.RAISED,
            raised_at=recorded.occurred_at,
            raised_by=recorded.actor,
            waiting_since=recorded.occurred_at,
        )
    )
    for place, site_id in enumerate(event.site_ids):
        rows.add(WorkSiteRow(work_id=event.work_id, site_id=site_id, place=place))
    tally.raised += 1


@work.on(WorkAssigned, loads={WorkRow: "work_id"})
def assigned(event: WorkAssigned, recorded: RecordedEvent, rows: Rows) -> None:
    row = rows.get(WorkRow, event.work_id)
    move(row, Stage.ASSIGNED, rows)
    row.operative_id = event.operative_id
    row.assigned_at = recorded.occurred_at
    row.waiting_since = None
    row.queue_place = recorded.position


@work.on(OperativeDispatched, loads={WorkRow: "work_id"})
def dispatched(event: OperativeDispatched, recorded: RecordedEvent, rows: Rows) -> None:
    row = rows.get(WorkRow, event.work_id)
    move(row, Stage.DISPATCHED, rows)
    row.dispatched_at = recorded.occurred_at
    row.estimated_arrival = event.estimated_arrival


@work.on(OperativeArrived, loads={WorkRow: "work_id"})
def arrived(event: OperativeArrived, recorded: RecordedEvent, rows: Rows) -> None:
    row = rows.get(WorkRow, event.work_id)
    move(row, Stage.ARRIVED, rows)
    row.arrived_at = recorded.occurred_at


@work.on(WorkCompleted, loads={WorkRow: "work_id"})
def completed(event: WorkCompleted, recorded: RecordedEvent, rows: Rows) -> None:
    row = rows.get(WorkRow, event.work_id)
    move(row, Stage.COMPLETED, rows)
    row.completed_at = recorded.occurred_at
    row.outcome = event.outcome
    row.queue_place = None


@work.on(WorkAbandoned, loads={WorkRow: "work_id"})
def abandoned(event: WorkAbandoned, recorded: RecordedEvent, rows: Rows) -> None:
    row = rows.get(WorkRow, event.work_id)
    move(row, Stage.ABANDONED, rows)
    row.abandoned_at = recorded.occurred_at
    row.abandoned_by = event.operative_id
    row.abandoned_reason = event.reason
    row.abandoned_note = event.note
    row.operative_id = None
    row.assigned_at = row.dispatched_at = row.estimated_arrival = row.arrived_at = None
    row.waiting_since = row.raised_at  # abandoned work keeps its place
    row.queue_place = None


def move(row: WorkRow, stage: WorkRow.Stage, rows: Rows) -> None:
    """Take the job from one stage's tally to another's."""
    tally = rows.get(WorkTally, 1)
    setattr(tally, row.stage, getattr(tally, row.stage) - 1)
    setattr(tally, stage, getattr(tally, stage) + 1)
    row.stage = stage
