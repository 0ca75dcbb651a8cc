"""Work as it is now: each job and its sites."""

from eventstore.projections.read_model import ReadModel
from eventstore.projections.unit_of_work import Rows
from eventstore.store import RecordedEvent
from readmodels.models import WorkCounter, WorkRow, WorkSiteRow, WorkStepRow, WorkText, WorkWord
from readmodels.texts import add_text, append_text, take_back_text
from readmodels.undo_image import change, put_back
from support.events import (
    OperativeArrived,
    OperativeDispatched,
    WorkAbandoned,
    WorkAssigned,
    WorkChangeUndone,
    WorkCompleted,
    WorkRaised,
)

work = ReadModel(
    "work", version=7, tables=[WorkRow, WorkStepRow, WorkSiteRow, WorkCounter, WorkText, WorkWord]
)

Stage = WorkRow.Stage


@work.on(WorkRaised)
def raised(event: WorkRaised, recorded: RecordedEvent, rows: Rows) -> None:
    counter = rows.get_or_add(WorkCounter())
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
    place = {"raised_at": recorded.occurred_at, "number": counter.jobs}
    add_text(rows, WorkText, event.work_id, event.title, event.description, **place)
    for nth, site_id in enumerate(event.site_ids):
        rows.add(WorkSiteRow(work_id=event.work_id, site_id=site_id, place=nth))


@work.on(WorkAssigned, loads={WorkRow: "work_id"})
def assigned(event: WorkAssigned, recorded: RecordedEvent, rows: Rows) -> None:
    change(
        rows,
        event.work_id,
        stage=Stage.ASSIGNED,
        operative_id=event.operative_id,
        assigned_at=recorded.occurred_at,
        waiting_since=None,
        queue_place=recorded.position,
    )


@work.on(OperativeDispatched, loads={WorkRow: "work_id"})
def dispatched(event: OperativeDispatched, recorded: RecordedEvent, rows: Rows) -> None:
    change(
        rows,
        event.work_id,
        stage=Stage.DISPATCHED,
        dispatched_at=recorded.occurred_at,
        estimated_arrival=event.estimated_arrival,
    )


@work.on(OperativeArrived, loads={WorkRow: "work_id"})
def arrived(event: OperativeArrived, recorded: RecordedEvent, rows: Rows) -> None:
    change(rows, event.work_id, stage=Stage.ARRIVED, arrived_at=recorded.occurred_at)


@work.on(WorkCompleted, loads={WorkRow: "work_id"})
def completed(event: WorkCompleted, recorded: RecordedEvent, rows: Rows) -> None:
    change(
        rows,
        event.work_id,
        stage=Stage.COMPLETED,
        completed_at=recorded.occurred_at,
        outcome=event.outcome,
        reported_by=recorded.actor,
        queue_place=None,
    )
    append_text(rows, WorkText, event.work_id, event.outcome)


@work.on(WorkAbandoned, loads={WorkRow: "work_id"})
def abandoned(event: WorkAbandoned, recorded: RecordedEvent, rows: Rows) -> None:
    change(
        rows,
        event.work_id,
        stage=Stage.ABANDONED,
        abandoned_at=recorded.occurred_at,
        abandoned_by=event.operative_id,
        abandoned_reason=event.reason,
        abandoned_note=event.note,
        reported_by=recorded.actor,
        operative_id=None,
        assigned_at=None,
        dispatched_at=None,
        estimated_arrival=None,
        arrived_at=None,
        waiting_since=rows.get(WorkRow, event.work_id).raised_at,  # abandoned work keeps its place
        queue_place=None,
    )
    append_text(rows, WorkText, event.work_id, event.note)


@work.on(WorkChangeUndone, loads={WorkRow: "work_id"})
def undone(event: WorkChangeUndone, recorded: RecordedEvent, rows: Rows) -> None:
    row = rows.get(WorkRow, event.work_id)
    if event.stage != Stage.WITHDRAWN:
        take_back_text(rows, WorkText, event.work_id, last_words(row))
        put_back(rows, row)
        return
    row.stage = Stage.WITHDRAWN
    row.withdrawn_at = recorded.occurred_at
    row.waiting_since = None
    rows.get(WorkCounter, 1).withdrawn += 1


def last_words(row: WorkRow) -> str:
    """What was written when the work came to its present stage."""
    return {Stage.COMPLETED: row.outcome, Stage.ABANDONED: row.abandoned_note}.get(Stage(row.stage), "")
