"""Products, as the API shows them and takes them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from api.reading import Listed, PageWanted
from api.shapes import NOT_BLANK, Sent, Text
from api.shapes.history import Happened
from api.shapes.money import Amount, Money
from products.forms import NAME
from readmodels import as_it_was
from readmodels.models import PriceRow, ProductRow


class ProductName(Sent):
    """What a product is called."""

    name: str = Field(
        max_length=NAME, json_schema_extra=NOT_BLANK, description="The name.", examples=["Fan belt"]
    )


class ProductPrice(Sent):
    """What a product costs."""

    price: Amount = Field(description="What one costs, in the currency of the installation.")


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


class Product(BaseModel):
    """A product, as it is now or was. Money is in the currency of the installation, moments are in UTC (RFC
    3339)."""

    id: UUID = Field(description="The product's id.")
    name: str = Field(description="What it is called.", examples=["Fan belt"])
    price: Money = Field(description="What one costs.")
    stock: int = Field(description="How many can still be reserved.", examples=[100])
    reserved: int = Field(
        description="How many are kept for orders, shipped or not, and not released again.", examples=[4]
    )
    created_at: datetime = Field(description="When it came into the catalogue.")
    withdrawn_at: datetime | None = Field(description="When it was withdrawn; null while it is sold.")


class ProductList(Listed[Product]):
    """A page of products, by name."""


class ProductHistory(Listed[Happened[Product]]):
    """A page of what has happened to a product."""


class Price(BaseModel):
    """A price that the product has had."""

    price: Money = Field(description="What one cost.")
    since: datetime = Field(description="From when on, in UTC (RFC 3339).")


class PriceList(Listed[Price]):
    """The newest prices, oldest first."""


class ProductsWanted(PageWanted):
    """Which products to list."""

    q: Text = Field(default="", description="Words in the name.")
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


def products_then(moments: Iterable[as_it_was.Moment]) -> list[Product]:
    """The product at each of these moments."""
    return [product_of(each.row) for each in moments if isinstance(each.row, ProductRow)]


def price_of(row: PriceRow) -> Price:
    """One price."""
    return Price(price=row.price, since=row.since)
