"""Undoing the latest step of a job."""

from urllib.parse import urlsplit
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import Resolver404, resolve, reverse
from django.views.decorators.http import require_POST, require_safe

from accounts import rules
from accounts.guard import allow
from eventstore.current import current_store
from eventstore.decider import Refused
from eventstore.store import Unreachable
from pages.depends_on import shows, shows_none
from pages.respond import StaffRequest, perform, tell_refused
from readmodels.queries import jobs
from support.forms.board import board_address
from support.forms.undo import UndoForm
from support.undo import next_undo, undo_command, undoable
from support.work import WORK

DOING = "undoing the latest change"
OK, NO_CONTENT = 200, 204
WORKPLACES = {"control", "operative", "response"}


@allow(rules.UNDO_WORK)
@shows("work", "sites", "operatives", "orders")
@require_POST
def undo(request: StaffRequest, work_id: UUID) -> HttpResponse:
    """Undo the step that the button named, and go back to where it was pressed."""
    form = UndoForm(request.POST)
    form.about = lambda: jobs.name_of(work_id, with_operative=True)
    if form.is_valid():
        take_back(request, work_id, form)
    else:
        tell_refused(request, form, action=DOING)
    return redirect(back(request) or reverse("job", args=[work_id]))


@allow(rules.UNDO_WORK)
@shows_none("the event store alone knows whether a step still is the latest")
@require_safe
def still(request: StaffRequest, work_id: UUID) -> HttpResponse:
    """Whether a message that offers to undo the step `change` is still true: then 204. Otherwise an empty
    answer that replaces the message: the step was undone or overtaken, or is too long ago."""
    try:
        history = current_store().read_stream(WORK.stream(work_id))
    except Unreachable:
        return HttpResponse(status=NO_CONTENT)
    found = undoable(history, request.user) if history else None
    stands = found is not None and str(found.command.change.event_id) == request.GET.get("change")
    return HttpResponse(status=NO_CONTENT if stands else OK)


def back(request: StaffRequest) -> str | None:
    """The page on which the button was pressed, if people go on working there."""
    try:
        pressed_on = urlsplit(request.headers.get("Referer", ""))
        page = resolve(pressed_on.path)
    except (ValueError, Resolver404):
        return None
    if pressed_on.netloc != request.get_host() or page.url_name not in WORKPLACES:
        return None
    return board_address(QueryDict(pressed_on.query)) if page.url_name == "control" else pressed_on.path


def take_back(request: StaffRequest, work_id: UUID, form: UndoForm) -> None:
    """Dispatch the command that undoes it, and say how that went."""
    try:
        undoing = undo_command(
            work_id,
            request.user,
            command_id=form.cleaned_data["command_id"],
            change_id=form.cleaned_data["change"],
        )
    except Refused as refusal:
        form.refuse(str(refusal))
        tell_refused(request, form, action=DOING)
    else:
        action = f"undoing {undoing.what}"
        perform(
            request,
            form,
            undoing.command,
            to=WORK,
            action=action,
            expected_version=undoing.expected_version,
            undo=next_undo(request.user),
        )
