"""The product: something that sites buy, with its price and its stock."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import Enum
from typing import assert_never
from uuid import UUID, uuid5

from eventstore.decider import Decider, Refused
from products.commands import (
    CorrectStock,
    CreateProduct,
    ProductCommand,
    ReleaseStock,
    RenameProduct,
    RepriceProduct,
    ReserveStock,
    ReserveStockAgain,
    RestockProduct,
    WithdrawProduct,
)
from products.events import (
    ProductCreated,
    ProductEvent,
    ProductRenamed,
    ProductRepriced,
    ProductRestocked,
    ProductWithdrawn,
    StockCorrected,
    StockRejected,
    StockReleased,
    StockReserved,
)
from products.reserved import Reserved
from spelling.line import has_line_break, trimmed

CENT = Decimal("0.01")
MOST = Decimal("9999999.99")
"""The highest price, which also limits the widest column that has to show one."""
MOST_STOCK = 1_000_000_000
NOT_FREE = "Not so many are free"


class Status(Enum):
    NONE = "none"
    SOLD = "sold"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Product:
    """`stock` is what is free; what is reserved is no longer in it."""

    status: Status = Status.NONE
    name: str = ""
    price: Decimal = Decimal(0)
    stock: int = 0
    reserved: Reserved = field(default_factory=Reserved)


def create(command: CreateProduct, product: Product) -> Sequence[ProductEvent]:
    if product.status is not Status.NONE:
        raise Refused("This product has already been created")
    stock, name, price = stocked(command.stock), named(command.name), priced(command.price)
    return [ProductCreated(product_id=command.product_id, name=name, price=price, stock=stock)]


def rename(command: RenameProduct, product: Product) -> Sequence[ProductEvent]:
    must_be_sold(product)
    name = named(command.name)
    return [] if name == product.name else [ProductRenamed(product_id=command.product_id, name=name)]


def reprice(command: RepriceProduct, product: Product) -> Sequence[ProductEvent]:
    must_be_sold(product)
    price = priced(command.price)
    if price == product.price:
        return []
    return [ProductRepriced(product_id=command.product_id, old_price=product.price, price=price)]


def restock(command: RestockProduct, product: Product) -> Sequence[ProductEvent]:
    must_be_sold(product)
    if command.quantity < 1:
        raise Refused("At least one must be put into stock")
    if product.stock + command.quantity > MOST_STOCK:
        raise Refused("This is too much stock")
    return [ProductRestocked(product_id=command.product_id, quantity=command.quantity)]


def correct_stock(command: CorrectStock, product: Product) -> Sequence[ProductEvent]:
    """By no more than is free: reserved stock has been promised to orders."""
    must_be_sold(product)
    if not command.difference:
        raise Refused("A correction must change the stock")
    if not trimmed(command.reason):
        raise Refused("A correction of stock must have a reason")
    must_leave_stock(product.stock, command.difference)
    return [
        StockCorrected(
            product_id=command.product_id, difference=command.difference, reason=trimmed(command.reason)
        )
    ]


def must_leave_stock(free: int, difference: int) -> None:
    """With so many free, the result may be neither below zero nor more than any count may be."""
    if free + difference > MOST_STOCK:
        raise Refused("This is too much stock")
    if free + difference < 0:
        raise Refused(f"{NOT_FREE}; at most {free:,} can be taken away")


def withdraw(command: WithdrawProduct, product: Product) -> Sequence[ProductEvent]:
    must_be_sold(product)
    return [ProductWithdrawn(product_id=command.product_id)]


def reserve(command: ReserveStock, product: Product) -> Sequence[ProductEvent]:
    """All of it, or a rejection; both are facts. A second request for the same order changes nothing: while
    some is kept for it, as the state says, and later, as the command's id does."""
    must_exist(product)
    if command.quantity < 1:
        raise Refused("At least one must be reserved")
    if command.order_id in product.reserved:
        return []
    product_id, order_id, quantity = command.product_id, command.order_id, command.quantity
    left = available(product)
    if quantity > left:
        return [StockRejected(product_id=product_id, order_id=order_id, quantity=quantity, available=left)]
    return [StockReserved(product_id=product_id, order_id=order_id, quantity=quantity)]


def reserve_again(command: ReserveStockAgain, product: Product) -> Sequence[ProductEvent]:
    """No event while some is reserved for the order. No rejection: the order got its answer long ago."""
    must_exist(product)
    if command.quantity < 1:
        raise Refused("At least one must be reserved")
    if product.reserved.get(command.order_id):
        return []
    if command.quantity > available(product):
        raise Refused("There is not enough in stock")
    return [
        StockReserved(product_id=command.product_id, order_id=command.order_id, quantity=command.quantity)
    ]


def available(product: Product) -> int:
    """What can be reserved; nothing of a withdrawn product."""
    return product.stock if product.status is Status.SOLD else 0


def release(command: ReleaseStock, product: Product) -> Sequence[ProductEvent]:
    must_exist(product)
    quantity = product.reserved.get(command.order_id, 0)
    if not quantity:
        return []
    return [StockReleased(product_id=command.product_id, order_id=command.order_id, quantity=quantity)]


def must_exist(product: Product) -> None:
    if product.status is Status.NONE:
        raise Refused("This product was never created")


def must_be_sold(product: Product) -> None:
    must_exist(product)
    if product.status is Status.WITHDRAWN:
        raise Refused("This product has been withdrawn")


def named(name: str) -> str:
    name = trimmed(name)
    if not name:
        raise Refused("Product must have a name")
    if has_line_break(name):
        raise Refused("A product's name must be one line")
    return name


def priced(price: Decimal) -> Decimal:
    """The price with exactly two decimal places."""
    if not price.is_finite():
        raise Refused("Price must be a number")
    if price > MOST:
        raise Refused(f"Price must not be above {MOST:,}")
    if price < 0:
        raise Refused("Price must not be negative")
    exact = price.quantize(CENT)
    if exact != price:
        raise Refused("Price must have at most two decimal places")
    return exact + 0  # zero is never minus zero


def stocked(stock: int) -> int:
    if stock < 0:
        raise Refused("Stock must not be negative")
    if stock > MOST_STOCK:
        raise Refused("This is too much stock")
    return stock


def decide(command: ProductCommand, product: Product) -> Sequence[ProductEvent]:
    match command:
        case CreateProduct():
            return create(command, product)
        case RenameProduct():
            return rename(command, product)
        case RepriceProduct():
            return reprice(command, product)
        case RestockProduct():
            return restock(command, product)
        case CorrectStock():
            return correct_stock(command, product)
        case WithdrawProduct():
            return withdraw(command, product)
        case ReserveStock():
            return reserve(command, product)
        case ReserveStockAgain():
            return reserve_again(command, product)
        case ReleaseStock():
            return release(command, product)
        case _:
            assert_never(command)


def own_id(command: ProductCommand) -> UUID | None:
    """An order asks for the stock of a product once, whoever says so for it."""
    if not isinstance(command, ReserveStock):
        return None
    return uuid5(command.order_id, f"reserve {command.product_id}")


def evolve(product: Product, event: ProductEvent) -> Product:
    match event:
        case ProductCreated():
            return Product(Status.SOLD, event.name, event.price, event.stock)
        case ProductRenamed():
            return replace(product, name=event.name)
        case ProductRepriced():
            return replace(product, price=event.price)
        case ProductRestocked():
            return replace(product, stock=product.stock + event.quantity)
        case StockCorrected():
            return replace(product, stock=product.stock + event.difference)
        case ProductWithdrawn():
            return replace(product, status=Status.WITHDRAWN)
        case StockReserved():
            kept = product.reserved.having(event.order_id, event.quantity)
            return replace(product, stock=product.stock - event.quantity, reserved=kept)
        case StockRejected():
            return product
        case StockReleased():
            kept = product.reserved.having(event.order_id, 0)
            return replace(product, stock=product.stock + event.quantity, reserved=kept)
        case _:
            assert_never(event)


PRODUCT = Decider(
    category="product",
    identify=lambda c: c.product_id,
    initial=Product(),
    decide=decide,
    evolve=evolve,
    own_id=own_id,
)
