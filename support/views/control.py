"""Control: the waiting work, the operatives who could take it, and assigning it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts import rules
from accounts.guard import allow
from eventstore.store import RecordedEvent
from pages.day import start_of_today
from pages.depends_on import shows
from pages.news import NEWEST, Watched, live, news
from pages.respond import StaffRequest, perform, render_page, tell_refused
from readmodels.queries import jobs, operatives, tray
from readmodels.queries.board import COMPACT, FULL, NO_LANES, Board, read_board
from readmodels.queries.crew import ORDERS, OVERLOADED, State, counts
from readmodels.queries.duty import holder_of
from readmodels.queries.jobs import numbers_of, queue_of
from readmodels.queries.names import whole_name
from readmodels.queries.tray import TrayWanted
from spelling.line import isolated
from spelling.name_order import sort_key
from support.forms.board import OF_LANES, OF_TRAY, board_address, board_wanted, holding, kept
from support.forms.steps import AssignForm
from support.reporters import reporters
from support.undo import undo_of
from support.work import WORK

WATCHED = Watched(read_model="work", topics=("work", "operative", "site"), target="board")
DOING = "assigning work"
DENSITIES = {FULL: "Full lanes", COMPACT: "Compact lanes", NO_LANES: "Tray alone"}
WAITS = frozenset({"WorkRaised", "WorkAbandoned"})
"""After these events a job waits that did not wait before."""


@allow(rules.ASSIGN_WORK)
@shows("work", "sites", "operatives")
@require_safe
def control(request: StaffRequest) -> HttpResponse:
    """The board; or, asked with `news`, what is new on it."""
    if "news" in request.GET:
        return news(request, WATCHED, what_is_new, which_are_new)
    now = timezone.now()
    refused_for = forget(request, "operative")
    wanted = board_wanted(request.GET)
    board = read_board(wanted, today=start_of_today(), now=now)
    gone = wanted.choice is not None and (board.chosen is None or board.chosen.work.pk != wanted.choice)
    context = {
        "board": board,
        "live": live(request, WATCHED.topics, board.position),
        "wanted": wanted.crew,
        "counts": counts(board.crew.members, now),
        "orders": ORDERS,
        "tray": wanted.tray,
        "filters": filters(board, wanted.tray),
        "choice": wanted.choice,
        "gone": gone,
        # Another job is next now, and this operative was not meant for that one.
        "refused_for": None if gone else refused_for,
        "form": AssignForm(auto_id=False),
        "lanes_form": AssignForm(auto_id=False),
        "kept": kept(request.GET),
        "kept_of_lanes": kept(request.GET, (*OF_LANES, "work")),
        "kept_of_tray": kept(request.GET, OF_TRAY),
        "densities": DENSITIES,
        "overloaded": OVERLOADED,
        "reporters": reporters(filter(None, [*board.pinned, *board.tray.rows, board.chosen])),
    }
    return render_page(request, "support/control.html", context, fragment="support/_board.html")


@allow(rules.ASSIGN_WORK)
@shows("work", "operatives")
@require_POST
def assign(request: StaffRequest, work_id: UUID) -> HttpResponse:
    """Put the work at the end of an operative's queue, and go back to the board."""
    if holder_of(work_id) is None:
        raise Http404
    form = AssignForm(request.POST)
    form.about = lambda: assigned(work_id, form)
    if not form.is_valid():
        tell_refused(request, form, action=DOING)
    else:
        operative_id: UUID = form.cleaned_data["operative_id"]
        held = held_with(request, operative_id)
        if perform(request, form, form.to_command(work_id), to=WORK, action=DOING, undo=undo_of):
            return redirect(board_address(request.POST, **held))
    refused_for = str(request.POST.get("operative_id", ""))
    return redirect(board_address(request.POST, work=str(work_id), operative=refused_for))


def assigned(work_id: UUID, form: AssignForm) -> str:
    """The job, and the operative it was meant for."""
    chosen = form.cleaned_data.get("operative_id")
    operative = operatives.by_id(chosen) if chosen else None
    job = jobs.name_of(work_id)
    return f"{job}, to {isolated(whole_name(operative))}" if operative else job


def held_with(request: StaffRequest, operative_id: UUID) -> dict[str, str]:
    """The parameter that keeps the operative in place, if the lanes show only free operatives, or show
    them first: with work they would move, and another lane would be under the pointer."""
    if State.FREE not in (request.POST.get("state"), request.POST.get("sort")):
        return {}
    if queue_of(operative_id).exists():
        return {}
    return {"held": holding(request.POST, operative_id.hex)}


@dataclass(frozen=True)
class Filter:
    """One way to filter or sort the tray: the parameter, and each value with its text."""

    name: str
    label: str
    chosen: str
    choices: Sequence[tuple[str, str]]


def filters(board: Board, asked: TrayWanted) -> list[Filter]:
    """All filters of the tray, with how many jobs each has; and its sort orders."""
    seen = board.extent
    stages = [(value, counted(label, seen.stages[value])) for value, label in tray.STAGES.items() if value]
    towns = [(each, counted(each, seen.towns[each])) for each in sorted(seen.towns, key=sort_key) if each]
    people = [(str(key), counted(board.crew.name_of(key), jobs)) for key, jobs in seen.given_back_by.items()]
    by = [("", "Anybody"), *sorted(people, key=lambda each: sort_key(each[1]))]
    return [
        Filter("tray_stage", "Stage", asked.stage, [("", tray.STAGES[""]), *stages]),
        Filter("tray_town", "Town", asked.town, [("", "Every town"), *towns]),
        Filter("tray_age", "Waiting for more than", asked.age, list(tray.AGES.items())),
        Filter("tray_by", "Back from", str(asked.abandoned_by or ""), by),
        Filter("tray_sort", "Order", asked.order, list(tray.ORDERS.items())),
    ]


def counted(label: str, jobs: int) -> str:
    return f"{label} ({jobs})"


def forget(request: StaffRequest, name: str) -> str | None:
    """The value of this parameter in the address; links on the page shall not repeat it."""
    asked = request.GET.copy()
    said = asked.pop(name, [None])[-1]
    request.GET = asked  # type: ignore[assignment]
    return str(said) if said is not None else None


def what_is_new(events: Sequence[RecordedEvent]) -> str:
    """ "3 new" counts jobs that began to wait, raised or abandoned."""
    new = sum(each.type in WAITS for each in events)
    if new:
        return f"{new} new" if len(events) < NEWEST else f"{new} new or more"
    return "The board has changed" if events else ""


def which_are_new(events: Sequence[RecordedEvent]) -> dict[str, str]:
    """Further parameters, so that what was announced is shown before all others."""
    ids = {UUID(each.stream.partition("-")[2]) for each in events if each.type in WAITS}
    return {"tray_new": ".".join(map(str, numbers_of(ids)))} if ids else {}
