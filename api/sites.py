"""Sites: acquire them, correct what is known of them, relinquish them."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Header, Query

from accounts import rules
from api.access import ApiRequest
from api.context import Context
from api.history import history, past
from api.reads import many, missing, one, page_of
from api.shapes.history import HistoryWanted, Then
from api.shapes.ids import SiteId
from api.shapes.sites import (
    Particulars,
    Site,
    SiteAsItWas,
    SiteHistory,
    SiteList,
    SitesWanted,
    site_of,
    sites_then,
)
from api.writes import Conditions, Nothing, Once, changed, checked, created
from readmodels.models import SiteRow
from readmodels.queries import administration
from readmodels.queries.sites import open_jobs_at
from sites.forms import AcquireForm, CorrectForm, RelinquishForm
from sites.site import SITE

sites = Context("Sites", shows=["work", "sites"])
RELINQUISHED = {None: None, "active": False, "relinquished": True}


@sites.read("/sites", rules.SEE_SITES, SiteList)
def list_sites(request: HttpRequest, wanted: Query[SitesWanted]) -> HttpResponse:
    """Every site there has ever been, by town and address."""
    found = administration.places(wanted.q, relinquished=RELINQUISHED[wanted.state])
    page = page_of(found, wanted)
    open_jobs = open_jobs_at(row.site_id for row in page.rows)
    items = [site_of(row, open_jobs.get(row.site_id, 0)) for row in page.rows]
    return many(request, items, page.after)


@sites.read("/sites/{uuid:site_id}", rules.SEE_SITES, Site | SiteAsItWas)
def get_site(request: HttpRequest, site_id: SiteId, then: Query[Then]) -> HttpResponse:
    """One site as it is now; or as it was, without what is open there."""
    if not then.is_now:
        return past(request, SITE, site_id, then, sites_then)

    def find() -> Site | None:
        row = administration.site(site_id)
        return site_of(row, open_jobs_at([site_id]).get(site_id, 0)) if row else None

    return one(request, SITE.stream(site_id), "sites", find)


@sites.read("/sites/{uuid:site_id}/history", rules.SEE_SITES, SiteHistory)
def get_site_history(request: HttpRequest, site_id: SiteId, wanted: Query[HistoryWanted]) -> HttpResponse:
    """All that has happened to the site, newest first, each with the site after it."""
    return history(request, SITE, site_id, wanted, sites_then)


@sites.write("/sites", rules.MANAGE_SITES, creates=True)
def acquire_site(request: ApiRequest, body: Particulars, given: Header[Once]) -> HttpResponse:
    """Acquire a site. Its id is that of the command."""
    form = checked(AcquireForm, given, body)
    return created(request, form.to_command(), to=SITE, given=given)


@sites.write("/sites/{uuid:site_id}/correct", rules.MANAGE_SITES)
def correct_site(
    request: ApiRequest, site_id: SiteId, body: Particulars, given: Header[Conditions]
) -> HttpResponse:
    """Say what is right from now on."""
    row = known(site_id)
    form = checked(CorrectForm, given, body)
    return changed(request, form.to_command(row), to=SITE, given=given)


@sites.write("/sites/{uuid:site_id}/relinquish", rules.MANAGE_SITES)
def relinquish_site(request: ApiRequest, site_id: SiteId, given: Header[Conditions]) -> HttpResponse:
    """Relinquish it. A site with open work cannot be relinquished."""
    row = known(site_id)
    form = checked(RelinquishForm, given, Nothing())
    return changed(request, form.to_command(row), to=SITE, given=given)


def known(site_id: UUID) -> SiteRow:
    """The site of this id; 404 when there is none."""
    row = administration.site(site_id)
    if row is None:
        raise missing(SITE.stream(site_id))
    return row
