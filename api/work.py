"""Work: raise it, and every step until it is done."""

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Header, Query

from accounts import rules
from api.access import ApiRequest
from api.context import Context
from api.failures import AfterNothing
from api.history import history, past
from api.reads import many, missing, one
from api.shapes.history import HistoryWanted, Then
from api.shapes.ids import WorkId
from api.shapes.work import (
    Abandonment,
    Assignment,
    Completion,
    Departure,
    NewWork,
    Undoing,
    Work,
    WorkHistory,
    WorkList,
    WorkWanted,
    listed,
    shown,
    works_then,
)
from api.writes import Conditions, Once, changed, checked, command_id_of, created
from eventstore.current import current_store
from eventstore.dispatch import event_id_of, event_of
from eventstore.store import WrongVersion
from readmodels.queries import jobs, work_list
from readmodels.queries.duty import Holder, holder_of
from support.commands import ArriveOnSite, DispatchOperative
from support.forms.raise_work import RaiseWorkForm
from support.forms.steps import AbandonForm, AssignForm, CompleteForm
from support.undo import undo_command
from support.views.steps import acting_for
from support.work import WORK

work = Context("Work", shows=["work", "sites", "operatives"])
NO_ESTIMATE, NO_OUTCOME, LATEST = Departure(), Completion(), Undoing()
"""The content of a step that is sent without a body."""


@work.read("/work", rules.SEE_WORK, WorkList)
def list_work(request: HttpRequest, wanted: Query[WorkWanted]) -> HttpResponse:
    """Any job there has ever been, newest first. A page may hold fewer rows than asked for, and yet have
    a next."""
    try:
        rows, after = work_list.page(wanted.wanted, wanted.after, wanted.limit)
    except ValueError:
        raise AfterNothing from None
    return many(request, listed(jobs.complete(rows), wanted.q), after)


@work.read("/work/{uuid:work_id}", rules.SEE_WORK, Work)
def get_work(request: HttpRequest, work_id: WorkId, then: Query[Then]) -> HttpResponse:
    """One job as it is now, or as it was."""
    if not then.is_now:
        return past(request, WORK, work_id, then, works_then)

    def find() -> Work | None:
        job = jobs.job(work_id)
        return shown([job])[0] if job else None

    return one(request, WORK.stream(work_id), "work", find)


@work.read("/work/{uuid:work_id}/history", rules.SEE_WORK, WorkHistory)
def get_work_history(request: HttpRequest, work_id: WorkId, wanted: Query[HistoryWanted]) -> HttpResponse:
    """All that has happened to the job, newest first, each with the job after it."""
    return history(request, WORK, work_id, wanted, works_then)


@work.write("/work", rules.RAISE_WORK, creates=True)
def raise_work(request: ApiRequest, body: NewWork, given: Header[Once]) -> HttpResponse:
    """Raise work at one or more sites. Its id is that of the command."""
    form = checked(RaiseWorkForm, given, body, site_ids="sites")
    return created(request, form.to_command(), to=WORK, given=given)


@work.write("/work/{uuid:work_id}/assign", rules.ASSIGN_WORK)
def assign_work(
    request: ApiRequest, work_id: WorkId, body: Assignment, given: Header[Conditions]
) -> HttpResponse:
    """Put the work at the end of an operative's queue."""
    known(work_id)
    form = checked(AssignForm, given, body)
    return changed(request, form.to_command(work_id), to=WORK, given=given)


@work.write("/work/{uuid:work_id}/dispatch", rules.DO_WORK)
def dispatch_operative(
    request: ApiRequest, work_id: WorkId, given: Header[Conditions], body: Departure = NO_ESTIMATE
) -> HttpResponse:
    """The operative is on the way. Operatives say so of their own work alone; Control of anybody's. The
    same goes for the steps that follow."""
    command = DispatchOperative(
        work_id=work_id,
        now=timezone.now(),
        estimated_arrival=body.estimated_arrival,
        acting=acting(request, work_id, given),
    )
    return changed(request, command, to=WORK, given=given)


@work.write("/work/{uuid:work_id}/arrive", rules.DO_WORK)
def arrive_on_site(request: ApiRequest, work_id: WorkId, given: Header[Conditions]) -> HttpResponse:
    """The operative is there."""
    command = ArriveOnSite(work_id=work_id, acting=acting(request, work_id, given))
    return changed(request, command, to=WORK, given=given)


@work.write("/work/{uuid:work_id}/complete", rules.DO_WORK)
def complete_work(
    request: ApiRequest, work_id: WorkId, given: Header[Conditions], body: Completion = NO_OUTCOME
) -> HttpResponse:
    """The work is done."""
    who = acting(request, work_id, given)
    form = checked(CompleteForm, given, body)
    return changed(request, form.to_command(work_id, who), to=WORK, given=given)


@work.write("/work/{uuid:work_id}/abandon", rules.DO_WORK)
def abandon_work(
    request: ApiRequest, work_id: WorkId, body: Abandonment, given: Header[Conditions]
) -> HttpResponse:
    """The operative gives the work back: it waits for Control again."""
    who = acting(request, work_id, given)
    form = checked(AbandonForm, given, body)
    return changed(request, form.to_command(work_id, who), to=WORK, given=given)


@work.write("/work/{uuid:work_id}/undo", rules.UNDO_WORK, shows=[*work.shows, "orders"])
def undo_work(
    request: ApiRequest, work_id: WorkId, given: Header[Conditions], body: Undoing = LATEST
) -> HttpResponse:
    """Take back the latest step of the work. Only whoever took it may, within ten minutes of that. An undone
    step counts as gone and an undo is no step: sent once more, under another key, this takes back the step
    before, as far as one that somebody else took. With `If-Match`, or with the step named in `change`, it is
    the step that was seen."""
    known(work_id)
    command_id = command_id_of(request, given)
    undoing = undo_command(work_id, request.auth, command_id=command_id, change_id=body.change)
    if given.versions is not None and undoing.expected_version not in given.versions:
        raise WrongVersion
    at_that_change = given.model_copy(update={"versions": frozenset({undoing.expected_version})})
    return changed(request, undoing.command, to=WORK, given=at_that_change)


def acting(request: ApiRequest, work_id: UUID, given: Conditions) -> UUID | None:
    """Who takes a step: the operative themselves, or Control (None)."""
    holder = known(work_id)
    try:
        return acting_for(request.auth, [holder.operative_id] if holder.operative_id else [])
    except PermissionDenied:
        step = taken_before(request, work_id, given)
        if step is None:
            raise
        return acting_for(request.auth, [step.operative_id])


def taken_before(request: ApiRequest, work_id: UUID, given: Conditions) -> Any:
    """The step itself, if the asker has already taken it and sends it again: the answer is the same as
    before, even if the work is another's by now. None otherwise."""
    first_id = event_id_of(command_id_of(request, given), 0)
    for each in current_store().read_stream(WORK.stream(work_id)):
        if each.id == first_id and each.actor == request.auth.actor:
            return event_of(each)
    return None


def known(work_id: UUID) -> Holder:
    """The operative who answers for a job; 404 when there is none of this id."""
    holder = holder_of(work_id)
    if holder is None:
        raise missing(WORK.stream(work_id))
    return holder
