"""Control: what waits, who could take it, and giving it to them."""

from collections.abc import Sequence
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts import rules
from accounts.guard import allow
from eventstore.store import RecordedEvent
from pages.day import start_of_today
from pages.news import NEWEST, Watched, live, news
from pages.respond import Asked, perform, render_page, tell_refused
from pages.shows import shows
from readmodels.queries.board import read_board
from readmodels.queries.crew import OVERLOADED, Wanted, counts
from readmodels.queries.duty import holder_of
from support.forms.raise_work import uuids
from support.forms.steps import AssignForm
from support.undoing import undo_of
from support.work import WORK

WATCHED = Watched(read_model="work", topics=("work", "operative", "site"), target="board")
DOING = "assigning work"
KEPT = ("q", "state", "after")
"""The parameters that say which operatives are shown, and outlive an assignment."""


@allow(rules.ASSIGN_WORK)
@shows("work", "sites", "operatives")
@require_safe
def control(request: Asked) -> HttpResponse:
    """The board; or, asked with `news`, what is new on it."""
    if "news" in request.GET:
        return news(request, WATCHED, what_is_new)
    now = timezone.now()
    refused_for = forget(request, "operative")
    wanted = Wanted.of(request.GET)
    choice = next(iter(uuids([request.GET.get("work", "")])), None)
    board = read_board(
        today=start_of_today(), now=now, wanted=wanted, choice=choice, after=request.GET.get("after", "")
    )
    gone = choice is not None and (board.chosen is None or board.chosen.work.pk != choice)
    context = {
        "board": board,
        "live": live(request, WATCHED.topics, board.position),
        "wanted": wanted,
        "counts": counts(board.crew.members, now),
        "choice": choice,
        "gone": gone,
        # Another job is next up now, and this operative was not meant for that one.
        "refused_for": None if gone else refused_for,
        "form": AssignForm(auto_id=False),
        "lanes_form": AssignForm(auto_id=False),
        "kept": kept(request.GET),
        "overloaded": OVERLOADED,
    }
    return render_page(request, "support/control.html", context, fragment="support/_board.html")


@allow(rules.ASSIGN_WORK)
@shows("work", "operatives")
@require_POST
def assign(request: Asked, work_id: UUID) -> HttpResponse:
    """Put the work at the end of an operative's queue, and back to the board."""
    if holder_of(work_id) is None:
        raise Http404
    form = AssignForm(request.POST)
    if not form.is_valid():
        tell_refused(request, form, doing=DOING)
    elif perform(
        request,
        form,
        form.to_command(work_id),
        to=WORK,
        doing=DOING,
        undo=undo_of(form.cleaned_data["command_id"]),
    ):
        return redirect(board_address(request.POST))
    refused_for = str(request.POST.get("operative_id", ""))
    return redirect(board_address(request.POST, work=str(work_id), operative=refused_for))


def forget(request: Asked, name: str) -> str | None:
    """What the address says by this name, which no link of the page shall repeat."""
    asked = request.GET.copy()
    said = asked.pop(name, [None])[-1]
    request.GET = asked  # type: ignore[assignment]
    return str(said) if said is not None else None


def kept(asked: QueryDict) -> dict[str, str]:
    return {name: str(asked[name]) for name in KEPT if asked.get(name)}


def board_address(asked: QueryDict, **more: str) -> str:
    """The board that shows the same operatives as before."""
    query = urlencode({**kept(asked), **more})
    return f"{reverse('control')}?{query}" if query else reverse("control")


def what_is_new(events: Sequence[RecordedEvent]) -> str:
    """ "3 new" counts work that came to wait, raised or abandoned."""
    new = sum(each.type in {"WorkRaised", "WorkAbandoned"} for each in events)
    if new:
        return f"{new} new" if len(events) < NEWEST else f"{new} new or more"
    return "The board has changed" if events else ""
