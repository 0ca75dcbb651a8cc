"""Response: the call."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts import rules
from accounts.guard import allow
from pages.depends_on import shows
from pages.respond import UNPROCESSABLE, StaffRequest, perform, render_page, tell_refused
from readmodels.models import SiteRow
from readmodels.queries import jobs
from readmodels.queries.calls import desk
from readmodels.queries.sites import any_active
from support.forms.raise_work import RaiseWorkForm, uuids
from support.reporters import reporters
from support.undo import undo_of
from support.work import WORK

DOING = "raising work"


@allow(rules.RAISE_WORK)
@shows("work", "sites", "operatives")
@require_http_methods(["GET", "HEAD", "POST"])
def response(request: StaffRequest) -> HttpResponse:
    """Find sites, see what is open there, raise work, and stay for the next call."""
    sent = request.method == "POST" and not searches(request)
    form = RaiseWorkForm(request.POST) if sent else RaiseWorkForm(initial=request.POST.dict())
    form.about = lambda: raised_as(form)
    if sent and not form.is_valid():
        tell_refused(request, form, action=DOING)
    elif sent:
        raised = perform(request, form, form.to_command(), to=WORK, action=DOING, undo=undo_of)
        if raised:
            return redirect(f"{reverse('response')}?raised={raised.aggregate_id}")
    context = {"form": form, **call_context(request)}
    status = UNPROCESSABLE if sent else 200
    return render_page(
        request, "support/response.html", context, fragment="support/_call.html", status=status
    )


def searches(request: StaffRequest) -> bool:
    """Whether a form was sent only to find sites. Without JavaScript the search button posts too, so that
    nothing that was typed is lost or put into the address. Without JavaScript, Enter in the search box
    also acts like Enter in the title, but is not meant to raise work while there is no title."""
    if "search" in request.POST:
        return True
    return "enter" in request.POST and not request.htmx and not request.POST.get("title", "").strip()


def raised_as(form: RaiseWorkForm) -> str:
    """The job with its number, and the place; only its title while it has no number yet."""
    given = form.cleaned_data
    name = jobs.name_of(given["command_id"]) if "command_id" in given else ""
    place = next(iter(SiteRow.objects.in_bulk(given.get("sites", [])[:1]).values()), None)
    return ", ".join(str(each) for each in (name or form.as_typed("title"), place) if each)


def call_context(request: StaffRequest) -> dict[str, object]:
    """What was looked for and ticked, what is known of it, and the work just raised."""
    given = request.POST if request.method == "POST" else request.GET
    text = given.get("q", "").replace("\0", "").strip()[:100]
    seen = desk(text, uuids(given.getlist("sites")))
    just_raised = [job for job in seen.recent if str(job.work.pk) == request.GET.get("raised")]
    return {
        "q": text,
        "desk": seen,
        "reporters": reporters(job for history in seen.histories for job in history.done),
        "raised": just_raised[0] if just_raised else None,
        "no_sites": not seen.places and not any_active(),
    }
