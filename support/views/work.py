"""Finding work."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe
from django_htmx.http import push_url

from accounts.guard import signed_in
from pages.respond import Asked, render_page
from readmodels.models import WorkRow
from readmodels.paging import Page
from readmodels.queries import jobs, operatives, work_list
from support.forms.find_work import FindWorkForm

PAGE = 50


@signed_in
@require_safe
def work(request: Asked) -> HttpResponse:
    """Any job there has ever been, by text, stage, site, operative and days."""
    people = list(operatives.everybody())
    form = FindWorkForm(request.GET, operatives=people)
    page: Page[WorkRow] = Page([], None)
    if form.is_valid():
        try:
            page = Page(*work_list.page(form.wanted(), request.GET.get("after"), PAGE))
        except ValueError:
            form.add_error(None, "This page of the list does not exist; begin with the first")
    listed = jobs.with_people(page.rows, {each.pk: each for each in people})
    context = {"form": form, "page": page, "jobs": listed}
    answer = render_page(request, "support/work.html", context, fragment="support/_work_list.html")
    return push_url(answer, address(request)) if request.htmx else answer


def address(request: Asked) -> str:
    """The page's address without the filters that say nothing."""
    given = request.GET.copy()
    for name in [name for name, value in given.items() if not value]:
        del given[name]
    return f"{request.path}?{given.urlencode()}" if given else request.path
