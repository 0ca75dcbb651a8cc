"""The roster: every operative with what they do now."""

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts import rules
from accounts.guard import allow
from pages.day import start_of_today
from pages.depends_on import shows
from pages.news import WatchedList, live, news_of_list, reached
from pages.respond import StaffRequest, render_page
from readmodels.page import Page
from readmodels.queries.crew import Count, Wanted, counts, crew
from readmodels.queries.crew_page import page_of_crew
from readmodels.queries.jobs import with_people

PAGE = 50
RELEASED = "released"
WATCHED = WatchedList(
    read_model="work", topics=("work", "operative"), new=frozenset({"OperativeHired"}), target="roster"
)


@allow(rules.SEE_ROSTER)
@shows("work", "sites", "operatives")
@require_safe
def roster(request: StaffRequest) -> HttpResponse:
    """Who there is, free or busy with what; those who left only when asked for."""
    if "news" in request.GET:
        return news_of_list(request, WATCHED)
    position = reached("work")
    now = timezone.now()
    people = crew(start_of_today(), gone=True)
    members, gone = people.employed, people.released
    left = request.GET.get("state") == RELEASED
    wanted = Wanted.of(request.GET)
    page = page_of_crew(
        gone if left else members, wanted, now=now, after=request.GET.get("after", ""), size=PAGE
    )
    heads = with_people([member.queue[0] for member in page.rows if member.queue], {})
    current = {job.work.operative_id: job for job in heads}
    context = {
        "page": Page([(member, current.get(member.operative.pk)) for member in page.rows], page.after),
        "wanted": Wanted(wanted.text, RELEASED) if left else wanted,
        "counts": [*counts(members, now), Count(RELEASED, "Released", len(gone))],
        "anybody": bool(members),
        "live": live(request, WATCHED.topics, position),
    }
    return render_page(request, "operatives/roster.html", context, fragment="operatives/_roster.html")
