"""The rows of an order's form: a product and how many of it."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import zip_longest
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from orders.order import MOST_UNITS
from pages.question import Question
from readmodels.models import ProductRow

MOST_ROWS = 100
ONE = "1"
"""The units in a row that nobody has changed yet."""


@dataclass(frozen=True)
class Row:
    """A row as it was typed."""

    product: str = ""
    units: str = ONE

    @property
    def is_blank(self) -> bool:
        """Whether the row is empty."""
        return not self.product and self.units in ("", ONE)

    @property
    def product_id(self) -> UUID | None:
        try:
            return UUID(self.product)
        except ValueError:
            return None

    @property
    def count(self) -> int | None:
        """How many; None when it is not a number that could be ordered."""
        if not re.fullmatch("[0-9]{1,9}", self.units):
            return None
        return int(self.units) if 0 < int(self.units) <= MOST_UNITS else None

    @property
    def fault(self) -> str:
        """What is wrong with it, if anything."""
        if self.is_blank:
            return ""
        if self.product_id is None:
            return "Choose a product"
        return "" if self.count else "Invalid number of units"


def rows_of(sent: QueryDict) -> list[Row]:
    """The rows as they were sent: the first MOST_ROWS of them and one more, to see that there are too
    many."""
    pairs = zip_longest(sent.getlist("product"), sent.getlist("units"), fillvalue="")
    rows = [Row(clean(product), clean(units)) for product, units in pairs]
    return rows[: MOST_ROWS + 1]


def clean(typed: str) -> str:
    """The text, cut to the length of anything sensible."""
    return typed.replace("\0", "").strip()[:40]


class RowsWidget(forms.Widget):
    """Reads the rows; it has a template of its own."""

    def value_from_datadict(self, data: Any, _files: Any, _name: str) -> list[Row]:
        return rows_of(data)


class ItemsField(forms.Field):
    """Which products, and how many of each."""

    widget = RowsWidget

    def clean(self, value: Sequence[Row]) -> list[tuple[UUID, int]]:
        if len(value) > MOST_ROWS:
            raise ValidationError(f"At most {MOST_ROWS} rows")
        faults = [row.fault for row in value if row.fault]
        if faults:
            raise ValidationError(faults[0])
        found = [(row.product_id, row.count) for row in value if row.product_id and row.count]
        if not found:
            raise ValidationError("No order items found")
        return found


def shortages(wanted: Iterable[tuple[UUID, int]], known: Mapping[UUID, ProductRow]) -> dict[UUID, Question]:
    """The question about each product that is sold and has less in stock than is wanted. More may be
    delivered: the reservation decides whether it can be had."""
    units: Counter[UUID] = Counter()
    for product_id, count in wanted:
        units[product_id] += count
    return {
        product_id: Question(
            key=f"{product_id} {count}",
            field="items",
            sentence=f"{in_stock(row)} of {row}: an order of {count:,} is cancelled unless more comes."
            " Press again to order all the same",
        )
        for product_id, count in units.items()
        if (row := known.get(product_id)) and not row.withdrawn_at and count > row.stock
    }


def in_stock(product: ProductRow) -> str:
    """How many there are, in words."""
    return f"There are only {product.stock:,} in stock" if product.stock else "There is nothing in stock"


def total(rows: Iterable[tuple[Row, ProductRow | None]]) -> Decimal:
    """The total of the rows, as far as they can be understood and ordered."""
    return sum(
        (
            product.price * row.count
            for row, product in rows
            if product and not product.withdrawn_at and row.count
        ),
        Decimal("0.00"),
    )
