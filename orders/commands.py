"""The commands of an order, and of a buyer."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from eventstore.decider import Fact
from orders.events import Address, Card
from products.commands import ProductFact
from sites.commands import SiteFact


@dataclass(frozen=True, kw_only=True)
class OrderItem:
    product: ProductFact
    units: int


@dataclass(frozen=True, kw_only=True)
class WorkFact:
    """What the read models knew of the job that an order is for."""

    work_id: UUID
    is_known: Fact[bool]
    is_withdrawn: Fact[bool] = False


@dataclass(frozen=True, kw_only=True)
class PlaceOrder:
    """`site` is the site that it goes to, if it is one of ours; `ship_to` is then the address of that
    site."""

    order_id: UUID
    buyer_name: str
    buyer_email: str
    items: tuple[OrderItem, ...]
    ship_to: Address
    card: Card
    site: SiteFact | None = None
    work: WorkFact | None = None


@dataclass(frozen=True, kw_only=True)
class VerifyBuyer:
    order_id: UUID
    buyer_id: UUID
    payment_method_id: UUID
    discount_percent: int


@dataclass(frozen=True, kw_only=True)
class AwaitValidation:
    order_id: UUID


@dataclass(frozen=True, kw_only=True)
class ConfirmLine:
    """The line's stock is reserved."""

    order_id: UUID
    product_id: UUID


@dataclass(frozen=True, kw_only=True)
class RejectLine:
    """There was not enough stock for the line."""

    order_id: UUID
    product_id: UUID


@dataclass(frozen=True, kw_only=True)
class PayOrder:
    order_id: UUID
    reference: str


@dataclass(frozen=True, kw_only=True)
class ShipOrder:
    order_id: UUID


@dataclass(frozen=True, kw_only=True)
class CancelOrder:
    order_id: UUID
    reason: str


OrderCommand = (
    PlaceOrder | VerifyBuyer | AwaitValidation | ConfirmLine | RejectLine | PayOrder | ShipOrder | CancelOrder
)


@dataclass(frozen=True, kw_only=True)
class VerifyPaymentMethod:
    """Registers the buyer and the card, if they are new. `paid_before` is what the buyer had paid, over
    all their orders, when this one was placed."""

    buyer_id: UUID
    order_id: UUID
    name: str
    email: str
    card: Card
    paid_before: Fact[Decimal]


@dataclass(frozen=True, kw_only=True)
class RecordPayment:
    buyer_id: UUID
    order_id: UUID
    amount: Decimal


BuyerCommand = VerifyPaymentMethod | RecordPayment
