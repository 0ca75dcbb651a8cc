"""A card's number in a text, as opposed to telephone numbers."""

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.card_numbers import holds_card_number, passes_luhn

VISA = "4111111111111111"
IN_FOURS = "4111 1111 1111 1111"

# Numbers that the issuers publish for tests.
CARDS = {
    "Visa": IN_FOURS,
    "an old Visa": "4222 222 222 222",
    "an old Visa in fours": "4222 2222 2222 2",
    "a long Visa": "4000 0000 0000 0000 006",
    "Mastercard": "5555 5555 5555 4444",
    "Mastercard by 2": "2223 0031 2200 3222",
    "American Express": "3782 822463 10005",
    "American Express in fours": "3782 8224 6310 005",
    "Diners Club": "3056 930902 5904",
    "Diners Club in fours": "3852 0000 0232 37",
    "Discover": "6011 1111 1111 1117",
    "JCB": "3530 1113 3330 0000",
    "UnionPay": "6250 9410 0652 8599",
    "UnionPay in two": "620000 0000000000000",
    "Maestro": "6759 6498 2643 8453",
    "a short Maestro": "5018 0000 0009",
    "a long Maestro": "6799 9901 0000 0000 019",
    "Solo": "6334 5805 0000 0000 00",
    "Dankort": "5019 7170 1010 3742",
    "Mir": "2200 7702 3933 5559",
    "UATP": "1354 10014 004955",
}
SCRIPTS = {"full-width": 0xFF10, "Arabic": 0x0660, "Devanagari": 0x0966, "mathematical": 0x1D7CE}
CHINESE = "〇一二三四五六七八九"
# Spaces of five kinds, dashes of three, signs, a letter, and letters that are not Latin.
SEPARATORS = [
    "",
    " ",
    "\u00a0",
    "\u202f",
    "\u2009",
    "\n",
    "-",
    "\u2011",
    "\u2013",
    ".",
    "/",
    " / ",
    "_",
    ", ",
]
SEPARATORS += [" - - - - ", "\u200b", "\u00ad", "\ufe0f\u20e3", "x", " x ", "\u0438", "+", ") ("]


@pytest.mark.parametrize("separator", SEPARATORS, ids=ascii)
def test_a_card_in_its_groups_with_any_separator(separator: str) -> None:
    typed = {name: number.replace(" ", separator) for name, number in CARDS.items()}
    assert [name for name in typed if not holds_card_number(typed[name])] == []
    assert [name for name in typed if not holds_card_number(f"Card {typed[name]} exp 12/27")] == []


@pytest.mark.parametrize("separator", [" ", "-", "\u00a0"], ids=ascii)
def test_a_card_digit_by_digit(separator: str) -> None:
    typed = {name: separator.join(number.replace(" ", "")) for name, number in CARDS.items()}
    assert [name for name in typed if not holds_card_number(typed[name])] == []


@pytest.mark.parametrize("number", [VISA, IN_FOURS])
@pytest.mark.parametrize("zero", SCRIPTS.values(), ids=SCRIPTS)
def test_a_card_in_any_script(number: str, zero: int) -> None:
    assert holds_card_number(re.sub("[0-9]", lambda digit: chr(zero + int(digit[0])), number))
    assert holds_card_number(re.sub("[0-9]", lambda digit: CHINESE[int(digit[0])], number))


@pytest.mark.parametrize(
    "text",
    [
        f"{VISA}0927",  # with the month of expiry
        f"12{VISA}",
        f"no{VISA}x",
        f"{IN_FOURS} 09 27 123",
        f"1 {IN_FOURS}",
        "3782 822463 10005 0927 1234",
        "020 7946 0018 3782-8224-6310-005",
        "Rang 020 7946 0018, card 3852 0000 0232 37",
        "+4111111111111111",
        "4111 1111-1111.1111",
    ],
)
def test_a_card_beside_other_digits(text: str) -> None:
    assert holds_card_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "Buyer rang: 020 7946 0018, 07700 900123",
        "4111 1111 1111 1112",  # the check digit
        "0111 1111 1111 1111 7777",  # nobody's prefix
        "7696 0623 0798 6830",  # the check digit is right, and so are the groups
        "020 5981 9072 0360 819 1620",  # a card's groups, but out of the midst of two telephone numbers
        "41111 11111 11111 1",  # groups that are no card's
        "020 3600 0000 0115 496",  # as a card for diners, within telephone numbers
        "0115 496 1123 01632 960001",
        "Model 2011, serial no. 0049-2213-5580",
        "+4917212345673",  # with its country's code; otherwise a Visa of 13 digits
        "",
    ],
)
def test_a_text_without_a_card_number(text: str) -> None:
    assert not holds_card_number(text)


def test_what_passes_for_both_is_a_card() -> None:
    assert passes_luhn("4917212345673")
    assert holds_card_number("4917212345673")


# As they are written in Britain, Ireland, Germany, France and North America; # is any digit, N one from 2.
PATTERNS = [
    "020 #### ####",
    "0### ### ####",
    "07### ######",
    "01### ######",
    "01### #####",
    "(020) #### ####",
]
PATTERNS += [
    "+44 20 #### ####",
    "+44 7### ######",
    "+44 (0)1### ######",
    "+447#########",
    "0044 20 #### ####",
]
PATTERNS += [
    "07#########",
    "020########",
    "+353 8# ### ####",
    "08# ### ####",
    "01 ### ####",
    "+49 30 ########",
]
PATTERNS += ["+4915#########", "030 ########", "+33 6 ## ## ## ##", "06 ## ## ## ##", "(N##) ###-####"]
PATTERNS += ["N##-###-####", "+1 N## ### ####", "07### ### ###", "020-####-####", "0###-###-####"]
BETWEEN = [" ", ", ", " / ", "; ", " or ", " and ", "\n", " - ", ",", "/", " (home), ", " & "]


@st.composite
def telephone_numbers(draw: st.DrawFn) -> str:
    """A number as somebody writes it down."""
    fill = {"#": string.digits, "N": "23456789"}
    pattern = draw(st.sampled_from(PATTERNS))
    return "".join(draw(st.sampled_from(fill[each])) if each in fill else each for each in pattern)


@given(telephone_numbers(), st.sampled_from(BETWEEN), telephone_numbers())
def test_a_pair_of_telephone_numbers_is_no_card(first: str, between: str, second: str) -> None:
    assert not holds_card_number(f"Buyer rang: {first}{between}{second}")


@given(st.sampled_from(sorted(CARDS.values())), telephone_numbers(), st.sampled_from(BETWEEN[1:6]))
def test_a_card_after_a_telephone_number_is_a_card(card: str, telephone: str, between: str) -> None:
    assert holds_card_number(f"{telephone}{between}{card}")
