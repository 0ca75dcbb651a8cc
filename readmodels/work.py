"""Work as it is now: each job and its sites."""

from eventstore.read_models import ReadModel
from eventstore.rows import Rows
from eventstore.store import RecordedEvent
from readmodels.models import WorkCounter, WorkRow, WorkSiteRow
from support.events import (
    OperativeArrived,
    OperativeDispatched,
    WorkAbandoned,
    WorkAssigned,
    WorkCompleted,
    WorkRaised,
)

work = ReadModel("work", version=1, tables=[WorkRow, WorkSiteRow, WorkCounter])

Stage = WorkRow.Stage


@work.on(WorkRaised)
def raised(event: WorkRaised, recorded: RecordedEvent, rows: Rows) -> None:
    counter = rows.find(WorkCounter, 1)
    if counter is None:
        counter = WorkCounter()
        rows.add(counter)
    counter.jobs += 1
    rows.add(
        WorkRow(
            work_id=event.work_id,
            number=counter.jobs,
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


@work.on(WorkAssigned, loads={WorkRow: "work_id"})
def assigned(event: WorkAssigned, recorded: RecordedEvent, rows: Rows) -> None:
    row = rows.get(WorkRow, event.work_id)
    row.stage = Stage.ASSIGNED
    row.operative_id = event.operative_id
    row.assigned_at = recorded.occurred_at
    row.waiting_since = None
    row.queue_place = recorded.position


@work.on(OperativeDispatched, loads={WorkRow: "work_id"})
def dispatched(event: OperativeDispatched, recorded: RecordedEvent, rows: Rows) -> None:
    row = rows.get(WorkRow, event.work_id)
    row.stage = Stage.DISPATCHED
    row.dispatched_at = recorded.occurred_at
    row.estimated_arrival = event.estimated_arrival


@work.on(OperativeArrived, loads={WorkRow: "work_id"})
def arrived(event: OperativeArrived, recorded: RecordedEvent, rows: Rows) -> None:
    row = rows.get(WorkRow, event.work_id)
    row.stage = Stage.ARRIVED
    row.arrived_at = recorded.occurred_at


@work.on(WorkCompleted, loads={WorkRow: "work_id"})
def completed(event: WorkCompleted, recorded: RecordedEvent, rows: Rows) -> None:
    row = rows.get(WorkRow, event.work_id)
    row.stage = Stage.COMPLETED
    row.completed_at = recorded.occurred_at
    row.outcome = event.outcome
    row.queue_place = None


@work.on(WorkAbandoned, loads={WorkRow: "work_id"})
def abandoned(event: WorkAbandoned, recorded: RecordedEvent, rows: Rows) -> None:
    row = rows.get(WorkRow, event.work_id)
    row.stage = Stage.ABANDONED
    row.abandoned_at = recorded.occurred_at
    row.abandoned_by = event.operative_id
    row.abandoned_reason = event.reason
    row.abandoned_note = event.note
    row.operative_id = None
    row.assigned_at = row.dispatched_at = row.estimated_arrival = row.arrived_at = None
    row.waiting_since = row.raised_at  # abandoned work keeps its place
    row.queue_place = None
