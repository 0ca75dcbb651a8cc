"""The order in which people look for names: by letters and numbers, not by case, accents or code points."""

import re

from spelling.fold import fold

LONGEST = 120
"""The most characters of each part that count; an index has a limit for its entries."""

_NUMBER = re.compile(r"[0-9]+")


def sort_key(*parts: str) -> str:
    """The key by which a name is sorted, the same on every database: "de Vries" stands under D, "Öztürk"
    under O, and 2 High Street before 10 High Street. Keys are compared character by character, the first
    part first.

    Letters of other scripts follow the Latin ones, in the order of Unicode.
    """
    return "\t".join(_NUMBER.sub(_padded, fold(part))[:LONGEST] for part in parts)


def _padded(number: "re.Match[str]") -> str:
    return number[0].zfill(6)
