"""Undoing the latest step of a job: what pages and API dispatch, and when they offer it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils import timezone

from accounts import rules
from accounts.features import Feature
from accounts.rules import Principal
from eventstore.current import current_store
from eventstore.decider import Refused
from eventstore.dispatch import Outcome, event_id_of, event_of, state_of
from eventstore.events import type_of
from eventstore.store import RecordedEvent
from pages.undo_button import UndoButton
from readmodels.models import OrderRow
from readmodels.queries import orders
from support.commands import ChangeFact, UndoWorkChange
from support.events import (
    WorkAbandoned,
    WorkAssigned,
    WorkChangeUndone,
    WorkCompleted,
    WorkEvent,
    WorkRaised,
)
from support.facts import operative_fact, site_facts
from support.story import NOUNS, noun_of
from support.work import WORK

RIGHTS = {WorkRaised: rules.RAISE_WORK, WorkAssigned: rules.ASSIGN_WORK}
STEP = rules.anyone_with(Feature.ASSIGN_WORK, own_operative=True)
"""Who may make each change, and so undo it: an operative takes only the steps of their own work."""

UNDO = type_of(WorkChangeUndone).name
NEVER = "This work was never raised"
MOVED_ON = "This work has changed since; only its latest change can be undone"
NO_LONGER = "You may not make this change any more, and so cannot undo it"


@dataclass(frozen=True, kw_only=True)
class Undoing:
    """A command, and the version to dispatch it with, so that it always undoes the step that was looked
    at. `what` is what people call that step."""

    command: UndoWorkChange
    expected_version: int
    what: str


def undo_command(
    work_id: UUID, asked_by: Principal, *, command_id: UUID | None = None, change_id: UUID | None = None
) -> Undoing:
    """What undoes the latest step of the work that stands, with the facts that the decision needs. Undone
    steps count as gone, and an undo is no step. To be used so:

        undoing = undo_command(work_id, who, command_id=command_id)
        dispatch(undoing.command, to=WORK, by=who.actor, command_id=command_id,
                 expected_version=undoing.expected_version)

    `command_id` is the id that it will be dispatched with: sent again, it stands for the same step as the
    first time, though that is no longer the latest. `change_id` is the event that the asker saw as the
    latest step, if they say so. Raises Refused when there is no such work, when `change_id` is not the latest
    any more, and when the asker took the step but has lost the right to. Every other rule is the aggregate's,
    and told by dispatch, which also raises WrongVersion when the work has moved on since this looked.
    """
    history = current_store().read_stream(WORK.stream(work_id))
    if command_id is not None:
        mine = event_id_of(command_id, 0)
        history = list(takewhile(lambda each: each.id != mine, history))
    if not history:
        raise Refused(NEVER)
    if change_id not in (None, latest_step(history).id):
        raise Refused(MOVED_ON)
    state_of(WORK, history)  # refused if it cannot be read
    return with_facts(bare(history, asked_by), history)


def latest_step(history: Sequence[RecordedEvent]) -> RecordedEvent:
    """The latest event that neither undoes another nor has been undone; the first, if all have been."""
    undone = set[UUID]()
    for recorded in reversed(history):
        if recorded.type == UNDO:
            undone.add(event_of(recorded).undone_id)
        elif recorded.id not in undone and not recorded.is_foreign:
            return recorded
    return history[0]


def undoable(history: Sequence[RecordedEvent], asked_by: Principal) -> Undoing | None:
    """What they could undo at this moment, given the work's stream; None when it would be refused."""
    try:
        work = state_of(WORK, history)
        found = bare(history, asked_by)
        WORK.decide(found.command, work)  # mostly refused, and then nothing more need be looked up
        found = with_facts(found, history)
        WORK.decide(found.command, work)
    except Refused:
        return None
    return found


def bare(history: Sequence[RecordedEvent], asked_by: Principal) -> Undoing:
    """The command with what the stream alone says."""
    latest = latest_step(history)
    change: WorkEvent = event_of(latest)
    if latest.actor == asked_by.actor:
        must_be_allowed(asked_by, change)
    made_at = timezone.localtime(latest.occurred_at)
    command = UndoWorkChange(
        work_id=change.work_id,
        change=ChangeFact(event_id=latest.id, made_by=latest.actor, made_at=made_at),
        asked_by=asked_by.actor,
        now=timezone.localtime(),
    )
    return Undoing(command=command, expected_version=history[-1].version, what=noun_of(latest.type))


def must_be_allowed(who: Principal, change: WorkEvent) -> None:
    rule = RIGHTS.get(type(change), STEP)
    if not rule.allows(who, {"operative_id": getattr(change, "operative_id", None)}):
        raise Refused(NO_LONGER)


def with_facts(undoing: Undoing, history: Sequence[RecordedEvent]) -> Undoing:
    """The command with what is known of those who may depend on the change."""
    facts: dict[str, Any] = {}
    match event_of(latest_step(history)):
        case WorkRaised(work_id=work_id):
            facts["has_orders"] = any(
                order.status != OrderRow.Status.CANCELLED for order in orders.of_work(work_id)
            )
        case WorkCompleted(operative_id=operative_id):
            facts["operative"] = operative_fact(operative_id)
            facts["sites"] = site_facts(event_of(history[0]).site_ids)
        case WorkAbandoned(operative_id=operative_id):
            facts["operative"] = operative_fact(operative_id)
    return replace(undoing, command=replace(undoing.command, **facts))


def undo_of(command_id: UUID, outcome: Outcome) -> UndoButton | None:
    """The button for the step that this command has taken."""
    if not outcome.events:
        return None
    what = NOUNS[type_of(type(outcome.events[0])).name]
    return UndoButton(reverse("undo", args=[outcome.aggregate_id]), event_id_of(command_id, 0), what)


def next_undo(who: Principal) -> Callable[[UUID, Outcome], UndoButton | None]:
    """After an undo: the button for the step before the undone one, if they could undo that too."""

    def button(_: UUID, outcome: Outcome) -> UndoButton | None:
        found = undoable(current_store().read_stream(WORK.stream(outcome.aggregate_id)), who)
        if found is None:
            return None
        address = reverse("undo", args=[outcome.aggregate_id])
        return UndoButton(address, found.command.change.event_id, found.what)

    return button
