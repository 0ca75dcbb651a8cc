"""Whether a text contains the number of a payment card, which is kept nowhere.

Two telephone numbers have so many digits that some of them nearly always pass the check digit. So a card
is recognised by all that a card has: an issuer's prefix and length, the check digit, and digits in groups
as on cards, or in no groups at all. What may be a card by all of these counts as one. Prefixes, lengths
and groups are those of ISO/IEC 7812 and of https://en.wikipedia.org/wiki/Payment_card_number.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

LOOKED_AT = 1000
"""Characters of a text that are checked. No field takes more, but what is too long is checked too."""

Groups = tuple[int, ...]
"""How many digits each group of a number has."""

AS_EMBOSSED: frozenset[Groups] = frozenset(
    {(4, 4, 4, 4), (4, 4, 4, 4, 1), (4, 4, 4, 4, 2), (4, 4, 4, 4, 3), (4, 6, 4), (4, 6, 5), (6, 13)}
)
"""Groups that hardly any pair of telephone numbers has: these count as a card wherever they stand."""
ALSO_WRITTEN: frozenset[Groups] = frozenset(
    {(4, 3, 3, 3), (4, 4, 4), (4, 4, 4, 1), (4, 4, 5), (4, 4, 4, 2), (4, 4, 4, 3)}
)
"""Groups that the end of one telephone number and the beginning of the next may also have: these count as
a card at the beginning of something, with one sign between all of them."""
OF_AIRLINES: frozenset[Groups] = frozenset({(4, 5, 6)})


@dataclass(frozen=True)
class Issuer:
    """How the numbers of an issuer's cards begin, how many digits they have, and in which groups."""

    prefix: re.Pattern[str]
    lengths: range
    groups: frozenset[Groups]

    def may_have(self, digits: str) -> bool:
        """Whether these digits may be the number of one of its cards."""
        return len(digits) in self.lengths and self.prefix.match(digits) is not None


def _issuer(
    prefix: str, shortest: int, longest: int, groups: frozenset[Groups] = AS_EMBOSSED | ALSO_WRITTEN
) -> Issuer:
    return Issuer(re.compile(prefix), range(shortest, longest + 1), groups)


ISSUERS = (
    _issuer("4", 13, 19),  # Visa
    _issuer("5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720", 16, 16),  # Mastercard
    _issuer("5[06-9]|6", 12, 19),  # Maestro, Discover, UnionPay, RuPay, Verve, Elo, Troy, Dankort, Switch
    _issuer("3[47]", 15, 15),  # American Express
    _issuer("30|3[689]", 14, 14),  # Diners Club
    _issuer("3", 16, 19),  # JCB, Diners Club, Hipercard, LankaPay
    _issuer("2131|1800|2014|2149", 15, 15),  # the first of JCB and of enRoute
    _issuer("1", 15, 15, OF_AIRLINES),  # UATP
    _issuer("220", 16, 19),  # Mir, Humo
    _issuer("8[126]", 16, 19),  # RuPay, UnionPay, Uzcard
    _issuer("9[478]", 16, 19),  # Troy, Napas, BORICA, Humo
)

MOST_GROUPS = 5
SHORTEST_WITHIN = 14
"""The fewest digits that are looked for within more digits. Shorter numbers would be found too often, and
few cards have them."""
LONGEST = 19
"""Digits of the longest number."""

_PARTED = re.compile(r"([0-9]+)([^0-9]*)")
_SEPARATOR = re.compile(r"[^0-9A-Za-z]{1,3}|[\W_]*(?:[A-Za-z][\W_]*)?")
"""Between two groups of one number: any signs, or a single letter, as in 4111x1111."""
_PARENTHESES = str.maketrans("", "", "()")
"""They enclose a part of a telephone number."""
_INVISIBLE = {"Cf", "Mn", "Me"}
_TELEPHONE = re.compile(r"(?<![0-9])\+[0-9]{7,13}(?![0-9])")
"""A telephone number in full. More digits after a plus may be a card's."""


@dataclass(frozen=True)
class Group:
    """Digits without a gap, with what stands before and after them."""

    digits: str
    before: str
    after: str


def holds_card_number(text: str) -> bool:
    """Whether the text contains a card's number, whatever separates its digits."""
    groups = list(_groups(_TELEPHONE.sub("(telephone)", plain(text))))
    if any(_issuers(run) for run in _ungrouped(groups)):
        return True
    return any(
        lengths in issuer.groups for digits, lengths in _grouped(groups) for issuer in _issuers(digits)
    )


def _issuers(digits: str) -> Sequence[Issuer]:
    """The issuers whose cards may have this number."""
    return [each for each in ISSUERS if each.may_have(digits)] if passes_luhn(digits) else []


def passes_luhn(digits: str) -> bool:
    """Whether the last digit is the right check digit for the others."""
    doubled = [int(each) * (1 + place % 2) for place, each in enumerate(reversed(digits))]
    return sum(each - 9 if each > 9 else each for each in doubled) % 10 == 0


def plain(text: str) -> str:
    """The text with 0 to 9 for the digits of every script, and without invisible signs: a reader of the
    text reads a card's number."""
    seen = (each for each in text[:LOOKED_AT] if unicodedata.category(each) not in _INVISIBLE)
    return "".join(_digit(each) for each in seen)


def _digit(sign: str) -> str:
    value = unicodedata.numeric(sign, -1)
    return str(int(value)) if value in range(10) else sign


def _groups(text: str) -> Iterator[Group]:
    before = re.match("[^0-9]*", text)
    gap = before[0] if before else ""
    for each in _PARTED.finditer(text):
        yield Group(each[1], gap, each[2])
        gap = each[2]


def _ungrouped(groups: Sequence[Group]) -> Iterator[str]:
    """Every number that may stand in digits without groups."""
    for run in (*(each.digits for each in groups), *_one_by_one(groups)):
        yield run
        # Also with more digits before or after it: the month of expiry, for example.
        for length in range(SHORTEST_WITHIN, min(len(run), LONGEST + 1)):
            yield from (run[start : start + length] for start in range(len(run) - length + 1))


def _one_by_one(groups: Sequence[Group]) -> Sequence[str]:
    """Digits that stand alone, each separated from the next: they are not grouped either."""
    alone = (each.digits if len(each.digits) == 1 else " " for each in groups)
    parted = ("" if _SEPARATOR.fullmatch(each.after) else " " for each in groups)
    return "".join(digit + gap for digit, gap in zip(alone, parted, strict=True)).split()


def _grouped(groups: Sequence[Group]) -> Iterator[tuple[str, Groups]]:
    """Every number that may stand in several groups, and how many digits each of them has."""
    for start in range(len(groups)):
        for end in range(start + 2, min(start + MOST_GROUPS, len(groups)) + 1):
            part, lengths = groups[start:end], tuple(len(each.digits) for each in groups[start:end])
            if _are_one_number(part) and (lengths in AS_EMBOSSED or _stand_apart(part)):
                yield "".join(each.digits for each in part), lengths


def _are_one_number(groups: Sequence[Group]) -> bool:
    return all(_SEPARATOR.fullmatch(each.after) for each in groups[:-1])


def _stand_apart(groups: Sequence[Group]) -> bool:
    """Whether one sign separates these groups, and another precedes them."""
    parted_by = {each.after for each in groups[:-1]}
    before = groups[0].before.translate(_PARENTHESES)
    return len(parted_by) == 1 and (not before or before not in parted_by)
