"""Administration's sites: acquire, correct, relinquish."""

from typing import Any
from uuid import UUID

from django.forms import model_to_dict
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts import rules
from accounts.guard import allow
from pages.depends_on import shows
from pages.list_form import ListForm
from pages.respond import UNPROCESSABLE, StaffRequest, posted, render_page, submit
from readmodels.models import SiteRow
from readmodels.queries import administration
from readmodels.queries.keyset import page_after
from readmodels.queries.sites import open_jobs_at
from sites.forms import AcquireForm, CorrectForm, RelinquishForm
from sites.site import SITE

PAGE = 50
STATES = {"active": "Active", "relinquished": "Relinquished", "all": "All"}
RELINQUISHED = {"active": False, "relinquished": True, "all": None}


@allow(rules.MANAGE_SITES)
@shows("work", "sites")
@require_http_methods(["GET", "HEAD", "POST"])
def sites(request: StaffRequest) -> HttpResponse:
    """Every site, and the form that acquires one."""
    form = AcquireForm(posted(request))
    form.about = lambda: place_typed(form)
    if submit(request, form, form.to_command, to=SITE, action="acquiring site"):
        return redirect("administration-sites")
    return render_page(
        request,
        "sites/administration.html",
        {"form": form, **listed(ListForm(request.GET, states=STATES))},
        fragment="sites/_administration.html",
        status=UNPROCESSABLE if form.errors else 200,
    )


def listed(asked: ListForm) -> dict[str, Any]:
    """A page of sites, each with how many jobs are open there."""
    found = administration.places(asked.text, relinquished=RELINQUISHED[asked.wanted_state])
    page = page_after(found, asked.last_seen, PAGE)
    open_jobs = open_jobs_at(row.site_id for row in page.rows)
    return {
        "asked": asked,
        "page": page,
        "listed": [(row, open_jobs.get(row.site_id, 0)) for row in page.rows],
    }


@allow(rules.MANAGE_SITES)
@shows("work", "sites")
@require_http_methods(["GET", "HEAD", "POST"])
def site(request: StaffRequest, site_id: UUID) -> HttpResponse:
    """One site: correct its particulars, and what giving it up would mean."""
    row = known(site_id)
    form = CorrectForm(posted(request), own=site_id, initial=model_to_dict(row))
    form.about = lambda: place_typed(form)
    if submit(request, form, lambda: form.to_command(row), to=SITE, action="correcting site"):
        return to_site(row)
    return one(request, "sites/administration_site.html", row, form)


@allow(rules.MANAGE_SITES)
@shows("work", "sites")
@require_http_methods(["GET", "HEAD", "POST"])
def relinquish(request: StaffRequest, site_id: UUID) -> HttpResponse:
    """Ask once more, then relinquish."""
    row = known(site_id)
    form = RelinquishForm(posted(request))
    form.about = lambda: str(row)
    if submit(request, form, lambda: form.to_command(row), to=SITE, action="relinquishing site"):
        return to_site(row)
    return one(request, "sites/relinquish.html", row, form)


def one(request: StaffRequest, page: str, row: SiteRow, form: CorrectForm | RelinquishForm) -> HttpResponse:
    """A page about one site."""
    open_jobs = open_jobs_at([row.site_id]).get(row.site_id, 0)
    context = {"site": row, "open_jobs": open_jobs, "form": form}
    return render(request, page, context, status=UNPROCESSABLE if form.errors else 200)


def place_typed(form: AcquireForm | CorrectForm) -> str:
    """The place as it was typed."""
    typed = (form.as_typed("address_line_1"), form.as_typed("town"))
    return ", ".join(each for each in typed if each)


def known(site_id: UUID) -> SiteRow:
    """The site of this id; 404 when there is none."""
    row = administration.site(site_id)
    if row is None:
        raise Http404
    return row


def to_site(row: SiteRow) -> HttpResponseRedirect:
    """A redirect to the site's own page."""
    return redirect("administration-site", site_id=row.site_id)
