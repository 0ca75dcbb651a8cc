"""Work: something to be dealt with at one or more sites, from the call to its completion."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import assert_never
from uuid import UUID

from eventstore.decider import Decider, Refused
from eventstore.events import type_of
from operatives.commands import OperativeStatus
from sites.commands import SiteStatus
from spelling.line import has_line_break, trimmed
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
    STEPS_KEPT,
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


class Stage(StrEnum):
    NONE = "none"
    RAISED = "raised"
    ASSIGNED = "assigned"
    DISPATCHED = "dispatched"
    ARRIVED = "arrived"
    COMPLETED = "completed"
    ABANDONED = "abandoned"
    WITHDRAWN = "withdrawn"


HELD = {Stage.ASSIGNED, Stage.DISPATCHED, Stage.ARRIVED}
"""The stages at which an operative has the work."""

RAISED = type_of(WorkRaised).name
ENDED = {type_of(each).name for each in (WorkCompleted, WorkAbandoned)}
UNDOABLE = timedelta(minutes=10)
"""How long after it happened a step can be undone."""


@dataclass(frozen=True)
class Step:
    """A step that has not been undone: the name of its event, and where the work was before it."""

    change: str
    stage: Stage
    operative_id: UUID | None


@dataclass(frozen=True)
class Work:
    """`operative_id` is the operative who holds the work, or completed it. `steps` are the latest that can
    be undone, the newest last."""

    stage: Stage = Stage.NONE
    operative_id: UUID | None = None
    steps: tuple[Step, ...] = ()


def raise_work(command: RaiseWork, work: Work) -> Sequence[WorkEvent]:
    if work.stage is not Stage.NONE:
        raise Refused("This work has already been raised")
    title, description = trimmed(command.title), trimmed(command.description)
    if not title:
        raise Refused("Work must have a title")
    if has_line_break(title):
        raise Refused("A title must be one line")
    if not description:
        raise Refused("Work must have a description")
    if not command.sites:
        raise Refused("Work must have at least one Site added")
    for site in command.sites:
        if site.status is SiteStatus.UNKNOWN:
            raise Refused(f"There is no site {site.name}")
        if site.status is SiteStatus.RELINQUISHED:
            raise Refused(f"{site.name} has been relinquished; no new work can be raised there")
    site_ids = tuple(dict.fromkeys(site.site_id for site in command.sites))
    return [WorkRaised(work_id=command.work_id, title=title, description=description, site_ids=site_ids)]


def assign(command: AssignWork, work: Work) -> Sequence[WorkEvent]:
    must_be_raised(work)
    if work.stage is Stage.COMPLETED:
        raise Refused("You cannot assign work if it's already completed")
    if work.operative_id is not None:
        raise Refused("An operative is already assigned to this work")
    operative = command.operative
    if operative.status is OperativeStatus.UNKNOWN:
        raise Refused(f"There is no operative {operative.name}")
    if operative.status is OperativeStatus.RELEASED:
        raise Refused(f"{operative.name} has been released and cannot be assigned work")
    return [WorkAssigned(work_id=command.work_id, operative_id=operative.operative_id)]


def dispatch_operative(command: DispatchOperative, work: Work) -> Sequence[WorkEvent]:
    must_be_raised(work)
    if work.stage is Stage.COMPLETED:
        raise Refused("You cannot dispatch an operative to work that's already completed")
    if work.operative_id is None:
        raise Refused("There is no operative assigned to this work to dispatch")
    must_be_theirs(command.acting, command.shown, work)
    if work.stage is not Stage.ASSIGNED:
        raise Refused("The operative has already been dispatched to this work")
    if command.estimated_arrival is not None and command.estimated_arrival <= command.now:
        raise Refused("The estimated arrival must be in the future")
    return [
        OperativeDispatched(
            work_id=command.work_id,
            operative_id=work.operative_id,
            estimated_arrival=command.estimated_arrival,
        )
    ]


def arrive(command: ArriveOnSite, work: Work) -> Sequence[WorkEvent]:
    must_be_raised(work)
    if work.stage is Stage.COMPLETED:
        raise Refused("An operative cannot arrive at work that's already completed")
    if work.operative_id is None:
        raise Refused("There is no operative assigned to this work to arrive")
    must_be_theirs(command.acting, command.shown, work)
    if work.stage is Stage.ARRIVED:
        raise Refused("The operative has already arrived on site")
    if work.stage is not Stage.DISPATCHED:
        raise Refused("The operative must be dispatched before arriving on site")
    return [OperativeArrived(work_id=command.work_id, operative_id=work.operative_id)]


def complete(command: CompleteWork, work: Work) -> Sequence[WorkEvent]:
    must_be_raised(work)
    if work.stage is Stage.COMPLETED:
        raise Refused("You cannot complete work that's already completed")
    if work.operative_id is None:
        raise Refused("There must be an operative assigned to complete the work")
    must_be_theirs(command.acting, command.shown, work)
    must_be_as_shown(command.shown, work)
    outcome = trimmed(command.outcome)
    return [WorkCompleted(work_id=command.work_id, operative_id=work.operative_id, outcome=outcome)]


def abandon(command: AbandonWork, work: Work) -> Sequence[WorkEvent]:
    must_be_raised(work)
    if work.stage is Stage.COMPLETED:
        raise Refused("An operative cannot abandon work when it's already been completed")
    if work.operative_id is None:
        raise Refused("There is no operative assigned to this work to abandon it")
    must_be_theirs(command.acting, command.shown, work)
    must_be_as_shown(command.shown, work)
    note = trimmed(command.note)
    if command.reason is AbandonReason.OTHER and not note:
        raise Refused("Abandoning work for another reason needs a note that says which")
    return [
        WorkAbandoned(
            work_id=command.work_id, operative_id=work.operative_id, reason=command.reason, note=note
        )
    ]


def undo(command: UndoWorkChange, work: Work) -> Sequence[WorkEvent]:
    if work.stage is Stage.NONE:
        raise Refused("This work was never raised")
    if work.stage is Stage.WITHDRAWN:
        raise Refused("This work has been withdrawn, which cannot be undone")
    if not work.steps:
        raise Refused(f"No more than {STEPS_KEPT} steps in a row can be undone")
    must_be_own_and_recent(command)
    step = work.steps[-1]
    must_not_be_depended_upon(command, step)
    return [
        WorkChangeUndone(
            work_id=command.work_id,
            undone=step.change,
            undone_id=command.change.event_id,
            stage=(Stage.WITHDRAWN if step.stage is Stage.NONE else step.stage).value,
            operative_id=work.operative_id or step.operative_id,
        )
    ]


def must_be_own_and_recent(command: UndoWorkChange) -> None:
    change = command.change
    if change.made_by != command.asked_by:
        raise Refused("Only the latest change can be undone, and somebody else made it")
    if command.now - change.made_at > UNDOABLE:
        today = change.made_at.date() == command.now.date()
        when = f"{change.made_at:%H:%M}" if today else f"{change.made_at:%H:%M on %-d %b %Y}"
        raise Refused(f"A change can be undone within 10 minutes; this one was made at {when}")


def must_not_be_depended_upon(command: UndoWorkChange, step: Step) -> None:
    if step.change == RAISED and command.has_orders:
        raise Refused("Parts have been ordered for this job, so raising it cannot be undone")
    if step.change not in ENDED:
        return
    if command.operative is not None and command.operative.status is OperativeStatus.RELEASED:
        raise Refused(f"{command.operative.name} has been released since")
    for site in command.sites:
        if site.status is SiteStatus.RELINQUISHED:
            raise Refused(f"{site.name} has been relinquished since")


def must_be_raised(work: Work) -> None:
    if work.stage is Stage.NONE:
        raise Refused("This work was never raised")
    if work.stage is Stage.WITHDRAWN:
        raise Refused("This work has been withdrawn")


def must_be_theirs(acting: UUID | None, shown: Shown | None, work: Work) -> None:
    if acting is not None and acting != work.operative_id:
        raise Refused("This work is assigned to another operative")
    if shown is not None and shown.operative_id != work.operative_id:
        raise Refused("This work has been assigned to another operative meanwhile")


def must_be_as_shown(shown: Shown | None, work: Work) -> None:
    """Work can be ended at every stage at which an operative holds it, but only at the one that the asker
    saw."""
    if shown is not None and shown.stage != work.stage:
        raise Refused("This work has moved on meanwhile; look at it again")


def decide(command: WorkCommand, work: Work) -> Sequence[WorkEvent]:
    match command:
        case RaiseWork():
            return raise_work(command, work)
        case AssignWork():
            return assign(command, work)
        case DispatchOperative():
            return dispatch_operative(command, work)
        case ArriveOnSite():
            return arrive(command, work)
        case CompleteWork():
            return complete(command, work)
        case AbandonWork():
            return abandon(command, work)
        case UndoWorkChange():
            return undo(command, work)
        case _:
            assert_never(command)


def evolve(work: Work, event: WorkEvent) -> Work:
    after = transition(work, event)
    if isinstance(event, WorkChangeUndone):
        return replace(after, steps=work.steps[:-1])
    step = Step(type_of(type(event)).name, work.stage, work.operative_id)
    return replace(after, steps=(*work.steps, step)[-STEPS_KEPT:])


def transition(work: Work, event: WorkEvent) -> Work:
    """The stage and operative of the work after the event."""
    match event:
        case WorkRaised():
            return Work(Stage.RAISED)
        case WorkAssigned():
            return Work(Stage.ASSIGNED, event.operative_id)
        case OperativeDispatched():
            return replace(work, stage=Stage.DISPATCHED)
        case OperativeArrived():
            return replace(work, stage=Stage.ARRIVED)
        case WorkCompleted():
            return replace(work, stage=Stage.COMPLETED)
        case WorkAbandoned():
            return Work(Stage.ABANDONED)
        case WorkChangeUndone():
            stage = Stage(event.stage)
            return Work(stage, event.operative_id if stage in HELD else None)
        case _:
            assert_never(event)


WORK = Decider(
    category="work",
    identify=lambda c: c.work_id,
    initial=Work(),
    decide=decide,
    evolve=evolve,
)
