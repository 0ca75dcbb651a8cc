"""Amounts of money: text with two decimal places, in the one currency of the installation. Never a number,
which programs read as a float."""

import re
from decimal import Decimal
from typing import Annotated, Any

from django.conf import settings
from pydantic import AfterValidator, Field, WithJsonSchema

CENT = Decimal("0.01")
AMOUNT = re.compile(r"-?[0-9]+(\.[0-9]+)?")
EXAMPLE = "118.00"


def costs(what: str, example: str = EXAMPLE) -> Any:
    """An amount, with its currency."""
    return Field(description=f"{what} In {settings.CURRENCY}.", examples=[example])


def to_the_cent(value: Decimal) -> Decimal:
    """With two places, however it was calculated; it is then written so everywhere."""
    return value.quantize(CENT)


Money = Annotated[
    Decimal,
    AfterValidator(to_the_cent),
    WithJsonSchema({"type": "string", "pattern": r"^-?[0-9]+\.[0-9]{2}$"}),
]
"""An amount as it is shown."""


def in_digits(value: str) -> str:
    """Refuses commas, which mean thousands to some and the decimal point to others. The rules say how much
    is too much, and how exact an amount may be."""
    if not AMOUNT.fullmatch(value):
        raise ValueError("Give the amount as text in digits, such as 12.50")
    return value


Amount = Annotated[
    str,
    Field(max_length=20, json_schema_extra={"pattern": r"^[0-9]+(\.[0-9]{1,2})?$"}),
    AfterValidator(in_digits),
]
"""An amount as it is sent."""
