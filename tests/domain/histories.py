"""What may happen to the job of the cast, and the shortest history to each stage."""

from uuid import UUID

from support.events import (
    AbandonReason,
    OperativeArrived,
    OperativeDispatched,
    WorkAbandoned,
    WorkAssigned,
    WorkChangeUndone,
    WorkCompleted,
    WorkEvent,
    WorkRaised,
)
from support.work import Stage
from tests.domain.cast import HARBOUR, JOB, MILL, OLIVE

RAISED = WorkRaised(
    work_id=JOB, title="Boiler out", description="No heating.", site_ids=(HARBOUR.site_id, MILL.site_id)
)
ASSIGNED = WorkAssigned(work_id=JOB, operative_id=OLIVE.operative_id)
DISPATCHED = OperativeDispatched(work_id=JOB, operative_id=OLIVE.operative_id, estimated_arrival=None)
ARRIVED = OperativeArrived(work_id=JOB, operative_id=OLIVE.operative_id)
COMPLETED = WorkCompleted(work_id=JOB, operative_id=OLIVE.operative_id, outcome="")
ABANDONED = WorkAbandoned(
    work_id=JOB, operative_id=OLIVE.operative_id, reason=AbandonReason.NO_ACCESS, note=""
)
WITHDRAWN = WorkChangeUndone(
    work_id=JOB, undone="WorkRaised", undone_id=UUID(int=41), stage="withdrawn", operative_id=None
)

# The shortest history to each stage.
AT: dict[Stage, list[WorkEvent]] = {
    Stage.NONE: [],
    Stage.RAISED: [RAISED],
    Stage.ASSIGNED: [RAISED, ASSIGNED],
    Stage.DISPATCHED: [RAISED, ASSIGNED, DISPATCHED],
    Stage.ARRIVED: [RAISED, ASSIGNED, DISPATCHED, ARRIVED],
    Stage.COMPLETED: [RAISED, ASSIGNED, COMPLETED],
    Stage.ABANDONED: [RAISED, ASSIGNED, ABANDONED],
    Stage.WITHDRAWN: [RAISED, WITHDRAWN],
}
