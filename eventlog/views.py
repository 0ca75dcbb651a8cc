"""Every stored event, and how the read models are."""

from typing import Any

from django.db import Error
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.features import Feature
from accounts.guard import allow, public
from accounts.models import User
from eventlog.entries import entries
from eventlog.forms import EventsForm
from eventstore.health import Condition, conditions
from eventstore.store import current_store
from pages.respond import UNPROCESSABLE, Asked, render_page
from readmodels.paging import Page

PAGE = 50
UNAVAILABLE = 503


@allow(Feature.SEE_EVENTS)
@require_safe
def events(request: Asked) -> HttpResponse:
    """Stored events, newest first."""
    form = EventsForm(request.GET)
    found = listed(form, request.user) if form.is_valid() else {}
    return render_page(
        request,
        "eventlog/events.html",
        {"form": form, **found},
        fragment="eventlog/_events.html",
        status=200 if found else UNPROCESSABLE,
    )


def listed(form: EventsForm, reader: User) -> dict[str, Any]:
    """A page of the events that are asked for."""
    before = form.cleaned_data["after"]
    rows = current_store().browse(form.selection, limit=PAGE + 1, before=before)
    page = Page.of(rows, PAGE, lambda each: str(each.position))
    return {"page": page, "entries": entries(page.rows, reader)}


@public
@require_safe
@never_cache
def health(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """For machines: 503 when the database does not answer or a read model has stopped. Says how far
    each read model has come, and nothing of what is in it."""
    try:
        found = conditions()
    except Error:
        return JsonResponse({"ok": False, "database": False, "read_models": {}}, status=UNAVAILABLE)
    ok = not any(each.stopped for each in found)
    told = {each.name: told_of(each) for each in found}
    answer = {"ok": ok, "database": True, "read_models": told}
    return JsonResponse(answer, status=200 if ok else UNAVAILABLE)


def told_of(condition: Condition) -> dict[str, Any]:
    """What anybody may know of a read model."""
    return {"position": condition.position, "lag": condition.lag, "stopped": condition.stopped}


@allow(Feature.SEE_EVENTS)
@require_safe
def read_models(request: Asked) -> HttpResponse:
    """For staff: the same, with why a read model has stopped and what to do about it."""
    return render(request, "eventlog/health.html", {"conditions": conditions()})
