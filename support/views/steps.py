"""The steps of dealing with a job: by the operative who holds it, or by Control on their behalf."""

from collections.abc import Sequence
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts import rules
from accounts.features import Feature
from accounts.guard import allow
from accounts.rules import Principal, is_own
from eventstore.current import current_store
from pages.depends_on import shows
from pages.respond import UNPROCESSABLE, StaffRequest, perform, tell_refused
from readmodels.queries import jobs
from readmodels.queries.duty import holder_of
from support.events import WorkAssigned
from support.forms.steps import AbandonForm, ArriveForm, AskingCompleteForm, DispatchForm, StepForm
from support.story import decoded
from support.undo import undo_of
from support.views.operative import Refusal, show
from support.work import WORK


@allow(rules.DO_WORK)
@shows("work", "sites", "operatives")
@require_POST
def dispatch(request: StaffRequest, work_id: UUID) -> HttpResponse:
    """On the way."""
    return take(request, work_id, DispatchForm(request.POST), step="dispatch", action="dispatching operative")


@allow(rules.DO_WORK)
@shows("work", "sites", "operatives")
@require_POST
def arrive(request: StaffRequest, work_id: UUID) -> HttpResponse:
    """Arrived."""
    return take(request, work_id, ArriveForm(request.POST), step="arrive", action="arriving on site")


@allow(rules.DO_WORK)
@shows("work", "sites", "operatives")
@require_POST
def complete(request: StaffRequest, work_id: UUID) -> HttpResponse:
    """Work Complete."""
    return take(request, work_id, AskingCompleteForm(request.POST), step="complete", action="completing work")


@allow(rules.DO_WORK)
@shows("work", "sites", "operatives")
@require_POST
def abandon(request: StaffRequest, work_id: UUID) -> HttpResponse:
    """Abandon Work."""
    return take(request, work_id, AbandonForm(request.POST), step="abandon", action="abandoning work")


def take(request: StaffRequest, work_id: UUID, form: StepForm, *, step: str, action: str) -> HttpResponse:
    """Take one step and go back to the page of the operative; if it is refused, show that page with what
    was typed."""
    holder = holder_of(work_id)
    if holder is None:
        raise Http404
    held_by = [*holders(work_id), *filter(None, [holder.operative_id])]
    acting = acting_for(request.user, held_by)
    page = acting or page_of(form, held_by)
    form.about = lambda: jobs.name_of(work_id, with_operative=True)
    if not form.is_valid():
        tell_refused(request, form, action=action)
    elif perform(
        request,
        form,
        form.to_command(work_id, acting),
        to=WORK,
        action=action,
        undo=undo_of,
    ):
        return redirect("operative", page)
    if page is None:
        return redirect("job", work_id)
    return show(request, page, Refusal(work_id, step, form), status=UNPROCESSABLE)


def page_of(form: StepForm, held_by: Sequence[UUID]) -> UUID | None:
    """The operative on whose page Control pressed the button. They may no longer hold the work."""
    pressed_on = form["shown_operative"].value()
    last = held_by[-1] if held_by else None
    return next((each for each in held_by if str(each) == pressed_on), last)


def holders(work_id: UUID) -> list[UUID]:
    """The operatives to whom the work was ever given, the latest last."""
    events = (decoded(each) for each in current_store().read_stream(WORK.stream(work_id)))
    return [each.operative_id for each in events if isinstance(each, WorkAssigned)]


def acting_for(who: Principal, held_by: Sequence[UUID]) -> UUID | None:
    """Who reports the step: the operative themselves, or Control for anybody (None).

    If the work was theirs and has been taken away since, a rule of its own refuses it, with a sentence on
    their page and what they wrote. Raises PermissionDenied for work that was never theirs.
    """
    if Feature.ASSIGN_WORK in who.features:
        return None
    if who.operative_id is None or not any(is_own(who, each) for each in held_by):
        raise PermissionDenied
    return who.operative_id
