"""One buyer."""

from contextlib import suppress
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import rules
from accounts.guard import allow
from orders.email_address import spellings
from pages.depends_on import shows
from pages.respond import StaffRequest
from readmodels.queries import buyers, orders

PAGE = 50


@allow(rules.SEE_BUYERS)
@shows("buyers", "orders")
@require_safe
def buyer(request: StaffRequest, buyer_id: UUID) -> HttpResponse:
    """Their cards, what they have paid, what they get off, and their orders."""
    row = orders.buyer(buyer_id)
    if row is None:
        raise Http404
    last = None
    with suppress(ValueError):  # a text that is no place begins at the first page
        last = orders.number_at(request.GET.get("after"))
    context = {
        "buyer": row,
        "others": buyers.others_at(spellings(row.email), buyer_id),
        "methods": orders.payment_methods_of(buyer_id),
        "page": orders.page_of_buyer(buyer_id, last, PAGE),
    }
    return render(request, "orders/buyer.html", context)
