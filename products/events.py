"""What happens to a product, in the catalogue and to its stock.

Money is in the one currency of the settings, with two decimal places.
"""

from decimal import Decimal
from typing import Annotated
from uuid import UUID

from eventstore.events import NOBODY, Means, event

ProductId = Annotated[UUID, Means("the product")]
OrderId = Annotated[UUID, Means("the order")]
ProductName = Annotated[str, Means("what it is called", personal=NOBODY)]
Pieces = Annotated[int, Means(unit="pieces")]
Money = Annotated[Decimal, Means(unit="the currency of the settings")]
Price = Annotated[Money, Means("what one costs")]


@event("ProductCreated")
class ProductCreated:
    """It is in the catalogue from now on, and can be ordered."""

    product_id: ProductId
    name: ProductName
    price: Price
    stock: Annotated[Pieces, Means("how many there are to begin with")]


@event("ProductRenamed")
class ProductRenamed:
    """It is called otherwise from now on. Orders keep the name that they were placed under."""

    product_id: ProductId
    name: ProductName


@event("ProductRepriced")
class ProductRepriced:
    """It costs more, or less, from now on. Orders keep the price that they were placed at."""

    product_id: ProductId
    old_price: Annotated[Money, Means("what one cost until now")]
    price: Price


@event("ProductRestocked")
class ProductRestocked:
    """More of it has come in."""

    product_id: ProductId
    quantity: Annotated[Pieces, Means("how many have come in")]


@event("StockCorrected")
class StockCorrected:
    """There were so many more than was thought, or (`difference` below 0) less."""

    product_id: ProductId
    difference: Annotated[Pieces, Means("how many more there were, below 0 how many less")]
    reason: Annotated[str, Means("why, in the words of whoever counted", personal="product")]


@event("ProductWithdrawn")
class ProductWithdrawn:
    """No longer sold. What is reserved stays reserved."""

    product_id: ProductId


@event("StockReserved")
class StockReserved:
    """So many are kept for an order, and no longer in stock."""

    product_id: ProductId
    order_id: OrderId
    quantity: Annotated[Pieces, Means("how many are kept")]


@event("StockRejected")
class StockRejected:
    """An order wanted more than there was."""

    product_id: ProductId
    order_id: OrderId
    quantity: Annotated[Pieces, Means("how many were wanted")]
    available: Annotated[Pieces, Means("how many there were")]


@event("StockReleased")
class StockReleased:
    """What was kept for an order is in stock again."""

    product_id: ProductId
    order_id: OrderId
    quantity: Annotated[Pieces, Means("how many are in stock again")]


ProductEvent = (
    ProductCreated
    | ProductRenamed
    | ProductRepriced
    | ProductRestocked
    | StockCorrected
    | ProductWithdrawn
    | StockReserved
    | StockRejected
    | StockReleased
)
