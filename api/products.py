"""Products: the catalogue, its prices and its stock."""

from functools import partial
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Header, Query

from accounts import rules
from api.access import ApiRequest
from api.context import Context
from api.history import history, past
from api.reads import many, missing, one, page_of
from api.shapes.history import HistoryWanted, Then
from api.shapes.ids import ProductId
from api.shapes.products import (
    Delivery,
    NewProduct,
    PriceList,
    Product,
    ProductHistory,
    ProductList,
    ProductName,
    ProductPrice,
    ProductsWanted,
    StockDifference,
    price_of,
    product_of,
    products_then,
)
from api.writes import Conditions, Nothing, Once, changed, checked, created
from products.forms import (
    CorrectStockForm,
    CreateForm,
    RenameForm,
    RepriceForm,
    RestockForm,
    WithdrawForm,
)
from products.product import PRODUCT
from readmodels.models import ProductRow
from readmodels.queries import products as queries

products = Context("Products", shows=["products"])
WITHDRAWN = {"all": None, "sold": False, "withdrawn": True}
PRICES = 200
"""A program that keeps a price list reads them as they change; the rest is in the history."""


@products.read("/products", rules.SEE_PRODUCTS, ProductList)
def list_products(request: HttpRequest, wanted: Query[ProductsWanted]) -> HttpResponse:
    """Every product there has ever been, by name."""
    at_most = settings.LOW_STOCK if wanted.low_stock else None
    page = page_of(queries.find(wanted.q, withdrawn=WITHDRAWN[wanted.state], at_most=at_most), wanted)
    return many(request, [product_of(row) for row in page.rows], page.after)


@products.read("/products/{uuid:product_id}", rules.SEE_PRODUCTS, Product)
def get_product(request: HttpRequest, product_id: ProductId, then: Query[Then]) -> HttpResponse:
    """One product as it is now, or as it was."""
    if not then.is_now:
        return past(request, PRODUCT, product_id, then, products_then)

    def find() -> Product | None:
        row = queries.by_id(product_id)
        return product_of(row) if row else None

    return one(request, PRODUCT.stream(product_id), "products", find)


@products.read("/products/{uuid:product_id}/history", rules.SEE_PRODUCTS, ProductHistory)
def get_product_history(
    request: HttpRequest, product_id: ProductId, wanted: Query[HistoryWanted]
) -> HttpResponse:
    """All that has happened to the product, newest first, each with the product after it."""
    return history(request, PRODUCT, product_id, wanted, products_then)


@products.read("/products/{uuid:product_id}/prices", rules.SEE_PRODUCTS, PriceList)
def get_prices(request: HttpRequest, product_id: ProductId) -> HttpResponse:
    """What the product has cost, oldest first: its newest 200 prices at most, all on one page."""
    known(product_id)
    return many(request, [price_of(row) for row in queries.prices_of(product_id, PRICES)], None)


@products.write("/products", rules.MANAGE_PRODUCTS, creates=True)
def create_product(request: ApiRequest, body: NewProduct, given: Header[Once]) -> HttpResponse:
    """Put a new product into the catalogue. Its id is that of the command."""
    form = checked(CreateForm, given, body)
    return created(request, form.to_command(), to=PRODUCT, given=given)


@products.write("/products/{uuid:product_id}/rename", rules.MANAGE_PRODUCTS)
def rename_product(
    request: ApiRequest, product_id: ProductId, body: ProductName, given: Header[Conditions]
) -> HttpResponse:
    """Call it something else from now on."""
    form = checked(partial(RenameForm, known(product_id)), given, body)
    return changed(request, form.to_command(), to=PRODUCT, given=given)


@products.write("/products/{uuid:product_id}/reprice", rules.MANAGE_PRODUCTS)
def reprice_product(
    request: ApiRequest, product_id: ProductId, body: ProductPrice, given: Header[Conditions]
) -> HttpResponse:
    """Sell it for another price. Orders keep the price at which they were placed."""
    form = checked(partial(RepriceForm, known(product_id)), given, body)
    return changed(request, form.to_command(), to=PRODUCT, given=given)


@products.write("/products/{uuid:product_id}/restock", rules.MANAGE_PRODUCTS)
def restock_product(
    request: ApiRequest, product_id: ProductId, body: Delivery, given: Header[Conditions]
) -> HttpResponse:
    """Put more into stock."""
    form = checked(partial(RestockForm, known(product_id)), given, body)
    return changed(request, form.to_command(), to=PRODUCT, given=given)


@products.write("/products/{uuid:product_id}/correct-stock", rules.MANAGE_PRODUCTS)
def correct_stock(
    request: ApiRequest, product_id: ProductId, body: StockDifference, given: Header[Conditions]
) -> HttpResponse:
    """There are more, or less, than was thought. No more is taken away than is free."""
    form = checked(partial(CorrectStockForm, known(product_id)), given, body)
    return changed(request, form.to_command(), to=PRODUCT, given=given)


@products.write("/products/{uuid:product_id}/withdraw", rules.MANAGE_PRODUCTS)
def withdraw_product(request: ApiRequest, product_id: ProductId, given: Header[Conditions]) -> HttpResponse:
    """Sell it no longer. What is reserved stays reserved."""
    form = checked(partial(WithdrawForm, known(product_id)), given, Nothing())
    return changed(request, form.to_command(), to=PRODUCT, given=given)


def known(product_id: UUID) -> ProductRow:
    """The product of this id; 404 when there is none."""
    row = queries.by_id(product_id)
    if row is None:
        raise missing(PRODUCT.stream(product_id))
    return row
