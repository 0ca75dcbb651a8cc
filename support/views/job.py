"""One job's whole story."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts import rules
from accounts.guard import allow
from accounts.names import names_of
from eventstore.current import current_store
from eventstore.store import Unreachable
from pages.depends_on import shows
from pages.news import live, unchanged
from pages.respond import StaffRequest
from readmodels.queries import jobs, orders
from support.forms.undo import UndoForm
from support.parts import parts_of
from support.reporters import reporters
from support.undo import undoable
from support.views.past import ASKED, past
from support.views.story_view import story_of


@allow(rules.SEE_WORK)
@shows("work", "sites", "operatives", "orders")
@require_safe
def job(request: StaffRequest, work_id: UUID) -> HttpResponse:
    """The job as it is now; or, asked with a version or a time, as it was then."""
    if ASKED & request.GET.keys():
        return past(request, work_id)
    return present(request, work_id)


def present(request: StaffRequest, work_id: UUID) -> HttpResponse:
    """Everything that happened to one job, read from its own stream, and the facts as they are now; only
    the facts while the event store is away."""
    known, parts = jobs.job(work_id), orders.of_work(work_id)
    try:
        history = current_store().read_stream(f"work-{work_id}")
    except Unreachable:
        if known is None:
            raise
        raised_by = names_of([known.work.raised_by])[known.work.raised_by]
        facts = {"job": known, "orders": parts, "title": known.work.title, "raised_by": raised_by}
        facts["reporters"] = reporters([known])
        return render(request, "support/job.html", facts)
    if not history:
        raise Http404
    position, same = unchanged(request, history[-1].position, "work")
    if same is not None:
        return same
    undoing = undoable(history, request.user)
    context = {
        "job": known,
        "work_id": work_id,
        "orders": parts,
        "live": live(request, [f"work-{work_id}"], position),
        "undoing": undoing,
        "undo_form": UndoForm.of(undoing.command.change.event_id) if undoing else None,
        **story_of(history, known, parts_of(parts), timezone.now()),
    }
    return render(request, "support/job.html", context)
