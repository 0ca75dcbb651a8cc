"""Finding work."""

from collections.abc import Sequence
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from accounts import rules
from accounts.guard import allow
from pages.depends_on import shows
from pages.news import WatchedList, live, news_of_list, reached
from pages.respond import StaffRequest, at_its_address, render_page
from readmodels.models import WorkRow
from readmodels.page import Page
from readmodels.queries import jobs, operatives, work_list
from readmodels.queries.jobs import Job
from readmodels.queries.where_found import Hit, Where, where_found
from support.forms.find_work import FindWorkForm
from support.reporters import reporters

PAGE = 50
WATCHED = WatchedList(
    read_model="work",
    topics=("work",),
    new=frozenset({"WorkRaised"}),
    target="jobs",
    beside="#found:innerHTML,#news:outerHTML",
)


@allow(rules.SEE_WORK)
@shows("work", "sites", "operatives")
@require_safe
def work(request: StaffRequest) -> HttpResponse:
    """Any job there has ever been, by text, stage, site, operative and days."""
    if "news" in request.GET:
        return news_of_list(request, WATCHED)
    if (numbered := named_by_number(request)) is not None:
        return redirect("job", numbered)
    position = reached("work")
    people = list(operatives.everybody())
    form = FindWorkForm(request.GET, operatives=people)
    page: Page[WorkRow] = Page([], None)
    if form.is_valid():
        try:
            page = Page(*work_list.page(form.wanted(), request.GET.get("after"), PAGE))
        except ValueError:
            form.add_error(None, "This page of the list does not exist; begin with the first")
    listed = jobs.with_people(page.rows, {each.pk: each for each in people})
    hits = where_found(listed, str(form.data.get("q", "")))
    seen = live(request, WATCHED.topics, position)
    context = {
        "form": form,
        "page": page,
        "jobs": listed,
        "lines": list(zip(listed, hits, strict=True)),
        "reporters": reporters_of_returns(listed, hits),
        "live": seen,
    }
    answer = render_page(request, "support/work.html", context, fragment="support/_work_list.html")
    return at_its_address(request, answer)


def reporters_of_returns(listed: Sequence[Job], hits: Sequence[Sequence[Hit]]) -> dict[UUID, str]:
    """Who reported the return of the jobs that were found by the operative they came back from. For a
    completed job the list does not say it: its story does."""
    found = zip(listed, hits, strict=True)
    returned = (job for job, where in found if any(hit.where is Where.BACK_FROM for hit in where))
    return reporters(job for job in returned if not job.work.completed_at)


def named_by_number(request: StaffRequest) -> UUID | None:
    """The job whose number is all that was asked for. While somebody types into the filter nobody is
    redirected: "12" may become "12 High Street"."""
    number = work_list.number_in(request.GET.get("q", ""))
    if number is None or request.htmx or any(value for name, value in request.GET.items() if name != "q"):
        return None
    return work_list.by_number(number)
