"""The rules of undoing the latest steps of work, one after another."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from eventstore.events import type_of
from support.commands import AssignWork, ChangeFact, CompleteWork, UndoWorkChange
from support.events import STEPS_KEPT, WorkAssigned, WorkChangeUndone, WorkCompleted, WorkEvent
from support.work import WORK, Stage
from tests.domain.cast import (
    HARBOUR,
    JOB,
    NOW,
    OLIVE,
    PETER,
    RELEASED_LEN,
    RELINQUISHED_SITE,
    UNKNOWN_OPERATIVE,
)
from tests.domain.histories import ABANDONED, ARRIVED, ASSIGNED, AT, COMPLETED, DISPATCHED, RAISED, WITHDRAWN
from tests.domain.scenario import given

CHANGE = ChangeFact(event_id=UUID(int=41), made_by="user-1", made_at=NOW)
UNDO = UndoWorkChange(work_id=JOB, change=CHANGE, asked_by="user-1", now=NOW + timedelta(minutes=5))


def undone(event: WorkEvent, stage: Stage) -> WorkChangeUndone:
    """The event that undoes this event of Olive's."""
    return WorkChangeUndone(
        work_id=JOB,
        undone=type_of(type(event)).name,
        undone_id=CHANGE.event_id,
        stage=stage.value,
        operative_id=None if event == RAISED else OLIVE.operative_id,
    )


# --- Each change ------------------------------------------------------------------------------------


def test_work_whose_raising_is_undone_is_withdrawn() -> None:
    given(WORK, RAISED).when(UNDO).then(undone(RAISED, Stage.WITHDRAWN))
    assert WORK.fold([RAISED, WITHDRAWN]).stage is Stage.WITHDRAWN


def test_work_whose_assignment_is_undone_waits_again() -> None:
    given(WORK, RAISED, ASSIGNED).when(UNDO).then(undone(ASSIGNED, Stage.RAISED))
    given(WORK, RAISED, ASSIGNED, undone(ASSIGNED, Stage.RAISED)).when(
        AssignWork(work_id=JOB, operative=PETER)
    ).then(WorkAssigned(work_id=JOB, operative_id=PETER.operative_id))


def test_work_given_back_and_assigned_again_is_given_back_once_that_is_undone() -> None:
    given(WORK, RAISED, ASSIGNED, ABANDONED, ASSIGNED).when(UNDO).then(undone(ASSIGNED, Stage.ABANDONED))


def test_an_operative_who_did_not_set_off_has_the_work_still() -> None:
    given(WORK, *AT[Stage.DISPATCHED]).when(UNDO).then(undone(DISPATCHED, Stage.ASSIGNED))


def test_an_operative_who_did_not_arrive_is_still_on_the_way() -> None:
    given(WORK, *AT[Stage.ARRIVED]).when(UNDO).then(undone(ARRIVED, Stage.DISPATCHED))


@pytest.mark.parametrize("stage", [Stage.ASSIGNED, Stage.DISPATCHED, Stage.ARRIVED])
@pytest.mark.parametrize("end", [COMPLETED, ABANDONED])
def test_work_that_was_ended_too_soon_goes_on_where_it_was(stage: Stage, end: WorkEvent) -> None:
    taken_back = undone(end, stage)
    given(WORK, *AT[stage], end).when(replace(UNDO, operative=OLIVE)).then(taken_back)
    again = WORK.fold([*AT[stage], end, taken_back])
    assert (again.stage, again.operative_id) == (stage, OLIVE.operative_id)
    given(WORK, *AT[stage], end, taken_back).when(CompleteWork(work_id=JOB, acting=OLIVE.operative_id)).then(
        WorkCompleted(work_id=JOB, operative_id=OLIVE.operative_id, outcome="")
    )


# --- Whose, and when --------------------------------------------------------------------------------


def test_somebody_elses_change_cannot_be_undone() -> None:
    given(WORK, RAISED).when(replace(UNDO, asked_by="user-2")).then_refused(
        "Only the latest change can be undone, and somebody else made it"
    )


def test_ten_minutes_are_long_enough_and_no_longer() -> None:
    ten = NOW + timedelta(minutes=10)
    given(WORK, RAISED).when(replace(UNDO, now=ten)).then(undone(RAISED, Stage.WITHDRAWN))
    given(WORK, RAISED).when(replace(UNDO, now=ten + timedelta(microseconds=1))).then_refused(
        "A change can be undone within 10 minutes; this one was made at 09:30"
    )


def test_a_change_of_another_day_is_refused_with_its_day() -> None:
    given(WORK, RAISED).when(replace(UNDO, now=NOW + timedelta(days=1))).then_refused(
        "A change can be undone within 10 minutes; this one was made at 09:30 on 2 Mar 2026"
    )


def test_a_change_by_a_clock_that_is_ahead_can_be_undone() -> None:
    given(WORK, RAISED).when(replace(UNDO, now=NOW - timedelta(seconds=2))).then(
        undone(RAISED, Stage.WITHDRAWN)
    )


def test_whose_change_it_is_is_said_before_when_it_was_made() -> None:
    given(WORK, RAISED).when(replace(UNDO, asked_by="user-2", now=NOW + timedelta(days=1))).then_refused(
        "Only the latest change can be undone, and somebody else made it"
    )


# --- One after another ------------------------------------------------------------------------------


def test_each_step_can_be_undone_from_the_newest_to_the_raising() -> None:
    history = [*AT[Stage.ARRIVED], COMPLETED]
    expected: list[tuple[WorkEvent, Stage]] = [
        (COMPLETED, Stage.ARRIVED),
        (ARRIVED, Stage.DISPATCHED),
        (DISPATCHED, Stage.ASSIGNED),
        (ASSIGNED, Stage.RAISED),
        (RAISED, Stage.WITHDRAWN),
    ]
    for step, before in expected:
        given(WORK, *history).when(UNDO).then(undone(step, before))
        history.append(undone(step, before))
        assert WORK.fold(history).stage is before


def test_work_is_with_whom_it_was_before_each_step() -> None:
    to_peter = WorkAssigned(work_id=JOB, operative_id=PETER.operative_id)
    history = [*AT[Stage.ASSIGNED], ABANDONED, to_peter]
    history.append(replace(undone(to_peter, Stage.ABANDONED), operative_id=PETER.operative_id))
    given(WORK, *history).when(replace(UNDO, operative=OLIVE)).then(undone(ABANDONED, Stage.ASSIGNED))
    work = WORK.fold([*history, undone(ABANDONED, Stage.ASSIGNED)])
    assert (work.stage, work.operative_id) == (Stage.ASSIGNED, OLIVE.operative_id)


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"asked_by": "user-2"}, "Only the latest change can be undone, and somebody else made it"),
        (
            {"now": NOW + timedelta(minutes=11)},
            "A change can be undone within 10 minutes; this one was made at 09:30",
        ),
        ({"operative": RELEASED_LEN}, "Len Gone has been released since"),
        ({"sites": (HARBOUR, RELINQUISHED_SITE)}, "9 Cliff Road, Staithes has been relinquished since"),
    ],
)
def test_every_rule_is_asked_again_of_the_step_before(facts: dict[str, Any], sentence: str) -> None:
    again = WorkAssigned(work_id=JOB, operative_id=PETER.operative_id)
    history: list[WorkEvent] = [*AT[Stage.ABANDONED], again, undone(again, Stage.ABANDONED)]
    given(WORK, *history).when(replace(UNDO, operative=OLIVE)).then(undone(ABANDONED, Stage.ASSIGNED))
    given(WORK, *history).when(replace(UNDO, **facts)).then_refused(sentence)


def test_parts_on_order_hinder_the_undo_of_the_raising_however_it_is_come_to() -> None:
    history: list[WorkEvent] = [RAISED, ASSIGNED, undone(ASSIGNED, Stage.RAISED)]
    given(WORK, *history).when(replace(UNDO, has_orders=True)).then_refused(
        "Parts have been ordered for this job, so raising it cannot be undone"
    )


def test_withdrawn_work_stays_withdrawn() -> None:
    given(WORK, RAISED, WITHDRAWN).when(UNDO).then_refused(
        "This work has been withdrawn, which cannot be undone"
    )


def test_so_many_steps_in_a_row_can_be_undone_and_no_more() -> None:
    to_and_fro: list[WorkEvent] = [ASSIGNED, ABANDONED]
    steps: list[WorkEvent] = [RAISED, *to_and_fro * STEPS_KEPT]
    back: list[tuple[WorkEvent, Stage]] = [(ABANDONED, Stage.ASSIGNED), (ASSIGNED, Stage.ABANDONED)]
    for step, before in back * (STEPS_KEPT // 2):
        given(WORK, *steps).when(UNDO).then(undone(step, before))
        steps.append(undone(step, before))
    given(WORK, *steps).when(UNDO).then_refused("No more than 20 steps in a row can be undone")


def test_what_is_done_again_can_be_undone_again() -> None:
    history = [*AT[Stage.ARRIVED], undone(ARRIVED, Stage.DISPATCHED), ARRIVED]
    given(WORK, *history).when(UNDO).then(undone(ARRIVED, Stage.DISPATCHED))


def test_work_that_was_never_raised_has_nothing_to_undo() -> None:
    given(WORK).when(UNDO).then_refused("This work was never raised")


# --- What depends on it -----------------------------------------------------------------------------


def test_work_for_which_parts_are_on_order_was_raised_for_good() -> None:
    given(WORK, RAISED).when(replace(UNDO, has_orders=True)).then_refused(
        "Parts have been ordered for this job, so raising it cannot be undone"
    )


def test_parts_on_order_hinder_no_other_undo() -> None:
    given(WORK, RAISED, ASSIGNED).when(replace(UNDO, has_orders=True)).then(undone(ASSIGNED, Stage.RAISED))


@pytest.mark.parametrize("end", [COMPLETED, ABANDONED])
def test_work_does_not_go_back_to_who_has_been_released(end: WorkEvent) -> None:
    given(WORK, RAISED, ASSIGNED, end).when(replace(UNDO, operative=RELEASED_LEN)).then_refused(
        "Len Gone has been released since"
    )


@pytest.mark.parametrize("end", [COMPLETED, ABANDONED])
def test_an_operative_of_whom_nothing_is_known_yet_hinders_nothing(end: WorkEvent) -> None:
    given(WORK, RAISED, ASSIGNED, end).when(replace(UNDO, operative=UNKNOWN_OPERATIVE)).then(
        undone(end, Stage.ASSIGNED)
    )


def test_work_is_not_open_again_at_a_site_that_has_been_relinquished() -> None:
    given(WORK, RAISED, ASSIGNED, COMPLETED).when(
        replace(UNDO, operative=OLIVE, sites=(HARBOUR, RELINQUISHED_SITE))
    ).then_refused("9 Cliff Road, Staithes has been relinquished since")
