"""What an order costs, line by line."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from orders.events import OrderLine
from readmodels.models import OrderLineRow, OrderRow


@dataclass(frozen=True)
class BillLine:
    """A line with what it costs and what the discount takes off it."""

    row: OrderLineRow
    amount: Decimal
    off: Decimal


@dataclass(frozen=True)
class Bill:
    """`before` is the total without the discount, `off` what that takes off."""

    lines: Sequence[BillLine]
    before: Decimal
    off: Decimal


def bill_of(order: OrderRow) -> Bill:
    """The bill of an order, calculated as the order itself calculates it."""
    lines = [bill_line(row, order.discount_percent) for row in order.lines.all()]
    off = sum((each.off for each in lines), Decimal("0.00"))
    return Bill(lines, before=order.total + off, off=off)


def bill_line(row: OrderLineRow, discount_percent: int) -> BillLine:
    """The line at this discount."""
    line = OrderLine(product_id=row.product_id, name=row.name, units=row.units, unit_price=row.unit_price)
    amount = line.amount(discount_percent)
    return BillLine(row, amount=amount, off=line.amount() - amount)
