"""What people see while the event store or the database is away: that it is, what happened to what they
sent, and a way to send it again. Nothing that was typed is lost, and no command is done twice."""

import logging
from dataclasses import dataclass
from typing import Any

from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.deprecation import MiddlewareMixin

from eventstore.database.trouble import Trouble, trouble_of
from eventstore.store import Declined, Unreachable
from pages.command_form import UNKNOWN
from pages.draft import carried, packed, typed_by
from pages.secret_fields import Fields, is_secret, label_of

logger = logging.getLogger(__name__)

UNAVAILABLE = 503
RETRY_AFTER = 5
"""Seconds after which a machine may ask again."""


@dataclass(frozen=True)
class Sentences:
    """What is away, and what that means for the person who asked."""

    title: str
    meaning: str


NOTHING_CHANGED = Sentences(
    "The event store cannot be reached; nothing was changed",
    "This is not your fault, and has been logged. Try again in a moment.",
)
NOT_KNOWN = Sentences(
    "The event store cannot be reached",
    "It has not said whether it took what you sent. Send it again: that will not do it twice.",
)
_AGAIN = "This is not your fault, and has been logged. Try again in a moment."
_MEND = "This is not your fault, and has been logged: whoever looks after the server has to mend it."
DECLINED = Sentences("The event store declines this; nothing was changed", _MEND)
DATABASE = {
    Trouble.BUSY: Sentences("The database is busy; nothing was changed", _AGAIN),
    Trouble.AWAY: Sentences(Trouble.AWAY.value, _AGAIN),
    Trouble.FULL: Sentences("The disk of the database is full; nothing was changed", _MEND),
    Trouble.READ_ONLY: Sentences("The database takes no changes; nothing was changed", _AGAIN),
    Trouble.DAMAGED: Sentences(Trouble.DAMAGED.value, _MEND),
}


class AwayMiddleware(MiddlewareMixin):
    """Answers 503 when the event store or the database does not answer a view."""

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, Unreachable):
            log_away(request, error)
            is_known = error.nothing_changed and UNKNOWN not in request.POST
            return store_away(request, NOTHING_CHANGED if is_known else NOT_KNOWN)
        if isinstance(error, Declined):
            log_declined(request, error)
            return store_away(request, DECLINED)
        return database_fails(request, error)


def database_fails(request: HttpRequest, error: Exception) -> HttpResponse | None:
    """A page without a frame, which would ask who the user is; None if the database is not at fault."""
    trouble = trouble_of(error)
    if trouble is None:
        return None
    log_trouble(request, trouble, error)
    return answer(request, DATABASE[trouble], is_alone=True)


def database_failed(request: HttpRequest, error: Exception) -> HttpResponse:
    """The same outside of a view; raises the error if the database is not at fault."""
    told = database_fails(request, error)
    if told is None:
        raise error
    return told


def store_away(request: HttpRequest, sentences: Sentences) -> HttpResponse:
    """A page in the usual frame, which needs nothing from the store; without the frame if the database is
    away too."""
    try:
        return answer(request, sentences, is_alone=False)
    except Error as error:
        if not trouble_of(error):
            raise
        return answer(request, sentences, is_alone=True)


def answer(request: Any, sentences: Sentences, *, is_alone: bool) -> HttpResponse:
    """The page; for htmx only the message, because the page that asked keeps what was typed.

    With `is_alone` it needs neither session nor user.
    """
    context = {
        "away": sentences,
        "address": request.get_full_path(),
        "is_form": request.method == "POST",
        "again": what_to_send_again(request),
        "anew": what_to_type_again(request),
        # A form that is no command may not be sent twice, but it can be looked at again.
        "typed": packed(request.POST) if typed_by(request.POST) else "",
        "unknown": UNKNOWN if sentences is NOT_KNOWN else "",
    }
    if getattr(request, "htmx", False):
        response = HttpResponse(render_to_string("_away.html", context))
    elif is_alone:
        context["csrf_token"] = get_token(request)
        response = HttpResponse(render_to_string("503_alone.html", context))
    else:
        response = render(request, "503.html", context)
    response.status_code = UNAVAILABLE
    response.headers["Retry-After"] = str(RETRY_AFTER)
    response.headers["Cache-Control"] = "no-store"
    return response


def what_to_send_again(request: HttpRequest) -> Fields | None:
    """Every field of a command's form that may be carried, above all its id; None if no command was sent."""
    if "command_id" not in request.POST:
        return None
    return [(name, value) for name, value in carried(request.POST) if name != UNKNOWN]


def what_to_type_again(request: HttpRequest) -> Fields:
    """The names of the fields that are carried nowhere, and what people call them."""
    return [(name, label_of(name)) for name in request.POST if is_secret(name)]


def log_away(request: HttpRequest, error: Exception) -> None:
    """The event store is away."""
    _log(request, "The event store is away", error)


def log_declined(request: HttpRequest, error: Exception) -> None:
    """The event store answers, and refuses."""
    _log(request, "The event store declines", error)


def log_trouble(request: HttpRequest, trouble: Trouble, error: Exception) -> None:
    """The database cannot serve."""
    _log(request, trouble.value, error)


def _log(request: HttpRequest, what: str, error: Exception) -> None:
    """Which view, and why. Nothing of the address or of what was sent, because it may name people."""
    reason = (str(error).splitlines() or [""])[0]
    name = type(error).__name__
    logger.error("%s: %s %s: %s: %s", what, request.method, route_of(request), name, reason)


def route_of(request: HttpRequest) -> str:
    """The pattern of the address, without its values. With the method it identifies one view; the name of
    an address of the API is that of its first operation, whichever was called."""
    match = request.resolver_match
    return f"/{match.route}" if match else "no view"
