"""The catalogue: people who place orders may look, people who manage products may change it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import rules
from accounts.guard import allow
from accounts.names import names_of
from eventstore.current import current_store
from eventstore.store import Unreachable
from pages.depends_on import shows
from pages.list_form import ListForm
from pages.news import live, news_of_list, reached
from pages.respond import UNPROCESSABLE, StaffRequest, posted, render_page, submit
from pages.stored_data import indented
from products.chart import draw
from products.forms import (
    CHANGES,
    ChangeForm,
    CorrectStockForm,
    CreateForm,
    RenameForm,
    RepriceForm,
    RestockForm,
    WithdrawForm,
)
from products.news import CATALOGUE, WATCHED, is_shown, topics_of
from products.product import PRODUCT
from products.story import Entry, tell
from readmodels.models import ProductRow
from readmodels.page import Page
from readmodels.queries import products as queries
from readmodels.queries.keyset import page_after

PAGE = 50
PRICES = 100
"""The newest so many are drawn and listed."""
STATES = {"sold": "Sold", "low": "Low stock", "withdrawn": "Withdrawn", "all": "All"}
WITHDRAWN = {"sold": False, "low": False, "withdrawn": True, "all": None}


@allow(rules.SEE_PRODUCTS)
@shows("products")
@require_safe
def products(request: StaffRequest) -> HttpResponse:
    """Every product, with its price and its stock."""
    if "news" in request.GET:
        return news_of_list(request, WATCHED)
    position = reached("products")
    asked = ListForm(request.GET, states=STATES)
    state = asked.wanted_state
    at_most = settings.LOW_STOCK if state == "low" else None
    found = queries.find(asked.text, withdrawn=WITHDRAWN[state], at_most=at_most)
    page = page_after(found, asked.last_seen, PAGE)
    context = {
        "asked": asked,
        "page": page,
        "low_stock": settings.LOW_STOCK,
        "live": live(request, CATALOGUE, position),
    }
    return render_page(request, "products/products.html", context, fragment="products/_products.html")


@allow(rules.MANAGE_PRODUCTS)
@shows("products")
@require_http_methods(["GET", "HEAD", "POST"])
def new_product(request: StaffRequest) -> HttpResponse:
    """The form that creates a product."""
    form = CreateForm(posted(request))
    form.about = lambda: form.as_typed("name")
    if made := submit(request, form, form.to_command, to=PRODUCT, action="creating product"):
        return redirect("product", made.aggregate_id)
    status = UNPROCESSABLE if form.errors else 200
    return render(request, "products/new.html", {"form": form}, status=status)


@allow(rules.SEE_PRODUCTS)
@shows("products")
@require_safe
def product(request: StaffRequest, product_id: UUID) -> HttpResponse:
    """One product: its prices, its stock, and everything that happened to it."""
    return is_shown(request, product_id) or show(request, known(product_id))


@allow(rules.MANAGE_PRODUCTS)
@shows("products")
@require_POST
def rename(request: StaffRequest, product_id: UUID) -> HttpResponse:
    """Call it something else."""
    return change(request, RenameForm(known(product_id), request.POST), action="renaming product")


@allow(rules.MANAGE_PRODUCTS)
@shows("products")
@require_POST
def reprice(request: StaffRequest, product_id: UUID) -> HttpResponse:
    """Sell it for another price."""
    return change(request, RepriceForm(known(product_id), request.POST), action="repricing product")


@allow(rules.MANAGE_PRODUCTS)
@shows("products")
@require_POST
def restock(request: StaffRequest, product_id: UUID) -> HttpResponse:
    """Put more into stock."""
    return change(request, RestockForm(known(product_id), request.POST), action="restocking product")


@allow(rules.MANAGE_PRODUCTS)
@shows("products")
@require_POST
def correct_stock(request: StaffRequest, product_id: UUID) -> HttpResponse:
    """There are more, or less, than was thought."""
    return change(request, CorrectStockForm(known(product_id), request.POST), action="correcting stock")


@allow(rules.MANAGE_PRODUCTS)
@shows("products")
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: StaffRequest, product_id: UUID) -> HttpResponse:
    """Ask once more, then withdraw."""
    row = known(product_id)
    form = WithdrawForm(row, posted(request))
    if submit(request, form, form.to_command, to=PRODUCT, action="withdrawing product"):
        return to_product(row)
    status = UNPROCESSABLE if form.errors else 200
    return render(request, "products/withdraw.html", {"product": row, "form": form}, status=status)


def change(request: StaffRequest, form: ChangeForm, *, action: str) -> HttpResponse:
    """Make the change and go back to the product's page; if it is refused, show the page with what was
    typed."""
    if submit(request, form, form.to_command, to=PRODUCT, action=action):
        return to_product(form.product)
    return show(request, form.product, form)


def show(request: StaffRequest, row: ProductRow, refused: ChangeForm | None = None) -> HttpResponse:
    """The product's page, with a form for each change; the story is left out while the store is away."""
    position = reached("products")
    prices = queries.prices_of(row.product_id, PRICES)
    context = {
        "product": row,
        "forms": {each.verb: refused if isinstance(refused, each) else each(row) for each in CHANGES},
        "low_stock": settings.LOW_STOCK,
        "prices": prices[::-1],
        "chart": draw(prices, row.withdrawn_at or timezone.now()),
        "live": live(request, topics_of(row.product_id), position),
        "stands_at": reverse("product", args=[row.product_id]),
        **story_of(row.product_id, request.GET.get("after", "")),
    }
    status = UNPROCESSABLE if refused else 200
    page, fragment = "products/product.html", "products/_product.html"
    return render_page(request, page, context, fragment=fragment, status=status)


@dataclass(frozen=True)
class Told:
    """An entry with the name of its actor, and its event as it is stored."""

    entry: Entry
    actor: str
    data: str


def story_of(product_id: UUID, after: str) -> dict[str, Any]:
    """A page of what happened to the product, the newest first; empty while the store is away."""
    try:
        history = current_store().read_stream(PRODUCT.stream(product_id))
    except Unreachable:
        return {}
    before = int(after) if after.isdecimal() and len(after) < 10 else len(history)
    rest = [entry for entry in reversed(tell(history)) if entry.recorded.version < before]
    page = Page.of(rest[: PAGE + 1], PAGE, lambda entry: str(entry.recorded.version))
    names = names_of(entry.recorded.actor for entry in page.rows)
    told = [Told(each, names[each.recorded.actor], indented(each.recorded.data)) for each in page.rows]
    return {"told": told, "page": page}


def known(product_id: UUID) -> ProductRow:
    """The product of this id; 404 when there is none."""
    row = queries.by_id(product_id)
    if row is None:
        raise Http404
    return row


def to_product(row: ProductRow) -> HttpResponseRedirect:
    """A redirect to the product's own page."""
    return redirect("product", row.product_id)
