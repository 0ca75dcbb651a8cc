"""Who may open which page. Nothing opens unless its view says for whom.

A view states its rule (accounts/rules.py) with one decorator; the middleware refuses every view that has
none, so a route that was forgotten is closed, not open.
"""

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit, urlunsplit

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect

from accounts.models import User
from accounts.rules import ANYBODY, SUPERUSER, Rule

View = TypeVar("View", bound=Callable[..., Any])


def allow(rule: Rule) -> Callable[[View], View]:
    """Open a view to whom the rule allows."""

    def state(view: View) -> View:
        view.rule = rule  # type: ignore[attr-defined]
        return view

    return state


def rule_of(view: Any, namespaces: list[str]) -> Rule | None:
    """The rule that a view states, None when it states none; Django's admin is for superusers alone, and
    an operation of the API guards itself: one address may have several, with a rule for each."""
    if "api" in namespaces:
        return ANYBODY
    rule: Rule | None = SUPERUSER if "admin" in namespaces else getattr(view, "rule", None)
    return rule


class GuardMiddleware:
    """Refuse what no rule allows: to sign in first, or with 403."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, _args: Any, kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        match = request.resolver_match
        rule = rule_of(view, match.namespaces if match else [])
        if rule is not None and rule.public:
            return None
        user = request.user
        if not isinstance(user, User):
            return _to_sign_in(request)
        if rule is None or not rule.allows(user, kwargs):
            raise PermissionDenied
        return None


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    """To sign in and then on to the page that was before the person. What htmx asked for in the background
    leads there too: a page that can learn nothing more must not look as if nothing happened."""
    if request.headers.get("HX-Request"):
        page = _own_address(request, request.headers.get("HX-Current-URL"))
        return HttpResponseClientRedirect(redirect_to_login(page).url)
    if request.method in ("GET", "HEAD"):
        return redirect_to_login(request.get_full_path())
    # Where a form is sent to there may be no page.
    return redirect_to_login(_own_address(request, request.headers.get("Referer")))


def _own_address(request: HttpRequest, url: str | None) -> str:
    """The address within this application; the first page's when the URL is another's."""
    if not url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure()):
        return resolve_url("home")
    parts = urlsplit(str(url))
    return urlunsplit(("", "", parts.path or "/", parts.query, ""))
