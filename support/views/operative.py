"""One operative's page: the current job with its next step, then the queue, then what is done."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts import rules
from accounts.guard import allow
from eventstore.store import RecordedEvent
from pages.day import start_of_today
from pages.depends_on import shows
from pages.news import NEWEST, Watched, live, news
from pages.respond import StaffRequest, render_page
from readmodels.queries.duty import duty
from readmodels.queries.jobs import Job
from readmodels.queries.operatives import by_id
from support.forms.steps import AbandonForm, ArriveForm, AskingCompleteForm, DispatchForm, StepForm
from support.reporters import reporters
from support.story import decoded

FORMS: dict[str, type[StepForm]] = {
    "dispatch": DispatchForm,
    "arrive": ArriveForm,
    "complete": AskingCompleteForm,
    "abandon": AbandonForm,
}
WATCHED = Watched(read_model="work", topics=("work", "operative", "site"), target="duty")
NEXT = {"assigned": "dispatch", "dispatched": "arrive", "arrived": "complete"}


@dataclass(frozen=True)
class Refusal:
    """A form that was refused, to be shown again in its place."""

    work_id: UUID
    step: str
    form: StepForm


@dataclass(frozen=True)
class Task:
    """A job with the forms of what may be done next: `next` is the name of the ordinary step."""

    job: Job
    next: str
    forms: dict[str, StepForm]
    refused: str

    @classmethod
    def of(cls, job: Job, refusal: Refusal | None) -> "Task":
        """Fresh forms, except for the one that was refused. Each element's id contains the job's number."""
        made = {name: form(auto_id=f"{name}-{job.work.number}-%s") for name, form in FORMS.items()}
        refused = refusal if refusal and refusal.work_id == job.work.pk else None
        if refused:
            refused.form.auto_id = f"{refused.step}-{job.work.number}-%s"
            made[refused.step] = refused.form
        for form in made.values():
            form.show(job.work)
        return cls(job, NEXT[job.work.stage], made, refused.step if refused else "")


@allow(rules.SEE_QUEUE)
@shows("work", "sites", "operatives")
@require_safe
def operative(request: StaffRequest, operative_id: UUID) -> HttpResponse:
    """The page; or, asked with `news`, whether it has changed."""
    if "news" in request.GET:
        if by_id(operative_id) is None:
            raise Http404
        return news(request, WATCHED, lambda events: what_has_changed(events, operative_id))
    return show(request, operative_id)


def show(
    request: StaffRequest, operative_id: UUID, refusal: Refusal | None = None, status: int = 200
) -> HttpResponse:
    """The page as it is now, with the form that was refused, if one was."""
    also = refusal.work_id if refusal else None
    found = duty(operative_id, start_of_today(), after=request.GET.get("after", ""), also=also)
    if found is None:
        raise Http404
    tasks = [Task.of(job, refusal) for job in found.queue.rows]
    head = 1 if found.current else 0
    context = {
        "duty": found,
        "live": live(request, WATCHED.topics, found.position),
        "current": tasks[0] if head else None,
        "queue": tasks[head:],
        "waits": found.member.open - head,
        "reporters": reporters(found.done),
        "refreshed": timezone.now(),
        # If the job was taken away meanwhile, it no longer has a form that could show the words.
        "handed_back": refusal.form if refusal and not any(task.refused for task in tasks) else None,
        "own": request.user.operative_id == operative_id,
        "stands_at": reverse("operative", args=[operative_id]),
        "zone": timezone.get_current_timezone_name(),
    }
    return render_page(
        request, "support/operative.html", context, fragment="support/_duty.html", status=status
    )


def what_has_changed(events: Sequence[RecordedEvent], operative_id: UUID) -> str:
    """Whether any of these events concerns the operative. An event that this code cannot read might, and
    so might those older than the newest, which were not looked at."""
    read = [decoded(each) for each in events]
    if any(getattr(event, "operative_id", None) == operative_id for event in read):
        return "Your work has changed"
    return "Your work may have changed" if None in read or len(read) >= NEWEST else ""
