"""What always holds of work, whatever is asked and in whatever order."""

from datetime import timedelta
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from eventstore.decider import Refused
from operatives.commands import OperativeFact, OperativeStatus
from sites.commands import SiteFact, SiteStatus
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
from support.events import AbandonReason, WorkChangeUndone, WorkEvent
from support.work import WORK, Stage, Work
from tests.domain.cast import JOB, NOW

HELD = {Stage.ASSIGNED, Stage.DISPATCHED, Stage.ARRIVED, Stage.COMPLETED}

# Every stage that may follow another; no other may.
EDGES = {
    (Stage.NONE, Stage.RAISED),
    (Stage.RAISED, Stage.ASSIGNED),
    (Stage.ABANDONED, Stage.ASSIGNED),
    (Stage.ASSIGNED, Stage.DISPATCHED),
    (Stage.DISPATCHED, Stage.ARRIVED),
    *((held, Stage.COMPLETED) for held in HELD - {Stage.COMPLETED}),
    *((held, Stage.ABANDONED) for held in HELD - {Stage.COMPLETED}),
}
UNDONE = {(after, before) for before, after in EDGES if before is not Stage.NONE} | {
    (Stage.RAISED, Stage.WITHDRAWN)
}
"""An undo leads back to where the work was; raised work leads nowhere."""

job = st.just(JOB)
text = st.sampled_from(["", " ", "Boiler", " Boiler out\n"]) | st.text(max_size=20)
identity = st.sampled_from([UUID(int=number) for number in (1, 2, 3)])
acting = st.none() | identity
site = st.builds(SiteFact, site_id=identity, name=st.just("a site"), status=st.sampled_from(SiteStatus))
operative = st.builds(
    OperativeFact,
    operative_id=identity,
    name=st.just("an operative"),
    status=st.sampled_from(OperativeStatus),
)
arrival = st.none() | st.integers(-2, 60).map(lambda minutes: NOW + timedelta(minutes=minutes))

# Usable commands are likelier than useless ones, so that many histories get to their end.
good_site = st.builds(SiteFact, site_id=identity, name=st.just("a site"), status=st.just(SiteStatus.ACTIVE))
good_operative = st.builds(
    OperativeFact,
    operative_id=identity,
    name=st.just("an operative"),
    status=st.just(OperativeStatus.EMPLOYED),
)
commands: st.SearchStrategy[WorkCommand] = st.one_of(
    st.builds(
        RaiseWork, work_id=job, title=text, description=text, sites=st.lists(site, max_size=4).map(tuple)
    ),
    st.builds(
        RaiseWork,
        work_id=job,
        title=st.just("Boiler"),
        description=st.just("Out"),
        sites=st.lists(good_site, min_size=1, max_size=4).map(tuple),
    ),
    st.builds(AssignWork, work_id=job, operative=operative | good_operative),
    st.builds(DispatchOperative, work_id=job, now=st.just(NOW), estimated_arrival=arrival, acting=acting),
    st.builds(ArriveOnSite, work_id=job, acting=acting),
    st.builds(CompleteWork, work_id=job, outcome=text, acting=acting),
    st.builds(AbandonWork, work_id=job, reason=st.sampled_from(AbandonReason), note=text, acting=acting),
    st.builds(
        UndoWorkChange,
        work_id=job,
        change=st.builds(
            ChangeFact,
            event_id=identity,
            made_by=st.sampled_from(["user-1", "user-1", "user-2"]),
            made_at=st.integers(-12, 1).map(lambda minutes: NOW + timedelta(minutes=minutes)),
        ),
        asked_by=st.just("user-1"),
        now=st.just(NOW),
        has_orders=st.booleans(),
        operative=st.none() | operative | good_operative,
        sites=st.lists(site | good_site, max_size=2).map(tuple),
    ),
)


def attempt(command: WorkCommand, work: Work) -> list[WorkEvent]:
    """The events of a command; none when it is refused."""
    try:
        return list(WORK.decide(command, work))
    except Refused:
        return []


def stood_at(history: list[WorkEvent]) -> tuple[Stage, UUID | None]:
    """The stage of the work after these events, and its operative."""
    work = WORK.fold(history)
    return work.stage, work.operative_id


@settings(max_examples=300)
@given(st.lists(commands, max_size=25))
def test_no_sequence_of_commands_breaks_an_invariant(asked: list[WorkCommand]) -> None:
    work = WORK.initial
    history: list[WorkEvent] = []
    standing: list[WorkEvent] = []
    for command in asked:
        for event in attempt(command, work):
            before, work = work, WORK.evolve(work, event)
            history.append(event)
            edges = UNDONE if isinstance(event, WorkChangeUndone) else EDGES
            assert (before.stage, work.stage) in edges
            if isinstance(event, WorkChangeUndone):
                standing.pop()
                if work.stage is not Stage.WITHDRAWN:
                    assert (work.stage, work.operative_id) == stood_at(standing)
            else:
                standing.append(event)
            assert (work.operative_id is not None) == (work.stage in HELD)
            assert event.work_id == JOB
    assert WORK.fold(history) == work


@given(st.lists(commands, max_size=12), commands)
def test_deciding_twice_gives_the_same_answer(asked: list[WorkCommand], command: WorkCommand) -> None:
    work = WORK.initial
    for each in asked:
        for event in attempt(each, work):
            work = WORK.evolve(work, event)
    assert attempt(command, work) == attempt(command, work)


@given(st.lists(commands, max_size=12), identity)
def test_an_operative_never_changes_work_that_is_not_theirs(asked: list[WorkCommand], me: UUID) -> None:
    """An operative who acts for themselves and is not refused holds the work."""
    work = WORK.initial
    for command in asked:
        events = attempt(command, work)
        if events and getattr(command, "acting", None) == me:
            assert work.operative_id == me
        for event in events:
            work = WORK.evolve(work, event)


@given(commands)
def test_completed_is_final_unless_it_is_undone(command: WorkCommand) -> None:
    assert attempt(command, Work(Stage.COMPLETED, UUID(int=1))) == []
