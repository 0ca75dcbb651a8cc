"""A job as it was at a version or at a time."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from eventstore.current import current_store
from pages.respond import StaffRequest
from readmodels.models import WorkRow
from readmodels.queries import jobs, orders
from readmodels.time_travel import Moment, as_it_was
from support.forms.past import PastForm
from support.parts import parts_of
from support.views.story_view import story_of

ASKED = {"version", "at"}
"""The parameters that ask for the past."""
BAD_REQUEST, NOT_FOUND = 400, 404


def past(request: StaffRequest, work_id: UUID) -> HttpResponse:
    """The page as it was then; or a sentence, when the text is no moment, or a moment before the job
    existed."""
    form = PastForm(request.GET)
    if not form.is_valid():
        return not_then(request, work_id, form.sentence, BAD_REQUEST)
    version, at = form.cleaned_data["version"], form.cleaned_data["at"]
    found = as_it_was("work", work_id, version=version, at=at)
    if found is None:
        return not_then(request, work_id, why_not(work_id, version, at), NOT_FOUND)
    return render(request, "support/job.html", as_of(work_id, found, at))


def as_of(work_id: UUID, found: Moment, at: datetime | None) -> dict[str, Any]:
    """What the page shows of that moment: nothing that happened later, and no buttons."""
    assert isinstance(found.row, WorkRow)
    moment = at or found.recorded.occurred_at
    history = current_store().read_stream(f"work-{work_id}")[: found.recorded.version + 1]
    parts = [each for each in parts_of(orders.of_work(work_id)) if each.at <= moment]
    (job,) = jobs.complete([found.row])
    told = story_of(history, job, parts, moment)
    if at is None:
        told["story"] = replace(told["story"], since=None)  # it had only just begun
    return {"job": job, "work_id": work_id, "moment": moment, **told}


def why_not(work_id: UUID, version: int | None, at: datetime | None) -> str:
    """Why there is nothing to show. Raises Http404 when there was never such a job."""
    history = current_store().read_stream(f"work-{work_id}")
    if not history:
        raise Http404
    if at is None:
        return f"This job has no version {version} yet; the last is {history[-1].version}"
    raised = f"{timezone.localtime(history[0].occurred_at):%H:%M on %-d %b %Y}"
    return f"This job was not there yet: it was raised at {raised}"


def not_then(request: StaffRequest, work_id: UUID, sentence: str, status: int) -> HttpResponse:
    """A page that says so, with a link to the job as it is now."""
    return render(request, "support/not_then.html", {"sentence": sentence, "work_id": work_id}, status=status)
