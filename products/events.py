"""What happens to a product, in the catalogue and to its stock.

Money is in the one currency of the settings, with two decimal places.
"""

from decimal import Decimal
from uuid import UUID

from eventstore.events import event


@event("ProductCreated")
class ProductCreated:
    product_id: UUID
    name: str
    price: Decimal
    stock: int


@event("ProductRenamed")
class ProductRenamed:
    product_id: UUID
    name: str


@event("ProductRepriced")
class ProductRepriced:
    product_id: UUID
    old_price: Decimal
    price: Decimal


@event("ProductRestocked")
class ProductRestocked:
    product_id: UUID
    quantity: int


@event("StockCorrected")
class StockCorrected:
    """There were so many more than was thought, or (`difference` below 0) less."""

    product_id: UUID
    difference: int
    reason: str


@event("ProductWithdrawn")
class ProductWithdrawn:
    """No longer sold. What is reserved stays reserved."""

    product_id: UUID


@event("StockReserved")
class StockReserved:
    """So many are kept for an order, and no longer in stock."""

    product_id: UUID
    order_id: UUID
    quantity: int


@event("StockRejected")
class StockRejected:
    """An order wanted more than there was."""

    product_id: UUID
    order_id: UUID
    quantity: int
    available: int


@event("StockReleased")
class StockReleased:
    """What was kept for an order is in stock again."""

    product_id: UUID
    order_id: UUID
    quantity: int


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
