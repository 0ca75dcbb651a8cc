"""One order: what it is, what it waits for, how it came there; ship it, cancel it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts import rules
from accounts.features import Feature
from accounts.guard import allow
from accounts.names import names_of
from accounts.rules import Principal
from eventstore.current import current_store
from eventstore.store import RecordedEvent, Selection, Unreachable
from orders.bill import bill_of
from orders.chain import Link, belonging, chain_of, read
from orders.event_messages import Told, tell
from orders.events import OrderStarted
from orders.forms.steps import CancelForm, ShipForm, StepForm
from orders.order import ORDER
from orders.privacy import may_see_buyer
from orders.wait_reason import waits_for
from pages.depends_on import shows
from pages.news import NEWEST, NO_CONTENT, live, unchanged
from pages.respond import UNPROCESSABLE, StaffRequest, perform, tell_refused
from pages.stored_data import indented
from readmodels.models import OrderRow
from readmodels.queries import orders

PLACING = "placing order"
CANCELLABLE = (
    OrderRow.Status.SUBMITTED,
    OrderRow.Status.AWAITING_VALIDATION,
    OrderRow.Status.STOCK_CONFIRMED,
)


@dataclass(frozen=True)
class Entry:
    """A link of the chain as the page shows it. `because` is its cause in words; `data` is the event as it
    is stored."""

    link: Link
    told: Told
    actor: str
    by_person: bool
    because: str
    data: str


@allow(rules.SEE_ORDERS)
@shows("orders", "work")
@require_safe
def order(request: StaffRequest, order_id: UUID) -> HttpResponse:
    """The order as it is now, and everything that happened because of it."""
    return show(request, order_id)


@allow(rules.SHIP_ORDERS)
@shows("orders", "work")
@require_POST
def ship(request: StaffRequest, order_id: UUID) -> HttpResponse:
    """It has left."""
    return take(request, order_id, ShipForm(request.POST), action="shipping order")


@allow(rules.CANCEL_ORDERS)
@shows("orders", "work")
@require_POST
def cancel(request: StaffRequest, order_id: UUID) -> HttpResponse:
    """Cancel it: the person who placed it may, and people who manage orders."""
    history = current_store().read_stream(ORDER.stream(order_id))
    if not history:
        raise Http404
    if not may_cancel(request.user, history):
        raise PermissionDenied
    return take(request, order_id, CancelForm(request.POST), action="cancelling order")


def may_cancel(who: Principal, history: Sequence[RecordedEvent]) -> bool:
    """Whether they may, as far as it is still possible."""
    return Feature.MANAGE_ORDERS in who.features or history[0].actor == who.actor


def take(request: StaffRequest, order_id: UUID, form: StepForm, *, action: str) -> HttpResponse:
    """Take the step and go back to the order's page; if it is refused, show that page with what was typed."""
    if not current_store().read_stream(ORDER.stream(order_id)):
        raise Http404
    form.about = lambda: orders.name_of(order_id)
    if not form.is_valid():
        tell_refused(request, form, action=action)
    elif perform(request, form, form.to_command(order_id), to=ORDER, action=action):
        return redirect("order", order_id)
    return show(request, order_id, form)


def show(request: StaffRequest, order_id: UUID, refused: StepForm | None = None) -> HttpResponse:
    """The page; without its story while the event store is away."""
    if refused is None and is_shown(request, order_id):
        return HttpResponse(status=NO_CONTENT)
    row = orders.order(order_id)
    context: dict[str, Any] = {
        "order": row,
        "order_id": order_id,
        "stands_at": reverse("order", args=[order_id]),
        "bill": bill_of(row) if row else None,
        "waits_for": waits_for(row) if row else "",
        "job": orders.job_of(row.work_id) if row and row.work_id else None,
        "ship_form": refused if isinstance(refused, ShipForm) else ShipForm(),
        "cancel_form": refused if isinstance(refused, CancelForm) else CancelForm(),
        "is_cancellable": row is not None and row.status in CANCELLABLE,
        "sees_buyer": may_see_buyer(request.user),
    }
    if row is not None and row.status == OrderRow.Status.CANCELLED:
        context["overtaken"] = f"Succeeded {PLACING}"
    if refused is not None and not context["is_cancellable"]:
        context["handed_back"] = refused
    try:
        context |= story_of(request.user, order_id)
    except Unreachable:
        if row is None:
            raise
    if "entries" in context:
        newest = context["entries"][-1].link.recorded.position
        position, same = unchanged(request, newest, "orders")
        if same is not None:
            return same
        context["live"] = live(request, (ORDER.stream(order_id), "product", "buyer"), position)
    status = UNPROCESSABLE if refused is not None else 200
    return render(request, "orders/order.html", context, status=status)


def is_shown(request: StaffRequest, order_id: UUID) -> bool:
    """Whether a page that loads itself again already shows everything, judging by the newest events of the
    store. The chain itself is read from whole streams of products, and most of their events are about
    other orders."""
    since = request.GET.get("news", "")[:19]
    if not since.isdecimal():
        return False
    try:
        history = current_store().read_stream(ORDER.stream(order_id))
        newest = current_store().browse(Selection(), limit=NEWEST).events
    except Unreachable:
        return False
    later = [each for each in newest if each.position > int(since)]
    is_known = bool(history) and history[0].position <= int(since) <= newest[0].position
    return is_known and len(later) < NEWEST and not belonging(later, order_id, history)


def story_of(who: Principal, order_id: UUID) -> dict[str, Any]:
    """The order's chain as the page shows it; 404 when there is no such order."""
    history = current_store().read_stream(ORDER.stream(order_id))
    if not history:
        raise Http404
    links = chain_of(order_id, history)
    started = read(history[0])
    lines = started.lines if isinstance(started, OrderStarted) else ()
    products = {line.product_id: line.name for line in lines}
    actors = names_of(each.recorded.actor for each in links)
    return {
        "entries": [entry(each, products, actors) for each in links],
        "placed_by": actors[history[0].actor],
        "may_cancel": may_cancel(who, history),
        "sees_buyer": may_see_buyer(who, history),
    }


def entry(link: Link, products: dict[UUID, str], actors: dict[str, str]) -> Entry:
    """The link in words."""
    recorded, cause = link.recorded, link.because
    return Entry(
        link=link,
        told=in_words(link.event, recorded, products),
        actor=actors[recorded.actor],
        by_person=actors[recorded.actor] != recorded.actor,
        because=in_words(read(cause), cause, products).words if cause else "",
        data=indented(recorded.data),
    )


def in_words(event: object | None, recorded: RecordedEvent, products: dict[UUID, str]) -> Told:
    """The event in words; its type when no words are known for it."""
    return tell(event, products) or Told(recorded.type, icon="question-circle")
