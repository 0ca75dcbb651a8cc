"""Undoing the latest step of a job."""

from urllib.parse import urlsplit
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve, reverse
from django.views.decorators.http import require_POST

from accounts import rules
from accounts.guard import allow
from eventstore.decider import Refused
from pages.respond import Asked, perform, tell_refused
from pages.shows import shows
from readmodels.queries import jobs
from support.forms.undo import UndoForm
from support.undoing import next_undo, undo_command
from support.work import WORK

DOING = "undoing the latest change"
WORKPLACES = {"control", "operative", "response"}


@allow(rules.UNDO_WORK)
@shows("work", "sites", "operatives", "orders")
@require_POST
def undo(request: Asked, work_id: UUID) -> HttpResponse:
    """Undo the step that the button named, and back to where it was pressed."""
    form = UndoForm(request.POST)
    form.about = lambda: jobs.name_of(work_id, with_operative=True)
    if form.is_valid():
        take_back(request, work_id, form)
    else:
        tell_refused(request, form, doing=DOING)
    return redirect(back(request) or reverse("job", args=[work_id]))


def back(request: Asked) -> str | None:
    """The page that the button was pressed on, if it is one on which people go on working."""
    try:
        pressed_on = urlsplit(request.headers.get("Referer", ""))
        page = resolve(pressed_on.path)
    except (ValueError, Resolver404):
        return None
    if pressed_on.netloc != request.get_host() or page.url_name not in WORKPLACES:
        return None
    return pressed_on.path


def take_back(request: Asked, work_id: UUID, form: UndoForm) -> None:
    """Dispatch what undoes it, and say what became of that."""
    try:
        undoing = undo_command(
            work_id,
            request.user,
            command_id=form.cleaned_data["command_id"],
            change_id=form.cleaned_data["change"],
        )
    except Refused as refusal:
        form.refuse(str(refusal))
        tell_refused(request, form, doing=DOING)
    else:
        doing = f"undoing {undoing.what}"
        perform(
            request,
            form,
            undoing.command,
            to=WORK,
            doing=doing,
            expected_version=undoing.expected_version,
            undo=next_undo(request.user),
        )
