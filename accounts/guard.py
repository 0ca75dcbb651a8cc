"""Who may open which page. Nothing opens unless its view says for whom.

A view states its rule (accounts/rules.py) with one decorator. The middleware refuses every view without a
rule, so a forgotten route is closed, not open.
"""

from collections.abc import Callable
from time import time
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.db import Error
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.deprecation import MiddlewareMixin

from accounts.late_form import another_s, draft_refused, sign_in_first, take_out
from accounts.models import User
from accounts.rules import ANYBODY, SUPERUSER, Rule
from accounts.session_life import PRESSED_AT, SELDOM, prolong
from pages.draft import TYPED, Draft
from pages.failures import NOT_ALLOWED, show_wrong_method
from pages.unavailable import database_failed

View = TypeVar("View", bound=Callable[..., Any])

KEPT_BY_NOBODY = "private, no-store"


def allow(rule: Rule, *, has_form: bool = True) -> Callable[[View], View]:
    """Open a view to those whom the rule allows. With `has_form=False` the view does what it is sent for
    without validating a form, so that it cannot show one again (pages/draft.py); the person presses its
    button once more."""

    def state(view: View) -> View:
        view.rule = rule  # type: ignore[attr-defined]
        view.has_form = has_form  # type: ignore[attr-defined]
        return view

    return state


def rule_of(view: Any, namespaces: list[str]) -> Rule | None:
    """The rule that a view states; None when it states none. Django's admin is for superusers only. An
    operation of the API guards itself: one address may have several operations, with a rule for each."""
    if "api" in namespaces:
        return ANYBODY
    rule: Rule | None = SUPERUSER if "admin" in namespaces else getattr(view, "rule", None)
    return rule


class GuardMiddleware(MiddlewareMixin):
    """Refuses what no rule allows: with the page to sign in, or with 403. Marks every answer as private that
    depends on the person who asks: it is stored by nobody else, not by a cache on the way, nor on a machine
    that others use."""

    # With the innermost middleware all others stay in one thread under ASGI too.
    async_capable = False

    def process_view(
        self, request: Any, view: Any, _args: Any, kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        try:
            is_known = request.user.is_authenticated
        except Error as error:  # Django gives nobody the errors that middleware raises
            return database_failed(request, error)
        rule = rule_of(view, request.resolver_match.namespaces)
        if rule is not None and rule.public:
            return getattr(request, "csrf_refusal", None)
        if TYPED in request.POST:
            take_out(request)
        if not is_known and (answer := sign_in_first(request)):
            return answer
        user = request.user
        assert isinstance(user, User)
        is_draft = isinstance(request.POST, Draft)
        # Before the rule: this person may not be allowed what the writer of the form was.
        if is_draft and (answer := another_s(request)):
            return answer
        if rule is None or not rule.allows(user, kwargs):
            raise PermissionDenied
        if time() - request.session.get(PRESSED_AT, 0) >= SELDOM:
            prolong(request)
        return draft_refused(request, has_form=getattr(view, "has_form", False)) if is_draft else None

    def process_response(self, request: Any, response: HttpResponseBase) -> HttpResponseBase:
        if response.status_code == NOT_ALLOWED and not getattr(response, "content", True):
            show_wrong_method(request, response)
        # The answer depends on who asks, and has no cache header of its own.
        if request.session.accessed or "Authorization" in request.headers:
            response.headers.setdefault("Cache-Control", KEPT_BY_NOBODY)
        return response
