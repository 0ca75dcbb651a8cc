"""What the catalogue's pages are told of: products, and orders that are shipped, because then less is
reserved."""

from uuid import UUID

from django.http import HttpResponse

from eventstore.store import Unreachable
from pages.news import AGAIN, NEWEST, NO_CONTENT, WatchedList, shown_now
from pages.respond import StaffRequest
from products.product import PRODUCT

WATCHED = WatchedList(
    read_model="products",
    topics=("product",),
    besides=frozenset({"OrderShipped"}),
    new=frozenset({"ProductCreated"}),
    target="content",  # the message about news is in it too
)
CATALOGUE = ("product", "order")
"""The topics of the list."""


def topics_of(product_id: UUID) -> tuple[str, str]:
    """The topics of one product's page."""
    return PRODUCT.stream(product_id), "order"


def is_shown(request: StaffRequest, product_id: UUID) -> HttpResponse | None:
    """Status 204 for a page that loads itself again and would show the same as before, or while the store
    is away. It does not check which products were shipped, so now and then a page loads the same once
    more."""
    since = request.GET.get("news", "")[:19]
    if not since.isdecimal():
        return None
    try:
        found, behind = shown_now(int(since), WATCHED)
    except Unreachable:
        return HttpResponse(status=NO_CONTENT)
    mine = (each.stream == PRODUCT.stream(product_id) or each.type in WATCHED.besides for each in found)
    if len(found) == NEWEST or any(mine):
        return None
    return HttpResponse(status=NO_CONTENT, headers=AGAIN if behind else None)
