"""The rules of work, one by one. Which command is possible at which stage is in test_work_stages.py."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from sites.commands import SiteFact
from support.commands import (
    AbandonWork,
    ArriveOnSite,
    AssignWork,
    CompleteWork,
    DispatchOperative,
    RaiseWork,
    Shown,
    UndoWorkChange,
    WorkCommand,
)
from support.events import (
    AbandonReason,
    OperativeDispatched,
    WorkAbandoned,
    WorkAssigned,
    WorkCompleted,
    WorkEvent,
)
from support.work import WORK, Stage
from tests.domain.cast import (
    HARBOUR,
    JOB,
    MILL,
    NOW,
    OLIVE,
    PETER,
    RELEASED_LEN,
    RELINQUISHED_SITE,
    SOON,
    UNKNOWN_OPERATIVE,
    UNKNOWN_SITE,
)
from tests.domain.histories import ABANDONED, ARRIVED, ASSIGNED, AT, COMPLETED, DISPATCHED, RAISED
from tests.domain.scenario import given

RAISE = RaiseWork(work_id=JOB, title="Boiler out", description="No heating.", sites=(HARBOUR, MILL))
BLANKS = ["", " ", "\t\n", "\u00a0\u2003", "\u200b\n\u2060"]
HELD = [Stage.ASSIGNED, Stage.DISPATCHED, Stage.ARRIVED]


# --- Raising ---------------------------------------------------------------------------------------


def test_work_is_raised() -> None:
    given(WORK).when(RAISE).then(RAISED)


def test_blanks_around_title_and_description_are_not_kept() -> None:
    given(WORK).when(replace(RAISE, title=" Boiler out\n", description="\tNo heating. ")).then(RAISED)


@pytest.mark.parametrize("blank", BLANKS)
def test_work_must_have_a_title(blank: str) -> None:
    given(WORK).when(replace(RAISE, title=blank)).then_refused("Work must have a title")


@pytest.mark.parametrize("blank", BLANKS)
def test_work_must_have_a_description(blank: str) -> None:
    given(WORK).when(replace(RAISE, description=blank)).then_refused("Work must have a description")


def test_work_must_have_at_least_one_site_added() -> None:
    given(WORK).when(replace(RAISE, sites=())).then_refused("Work must have at least one Site added")


def test_what_is_missing_is_named_in_the_order_of_the_form() -> None:
    nothing = RaiseWork(work_id=JOB, title=" ", description="", sites=())
    given(WORK).when(nothing).then_refused("Work must have a title")
    given(WORK).when(replace(nothing, title="Boiler")).then_refused("Work must have a description")
    given(WORK).when(replace(nothing, title="Boiler", description="Out")).then_refused(
        "Work must have at least one Site added"
    )


def test_a_site_ticked_twice_is_added_once_in_its_first_place() -> None:
    given(WORK).when(replace(RAISE, sites=(HARBOUR, MILL, HARBOUR, MILL))).then(RAISED)


@pytest.mark.parametrize(
    ("site", "sentence"),
    [
        (UNKNOWN_SITE, "There is no site nowhere"),
        (RELINQUISHED_SITE, "9 Cliff Road, Staithes has been relinquished; no new work can be raised there"),
    ],
)
def test_unknown_and_relinquished_sites_are_refused_by_name(site: SiteFact, sentence: str) -> None:
    given(WORK).when(replace(RAISE, sites=(site,))).then_refused(sentence)
    given(WORK).when(replace(RAISE, sites=(HARBOUR, site))).then_refused(sentence)


def test_the_first_site_that_will_not_do_is_named() -> None:
    given(WORK).when(replace(RAISE, sites=(HARBOUR, RELINQUISHED_SITE, UNKNOWN_SITE))).then_refused(
        "9 Cliff Road, Staithes has been relinquished; no new work can be raised there"
    )


# --- Assigning -------------------------------------------------------------------------------------


def test_work_is_assigned() -> None:
    given(WORK, RAISED).when(AssignWork(work_id=JOB, operative=OLIVE)).then(ASSIGNED)


def test_abandoned_work_is_assigned_again_to_anybody() -> None:
    for operative in (OLIVE, PETER):
        given(WORK, RAISED, ASSIGNED, ABANDONED).when(AssignWork(work_id=JOB, operative=operative)).then(
            WorkAssigned(work_id=JOB, operative_id=operative.operative_id)
        )


def test_work_that_was_never_raised_cannot_be_assigned() -> None:
    given(WORK).when(AssignWork(work_id=JOB, operative=OLIVE)).then_refused("This work was never raised")


def test_an_unknown_operative_is_refused() -> None:
    given(WORK, RAISED).when(AssignWork(work_id=JOB, operative=UNKNOWN_OPERATIVE)).then_refused(
        "There is no operative nobody"
    )


def test_a_released_operative_is_refused_by_name() -> None:
    given(WORK, RAISED).when(AssignWork(work_id=JOB, operative=RELEASED_LEN)).then_refused(
        "Len Gone has been released and cannot be assigned work"
    )


def test_that_work_is_taken_is_said_before_that_the_operative_will_not_do() -> None:
    given(WORK, RAISED, ASSIGNED).when(AssignWork(work_id=JOB, operative=RELEASED_LEN)).then_refused(
        "An operative is already assigned to this work"
    )
    given(WORK, *AT[Stage.COMPLETED]).when(AssignWork(work_id=JOB, operative=UNKNOWN_OPERATIVE)).then_refused(
        "You cannot assign work if it's already completed"
    )


# --- On the way, and on site -----------------------------------------------------------------------


def test_an_operative_sets_out_without_saying_when_they_will_arrive() -> None:
    given(WORK, RAISED, ASSIGNED).when(DispatchOperative(work_id=JOB, now=NOW)).then(DISPATCHED)


def test_an_operative_sets_out_and_says_when_they_will_arrive() -> None:
    command = DispatchOperative(work_id=JOB, now=NOW, estimated_arrival=SOON)
    given(WORK, RAISED, ASSIGNED).when(command).then(
        OperativeDispatched(work_id=JOB, operative_id=OLIVE.operative_id, estimated_arrival=SOON)
    )


@pytest.mark.parametrize("late", [timedelta(0), timedelta(microseconds=1), timedelta(days=1)])
def test_an_estimated_arrival_must_lie_in_the_future(late: timedelta) -> None:
    command = DispatchOperative(work_id=JOB, now=NOW, estimated_arrival=NOW - late)
    given(WORK, RAISED, ASSIGNED).when(command).then_refused("The estimated arrival must be in the future")


def test_the_next_instant_lies_in_the_future() -> None:
    instant = NOW + timedelta(microseconds=1)
    given(WORK, RAISED, ASSIGNED).when(
        DispatchOperative(work_id=JOB, now=NOW, estimated_arrival=instant)
    ).then(OperativeDispatched(work_id=JOB, operative_id=OLIVE.operative_id, estimated_arrival=instant))


def test_an_operative_arrives() -> None:
    given(WORK, RAISED, ASSIGNED, DISPATCHED).when(ArriveOnSite(work_id=JOB)).then(ARRIVED)


# --- Completing ------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", HELD)
def test_work_is_completed_whenever_an_operative_is_assigned(stage: Stage) -> None:
    given(WORK, *AT[stage]).when(CompleteWork(work_id=JOB)).then(COMPLETED)


def test_an_outcome_is_kept_without_the_blanks_around_it() -> None:
    given(WORK, RAISED, ASSIGNED).when(CompleteWork(work_id=JOB, outcome="  New fuse.\n")).then(
        WorkCompleted(work_id=JOB, operative_id=OLIVE.operative_id, outcome="New fuse.")
    )


# --- Abandoning ------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", HELD)
def test_work_is_abandoned_while_an_operative_holds_it(stage: Stage) -> None:
    given(WORK, *AT[stage]).when(AbandonWork(work_id=JOB, reason=AbandonReason.NO_ACCESS)).then(ABANDONED)


@pytest.mark.parametrize("reason", [each for each in AbandonReason if each is not AbandonReason.OTHER])
def test_a_reason_needs_no_note_but_may_have_one(reason: AbandonReason) -> None:
    for note in ("", "Ring first."):
        given(WORK, RAISED, ASSIGNED).when(AbandonWork(work_id=JOB, reason=reason, note=f" {note} ")).then(
            WorkAbandoned(work_id=JOB, operative_id=OLIVE.operative_id, reason=reason, note=note)
        )


@pytest.mark.parametrize("blank", BLANKS)
def test_another_reason_needs_a_note(blank: str) -> None:
    command = AbandonWork(work_id=JOB, reason=AbandonReason.OTHER, note=blank)
    given(WORK, RAISED, ASSIGNED).when(command).then_refused(
        "Abandoning work for another reason needs a note that says which"
    )


def test_another_reason_with_a_note_will_do() -> None:
    command = AbandonWork(work_id=JOB, reason=AbandonReason.OTHER, note=" Wasps. ")
    given(WORK, RAISED, ASSIGNED).when(command).then(
        WorkAbandoned(work_id=JOB, operative_id=OLIVE.operative_id, reason=AbandonReason.OTHER, note="Wasps.")
    )


def test_somebody_who_takes_over_abandoned_work_holds_it() -> None:
    history: list[WorkEvent] = [
        RAISED,
        ASSIGNED,
        ABANDONED,
        WorkAssigned(work_id=JOB, operative_id=PETER.operative_id),
    ]
    given(WORK, *history).when(CompleteWork(work_id=JOB)).then(
        WorkCompleted(work_id=JOB, operative_id=PETER.operative_id, outcome="")
    )


def test_work_taken_over_begins_again_at_assigned() -> None:
    history: list[WorkEvent] = [RAISED, ASSIGNED, DISPATCHED, ARRIVED, ABANDONED, ASSIGNED]
    given(WORK, *history).when(ArriveOnSite(work_id=JOB)).then_refused(
        "The operative must be dispatched before arriving on site"
    )


# --- For whom --------------------------------------------------------------------------------------


def commands_of(acting: UUID) -> list[tuple[Stage, WorkCommand]]:
    """What an operative does to work, each command at a stage where it is possible."""
    return [
        (Stage.ASSIGNED, DispatchOperative(work_id=JOB, now=NOW, acting=acting)),
        (Stage.DISPATCHED, ArriveOnSite(work_id=JOB, acting=acting)),
        (Stage.ARRIVED, CompleteWork(work_id=JOB, acting=acting)),
        (Stage.ARRIVED, AbandonWork(work_id=JOB, reason=AbandonReason.UNSAFE, acting=acting)),
    ]


@pytest.mark.parametrize(("stage", "command"), commands_of(PETER.operative_id))
def test_an_operative_may_not_act_on_a_colleagues_work(stage: Stage, command: WorkCommand) -> None:
    given(WORK, *AT[stage]).when(command).then_refused("This work is assigned to another operative")


@pytest.mark.parametrize(("stage", "command"), commands_of(OLIVE.operative_id))
def test_an_operative_may_act_on_their_own_work(stage: Stage, command: WorkCommand) -> None:
    assert WORK.decide(command, WORK.fold(AT[stage]))


@pytest.mark.parametrize(("stage", "command"), commands_of(OLIVE.operative_id))
def test_a_step_is_for_the_operative_who_was_shown(stage: Stage, command: WorkCommand) -> None:
    assert not isinstance(command, RaiseWork | AssignWork | UndoWorkChange)
    by_control = replace(command, acting=None)
    seen = Shown(operative_id=OLIVE.operative_id, stage=stage)
    assert WORK.decide(replace(by_control, shown=seen), WORK.fold(AT[stage]))
    other = Shown(operative_id=PETER.operative_id, stage=stage)
    given(WORK, *AT[stage]).when(replace(by_control, shown=other)).then_refused(
        "This work has been assigned to another operative meanwhile"
    )


@pytest.mark.parametrize(
    "command",
    [CompleteWork(work_id=JOB), AbandonWork(work_id=JOB, reason=AbandonReason.UNSAFE)],
    ids=["complete", "abandon"],
)
def test_work_is_ended_at_the_stage_that_was_shown(command: CompleteWork | AbandonWork) -> None:
    seen = Shown(operative_id=OLIVE.operative_id, stage=Stage.DISPATCHED)
    given(WORK, *AT[Stage.ARRIVED]).when(replace(command, shown=seen)).then_refused(
        "This work has moved on meanwhile; look at it again"
    )


def test_a_refusal_says_whose_work_it_is_before_what_is_wrong_with_the_command() -> None:
    late = DispatchOperative(work_id=JOB, now=NOW, estimated_arrival=NOW, acting=PETER.operative_id)
    given(WORK, RAISED, ASSIGNED).when(late).then_refused("This work is assigned to another operative")
    given(WORK, *AT[Stage.ARRIVED]).when(late).then_refused("This work is assigned to another operative")
    unsaid = AbandonWork(work_id=JOB, reason=AbandonReason.OTHER, acting=PETER.operative_id)
    given(WORK, RAISED, ASSIGNED).when(unsaid).then_refused("This work is assigned to another operative")


def test_somebody_who_abandoned_work_may_not_act_on_it_any_more() -> None:
    history: list[WorkEvent] = [
        RAISED,
        ASSIGNED,
        ABANDONED,
        WorkAssigned(work_id=JOB, operative_id=PETER.operative_id),
    ]
    given(WORK, *history).when(CompleteWork(work_id=JOB, acting=OLIVE.operative_id)).then_refused(
        "This work is assigned to another operative"
    )


def test_an_operative_too_is_told_that_nobody_is_assigned() -> None:
    given(WORK, RAISED).when(CompleteWork(work_id=JOB, acting=OLIVE.operative_id)).then_refused(
        "There must be an operative assigned to complete the work"
    )
