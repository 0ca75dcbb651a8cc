"""Every event as it happens: `GET /api/events/stream`, as server-sent events (docs/adr/0018)."""

from collections.abc import Callable, Collection
from math import ceil

import msgspec
import pydantic
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET
from ninja.errors import AuthenticationError, Throttled, ValidationError

from accounts import rules
from accounts.guard import allow
from accounts.rules import Principal
from accounts.tokens import program_of
from api.access import signed_in_by
from api.failures import FAILURES, Unacceptable
from api.feed import event, must_have_come_to
from api.problems import problem
from api.shapes.events import EventsWanted, wanted_in
from eventstore.feed.broadcast import CutOff, Entry, Part, broadcast
from pages.event_stream import Frames, can_stream, frames_of, person_now, streaming
from pages.open_streams import AGAIN, TOO_MANY, TooMany, take
from pages.rate import asks_too_often, until_next

NO_STREAMS = "This server cannot stream: it serves WSGI. Ask for /api/events instead, with wait"
TOO_SLOW = "You took too slowly. Come back with Last-Event-ID, or after, set to this position"


# With a rule, the guard would redirect to the sign-in page, but a program must get 401. The code below
# does what ninja does before an operation, in the same order and with the same parts. It changes nothing,
# so a POST is told that it is not allowed, not that a cross-site check has failed.
@csrf_exempt
@allow(rules.ANYBODY)
@require_GET
def stream(request: HttpRequest) -> HttpResponseBase:
    """Every event after `Last-Event-ID` or `?after=`; from the first event without either; with
    `?types=A,B` only those types."""
    try:
        who = admit(request)
        wanted = wanted_by(request)
    except (AuthenticationError, PermissionDenied, Throttled, Unacceptable, ValidationError) as error:
        return FAILURES[type(error)](request, error)
    if not can_stream(request):
        return problem(501, NO_STREAMS)
    frames = events(wanted.after, wanted_in(wanted.types), lambda: still_may(request))
    try:
        take(who.actor)
    except TooMany:
        return problem(429, TOO_MANY, Retry_After=str(AGAIN))
    return streaming(frames)


def admit(request: HttpRequest) -> Principal:
    """The asker, if they may see events and have not asked too often: opening a stream counts as an
    operation."""
    ways = (way(request) for way in signed_in_by(rules.SEE_EVENTS))
    who: Principal | None = next(filter(None, ways), None)
    if who is None:
        raise AuthenticationError
    if asks_too_often(who.actor):
        raise Throttled(ceil(until_next()))
    return who


def still_may(request: HttpRequest) -> bool:
    """Whether the asker who was admitted would still be. Counts neither as a use of the token nor as a
    guess."""
    _, _, secret = request.headers.get("Authorization", "").partition(" ")
    who: Principal | None = program_of(secret) if secret else person_now(request)
    return who is not None and rules.SEE_EVENTS.allows(who, {})


def wanted_by(request: HttpRequest) -> EventsWanted:
    """Which events, by the rules of `GET /api/events`."""
    after = request.headers.get("Last-Event-ID") or request.GET.get("after", "0")
    asked = {"after": after, "types": request.GET.get("types", "")}
    try:
        wanted = EventsWanted.model_validate(asked)
    except pydantic.ValidationError as error:
        raise ValidationError([{**each, "loc": ("query", *each["loc"])} for each in error.errors()]) from None
    must_have_come_to(wanted.after)
    return wanted


async def events(after: int, types: Collection[str], still_may: Callable[[], bool]) -> Frames:
    """Each event of these types, or every event without types."""

    def wanted(part: Part) -> bytes:
        return b"".join(frame(each) for each in part.entries if not types or each.recorded.type in types)

    try:
        async for each in frames_of(broadcast().read(after), wanted, still_may):
            yield each
    except CutOff as cut:
        yield cut_off(cut)


def frame(entry: Entry) -> bytes:
    """The event as it is sent; the first who sends it encodes it for all."""
    if not entry.frame:
        told = event(entry.recorded)
        data = msgspec.json.encode(told)
        entry.frame = b"id: %d\nevent: %s\ndata: %s\n\n" % (
            told.position,
            " ".join(told.type.splitlines()).encode(),
            data,
        )
    return entry.frame


def cut_off(cut: CutOff) -> bytes:
    """The last message to a reader that is too slow."""
    data = msgspec.json.encode({"position": cut.position, "detail": TOO_SLOW})
    return b"id: %d\nevent: cut-off\ndata: %s\n\n" % (cut.position, data)
