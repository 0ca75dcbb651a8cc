"""Telephone numbers. Searches compare their digits, however the numbers are written."""

import re

from spelling.line import plain_number

_NUMBER_LIKE = re.compile(r"[\d\s()+/.\-]+")
_WITHIN = re.compile(r"[+(]?\d[\d ()/.\-]*\d")
_FEWEST = 7
"""The fewest digits of a number that is looked for within a text."""


def digits_of(telephone_number: str) -> str:
    """A number's digits as dialled inland: "+44 (0)20/7946 0018" and "0044 20 7946 0018" become
    02079460018.

    A number from another country keeps its country code: "+353 1 234" and "00353 1 234" become 3531234.
    """
    plain = plain_number(telephone_number).replace("(0)", "")
    digits = re.sub(r"\D", "", plain)
    if plain.startswith("+"):
        digits = f"00{digits}"
    if digits.startswith("0044"):
        return "0" + digits.removeprefix("0044").removeprefix("0")
    return digits.removeprefix("00")


def is_number_like(text: str) -> bool:
    """Whether this may be a telephone number: it has four digits or more, and no character that numbers
    are not written with. It may also be a house ("12-14 ..."), a post code (80-001) or something else."""
    plain = plain_number(text)
    return _NUMBER_LIKE.fullmatch(plain) is not None and len(re.sub(r"\D", "", plain)) >= 4


def numbers_within(text: str) -> list[str]:
    """The digits of each possible telephone number in a text, as dialled inland."""
    found = (digits_of(number) for number in _WITHIN.findall(plain_number(text)))
    return [digits for digits in found if len(digits) >= _FEWEST]
