"""Events that reactions have parked: to look at, to try again, to dismiss."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from accounts import rules
from accounts.guard import allow
from accounts.models import User
from eventlog.subjects import Subject, subjects_of
from eventstore.models import ParkedEvent
from eventstore.reactions.parked import ParkedReason, dismiss, parked_events, retry_now
from eventstore.worker.health import waiting
from pages.command_form import INCOMPLETE
from pages.depends_on import shows, shows_none
from pages.list_form import ListForm
from pages.respond import StaffRequest, render_page, tell_done
from readmodels import cursor
from readmodels.page import Page
from readmodels.queries.streams import about
from spelling.fold import kept
from spelling.wanted import among

PAGE = 50
LISTED = "reactions"
"""The name under which places in this list are sealed."""
DOES = {
    "buyers": "Finding an order's buyer",
    "validation": "Asking for an order's stock",
    "reservations": "Telling an order of its stock",
    "payment": "Paying for an order",
    "stock": "Reserving stock",
    "mail": "Mail to buyers",
    "bus": "Telling other systems (RabbitMQ)",
    "webhooks": "Telling other systems (webhooks)",
}
"""What each reaction does, in the words of an office."""
STATES = {"all": "All", **{each.name.lower(): each.label for each in ParkedReason}}
WHY_NONE = "what is parked is changed and shown in one table, which is no read model's"
NO_MORE = "Nothing was done: this event has been tried again, answered or dismissed meanwhile"


@allow(rules.MANAGE_INTEGRATION)
@shows("work", "sites", "operatives", "products", "orders", "buyers")
@require_safe
def reactions(request: StaffRequest) -> HttpResponse:
    """The parked events, the most pressing first."""
    asked = ListForm(request.GET, states=STATES)
    found = beyond(chosen(asked), asked.last_seen)
    page = Page.of(list(found[: PAGE + 1]), PAGE, key)
    away = [(DOES.get(name, name), error) for name, error in waiting()]
    context = {"asked": asked, "page": page, "listed": in_words(page.rows, request.user), "away": away}
    return render_page(request, "eventlog/reactions.html", context, fragment="eventlog/_parked.html")


@dataclass(frozen=True)
class ParkedInWords:
    """A parked event in the words of an office: what should have been done, because of what event, about
    what."""

    parked: ParkedEvent
    does: str
    happened: str
    subject: Subject | None


def in_words(rows: Sequence[ParkedEvent], reader: User) -> list[ParkedInWords]:
    """The rows in words; one without words of its own is called by its name."""
    subjects = subjects_of({row.stream for row in rows}, reader)
    return [
        ParkedInWords(row, DOES.get(row.reaction, row.reaction), words_of(row.type), subjects.get(row.stream))
        for row in rows
    ]


def words_of(event_type: str) -> str:
    """ "OrderPaid" as "Order paid"."""
    return re.sub(r"(?<!^)(?=[A-Z])", " ", event_type).lower().capitalize()


def chosen(asked: ListForm) -> QuerySet[ParkedEvent]:
    """Those with the wanted reason for which each word occurs in the reaction or what it does, in the type
    or in the stream, or is the number of the job or order that the event is about."""
    state = asked.wanted_state
    found = parked_events(None if state == "all" else ParkedReason[state.upper()])
    there = set(ParkedEvent.objects.values_list("reaction", "type").distinct()) if asked.text else set()
    does = {name: kept(name, DOES.get(name, "")) for name, _ in there}
    happened = {name: kept(name, words_of(name)) for _, name in there}
    for word in asked.text.split():
        named = Q(reaction__in=among(does, word)) | Q(type__in=among(happened, word))
        found = found.filter(named | about(word, "stream"))
    return found


def key(row: ParkedEvent) -> str:
    """The place of a row, by its reason when it was read."""
    return cursor.seal_place(LISTED, f"{row.reason}-{row.pk}")  # type: ignore[attr-defined]


def beyond(found: QuerySet[ParkedEvent], after: str | None) -> QuerySet[ParkedEvent]:
    """What comes after that place; everything if the text is no place."""
    place = cursor.unseal_place(LISTED, after or "")
    if not re.fullmatch(r"[0-9]-[0-9]{1,18}", place):
        return found
    reason, pk = place.split("-")
    return found.filter(Q(reason__gt=int(reason)) | Q(reason=int(reason), pk__gt=int(pk)))


def name_of(parked_id: int) -> str:
    """The event, and the reaction that could not answer it."""
    row = ParkedEvent.objects.filter(pk=parked_id).first()
    return f"{row.type} in {row.stream}, for reaction {row.reaction}" if row else ""


class AgainForm(forms.Form):
    """`attempts` is how often the event had been tried when the button was shown, so that pressing it
    twice asks for one more attempt, not two."""

    attempts = forms.IntegerField(min_value=1, max_value=2**31 - 1)


@allow(rules.MANAGE_INTEGRATION, has_form=False)
@shows_none(WHY_NONE)
@require_POST
def retry(request: StaffRequest, parked_id: int) -> HttpResponse:
    """Have it tried again at once."""
    form, about = AgainForm(request.POST), name_of(parked_id)
    if not form.is_valid():
        messages.error(request, INCOMPLETE)
    elif retry_now(parked_id, attempts=form.cleaned_data["attempts"]):
        action = "asking for another attempt; the worker makes it within a second or so"
        tell_done(request, action, about)
    else:
        messages.warning(request, NO_MORE)
    return redirect("reactions")


@allow(rules.MANAGE_INTEGRATION, has_form=False)
@shows_none(WHY_NONE)
@require_POST
def dismiss_event(request: StaffRequest, parked_id: int) -> HttpResponse:
    """Give it up: the reaction never answers it."""
    about = name_of(parked_id)
    if dismiss(parked_id, by=request.user.actor):
        tell_done(request, "dismissing event", about)
    else:
        messages.warning(request, NO_MORE)
    return redirect("reactions")
