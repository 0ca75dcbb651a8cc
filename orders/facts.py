"""What is known of products, sites and jobs when an order is placed; it travels in the command."""

from collections.abc import Sequence
from contextlib import suppress
from decimal import Decimal
from uuid import UUID

from eventstore.current import current_store
from eventstore.dispatch import Unreadable, event_id_of, event_of
from orders.commands import OrderItem, WorkFact
from orders.events import OrderLine, OrderStarted
from orders.order import ORDER
from products.commands import ProductFact, ProductStatus
from readmodels.models import ProductRow, SiteRow
from readmodels.queries import orders, products
from sites.commands import SiteFact, SiteStatus


def first_sent(order_id: UUID) -> OrderStarted | None:
    """What the form of this order said when it was first sent; None when it never was. Read from the store
    itself, because a read model may be behind.

    The prices and names of that time stay valid for it: sent again, it says the same.
    """
    for recorded in current_store().read_stream(ORDER.stream(order_id), limit=1):
        # The id of an order that a form placed is also the command's. If it cannot be read, the command is
        # refused.
        if recorded.id != event_id_of(order_id, 0):
            return None
        with suppress(Unreadable):
            first = event_of(recorded)
            return first if isinstance(first, OrderStarted) else None
    return None


def order_items(first: OrderStarted | None, wanted: Sequence[tuple[UUID, int]]) -> tuple[OrderItem, ...]:
    """So many units of each product, at the present price, or at that of when the form was first sent."""
    known = products.by_ids(product_id for product_id, _ in wanted)
    facts = {product_id: product_fact(product_id, known.get(product_id)) for product_id, _ in wanted}
    if first is not None:
        before = {line.product_id: line for line in first.lines}
        facts = {each: as_before(fact, before.get(each)) for each, fact in facts.items()}
    return tuple(OrderItem(product=facts[product_id], units=units) for product_id, units in wanted)


def as_before(now: ProductFact, line: OrderLine | None) -> ProductFact:
    """The product with its name and price of when it was ordered."""
    return ProductFact(
        product_id=now.product_id,
        name=line.name if line else now.name,
        price=line.unit_price if line else now.price,
        status=now.status,
    )


def product_fact(product_id: UUID, row: ProductRow | None) -> ProductFact:
    """What the read models know of a product."""
    if row is None:
        return ProductFact(
            product_id=product_id, name=str(product_id), price=Decimal(0), status=ProductStatus.UNKNOWN
        )
    status = ProductStatus.WITHDRAWN if row.withdrawn_at else ProductStatus.SOLD
    return ProductFact(product_id=product_id, name=row.name, price=row.price, status=status)


def site_fact(row: SiteRow) -> SiteFact:
    """What the read models know of a site."""
    status = SiteStatus.RELINQUISHED if row.relinquished_at else SiteStatus.ACTIVE
    return SiteFact(site_id=row.site_id, name=str(row), status=status)


def work_fact(work_id: UUID) -> WorkFact:
    """What the read models know of a job."""
    row = orders.job_of(work_id)
    is_withdrawn = row is not None and row.withdrawn_at is not None
    return WorkFact(work_id=work_id, is_known=row is not None, is_withdrawn=is_withdrawn)
