"""Forms that come too late: after their session has ended, or with a token from before the last sign-in.
Nothing is done because of them, and nothing that was typed is lost (docs/adr/0023)."""

from typing import Any
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.views import redirect_to_login
from django.db import Error
from django.http import HttpRequest, HttpResponse, QueryDict
from django.middleware.csrf import CsrfViewMiddleware
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.attempts import TOO_MANY, minutes_to_wait, seconds_to_wait
from accounts.forms import SignInForm
from accounts.models import User
from pages.draft import TYPED, has_text, is_by, make_draft, packed, typed_by, unpacked
from pages.secret_fields import left_out
from pages.unavailable import database_failed

UNAUTHORIZED, UNPROCESSABLE = 401, 422
SEND_PLAINLY = {"Callout-Send": "plainly"}
"""Tells static/drafts.js to send the form as an ordinary page request, whose answer can be any page."""

SIGNED_OUT = "You had been signed out, so nothing was sent"
TOO_OLD = "You have signed in since this page was opened, so nothing was sent"
STANDS = "What you typed stands here as you left it. Look at it, and send it"
PRESS_AGAIN = "If you still want it, press again"
ANOTHER_S = "Nothing was sent: somebody else typed it, and it is shown to nobody but them"


class CsrfMiddleware(CsrfViewMiddleware):
    """Django's own check. A form that it refuses is never executed. It may be shown again to the person
    who typed it, if it comes from a page of ours."""

    def _reject(self, request: Any, reason: str) -> Any:
        """Django calls this when it refuses a request. None lets the request go on."""
        refusal = super()._reject(request, reason)  # type: ignore[misc]
        if request.method != "POST":
            return refusal
        # Another site may have made this form, so it signs nobody in.
        take_out(request, signs_in=False)
        is_whole = typed_by(request.POST) is not None
        if request.headers.get("HX-Request") and comes_from_us(request):
            return stay(request, headers=SEND_PLAINLY if is_whole else {})
        if not is_whole or not comes_from_us(request):
            return refusal
        request.csrf_refusal = refusal
        make_draft(request)
        return None


def take_out(request: Any, *, signs_in: bool = True) -> None:
    """Take a draft that a page held out of its field. The other fields may sign somebody in."""
    if TYPED in request.POST:
        credentials, request.POST = request.POST, unpacked(request.POST[TYPED])
        request.credentials = credentials if signs_in else None


def comes_from_us(request: HttpRequest) -> bool:
    """Whether the browser says that a page of ours sent this: by Origin, or without one by Referer."""
    said = urlsplit(request.headers.get("Origin") or request.headers.get("Referer") or "")
    ours = {f"{request.scheme}://{request.get_host()}", *settings.CSRF_TRUSTED_ORIGINS}
    return f"{said.scheme}://{said.netloc}" in ours


def sign_in_first(request: Any) -> HttpResponse | None:
    """For a person who has not signed in: the page to do so, which holds what they typed. None when they
    now have, by the form that this page contained: the request goes on as a draft.

    What htmx asks for does not redirect: nobody's page is replaced while they work on it.
    """
    is_whole = request.method == "POST" and typed_by(request.POST) is not None and has_text(request.POST)
    if request.headers.get("HX-Request"):
        return stay(request, headers=SEND_PLAINLY if is_whole else {})
    if request.method in ("GET", "HEAD"):
        return redirect_to_login(request.get_full_path())
    if not is_whole:
        # The address that a form is sent to may have no page.
        return redirect_to_login(own_address(request, request.headers.get("Referer")))
    try:
        return sign_in_here(request, getattr(request, "credentials", None))
    except Error as error:
        return database_failed(request, error)


def sign_in_here(request: Any, credentials: QueryDict | None) -> HttpResponse | None:
    """The sign-in page at this very address, which holds what was typed; None once somebody has signed in."""
    request.sensitive_post_parameters = "__ALL__"
    form = SignInForm(request, data=credentials)
    if credentials is not None and form.is_valid():
        login(request, form.get_user())
        make_draft(request)
        return None
    seconds = seconds_to_wait(request)
    context = {
        "form": form,
        "minutes": minutes_to_wait(seconds),
        "address": request.get_full_path(),
        "typed": packed(request.POST),
        "secrets": " and ".join(left_out(request.POST)),
    }
    response = render(
        request, "accounts/sign_in.html", context, status=TOO_MANY if seconds else UNPROCESSABLE
    )
    if seconds:
        response.headers["Retry-After"] = str(seconds)
    return response


def another_s(request: Any) -> HttpResponse | None:
    """Where to lead a person who signed in on a page with a draft that somebody else typed; None for its own
    writer."""
    if is_by(request.POST, request.user):
        return None
    messages.warning(request, ANOTHER_S)
    return redirect("home")


def draft_refused(request: Any, *, has_form: bool) -> HttpResponse | None:
    """Why this draft is not shown, as an answer that leads on; None if it is shown, with a message that
    says why nothing was sent."""
    why = TOO_OLD if hasattr(request, "csrf_refusal") else SIGNED_OUT
    if not has_form or not has_text(request.POST):
        messages.warning(request, f"{why}\n{PRESS_AGAIN}")
        return redirect(own_address(request, request.headers.get("Referer")))
    if hasattr(request, "csrf_refusal") or getattr(request, "credentials", {}).get("password"):
        messages.warning(request, f"{why}\n{STANDS}")
    return None


def stay(request: Any, headers: dict[str, str]) -> HttpResponse:
    """An answer that leaves the page as it is, with a message."""
    context = {
        "is_signed_in": isinstance(request.user, User),
        "after": own_address(request, request.headers.get("HX-Current-URL")),
    }
    response = render(request, "accounts/_signed_out.html", context, status=UNAUTHORIZED)
    response.headers["WWW-Authenticate"] = "Form"
    for name, value in headers.items():
        response.headers[name] = value
    return response


def own_address(request: HttpRequest, url: str | None) -> str:
    """The address within this application; the first page's when the URL is elsewhere."""
    if not url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure()):
        return resolve_url("home")
    parts = urlsplit(str(url))
    return urlunsplit(("", "", parts.path or "/", parts.query, ""))
