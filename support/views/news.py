"""The quiet word that a page has fallen behind: it asks now and then, and nothing moves until told to."""

from collections.abc import Callable, Sequence

from django.http import HttpResponse
from django.shortcuts import render

from eventstore.store import RecordedEvent, Selection, current_store
from pages.respond import Asked

NO_CONTENT = 204
NEWEST = 50
"""So many events are looked at; what is older than these is only said to be more."""


def news(request: Asked, *, target: str, words: Callable[[Sequence[RecordedEvent]], str]) -> HttpResponse:
    """What to say about the events since the position that the page shows; 204 when that is nothing, or
    when it has been said already (`told`), so that a screen reader does not repeat it.

    `target` is the element to load again.
    """
    recent = current_store().browse(Selection(), limit=NEWEST)
    since = request.GET.get("since", "")[:18]
    position = int(since) if since.isdecimal() else 0
    said = words([each for each in recent if each.position > position])
    if not said or said == request.GET.get("told"):
        return HttpResponse(status=NO_CONTENT)
    address = request.htmx.current_url_abs_path or request.path
    return render(request, "support/_news.html", {"said": said, "address": address, "target": target})
