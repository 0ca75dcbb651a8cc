"""Administration's operatives: hire, rename, release."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts import rules
from accounts.guard import allow
from accounts.models import User
from operatives.forms import HireForm, ReleaseForm, RenameForm
from operatives.operative import OPERATIVE
from pages.depends_on import shows
from pages.list_form import ListForm
from pages.respond import UNPROCESSABLE, StaffRequest, posted, render_page, submit
from readmodels.models import OperativeRow
from readmodels.queries import administration
from readmodels.queries import operatives as queries
from readmodels.queries.keyset import page_after
from readmodels.queries.names import whole_name

PAGE = 50
STATES = {"employed": "Employed", "released": "Released", "all": "All"}
RELEASED = {"employed": False, "released": True, "all": None}


@allow(rules.MANAGE_OPERATIVES)
@shows("work", "operatives")
@require_http_methods(["GET", "HEAD", "POST"])
def operatives(request: StaffRequest) -> HttpResponse:
    """Every operative, and the form that hires one."""
    form = HireForm(posted(request))
    form.about = lambda: name_typed(form)
    if submit(request, form, form.to_command, to=OPERATIVE, action="hiring operative"):
        return redirect("administration-operatives")
    return render_page(
        request,
        "operatives/administration.html",
        {"form": form, **listed(ListForm(request.GET, states=STATES))},
        fragment="operatives/_administration.html",
        status=UNPROCESSABLE if form.errors else 200,
    )


def listed(asked: ListForm) -> dict[str, Any]:
    """A page of operatives, each with how many open jobs they hold."""
    found = administration.operatives(asked.text, released=RELEASED[asked.wanted_state])
    page = page_after(found, asked.last_seen, PAGE)
    open_jobs = queries.open_jobs_by_operative()
    return {
        "asked": asked,
        "page": page,
        "listed": [(row, open_jobs.get(row.operative_id, 0)) for row in page.rows],
    }


@allow(rules.MANAGE_OPERATIVES)
@shows("work", "operatives")
@require_http_methods(["GET", "HEAD", "POST"])
def operative(request: StaffRequest, operative_id: UUID) -> HttpResponse:
    """One operative: rename them, and what a release would mean."""
    row = known(operative_id)
    name = {"forename": row.forename, "surname": row.surname}
    form = RenameForm(posted(request), own=operative_id, initial=name)
    form.about = lambda: f"{whole_name(row)}, now {name_typed(form)}"
    if submit(request, form, lambda: form.to_command(row), to=OPERATIVE, action="renaming operative"):
        return to_operative(row)
    return one(request, "operatives/administration_operative.html", row, form)


@allow(rules.MANAGE_OPERATIVES)
@shows("work", "operatives")
@require_http_methods(["GET", "HEAD", "POST"])
def release(request: StaffRequest, operative_id: UUID) -> HttpResponse:
    """Ask once more, then release."""
    row = known(operative_id)
    form = ReleaseForm(posted(request))
    form.about = lambda: whole_name(row)
    if submit(request, form, lambda: form.to_command(row), to=OPERATIVE, action="releasing operative"):
        return to_operative(row)
    return one(request, "operatives/release.html", row, form)


def one(request: StaffRequest, page: str, row: OperativeRow, form: RenameForm | ReleaseForm) -> HttpResponse:
    """A page about one operative."""
    context = {
        "operative": row,
        "name": whole_name(row),
        "open_jobs": queries.open_jobs_of(row.operative_id),
        "account": User.objects.filter(operative_id=row.operative_id, is_active=True).first(),
        "form": form,
    }
    return render(request, page, context, status=UNPROCESSABLE if form.errors else 200)


def name_typed(form: HireForm | RenameForm) -> str:
    """The name as it was typed."""
    return f"{form.as_typed('forename')} {form.as_typed('surname')}"


def known(operative_id: UUID) -> OperativeRow:
    """The operative of this id; 404 when there is none."""
    row = queries.by_id(operative_id)
    if row is None:
        raise Http404
    return row


def to_operative(row: OperativeRow) -> HttpResponseRedirect:
    """A redirect to the operative's own page."""
    return redirect("administration-operative", operative_id=row.operative_id)
