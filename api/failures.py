"""The problem for each exception. Nothing that a program sends makes a 500."""

import logging
from collections.abc import Callable, Iterable
from math import ceil
from typing import Any

from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
)
from django.db import Error
from django.http import Http404, HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from ninja.errors import AuthenticationError, HttpError, Throttled, ValidationError

from api.problems import MEANINGS, NOT_JSON, Fault, problem
from eventstore.database.trouble import trouble_of
from eventstore.decider import Refused
from eventstore.dispatch import CommandIdOfAnother, CommandIdReused
from eventstore.store import Declined, Unreachable, WrongVersion
from pages.respond import COLLISION
from pages.unavailable import (
    DATABASE,
    DECLINED,
    NOT_KNOWN,
    NOTHING_CHANGED,
    RETRY_AFTER,
    log_away,
    log_declined,
    log_trouble,
    route_of,
)

logger = logging.getLogger(__name__)

WRONG_FIELDS = "Some of what was sent is wrong; nothing was changed"
CHANGED_FIRST = "Somebody changed this first; nothing was stored. Read it again"
USED_ELSEWHERE = "This Idempotency-Key was used for something else; send this with a new one"
USED_BEFORE = "This Idempotency-Key was sent before with other contents; send these with a new one"
TAKEN_OR_NOT = (
    "The event store has not said whether it took what you sent. Without an Idempotency-Key, sending it again"
    " may do it twice: look first"
)
BEHIND = "What this shows has not caught up yet; nothing was changed"


MOST_FAULTS, LONGEST_NAME = 50, 200
"""The most faults in one answer, and the most characters of a field's name, which may be anything."""

NO_SIGN_IN = "Sign in, or send a token that is in use"
NOT_ALLOWED = "You may not do this"
NO_SUCH = "There is nothing of this id"
TOO_OFTEN = "Too many requests; ask again in {} seconds"
TOO_LARGE = "The body is too large"
TOO_MANY = "There are too many fields"

TYPICAL = {
    400: WRONG_FIELDS,
    401: NO_SIGN_IN,
    403: NOT_ALLOWED,
    404: NO_SUCH,
    409: "An operative is already assigned to this work",
    412: CHANGED_FIRST,
    413: TOO_LARGE,
    415: NOT_JSON,
    429: TOO_OFTEN.format(12),
    503: NOTHING_CHANGED.title,
}
"""The usual `detail`, for the schema's examples."""


class Unacceptable(Exception):
    """What was sent is wrong; the faults are by field."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        super().__init__()
        self.faults = list(faults)


class AfterNothing(Unacceptable):
    """The place after which the page shall begin does not exist."""

    def __init__(self) -> None:
        super().__init__([Fault(field="after", message="Take this from the `next` of the page before")])


class Behind(Exception):
    """A read model has not yet taken in what the request needs."""


def malformed(_: HttpRequest, error: ValidationError) -> HttpResponse:
    """The faults by field, in words that do not speak of Python."""
    return problem(400, WRONG_FIELDS, [fault_of(each) for each in error.errors[:MOST_FAULTS]])


def fault_of(error: dict[str, Any]) -> Fault:
    """The fault with its place: without the part of the request and, for the body, without the name of our
    parameter."""
    source, *names = error["loc"]
    path = names[1:] if source == "body" else names
    message = str(error["msg"]).removeprefix("Value error, ")
    return Fault(field=".".join(str(each) for each in path)[:LONGEST_NAME], message=message)


def unacceptable(_: HttpRequest, error: Unacceptable) -> HttpResponse:
    return problem(400, WRONG_FIELDS, error.faults)


def unauthenticated(_: HttpRequest, _error: AuthenticationError) -> HttpResponse:
    return problem(401, NO_SIGN_IN, WWW_Authenticate="Bearer")


def by_status(request: HttpRequest, error: HttpError) -> HttpResponse:
    """An error that ninja raises; if the body could not be parsed, with the reason why."""
    if isinstance(error.__cause__, RequestDataTooBig):
        return too_large(request, error.__cause__)
    if isinstance(error.__cause__, TooManyFieldsSent):
        return suspicious(request, error.__cause__)
    if error.status_code == 400:
        return problem(400, "The body is not JSON that can be read")
    return problem(error.status_code, error.message)


def throttled(_: HttpRequest, error: Throttled) -> HttpResponse:
    wait = ceil(error.wait or 1)
    return problem(429, TOO_OFTEN.format(wait), Retry_After=str(wait))


def not_found(_: HttpRequest, _error: Http404) -> HttpResponse:
    return problem(404, NO_SUCH)


def forbidden(_: HttpRequest, error: PermissionDenied) -> HttpResponse:
    return problem(403, str(error) or NOT_ALLOWED)


def refused(_: HttpRequest, error: Refused) -> HttpResponse:
    if isinstance(error, CommandIdOfAnother):
        return problem(409, USED_ELSEWHERE)
    return problem(409, USED_BEFORE if isinstance(error, CommandIdReused) else str(error))


def wrong_version(request: HttpRequest, _error: WrongVersion) -> HttpResponse:
    conditional = "If-Match" in request.headers
    return problem(412, CHANGED_FIRST) if conditional else problem(409, COLLISION)


def too_large(_: HttpRequest, _error: RequestDataTooBig) -> HttpResponse:
    return problem(413, TOO_LARGE)


def suspicious(_: HttpRequest, error: SuspiciousOperation) -> HttpResponse:
    """What Django never accepts, such as an address with a thousand parameters."""
    return problem(400, TOO_MANY if isinstance(error, TooManyFieldsSent) else MEANINGS[400])


def broken_off(_: HttpRequest, _error: UnreadablePostError) -> HttpResponse:
    return problem(400, "The body ended too early")


def behind(_: HttpRequest, _error: Behind) -> HttpResponse:
    return problem(503, BEHIND, Retry_After="1")


def store_away(request: HttpRequest, error: Unreachable) -> HttpResponse:
    log_away(request, error)
    if error.nothing_changed:
        return unavailable(NOTHING_CHANGED.title)
    if "Idempotency-Key" not in request.headers:
        return unavailable(TAKEN_OR_NOT)
    return unavailable(f"{NOT_KNOWN.title}. {NOT_KNOWN.meaning}")


def declined(request: HttpRequest, error: Declined) -> HttpResponse:
    log_declined(request, error)
    return problem(503, DECLINED.title)


def database_fails(request: HttpRequest, error: Exception) -> HttpResponse:
    trouble = trouble_of(error)
    if trouble is None:
        return our_fault(request, error)
    log_trouble(request, trouble, error)
    return unavailable(DATABASE[trouble].title)


def unavailable(detail: str) -> HttpResponse:
    return problem(503, detail, Retry_After=str(RETRY_AFTER))


def our_fault(request: HttpRequest, error: Exception) -> HttpResponse:
    """Logged in full, and shown to nobody. The log gets the request, which may say what to leave out of
    reports."""
    logger.error(
        "%s %s failed", request.method, route_of(request), exc_info=error, extra={"request": request}
    )
    return problem(500, MEANINGS[500])


FAILURES: dict[type[Exception], Callable[[HttpRequest, Any], HttpResponse]] = {
    ValidationError: malformed,
    Unacceptable: unacceptable,
    AuthenticationError: unauthenticated,
    Throttled: throttled,
    HttpError: by_status,
    Http404: not_found,
    PermissionDenied: forbidden,
    Refused: refused,
    WrongVersion: wrong_version,
    RequestDataTooBig: too_large,
    SuspiciousOperation: suspicious,
    UnreadablePostError: broken_off,
    Behind: behind,
    Unreachable: store_away,
    Declined: declined,
    Error: database_fails,
    Exception: our_fault,
}
