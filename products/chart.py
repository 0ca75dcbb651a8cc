"""The prices of a product as a drawing: in steps, because a price holds until the next.

The template writes it as SVG into the page. Nothing is styled inline, and everything that it shows is also
in a table. Lengths are in the drawing's own units.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from readmodels.models import PriceRow

WIDTH, HEIGHT = 360, 150
LEFT, RIGHT = 6, 354
TOP, BOTTOM = 24, 124
DOTS = 40
"""More prices than this would merge into each other as dots, so only the line shows them."""


@dataclass(frozen=True)
class Dot:
    """Where a price began."""

    x: str
    y: str
    row: PriceRow


@dataclass(frozen=True)
class Chart:
    """`line` is an SVG path; `first` and `last` are the prices in time, `low` and `high` those in height."""

    line: str
    dots: Sequence[Dot]
    prices: int
    first: PriceRow
    last: PriceRow
    low: Decimal
    high: Decimal
    until: datetime
    size: str = f"0 0 {WIDTH} {HEIGHT}"


def draw(rows: Sequence[PriceRow], until: datetime) -> Chart | None:
    """The prices, oldest first, up to a moment; None when there are none."""
    if not rows:
        return None
    low, high = min(row.price for row in rows), max(row.price for row in rows)
    dots = [Dot(across(row.since, rows[0].since, until), height(row.price, low, high), row) for row in rows]
    line = f"M{dots[0].x} {dots[0].y}" + "".join(f"H{dot.x}V{dot.y}" for dot in dots[1:]) + f"H{RIGHT}"
    return Chart(
        line=line,
        dots=dots if len(dots) <= DOTS else [],
        prices=len(rows),
        first=rows[0],
        last=rows[-1],
        low=low,
        high=high,
        until=until,
    )


def across(moment: datetime, first: datetime, until: datetime) -> str:
    """The horizontal place of a moment."""
    whole, part = (until - first).total_seconds(), (moment - first).total_seconds()
    share = min(max(part / whole, 0.0), 1.0) if whole > 0 else 0.0
    return f"{LEFT + share * (RIGHT - LEFT):.1f}"


def height(price: Decimal, low: Decimal, high: Decimal) -> str:
    """The vertical place of a price: the highest at the top, the lowest at the bottom; a single one in the
    middle."""
    share = (high - price) / (high - low) if high > low else Decimal("0.5")
    return f"{TOP + share * (BOTTOM - TOP):.1f}"
