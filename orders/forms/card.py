"""A card as it is typed. Its number and security code are checked here and go no further: not into the
command, nor back into the page."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from orders.card_numbers import holds_card_number, passes_luhn, plain
from orders.events import Card, CardType
from pages.fields import Line

LONGEST = 20
"""The most years for which a card is valid; a later year is a typing error."""
BAD_NUMBER = "Please specify a valid card number"
BAD_EXPIRY = "Please specify a valid card expiration date"
NO_CODE = "Please specify the security code"
BAD_HOLDER = "Please specify the card holder's name, without the card's number"

ELSEWHERE = "A card's number belongs into its own field alone"

GAPS = re.compile(r"[\s\u00ad\u200b-\u200f\u2010-\u2015\u202a-\u202e\u2060-\u2069\u2212\ufeff-]")
"""What separates the groups of a card's number: white space, dashes, and invisible signs."""
_NUMBER_LIKE = re.compile("[0-9]{12,}")


@dataclass(frozen=True)
class Kind:
    """What the numbers of one type of card look like."""

    prefix: re.Pattern[str]
    lengths: frozenset[int]
    code_length: int = 3


KINDS = {
    CardType.AMERICAN_EXPRESS: Kind(re.compile("3[47]"), frozenset({15}), code_length=4),
    CardType.MASTERCARD: Kind(
        re.compile("5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720"),
        frozenset({16}),
    ),
    CardType.VISA: Kind(re.compile("4"), frozenset({13, 16, 19})),
}


def without_card_number(text: str) -> None:
    """Validates a text that is kept, or written to somebody."""
    if holds_card_number(text):
        raise ValidationError(ELSEWHERE)


class NeverShown(forms.TextInput):
    """An input that a page never fills in, whatever was sent."""

    def format_value(self, value: Any) -> None:  # noqa: ARG002
        return None


class CardNumber(forms.CharField):
    """Digits, however they were grouped: with spaces and dashes of any kind, as other programs pass them
    on."""

    def to_python(self, value: Any) -> str:
        digits = GAPS.sub("", super().to_python(value) or "")
        if digits and not (re.fullmatch("[0-9]{12,19}", digits) and passes_luhn(digits)):
            raise ValidationError(BAD_NUMBER)
        return digits


class Expiry(forms.CharField):
    """The last month of a card, as it stands on it (03/27) or in full (03/2027, 2027-03); the result is
    like 2027-03."""

    def clean(self, value: Any) -> str:
        text = str(super().clean(value)).strip()
        if month := re.fullmatch(r"([0-9]{1,2})\s*/\s*(?:20)?([0-9]{2})", text):
            return f"20{month[2]}-{month[1].zfill(2)}"
        if re.fullmatch(r"20[0-9]{2}-[0-9]{2}", text):
            return text
        raise ValidationError(BAD_EXPIRY)


def is_good(expiry: str) -> bool:
    """Whether it is a month that has not passed and is not too far in the future."""
    year, number = map(int, expiry.split("-"))
    today = timezone.localdate()
    return 1 <= number <= 12 and this_month(today) <= (year, number) <= (today.year + LONGEST, 12)


def this_month(today: date) -> tuple[int, int]:
    """This month: a card is valid to the end of its month."""
    return today.year, today.month


def number_fault(kind: CardType, number: str) -> str | None:
    """Why a card of this type cannot have this number."""
    known = KINDS[kind]
    if known.prefix.match(number) and len(number) in known.lengths:
        return None
    return f"This is not the number of a card by {kind.label}"


def code_fault(kind: CardType, code: str) -> str | None:
    """Why a card of this type cannot have this security code."""
    length = KINDS[kind].code_length
    if re.fullmatch(f"[0-9]{{{length}}}", code):
        return None
    return f"Please specify a valid security code: {length} digits"


class CardForm(forms.Form):
    """The fields of a card, to be part of another form."""

    card_type = forms.ChoiceField(
        label="Card",
        choices=[("", "Choose a card"), *((each.value, each.label) for each in CardType)],
        widget=forms.Select(attrs={"class": "form-select", "autocomplete": "cc-type"}),
        error_messages={"required": "Choose a card", "invalid_choice": "Choose a card"},
    )
    card_number = CardNumber(
        label="Number",
        max_length=40,
        widget=NeverShown(
            attrs={"class": "form-control", "autocomplete": "cc-number", "inputmode": "numeric"}
        ),
        error_messages={"required": BAD_NUMBER, "max_length": BAD_NUMBER},
    )
    card_holder = Line(
        label="Name on the card",
        max_length=200,
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "cc-name"}),
        error_messages={"required": BAD_HOLDER, "max_length": "At most %(limit_value)d characters"},
    )
    expiry = Expiry(
        label="Expires",
        max_length=10,
        widget=forms.TextInput(
            attrs={"class": "form-control", "autocomplete": "cc-exp", "placeholder": "MM/YY"}
        ),
        error_messages={"required": BAD_EXPIRY, "max_length": BAD_EXPIRY},
    )
    security_code = forms.CharField(
        label="Security code",
        max_length=10,
        widget=NeverShown(attrs={"class": "form-control", "autocomplete": "cc-csc", "inputmode": "numeric"}),
        error_messages={
            "required": NO_CODE,
            "max_length": "Please specify a valid security code",
        },
    )

    def clean_card_holder(self) -> str:
        """The stored part of a card must not contain its number by mistake."""
        holder = str(self.cleaned_data["card_holder"])
        if _NUMBER_LIKE.search(GAPS.sub("", plain(holder))) or holds_card_number(holder):
            raise ValidationError(BAD_HOLDER)
        return holder

    def clean_expiry(self) -> str:
        """A card that was valid when this form was first sent is valid when it is sent again."""
        expiry = str(self.cleaned_data["expiry"])
        if not is_good(expiry) and not self.was_taken(expiry):
            raise ValidationError(BAD_EXPIRY)
        return expiry

    def was_taken(self, expiry: str) -> bool:  # noqa: ARG002
        """Whether this very form was sent before, with a card that was valid until then."""
        return False

    def check_card(self) -> None:
        """Number and security code must fit the type."""
        given = self.cleaned_data
        if not given.get("card_type"):
            return
        kind = CardType(given["card_type"])
        if given.get("card_number") and (fault := number_fault(kind, given["card_number"])):
            self.add_error("card_number", fault)
        if given.get("security_code") and (fault := code_fault(kind, given["security_code"])):
            self.add_error("security_code", fault)

    def card(self) -> Card:
        """What is kept of the card."""
        given = self.cleaned_data
        return Card(
            type=CardType(given["card_type"]),
            holder=given["card_holder"],
            last_four=given["card_number"][-4:],
            expiry=given["expiry"],
        )
