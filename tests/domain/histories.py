"""Work 7 at Harbour Street, and what may happen to it: the cast of the tests of work."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from operatives.commands import OperativeFact, OperativeStatus
from sites.commands import SiteFact, SiteStatus
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

JOB = UUID(int=7)
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
SOON = NOW + timedelta(minutes=25)

HARBOUR = SiteFact(site_id=UUID(int=21), name="1 Harbour Street, Whitby", status=SiteStatus.ACTIVE)
MILL = SiteFact(site_id=UUID(int=22), name="The Old Mill, Goathland", status=SiteStatus.ACTIVE)
SOLD = SiteFact(site_id=UUID(int=23), name="9 Cliff Road, Staithes", status=SiteStatus.RELINQUISHED)
NOWHERE = SiteFact(site_id=UUID(int=24), name="nowhere", status=SiteStatus.UNKNOWN)

OLIVE = OperativeFact(operative_id=UUID(int=31), name="Olive Marsh", status=OperativeStatus.EMPLOYED)
PETER = OperativeFact(operative_id=UUID(int=32), name="Peter Quill", status=OperativeStatus.EMPLOYED)
LEFT = OperativeFact(operative_id=UUID(int=33), name="Len Gone", status=OperativeStatus.RELEASED)
NOBODY = OperativeFact(operative_id=UUID(int=34), name="nobody", status=OperativeStatus.UNKNOWN)

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
