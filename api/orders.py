"""Orders: place them, ship them, cancel them, and see how far each has come."""

from collections.abc import Sequence
from functools import partial
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from ninja import Header, Query

from accounts import rules
from api.access import ApiRequest
from api.context import Context
from api.failures import AfterNothing
from api.history import history, past, told
from api.reads import many, one
from api.shapes.history import HistoryWanted, Then
from api.shapes.ids import OrderId
from api.shapes.new_order import FIELDS, Cancellation, NewOrder
from api.shapes.orders import (
    Order,
    OrderHistory,
    OrderList,
    OrdersWanted,
    listed_order_of,
    order_of,
    orders_then,
    without_buyer,
    without_holder,
)
from api.writes import Conditions, Nothing, Once, changed, checked, created, filled_in
from eventstore.current import current_store
from eventstore.store import RecordedEvent
from orders.forms.place_order import PlaceOrderForm
from orders.forms.steps import CancelForm, ShipForm
from orders.order import ORDER
from orders.privacy import may_see_buyer
from orders.views.order import may_cancel
from orders.views.secret import NamesAlone
from readmodels.queries import orders as queries

orders = Context("Orders", shows=["orders"])


@orders.read("/orders", rules.SEE_ORDERS, OrderList)
def list_orders(request: ApiRequest, wanted: Query[OrdersWanted]) -> HttpResponse:
    """Every order there has ever been, newest first."""
    try:
        last = queries.number_at(wanted.after)
    except ValueError:
        raise AfterNothing from None
    found = wanted.wanted(by_name_alone=not may_see_buyer(request.auth))
    page = queries.page(found, last, wanted.limit)
    return many(request, [listed_order_of(row) for row in page.rows], page.after)


@orders.read("/orders/{uuid:order_id}", rules.SEE_ORDERS, Order)
def get_order(request: ApiRequest, order_id: OrderId, then: Query[Then]) -> HttpResponse:
    """One order as it is now, or as it was."""
    sees = may_see_buyer(request.auth, history_of(order_id))
    if not then.is_now:
        return past(request, ORDER, order_id, then, partial(orders_then, with_buyer=sees))

    def find() -> Order | None:
        row = queries.order(order_id)
        return order_of(row, with_buyer=sees) if row else None

    return one(request, ORDER.stream(order_id), "orders", find)


@orders.read("/orders/{uuid:order_id}/history", rules.SEE_ORDERS, OrderHistory)
def get_order_history(request: ApiRequest, order_id: OrderId, wanted: Query[HistoryWanted]) -> HttpResponse:
    """All that has happened to the order, newest first, each with the order after it. The name on the card
    is for who may see buyers or events; the buyer's e-mail address, and where it goes, for these and for who
    placed it."""
    named = any(rule.allows(request.auth, {}) for rule in (rules.SEE_BUYERS, rules.SEE_EVENTS))
    sees = named or may_see_buyer(request.auth, history_of(order_id))
    data = told if named else without_holder if sees else without_buyer
    return history(request, ORDER, order_id, wanted, partial(orders_then, with_buyer=sees), data)


@orders.write("/orders", rules.PLACE_ORDERS, creates=True, shows=["products", "sites", "work", "orders"])
def place_order(request: ApiRequest, body: NewOrder, given: Header[Once]) -> HttpResponse:
    """Place an order at the prices of now. Its id is that of the command. What follows happens by itself,
    until it waits to be shipped: the buyer is verified, the stock reserved and the card charged."""
    request.exception_reporter_filter = NamesAlone()  # type: ignore[attr-defined]
    form = filled_in(PlaceOrderForm, given, body.typed, FIELDS)
    return created(request, form.to_command(), to=ORDER, given=given)


@orders.write("/orders/{uuid:order_id}/cancel", rules.CANCEL_ORDERS)
def cancel_order(
    request: ApiRequest, order_id: OrderId, body: Cancellation, given: Header[Conditions]
) -> HttpResponse:
    """It is not wanted any more, and has not been paid yet. Who does not manage orders may cancel those
    that they have placed."""
    if not may_cancel(request.auth, history_of(order_id)):
        raise PermissionDenied("Only who placed this order, or manages orders, may cancel it")
    form = checked(CancelForm, given, body)
    return changed(request, form.to_command(order_id), to=ORDER, given=given)


@orders.write("/orders/{uuid:order_id}/ship", rules.SHIP_ORDERS)
def ship_order(request: ApiRequest, order_id: OrderId, given: Header[Conditions]) -> HttpResponse:
    """It has left. Only what is paid can be shipped."""
    history_of(order_id)
    form = checked(ShipForm, given, Nothing())
    return changed(request, form.to_command(order_id), to=ORDER, given=given)


def history_of(order_id: UUID) -> Sequence[RecordedEvent]:
    """The events of the order of this id; 404 when there is none. Read from the store itself: no read
    model says who placed it."""
    recorded = current_store().read_stream(ORDER.stream(order_id))
    if not recorded:
        raise Http404
    return recorded
