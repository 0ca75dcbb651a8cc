"""Where a job stood before each of its latest steps, kept so that it can be put back.

An event that undoes another says what is undone, but not everything that there was before: times and
places in queues belong to the read model.
"""

from typing import Any
from uuid import UUID

from eventstore.projections.unit_of_work import Rows
from readmodels.models import WorkRow, WorkStepRow
from readmodels.models.work import WorkState
from support.events import STEPS_KEPT

STATE = [field.attname for field in WorkState._meta.local_fields]


def change(rows: Rows, work_id: UUID, **values: Any) -> None:
    """Set these fields of a job, which takes a step; note where it stood before."""
    row = rows.get(WorkRow, work_id)
    before = {name: getattr(row, name) for name in STATE}
    rows.add(WorkStepRow(work_id=work_id, version=row.version, **before))
    if row.version >= STEPS_KEPT:
        rows.remove(WorkStepRow, (work_id, row.version - STEPS_KEPT))
    row.version += 1
    for name, value in values.items():
        setattr(row, name, value)


def put_back(rows: Rows, row: WorkRow) -> None:
    """Have the job stand where it stood before the latest step that is not undone."""
    row.version -= 1
    step = rows.get(WorkStepRow, (row.work_id, row.version))
    for name in STATE:
        setattr(row, name, getattr(step, name))
    rows.remove(WorkStepRow, (row.work_id, row.version))
