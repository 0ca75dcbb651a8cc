"""Who asks, and whether they may: by the same rules as the pages, before any of the body is read."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from ninja.errors import HttpError
from ninja.security import APIKeyCookie, HttpBearer
from ninja.security.base import AuthBase
from ninja.utils import check_csrf

from accounts.models import Token as Program
from accounts.models import User
from accounts.rules import Principal, Rule
from accounts.tokens import mark_used, program_of
from api.limits import guessed_wrong, may_guess
from api.problems import NOT_JSON

SAFE = {"GET", "HEAD", "OPTIONS"}


class ApiRequest(HttpRequest):
    """A request by somebody whom the operation's rule allows."""

    auth: Principal


class Token(HttpBearer):
    """A program, by the secret of its token: `Authorization: Bearer <secret>`."""

    openapi_description = "For programs: `Authorization: Bearer <secret>`."

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        super().__init__()

    def authenticate(self, request: HttpRequest, token: str) -> Principal | None:
        return allowed(self.rule, program_with(token, request), request)


class Session(APIKeyCookie):
    """A person whose browser is signed in. A request that changes something also needs the header
    X-CSRFToken."""

    param_name = settings.SESSION_COOKIE_NAME
    openapi_description = (
        "For pages: the cookie of whoever has signed in. A request that changes anything also needs the"
        " cookie `csrftoken` repeated in the header `X-CSRFToken`."
    )

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        super().__init__()

    def __call__(self, request: HttpRequest) -> Principal | None:
        """A request with a token is its program's, never that of the person at the browser. A request that
        is not signed in gets that answer, and not that a cross-site check has failed."""
        user = request.user
        if "Authorization" in request.headers or not isinstance(user, User):
            return None
        who = allowed(self.rule, user, request)
        if check_csrf(request):
            raise PermissionDenied("The header X-CSRFToken is missing, or is not that of this browser")
        return who

    def authenticate(self, request: HttpRequest, key: str | None) -> Any:
        """Never called: `__call__` is enough."""
        raise NotImplementedError


class Nobody(AuthBase):
    """The access of an operation that names no rule: closed to everybody."""

    openapi_type = "http"

    def __call__(self, _request: HttpRequest) -> None:
        raise PermissionDenied


def signed_in_by(rule: Rule) -> list[Token | Session]:
    """The two ways to sign in to an operation, for those whom the rule allows."""
    return [Token(rule), Session(rule)]


def program_with(secret: str, request: HttpRequest) -> Program | None:
    """The program with this secret; notes that the token is used. Raises Throttled at an address that has
    sent too many wrong ones."""
    may_guess(request)
    program = program_of(secret)
    if program is None:
        guessed_wrong(request)
    else:
        mark_used(program)
    return program


def allowed(rule: Rule, who: Principal | None, request: HttpRequest) -> Principal | None:
    """The asker, if the rule allows them at this address; None when it is nobody."""
    if who is None:
        return None
    must_be_json(request)
    match = request.resolver_match
    named = {name: id_in(value) for name, value in match.kwargs.items()} if match else {}
    if not rule.allows(who, named):
        raise PermissionDenied
    return who


def must_be_json(request: HttpRequest) -> None:
    """Raises a 415 unless the body is JSON. Called before anybody reads the body as something else."""
    if request.method in SAFE or request.content_type in ("", "application/json"):
        return
    is_chunked = "HTTP_TRANSFER_ENCODING" in request.META
    if is_chunked or request.META.get("CONTENT_LENGTH") not in (None, "", "0"):
        raise HttpError(415, NOT_JSON)


def id_in(value: Any) -> Any:
    """ninja's addresses hold ids as text; the rules know them as UUIDs."""
    try:
        return UUID(value)
    except ValueError:
        return value


def needs(rule: Rule) -> str:
    """What the rule requires, in words for people."""
    if not rule.features:
        return "For anybody who has signed in."
    features = sorted(feature.label for feature in rule.features)
    own = ", or Do work and be this operative" if rule.own_operative else ""
    return f"Needs the feature {' or '.join(features)}{own}."
