"""Every order there is."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from accounts import rules
from accounts.guard import allow
from orders.forms.find_orders import FindOrdersForm
from orders.privacy import may_see_buyer
from pages.depends_on import shows
from pages.news import WatchedList, live, news_of_list, reached
from pages.respond import UNPROCESSABLE, StaffRequest, at_its_address, render_page
from readmodels.models import OrderRow
from readmodels.page import Page
from readmodels.queries import orders

PAGE = 50
WATCHED = WatchedList(
    read_model="orders",
    topics=("order",),
    new=frozenset({"OrderStarted"}),
    target="orders",
    beside="#found:innerHTML,#news:outerHTML",
)


@allow(rules.SEE_ORDERS)
@shows("orders")
@require_safe
def listing(request: StaffRequest) -> HttpResponse:
    """Orders by status, buyer and days, newest first."""
    if "news" in request.GET:
        return news_of_list(request, WATCHED)
    position = reached("orders")
    form = FindOrdersForm(request.GET, by_name_alone=not may_see_buyer(request.user))
    page: Page[OrderRow] = Page([], None)
    if form.is_valid():
        page = orders.page(form.wanted(), form.last_seen, PAGE)
    answer = render_page(
        request,
        "orders/list.html",
        {"form": form, "page": page, "live": live(request, WATCHED.topics, position)},
        fragment="orders/_list.html",
        status=200 if form.is_valid() else UNPROCESSABLE,
    )
    return at_its_address(request, answer)
