"""Numbers and amounts as people write them."""

from decimal import Decimal

import pytest
from django.conf import LazySettings
from django.core.exceptions import ValidationError

from pages.money import money
from pages.number_fields import amount, whole_number
from pages.templatetags import callout

PRICE = amount("Price", required="Say what it costs")
PIECES = whole_number("Pieces", required="Say how many")
NO_AMOUNT = ["Give an amount in digits, such as 12.50"]
NO_NUMBER = ["Give a whole number in digits, such as 20"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("12.50", "12.50"),
        (" 7 ", "7"),
        ("7.1", "7.1"),
        (".5", ".5"),
        ("1,234.50", "1234.50"),
        ("1,234,567", "1234567"),
        ("£12.50", "12.50"),
        ("-3", "-3"),
        ("0.001", "0.001"),
        ("9" * 5000, "9" * 5000),
    ],
)
def test_an_amount(typed: str, meant: str) -> None:
    """Whether it is too much, negative or too precise the rules of the product say."""
    assert PRICE.clean(typed) == Decimal(meant)


@pytest.mark.parametrize(
    "typed",
    ["NaN", "sNaN", "Infinity", "-inf", "1e5", "1E5", "0x10", "1_000", "12,50", "1,23", "12.", "1.2.3",
     "12\0", "\0", "twelve", "٣", "1 000", "--1", "1/2"],
)  # fmt: skip
def test_a_text_that_is_no_amount_is_refused(typed: str) -> None:
    with pytest.raises(ValidationError) as error:
        PRICE.clean(typed)
    assert error.value.messages == NO_AMOUNT


@pytest.mark.parametrize(("typed", "meant"), [("20", 20), (" 0 ", 0), ("-3", -3), ("1,200", 1200)])
def test_a_whole_number(typed: str, meant: int) -> None:
    assert PIECES.clean(typed) == meant


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        *[(typed, NO_NUMBER) for typed in ("2.5", "2.0", "1e5", "NaN", "1_0", "٣", "2\0", "two", "12,5")],
        ("9" * 16, ["This number is too large"]),
        ("9" * 5000, ["This number is too large"]),
    ],
)
def test_a_text_that_is_no_whole_number_is_refused(typed: str, fault: list[str]) -> None:
    with pytest.raises(ValidationError) as error:
        PIECES.clean(typed)
    assert error.value.messages == fault


@pytest.mark.parametrize("typed", ["", "  ", None])
def test_nothing_typed(typed: str | None) -> None:
    with pytest.raises(ValidationError, match="Say what it costs"):
        PRICE.clean(typed)
    with pytest.raises(ValidationError, match="Say how many"):
        PIECES.clean(typed)


def test_an_amount_is_shown_with_two_decimal_places_and_what_was_typed_as_it_was() -> None:
    assert PRICE.prepare_value(Decimal("7")) == "7.00"
    assert PRICE.prepare_value("1e5") == "1e5"


@pytest.mark.parametrize(
    ("currency", "amount", "written"),
    [
        ("GBP", "1234.5", "£1,234.50"),
        ("GBP", "-3", "-£3.00"),
        ("EUR", "0.1", "€0.10"),
        ("USD", "1000000", "$1,000,000.00"),
        ("CZK", "1234.5", "CZK\u00a01,234.50"),
    ],
)
def test_money_is_written_in_the_currency_of_the_settings(
    settings: LazySettings, currency: str, amount: str, written: str
) -> None:
    settings.CURRENCY = currency
    assert money(Decimal(amount)) == callout.money(Decimal(amount)) == written
    assert callout.money(None) == ""
