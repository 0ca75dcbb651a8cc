"""Buyers: who they are, their cards, what they have paid, and what they get off. Orders bring them about."""

from django.http import HttpRequest, HttpResponse
from ninja import Query

from accounts import rules
from api.context import Context
from api.history import history, past
from api.reads import many, one, page_of
from api.shapes.buyers import (
    Buyer,
    BuyerHistory,
    BuyerList,
    BuyersWanted,
    buyer_of,
    buyers_then,
    listed_buyer_of,
)
from api.shapes.history import HistoryWanted, Then
from api.shapes.ids import BuyerId
from orders.buyer import BUYER
from readmodels.queries import buyers as queries
from readmodels.queries import orders

buyers = Context("Buyers", shows=["buyers"])


@buyers.read("/buyers", rules.SEE_BUYERS, BuyerList)
def list_buyers(request: HttpRequest, wanted: Query[BuyersWanted]) -> HttpResponse:
    """Everybody whose order has come so far that its buyer is known, by name."""
    page = page_of(queries.find(wanted.q), wanted)
    return many(request, [listed_buyer_of(row) for row in page.rows], page.after)


@buyers.read("/buyers/{uuid:buyer_id}", rules.SEE_BUYERS, Buyer)
def get_buyer(request: HttpRequest, buyer_id: BuyerId, then: Query[Then]) -> HttpResponse:
    """One buyer as they are now, or as they were."""
    if not then.is_now:
        return past(request, BUYER, buyer_id, then, buyers_then)

    def find() -> Buyer | None:
        row = orders.buyer(buyer_id)
        return buyer_of(row, orders.payment_methods_of(buyer_id)) if row else None

    return one(request, BUYER.stream(buyer_id), "buyers", find)


@buyers.read("/buyers/{uuid:buyer_id}/history", rules.SEE_BUYERS, BuyerHistory)
def get_buyer_history(request: HttpRequest, buyer_id: BuyerId, wanted: Query[HistoryWanted]) -> HttpResponse:
    """All that has happened to the buyer, newest first, each with the buyer after it. Their orders have
    histories of their own."""
    return history(request, BUYER, buyer_id, wanted, buyers_then)
