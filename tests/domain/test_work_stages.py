"""Every command at every stage: the stage that follows, or the sentence that refuses it."""

from uuid import UUID

import pytest

from eventstore.decider import Refused
from support.commands import (
    AbandonWork,
    ArriveOnSite,
    AssignWork,
    ChangeFact,
    CompleteWork,
    DispatchOperative,
    RaiseWork,
    UndoWorkChange,
    WorkCommand,
)
from support.events import AbandonReason
from support.work import WORK, Stage
from tests.domain.cast import HARBOUR, JOB, NOW, PETER
from tests.domain.histories import AT

COMMANDS: dict[str, WorkCommand] = {
    "raise": RaiseWork(work_id=JOB, title="Boiler out", description="No heating.", sites=(HARBOUR,)),
    "assign": AssignWork(work_id=JOB, operative=PETER),
    "dispatch": DispatchOperative(work_id=JOB, now=NOW),
    "arrive": ArriveOnSite(work_id=JOB),
    "complete": CompleteWork(work_id=JOB),
    "abandon": AbandonWork(work_id=JOB, reason=AbandonReason.PARTS_NEEDED),
    "undo": UndoWorkChange(
        work_id=JOB,
        change=ChangeFact(event_id=UUID(int=41), made_by="user-1", made_at=NOW),
        asked_by="user-1",
        now=NOW,
    ),
}

NEVER = "This work was never raised"
ALREADY = "This work has already been raised"
TAKEN = "An operative is already assigned to this work"
NO_ONE_TO_DISPATCH = "There is no operative assigned to this work to dispatch"
NO_ONE_TO_ARRIVE = "There is no operative assigned to this work to arrive"
NO_ONE_TO_COMPLETE = "There must be an operative assigned to complete the work"
NO_ONE_TO_ABANDON = "There is no operative assigned to this work to abandon it"
NOT_ON_THE_WAY = "The operative must be dispatched before arriving on site"
WITHDRAWN = "This work has been withdrawn"
GONE = "The operative has already been dispatched to this work"

MATRIX: dict[Stage, dict[str, Stage | str]] = {
    Stage.NONE: {
        "raise": Stage.RAISED,
        "assign": NEVER,
        "dispatch": NEVER,
        "arrive": NEVER,
        "complete": NEVER,
        "abandon": NEVER,
        "undo": NEVER,
    },
    Stage.RAISED: {
        "raise": ALREADY,
        "assign": Stage.ASSIGNED,
        "dispatch": NO_ONE_TO_DISPATCH,
        "arrive": NO_ONE_TO_ARRIVE,
        "complete": NO_ONE_TO_COMPLETE,
        "abandon": NO_ONE_TO_ABANDON,
        "undo": Stage.WITHDRAWN,
    },
    Stage.ASSIGNED: {
        "raise": ALREADY,
        "assign": TAKEN,
        "dispatch": Stage.DISPATCHED,
        "arrive": NOT_ON_THE_WAY,
        "complete": Stage.COMPLETED,
        "abandon": Stage.ABANDONED,
        "undo": Stage.RAISED,
    },
    Stage.DISPATCHED: {
        "raise": ALREADY,
        "assign": TAKEN,
        "dispatch": GONE,
        "arrive": Stage.ARRIVED,
        "complete": Stage.COMPLETED,
        "abandon": Stage.ABANDONED,
        "undo": Stage.ASSIGNED,
    },
    Stage.ARRIVED: {
        "raise": ALREADY,
        "assign": TAKEN,
        "dispatch": GONE,
        "arrive": "The operative has already arrived on site",
        "complete": Stage.COMPLETED,
        "abandon": Stage.ABANDONED,
        "undo": Stage.DISPATCHED,
    },
    Stage.COMPLETED: {
        "raise": ALREADY,
        "assign": "You cannot assign work if it's already completed",
        "dispatch": "You cannot dispatch an operative to work that's already completed",
        "arrive": "An operative cannot arrive at work that's already completed",
        "complete": "You cannot complete work that's already completed",
        "abandon": "An operative cannot abandon work when it's already been completed",
        "undo": Stage.ASSIGNED,
    },
    Stage.ABANDONED: {
        "raise": ALREADY,
        "assign": Stage.ASSIGNED,
        "dispatch": NO_ONE_TO_DISPATCH,
        "arrive": NO_ONE_TO_ARRIVE,
        "complete": NO_ONE_TO_COMPLETE,
        "abandon": NO_ONE_TO_ABANDON,
        "undo": Stage.ASSIGNED,
    },
    Stage.WITHDRAWN: {
        "raise": ALREADY,
        "assign": WITHDRAWN,
        "dispatch": WITHDRAWN,
        "arrive": WITHDRAWN,
        "complete": WITHDRAWN,
        "abandon": WITHDRAWN,
        "undo": "This work has been withdrawn, which cannot be undone",
    },
}


def test_the_matrix_has_every_stage_and_command() -> None:
    assert set(MATRIX) == set(Stage)
    assert all(set(row) == set(COMMANDS) for row in MATRIX.values())


@pytest.mark.parametrize("stage", Stage)
@pytest.mark.parametrize("name", COMMANDS)
def test_command_at_stage(stage: Stage, name: str) -> None:
    before = WORK.fold(AT[stage])
    assert before.stage is stage
    expected = MATRIX[stage][name]
    if isinstance(expected, Stage):
        (event,) = WORK.decide(COMMANDS[name], before)
        assert WORK.evolve(before, event).stage is expected
    else:
        with pytest.raises(Refused) as refusal:
            WORK.decide(COMMANDS[name], before)
        assert str(refusal.value) == expected
