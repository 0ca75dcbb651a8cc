"""Every stored event, and the state of the read models."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import rules
from accounts.guard import allow
from accounts.models import User
from eventlog.entries import entries, grouped
from eventlog.forms import EventsForm
from eventstore.current import current_store
from eventstore.store import Declined, NoSuchPosition, Selection, Unreachable
from eventstore.worker.health import conditions, reaction_conditions, standing
from pages.depends_on import shows
from pages.respond import UNPROCESSABLE, StaffRequest, render_page
from readmodels.page import Page

PAGE = 50
NO_SUCH_PLACE = "There is no such page: it is one of another store, or of before this one was restored"


@allow(rules.SEE_EVENTS)
@shows("work", "sites", "operatives", "products", "orders", "buyers")
@require_safe
def events(request: StaffRequest) -> HttpResponse:
    """Stored events, newest first."""
    form = EventsForm(request.GET)
    try:
        found = listed(form, request.user) if form.is_valid() else {}
    except NoSuchPosition:
        form.add_error("after", NO_SUCH_PLACE)
        found = {}
    return render_page(
        request,
        "eventlog/events.html",
        {"form": form, **found},
        fragment="eventlog/_events.html",
        status=200 if found else UNPROCESSABLE,
    )


def listed(form: EventsForm, reader: User) -> dict[str, Any]:
    """A page of the events that are asked for. `unseen` is the newest event that was not looked at, if the
    store ended its search before the page was full."""
    before = form.cleaned_data["after"]
    found = current_store().browse(form.selection, limit=PAGE, before=before)
    after, unseen = found.before, None
    if after is not None and len(found.events) < PAGE:
        older = current_store().browse(Selection(), limit=1, before=after)
        unseen = older.events[0] if older.events else None
        after = None if unseen is None and older.before is None else after
    page = Page(rows=found.events, after=str(after) if after else None)
    told = entries(found.events, reader)
    return {"page": page, "entries": told, "groups": grouped(told), "unseen": unseen}


@allow(rules.SEE_EVENTS)
@require_safe
def read_models(request: StaffRequest) -> HttpResponse:
    """For staff: the state of the read models, why one has stopped, and what to do about it. While the
    store is away, it still says where each read model stands."""
    try:
        context: dict[str, Any] = {"conditions": conditions(), "reactions": reaction_conditions()}
    except (Unreachable, Declined) as error:
        context = {
            "conditions": standing(),
            "away": str(error),
            "declines": isinstance(error, Declined),
        }
    return render(request, "eventlog/health.html", context)
