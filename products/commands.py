"""The commands of a product."""

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from uuid import UUID

from eventstore.decider import Fact


@dataclass(frozen=True, kw_only=True)
class CreateProduct:
    product_id: UUID
    name: str
    price: Decimal
    stock: int


@dataclass(frozen=True, kw_only=True)
class RenameProduct:
    product_id: UUID
    name: str


@dataclass(frozen=True, kw_only=True)
class RepriceProduct:
    product_id: UUID
    price: Decimal


@dataclass(frozen=True, kw_only=True)
class RestockProduct:
    product_id: UUID
    quantity: int


@dataclass(frozen=True, kw_only=True)
class CorrectStock:
    """There are so many more than was thought, or (`difference` below 0) less."""

    product_id: UUID
    difference: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class WithdrawProduct:
    product_id: UUID


@dataclass(frozen=True, kw_only=True)
class ReserveStock:
    product_id: UUID
    order_id: UUID
    quantity: int


@dataclass(frozen=True, kw_only=True)
class ReserveStockAgain:
    """For an order that needs stock which was released, or never reserved. A person decides this; a
    command that is only repeated is a `ReserveStock`."""

    product_id: UUID
    order_id: UUID
    quantity: int


@dataclass(frozen=True, kw_only=True)
class ReleaseStock:
    product_id: UUID
    order_id: UUID


ProductCommand = (
    CreateProduct
    | RenameProduct
    | RepriceProduct
    | RestockProduct
    | CorrectStock
    | WithdrawProduct
    | ReserveStock
    | ReserveStockAgain
    | ReleaseStock
)


class ProductStatus(Enum):
    SOLD = "sold"
    WITHDRAWN = "withdrawn"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class ProductFact:
    """What the read models knew of a product when a command about it was made."""

    product_id: UUID
    name: Fact[str]
    price: Fact[Decimal]
    status: Fact[ProductStatus]
