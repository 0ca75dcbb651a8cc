"""The catalogue as it is now, and the prices that each product has had."""

from decimal import Decimal
from uuid import UUID

import msgspec

from eventstore.projections.read_model import ReadModel
from eventstore.projections.unit_of_work import Rows
from eventstore.store import RecordedEvent
from orders.events import OrderShipped
from products.events import (
    ProductCreated,
    ProductRenamed,
    ProductRepriced,
    ProductRestocked,
    ProductWithdrawn,
    StockCorrected,
    StockReleased,
    StockReserved,
)
from readmodels.models import PriceRow, ProductRow, ProductText, ProductWord, ReservationRow
from readmodels.money import cents
from readmodels.texts import add_text, change_text
from spelling.name_order import sort_key

products = ReadModel(
    "products", version=5, tables=[ProductRow, PriceRow, ReservationRow, ProductText, ProductWord]
)


@products.on(ProductCreated)
def created(event: ProductCreated, recorded: RecordedEvent, rows: Rows) -> None:
    rows.add(
        ProductRow(
            product_id=event.product_id,
            name=event.name,
            sort_key=sort_key(event.name),
            price_cents=cents(event.price),
            stock=event.stock,
            created_at=recorded.occurred_at,
        )
    )
    add_text(rows, ProductText, event.product_id, event.name)
    add_price(event.product_id, event.price, recorded, rows)


@products.on(ProductRenamed, loads={ProductRow: "product_id", ProductText: "product_id"})
def renamed(event: ProductRenamed, recorded: RecordedEvent, rows: Rows) -> None:
    row = rows.get(ProductRow, event.product_id)
    row.name, row.sort_key = event.name, sort_key(event.name)
    change_text(rows, ProductText, event.product_id, event.name)


@products.on(ProductRepriced, loads={ProductRow: "product_id"})
def repriced(event: ProductRepriced, recorded: RecordedEvent, rows: Rows) -> None:
    rows.get(ProductRow, event.product_id).price_cents = cents(event.price)
    add_price(event.product_id, event.price, recorded, rows)


def add_price(product_id: UUID, price: Decimal, recorded: RecordedEvent, rows: Rows) -> None:
    rows.add(
        PriceRow(
            position=recorded.position,
            product_id=product_id,
            price_cents=cents(price),
            since=recorded.occurred_at,
        )
    )


@products.on(ProductRestocked, loads={ProductRow: "product_id"})
def restocked(event: ProductRestocked, recorded: RecordedEvent, rows: Rows) -> None:
    rows.get(ProductRow, event.product_id).stock += event.quantity


@products.on(StockCorrected, loads={ProductRow: "product_id"})
def stock_corrected(event: StockCorrected, recorded: RecordedEvent, rows: Rows) -> None:
    rows.get(ProductRow, event.product_id).stock += event.difference


@products.on(ProductWithdrawn, loads={ProductRow: "product_id"})
def withdrawn(event: ProductWithdrawn, recorded: RecordedEvent, rows: Rows) -> None:
    rows.get(ProductRow, event.product_id).withdrawn_at = recorded.occurred_at


@products.on(StockReserved, loads={ProductRow: "product_id", ReservationRow: "order_id"})
def reserved(event: StockReserved, recorded: RecordedEvent, rows: Rows) -> None:
    keep(event.product_id, event.order_id, event.quantity, rows)


@products.on(StockReleased, loads={ProductRow: "product_id", ReservationRow: "order_id"})
def released(event: StockReleased, recorded: RecordedEvent, rows: Rows) -> None:
    keep(event.product_id, event.order_id, -event.quantity, rows)


def keep(product_id: UUID, order_id: UUID, quantity: int, rows: Rows) -> None:
    """Reserve so many more for the order, or fewer."""
    product = rows.get(ProductRow, product_id)
    order = rows.get_or_add(ReservationRow(order_id=order_id))
    product.stock -= quantity
    product.reserved += quantity
    if order.is_shipped:
        product.shipped += quantity
    kept = msgspec.json.decode(order.kept)
    kept[str(product_id)] = kept.get(str(product_id), 0) + quantity
    order.kept = msgspec.json.encode(kept).decode()


@products.on(OrderShipped, loads={ReservationRow: "order_id"})
def shipped(event: OrderShipped, recorded: RecordedEvent, rows: Rows) -> None:
    order = rows.get_or_add(ReservationRow(order_id=event.order_id))
    order.is_shipped = True
    for product_id, quantity in msgspec.json.decode(order.kept).items():
        rows.get(ProductRow, UUID(product_id)).shipped += quantity
