"""Rows that handlers remove, alone and many at once, fetched before or not."""

from uuid import UUID

import pytest

from eventstore.database import sql
from eventstore.projections.history import InMemory
from eventstore.projections.unit_of_work import Rows
from readmodels.models import WorkCounter, WorkStepRow

pytestmark = pytest.mark.django_db

JOB = UUID(int=1)


def step(version: int, outcome: str = "") -> WorkStepRow:
    return WorkStepRow(work_id=JOB, version=version, stage="raised", outcome=outcome)


def write(rows: Rows) -> int:
    """Write all at once, as an append does that projects; how many statements that took."""
    writes = rows.writes()
    sql.write(writes)
    return len(writes)


def add(*versions: int) -> None:
    rows = Rows()
    for version in versions:
        rows.add(step(version))
    write(rows)


def standing() -> list[tuple[int, str]]:
    return list(WorkStepRow.objects.order_by("version").values_list("version", "outcome"))


@pytest.mark.parametrize("gone", [[1], [0, 2], [0, 1, 2]])
@pytest.mark.parametrize("is_fetched", [True, False])
def test_removed_rows_are_gone_and_no_others(gone: list[int], is_fetched: bool) -> None:
    add(0, 1, 2)
    rows = Rows()
    for version in gone:
        if is_fetched:
            rows.get(WorkStepRow, (JOB, version))
        rows.remove(WorkStepRow, (JOB, version))
        assert rows.find(WorkStepRow, (JOB, version)) is None
    assert write(rows) == 1
    assert standing() == [(version, "") for version in range(3) if version not in gone]


def test_a_table_with_a_single_key_loses_rows_too() -> None:
    rows = Rows()
    rows.add(WorkCounter(id=1))
    rows.add(WorkCounter(id=2))
    write(rows)
    rows = Rows()
    rows.remove(WorkCounter, 2)
    write(rows)
    assert list(WorkCounter.objects.values_list("pk", flat=True)) == [1]


def test_a_row_that_is_removed_before_it_was_written_costs_nothing() -> None:
    rows = Rows()
    rows.add(step(0))
    rows.remove(WorkStepRow, (JOB, 0))
    assert rows.writes() == []


def test_a_row_in_the_place_of_a_removed_one_overwrites_it() -> None:
    add(0, 1)
    rows = Rows()
    for version in (0, 1):
        rows.get(WorkStepRow, (JOB, version))
        rows.remove(WorkStepRow, (JOB, version))
    rows.add(step(1, "Done"))
    write(rows)
    assert standing() == [(1, "Done")]


def test_to_remove_what_is_not_there_changes_nothing() -> None:
    add(0)
    rows = Rows()
    rows.remove(WorkStepRow, (JOB, 5))
    write(rows)
    assert standing() == [(0, "")]


def test_in_memory_too() -> None:
    rows = InMemory()
    rows.add(step(0))
    rows.remove(WorkStepRow, (JOB, 0))
    rows.remove(WorkStepRow, (JOB, 0))
    assert rows.find(WorkStepRow, (JOB, 0)) is None
