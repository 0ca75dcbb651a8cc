"""Operatives: hire them, rename them, release them, and see what each is doing."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Header, Query

from accounts import rules
from api.access import ApiRequest
from api.context import Context
from api.failures import AfterNothing
from api.history import history, past
from api.reads import many, missing, one
from api.shapes.history import HistoryWanted, Then
from api.shapes.ids import OperativeId
from api.shapes.operatives import (
    Name,
    Operative,
    OperativeAsTheyWere,
    OperativeHistory,
    OperativeList,
    OperativesWanted,
    QueueWanted,
    operative_of,
    operatives_then,
)
from api.shapes.work import WorkQueue, shown
from api.writes import Conditions, Nothing, Once, changed, checked, created
from operatives.forms import HireForm, ReleaseForm, RenameForm
from operatives.operative import OPERATIVE
from pages.day import start_of_today
from readmodels.models import OperativeRow
from readmodels.page import Page
from readmodels.queries.crew import Member, Wanted, crew
from readmodels.queries.crew_page import page_of_crew, place_after
from readmodels.queries.jobs import complete, key_in_queue, place_in_queue, queue_of
from readmodels.queries.lane import heads
from readmodels.queries.operatives import by_id

operatives = Context("Operatives", shows=["work", "operatives"])


@operatives.read("/operatives", rules.SEE_OPERATIVES, OperativeList)
def list_operatives(request: HttpRequest, wanted: Query[OperativesWanted]) -> HttpResponse:
    """Everybody there has ever been, by surname."""
    people = crew(start_of_today(), gone=True)
    whole = {None: people.everybody, "released": people.released}
    members = whole.get(wanted.state, people.employed)
    state = "" if wanted.state in (None, "employed", "released") else str(wanted.state)
    asked = Wanted(wanted.q, state)
    if wanted.after is not None and place_after(asked, wanted.after) is None:
        raise AfterNothing
    page = page_of_crew(members, asked, now=timezone.now(), after=wanted.after or "", size=wanted.limit)
    return many(request, [operative_of(each) for each in page.rows], page.after)


@operatives.read("/operatives/{uuid:operative_id}", rules.SEE_OPERATIVES, Operative | OperativeAsTheyWere)
def get_operative(request: HttpRequest, operative_id: OperativeId, then: Query[Then]) -> HttpResponse:
    """One operative as they are now; or as they were, without what they hold and how far it has come."""
    if not then.is_now:
        return past(request, OPERATIVE, operative_id, then, operatives_then)

    def find() -> Operative | None:
        row = by_id(operative_id)
        return operative_of(Member.of(row, heads(operative_id).get(operative_id), 0)) if row else None

    return one(request, OPERATIVE.stream(operative_id), "operatives", find)


@operatives.read("/operatives/{uuid:operative_id}/history", rules.SEE_OPERATIVES, OperativeHistory)
def get_operative_history(
    request: HttpRequest, operative_id: OperativeId, wanted: Query[HistoryWanted]
) -> HttpResponse:
    """All that has happened to the operative, newest first, each with the operative after it. What they
    have done is in the histories of their work."""
    return history(request, OPERATIVE, operative_id, wanted, operatives_then)


@operatives.read(
    "/operatives/{uuid:operative_id}/queue",
    rules.SEE_QUEUE,
    WorkQueue,
    shows=["work", "sites", "operatives"],
)
def get_queue(request: HttpRequest, operative_id: OperativeId, wanted: Query[QueueWanted]) -> HttpResponse:
    """The operative's open work in the order in which it was assigned. What they are dealing with is the one
    that has come furthest: `arrived` before `dispatched` before `assigned`."""
    known(operative_id)
    queue = queue_of(operative_id)
    if wanted.after is not None:
        begins_after = place_in_queue(wanted.after)
        if begins_after is None:
            raise AfterNothing
        queue = queue.filter(queue_place__gt=begins_after)
    page = Page.of(list(queue[: wanted.limit + 1]), wanted.limit, key_in_queue)
    return many(request, shown(complete(page.rows)), page.after)


@operatives.write("/operatives", rules.MANAGE_OPERATIVES, creates=True)
def hire_operative(request: ApiRequest, body: Name, given: Header[Once]) -> HttpResponse:
    """Hire an operative. Their id is that of the command."""
    form = checked(HireForm, given, body)
    return created(request, form.to_command(), to=OPERATIVE, given=given)


@operatives.write("/operatives/{uuid:operative_id}/rename", rules.MANAGE_OPERATIVES)
def rename_operative(
    request: ApiRequest, operative_id: OperativeId, body: Name, given: Header[Conditions]
) -> HttpResponse:
    """Say what they are called from now on."""
    row = known(operative_id)
    form = checked(RenameForm, given, body)
    return changed(request, form.to_command(row), to=OPERATIVE, given=given)


@operatives.write("/operatives/{uuid:operative_id}/release", rules.MANAGE_OPERATIVES)
def release_operative(
    request: ApiRequest, operative_id: OperativeId, given: Header[Conditions]
) -> HttpResponse:
    """Release them. Whoever holds open work cannot be released."""
    row = known(operative_id)
    form = checked(ReleaseForm, given, Nothing())
    return changed(request, form.to_command(row), to=OPERATIVE, given=given)


def known(operative_id: UUID) -> OperativeRow:
    """The operative of this id; 404 when there is none."""
    row = by_id(operative_id)
    if row is None:
        raise missing(OPERATIVE.stream(operative_id))
    return row
