"""Work: something to be dealt with at one or more sites, from the call to its completion."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import assert_never
from uuid import UUID

from eventstore.decider import Decider, Refused
from operatives.commands import OperativeStatus
from sites.commands import SiteStatus
from support.commands import (
    AbandonWork,
    ArriveOnSite,
    AssignWork,
    CompleteWork,
    DispatchOperative,
    RaiseWork,
    WorkCommand,
)
from support.events import (
    AbandonReason,
    OperativeArrived,
    OperativeDispatched,
    WorkAbandoned,
    WorkAssigned,
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


@dataclass(frozen=True)
class Work:
    """`operative_id` is whoever holds the work, or completed it."""

    stage: Stage = Stage.NONE
    operative_id: UUID | None = None


def raise_work(command: RaiseWork, work: Work) -> Sequence[WorkEvent]:
    if work.stage is not Stage.NONE:
        raise Refused("This work has already been raised")
    title, description = command.title.strip(), command.description.strip()
    if not title:
        raise Refused("Work must have a title")
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
    must_be_theirs(command.acting, work)
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
    must_be_theirs(command.acting, work)
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
    must_be_theirs(command.acting, work)
    outcome = command.outcome.strip()
    return [WorkCompleted(work_id=command.work_id, operative_id=work.operative_id, outcome=outcome)]


def abandon(command: AbandonWork, work: Work) -> Sequence[WorkEvent]:
    must_be_raised(work)
    if work.stage is Stage.COMPLETED:
        raise Refused("An operative cannot abandon work when it's already been completed")
    if work.operative_id is None:
        raise Refused("There is no operative assigned to this work to abandon it")
    must_be_theirs(command.acting, work)
    note = command.note.strip()
    if command.reason is AbandonReason.OTHER and not note:
        raise Refused("Abandoning work for another reason needs a note that says which")
    return [
        WorkAbandoned(
            work_id=command.work_id, operative_id=work.operative_id, reason=command.reason, note=note
        )
    ]


def must_be_raised(work: Work) -> None:
    if work.stage is Stage.NONE:
        raise Refused("This work was never raised")


def must_be_theirs(acting: UUID | None, work: Work) -> None:
    if acting is not None and acting != work.operative_id:
        raise Refused("This work is assigned to another operative")


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
        case _:
            assert_never(command)


def evolve(work: Work, event: WorkEvent) -> Work:
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
        case _:
            assert_never(event)


WORK = Decider(category="work", identify=lambda c: c.work_id, initial=Work(), decide=decide, evolve=evolve)
