"""The small message that a page is out of date. The page asks for it after a hint (pages/live.py), or now
and then, and nothing else on it moves until the person presses it."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render

from eventstore.current import current_store
from eventstore.models import Checkpoint
from eventstore.store import RecordedEvent, Selection, Unreachable
from pages.event_stream import can_stream
from pages.respond import StaffRequest

NO_CONTENT = 204
NEWEST = 50
"""So many events are looked at; of older ones the message only says that there are more."""
AGAIN = {"Retry-After": "1"}
"""What has happened is not shown yet: the read model must take it in first."""

AWAY = "News cannot be had just now"

Words = Callable[[Sequence[RecordedEvent]], str]
Shows = Callable[[Sequence[RecordedEvent]], dict[str, str]]


@dataclass(frozen=True, kw_only=True)
class Watched:
    """What a page shows: a read model, of events in these topics, and `besides` of events of these types
    in other topics. To show the news, it loads `target` again, and what stands `beside` it (in htmx's
    notation)."""

    read_model: str
    topics: tuple[str, ...]
    target: str
    beside: str = ""
    besides: frozenset[str] = frozenset()

    def is_about(self, recorded: RecordedEvent) -> bool:
        """Whether the page would show something else because of this event."""
        return recorded.stream.partition("-")[0] in self.topics or recorded.type in self.besides


@dataclass(frozen=True, kw_only=True)
class WatchedList(Watched):
    """A list to which events of some types add something new."""

    new: frozenset[str]


def live(request: Any, topics: Collection[str], position: int) -> dict[str, Any]:
    """What a page needs to be told of news: its topics, the position that it shows, and whether the server
    can stream."""
    return {"topics": ",".join(topics), "position": position, "streams": can_stream(request)}


def reached(read_model: str) -> int:
    """The position that the read model has reached."""
    found = Checkpoint.objects.filter(name=read_model).values_list("position", flat=True).first()
    return found or 0


def news(request: StaffRequest, watched: Watched, words: Words, shows: Shows | None = None) -> HttpResponse:
    """The message about the events since the position that the page shows. Status 204 when there is
    nothing to say, or when it has been said already (`told`), so that a screen reader does not repeat it.

    `shows` gives further parameters that the address needs to show these events.

    A store that is away is news too, but not a failure of the page.
    """
    since = request.GET.get("news", "")[:19]
    target, behind = watched.target, False
    found: list[RecordedEvent] = []
    try:
        found, behind = shown_now(int(since) if since.isdecimal() else 0, watched)
        said = words(found)
    except Unreachable:
        said, target = AWAY, ""
    if not said or said == request.GET.get("told"):
        return HttpResponse(status=NO_CONTENT, headers=AGAIN if behind else None)
    here = request.htmx.current_url_abs_path or request.path
    context = {
        "said": said,
        "address": with_parameters(here, shows(found)) if shows else here,
        "target": target,
        "beside": watched.beside,
    }
    answer = render(request, "_news.html", context)
    if behind:
        answer.headers["Retry-After"] = AGAIN["Retry-After"]
    return answer


def with_parameters(address: str, said: dict[str, str]) -> str:
    """The address with these parameters, in place of those with the same names."""
    parts = urlsplit(address)
    query = {**dict(parse_qsl(parts.query)), **said}
    return urlunsplit(parts._replace(query=urlencode(query)))


def shown_now(position: int, watched: Watched) -> tuple[list[RecordedEvent], bool]:
    """The newest events after this position that the page would show if it were loaded again, and whether
    the read model still has to take in others. If there are too many to look at, those of other topics are
    included."""
    recent = current_store().browse(Selection(), limit=NEWEST).events
    found = [each for each in recent if each.position > position]
    if len(found) < NEWEST:
        found = [each for each in found if watched.is_about(each)]
    if not found or settings.PROJECTION == "inline":
        return found, False
    # A page that loads what the worker has not taken in yet would not show it. The pages state the same
    # checkpoint.
    here = reached(watched.read_model)
    shown = [each for each in found if each.position <= here]
    return shown, len(shown) < len(found)


def news_of_list(request: StaffRequest, watched: WatchedList) -> HttpResponse:
    """ "3 new" counts the additions to the list; a list that shows only a part may contain them or not."""
    is_narrowed = "?" in (request.htmx.current_url_abs_path or "")

    def words(events: Sequence[RecordedEvent]) -> str:
        new = sum(each.type in watched.new for each in events)
        if not events or is_narrowed:
            return "The list may have changed" if events else ""
        if not new:
            return "The list has changed"
        return f"{new} new" if len(events) < NEWEST else f"{new} new or more"

    return news(request, watched, words)


def unchanged(request: StaffRequest, newest: int, read_model: str) -> tuple[int, HttpResponse | None]:
    """For a page that loads itself again, asked with `news`: the position that it shows, where `newest` is
    that of its last event; and a 204 answer when it would show the same as before."""
    shown = newest if settings.PROJECTION == "inline" else min(newest, reached(read_model))
    if request.GET.get("news") != str(shown):
        return shown, None
    return shown, HttpResponse(status=NO_CONTENT, headers=AGAIN if shown < newest else None)
