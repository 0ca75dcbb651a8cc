"""Pages that are told of news: `GET /live/?topics=work,operative&after=<position>` (docs/adr/0018).

A hint says that something has happened, and no more. The page itself then asks what it is, as its reader.
So anybody who has signed in may listen.
"""

from collections.abc import Callable, Collection
from math import ceil

from django.http import HttpResponse, HttpResponseBase
from django.views.decorators.http import require_GET

from accounts import rules
from accounts.guard import allow
from eventstore.feed.broadcast import Part, broadcast
from pages.depends_on import shows_none
from pages.event_stream import Frames, begins_after, can_stream, frames_of, person_now, streaming
from pages.open_streams import AGAIN, TOO_MANY, TooMany, take
from pages.rate import asks_too_often, until_next
from pages.respond import StaffRequest

PAUSE = 1.0
"""Seconds for which further news waits for the next hint."""
MOST = 12
NO_STREAMS = "This server cannot stream: it serves WSGI. The pages ask now and then instead."
TOO_OFTEN = "You have asked for too many streams"


@allow(rules.SIGNED_IN)
@shows_none("it says that something has happened, and shows nothing of it")
@require_GET
def live(request: StaffRequest) -> HttpResponseBase:
    """Sends a hint each time something happens to one of the topics: categories of streams, or single
    streams."""
    if not can_stream(request):
        return HttpResponse(NO_STREAMS, status=501, content_type="text/plain")
    whose = request.user.actor
    if asks_too_often(whose):
        return not_now(TOO_OFTEN, until_next())
    topics = set(request.GET.get("topics", "").split(",")[:MOST])
    frames = hints(begins_after(request) or 0, topics, lambda: person_now(request) is not None)
    try:
        take(whose)
    except TooMany:
        return not_now(TOO_MANY, AGAIN)
    return streaming(frames)


def not_now(why: str, again: float) -> HttpResponse:
    """An answer that makes the page poll now and then instead, and try again after longer and longer
    pauses."""
    headers = {"Retry-After": str(ceil(again)), "Cache-Control": "no-store"}
    return HttpResponse(why, status=429, content_type="text/plain", headers=headers)


async def hints(after: int, topics: Collection[str], still_may: Callable[[], bool]) -> Frames:
    """One hint for all that happens within a moment, and one when something may have been missed."""

    def news(part: Part) -> bytes:
        return hint(part.position) if part.skipped or is_about(part, topics) else b""

    async for each in frames_of(broadcast().read(after, from_store=False), news, still_may, pause=PAUSE):
        yield each


def is_about(part: Part, topics: Collection[str]) -> bool:
    """Whether any of the events happened in one of these streams or categories."""
    streams = (each.recorded.stream for each in part.entries)
    return any(stream in topics or stream.partition("-")[0] in topics for stream in streams)


def hint(position: int) -> bytes:
    """Something has happened."""
    return b"id: %d\nevent: news\ndata: %d\n\n" % (position, position)
