"""Money as the tables keep it: in cents, because SQLite would keep a decimal as a float."""

from decimal import Decimal


def cents(amount: Decimal) -> int:
    """An amount of two decimal places, in cents."""
    return int(amount * 100)


def amount(cents: int) -> Decimal:
    """The amount of so many cents, in the currency of the settings."""
    return Decimal(cents) / 100
