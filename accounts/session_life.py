"""How long a session lasts: SESSION_COOKIE_AGE from the last time that the person pressed something."""

import time
from typing import Any

from django.contrib.sessions.models import Session
from django.utils import timezone

from pages.own_change import BY_ITSELF

PRESSED_AT = "pressed_at"
SELDOM = 3_600
"""Seconds for which a session is not written again; it may end that much earlier."""


SWEPT = 100
"""The number of ended sessions that each new session deletes: more than one, so that they never pile up."""


def begin(request: Any, **_: object) -> None:
    """Signing in is the first press (django.contrib.auth.signals.user_logged_in)."""
    request.session[PRESSED_AT] = int(time.time())
    ended = Session.objects.filter(expire_date__lt=timezone.now()).order_by("expire_date")
    Session.objects.filter(pk__in=list(ended.values_list("pk", flat=True)[:SWEPT])).delete()


def prolong(request: Any) -> None:
    """Prolong the session from now, if a person asked for this page; not for what the page asks for by
    itself. Called at most once in SELDOM."""
    if not is_by_itself(request):
        request.session[PRESSED_AT] = int(time.time())


def is_by_itself(request: Any) -> bool:
    """Whether a page asks, and nobody pressed anything: for news, for hints, or to load itself again."""
    return request.method == "GET" and (
        "news" in request.GET
        or request.htmx.trigger in BY_ITSELF
        or request.headers.get("Accept") == "text/event-stream"
        or request.headers.get("Referer") == request.build_absolute_uri()
    )
