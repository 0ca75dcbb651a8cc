"""One job's whole story."""

import json
from dataclasses import dataclass
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.guard import signed_in
from accounts.names import names_of
from eventstore.store import current_store
from pages.respond import Asked
from readmodels.models import OperativeRow
from readmodels.queries import jobs, operatives
from support.story import Entry, tell


@dataclass(frozen=True)
class Told:
    """An entry with the names that go with it."""

    entry: Entry
    actor: str
    operative: OperativeRow | None
    data: str


@signed_in
@require_safe
def job(request: Asked, work_id: UUID) -> HttpResponse:
    """Everything that happened to one job, read from its own stream, and the facts as they are now."""
    history = current_store().read_stream(f"work-{work_id}")
    if not history:
        raise Http404
    now = timezone.now()
    story = tell(history, now)
    names = names_of(each.actor for each in history)
    people = operatives.by_ids(entry.operative_id for entry in story.entries if entry.operative_id)
    context = {
        "work_id": work_id,
        "job": jobs.job(work_id),
        "story": story,
        "told": [told(entry, names, people) for entry in story.entries],
        "raised": story.entries[0],
        "raised_by": names[history[0].actor],
        "stream": history[0].stream,
    }
    return render(request, "support/job.html", context)


def told(entry: Entry, names: dict[str, str], people: dict[UUID, OperativeRow]) -> Told:
    """The entry as the page shows it."""
    operative = people.get(entry.operative_id) if entry.operative_id else None
    return Told(entry, names[entry.recorded.actor], operative, indented(entry.recorded.data))


def indented(data: str) -> str:
    """JSON for reading; as it is stored when it is none."""
    try:
        return json.dumps(json.loads(data), indent=2, ensure_ascii=False)
    except ValueError:
        return data
