"""Who may open which page. Nothing opens unless its view says for whom.

A view states its rule (accounts/rules.py) with one decorator. The middleware refuses every view without a
rule, so a forgotten route is closed, not open.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from accounts.late_form import another_s, draft_refused, sign_in_first
from accounts.models import User
from accounts.rules import ANYBODY, SUPERUSER, Rule
from accounts.session_life import prolong
from pages.draft import is_draft

View = TypeVar("View", bound=Callable[..., Any])


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


class GuardMiddleware:
    """Refuses what no rule allows: with the page to sign in, or with 403."""

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
            return getattr(request, "csrf_refusal", None)
        if not isinstance(request.user, User) and (answer := sign_in_first(request)):
            return answer
        user = request.user
        assert isinstance(user, User)
        # Before the rule: this person may not be allowed what the writer of the form was.
        if answer := another_s(request):
            return answer
        if rule is None or not rule.allows(user, kwargs):
            raise PermissionDenied
        prolong(request)
        return (
            draft_refused(request, has_form=getattr(view, "has_form", False))
            if is_draft(request.POST)
            else None
        )
