"""Products, as the API shows them and takes them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from api.reads import Listed, PageWanted
from api.shapes import CURSOR, NOT_BLANK, Sent, Text, such_as, when
from api.shapes.history import Happened, happened_as
from api.shapes.ids import PRODUCT, ProductId
from api.shapes.money import Amount, Money, costs
from products.events import ProductRestocked
from products.forms import NAME, REASON
from readmodels import time_travel
from readmodels.models import PriceRow, ProductRow


class ProductName(Sent):
    """What a product is called."""

    name: str = Field(
        max_length=NAME, json_schema_extra=NOT_BLANK, description="The name.", examples=["Circulating pump"]
    )


class ProductPrice(Sent):
    """What a product costs."""

    price: Amount = costs("What one costs.")


class NewProduct(ProductName, ProductPrice):
    """Something that sites buy."""

    stock: int = Field(
        strict=True, json_schema_extra={"minimum": 0}, description="How many there are.", examples=[100]
    )


class Delivery(Sent):
    """What was put into stock."""

    quantity: int = Field(
        strict=True, json_schema_extra={"minimum": 1}, description="How many more there are.", examples=[20]
    )


class StockDifference(Sent):
    """By how many the stock is wrong, and why."""

    difference: int = Field(
        strict=True, description="How many more there are than was thought, or (below 0) less.", examples=[-3]
    )
    reason: str = Field(
        max_length=REASON,
        json_schema_extra=NOT_BLANK,
        description="Why.",
        examples=["Counted again; three were broken"],
    )


class Product(BaseModel):
    """A product, as it is now or was."""

    id: ProductId
    name: str = Field(description="What it is called.", examples=["Circulating pump"])
    price: Money = costs("What one costs.")
    stock: int = Field(description="How many can still be reserved.", examples=[100])
    reserved: int = Field(
        description="How many are kept for orders, shipped or not, and not released again.", examples=[4]
    )
    created_at: datetime = when("When it came into the catalogue.", "2026-01-05T09:00:00Z")
    withdrawn_at: datetime | None = when(
        "When it was withdrawn; null while it is sold.", None, "2026-11-30T17:00:00Z"
    )


class ProductList(Listed[Product]):
    """A page of products, by name."""

    model_config = such_as(next=f"/api/products?limit=50&after={CURSOR}")


class ProductHappened(Happened[Product]):
    """What has happened to a product, and the product after it."""

    model_config = happened_as(ProductRestocked(product_id=PRODUCT, quantity=20))


class ProductHistory(Listed[ProductHappened]):
    """A page of what has happened to a product."""

    model_config = such_as(next=f"/api/products/{PRODUCT}/history?limit=50&after=8")


class Price(BaseModel):
    """A price that the product has had."""

    price: Money = costs("What one cost.")
    since: datetime = when("From when on.", "2026-01-05T09:00:00Z")


class PriceList(Listed[Price]):
    """The newest prices, oldest first."""

    model_config = such_as(next=None)


class ProductsWanted(PageWanted):
    """Which products to list."""

    model_config = such_as(after=CURSOR)

    q: Text = Field(default="", description="Words in the name.", examples=["pump"])
    state: Literal["sold", "withdrawn", "all"] = Field(
        default="all", description="Those that are sold, those that were withdrawn, or both."
    )
    low_stock: bool = Field(
        default=False, description="Only those of which no more are left than the installation calls low."
    )


def product_of(row: ProductRow) -> Product:
    """One product."""
    return Product(
        id=row.product_id,
        name=row.name,
        price=row.price,
        stock=row.stock,
        reserved=row.reserved,
        created_at=row.created_at,
        withdrawn_at=row.withdrawn_at,
    )


def products_then(moments: Iterable[time_travel.Moment]) -> list[Product]:
    """The product at each of these moments."""
    return [product_of(each.row) for each in moments if isinstance(each.row, ProductRow)]


def price_of(row: PriceRow) -> Price:
    """One price."""
    return Price(price=row.price, since=row.since)
