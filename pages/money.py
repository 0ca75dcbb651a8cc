"""Amounts of money as every page and mail writes them."""

from decimal import Decimal

from django.conf import settings

SIGNS = {"EUR": "€", "GBP": "£", "USD": "$"}
"""For currencies that nobody confuses with another; the others are written with their code."""


def money(amount: Decimal) -> str:
    """An amount in the currency of the settings: "£1,234.50", "-£3.00", "CHF 1,234.50"."""
    sign = SIGNS.get(settings.CURRENCY, f"{settings.CURRENCY}\N{NO-BREAK SPACE}")
    return f"{'-' if amount < 0 else ''}{sign}{abs(amount):,.2f}"
