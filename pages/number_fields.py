"""Fields for numbers as people write them. Nothing else counts as a number: not "NaN", not "1e5"."""

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from pages.money import SIGNS
from spelling.line import plain_number

_WHOLE = r"[+-]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)"
WHOLE = re.compile(_WHOLE)
AMOUNT = re.compile(rf"{_WHOLE}(?:\.[0-9]+)?|\.[0-9]+")
LONGEST = 15
"""Digits of the largest number that any count may have."""


def with_plain_minus(value: Any) -> str:
    """The value with a plain minus; pages write the typographic one, so somebody may paste it."""
    return plain_number(str(value or ""))


class AmountField(forms.Field):
    """An amount of money: "1234.5", "1,234.50" or "£1,234.50". The rules say how much is too much."""

    default_error_messages = {"invalid": "Give an amount in digits, such as 12.50"}

    def to_python(self, value: Any) -> Decimal | None:
        text = with_plain_minus(value).lstrip("".join(SIGNS.values()))
        if not text:
            return None
        if not AMOUNT.fullmatch(text):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return Decimal(text.replace(",", ""))

    def prepare_value(self, value: Any) -> Any:
        """With two decimal places if it is an amount, otherwise as it was typed."""
        return f"{value:.2f}" if isinstance(value, Decimal) else value


class WholeNumberField(forms.Field):
    """A number of things: "1200" or "1,200"."""

    default_error_messages = {
        "invalid": "Give a whole number in digits, such as 20",
        "too_long": "This number is too large",
    }

    def to_python(self, value: Any) -> int | None:
        text = with_plain_minus(value)
        if not text:
            return None
        if not WHOLE.fullmatch(text):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        if len(text) > LONGEST:
            raise ValidationError(self.error_messages["too_long"], code="too_long")
        return int(text.replace(",", ""))


def amount(label: str, *, required: str) -> AmountField:
    """A field for an amount of money; `required` says what is wrong when there is none."""
    return AmountField(label=label, error_messages={"required": required}, widget=_digits("decimal"))


def whole_number(label: str, *, required: str) -> WholeNumberField:
    """A field for a number of things; `required` says what is wrong when there is none."""
    return WholeNumberField(label=label, error_messages={"required": required}, widget=_digits("numeric"))


def difference(label: str, *, required: str) -> WholeNumberField:
    """A field for how many more or fewer there are. The on-screen keys for digits only have no minus."""
    return WholeNumberField(
        label=label,
        error_messages={"required": required},
        help_text="Such as 3 for more, -3 for less",
        widget=_digits("text"),
    )


def _digits(inputmode: str) -> forms.TextInput:
    """Not type=number: browsers drop what is no number, instead of sending it to be checked."""
    return forms.TextInput(
        attrs={"class": "form-control", "autocomplete": "off", "inputmode": inputmode, "maxlength": "40"}
    )
