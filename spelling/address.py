"""Addresses that differ only in spelling."""

from spelling.fold import fold
from spelling.wanted import ROADS

_SHORTEST: dict[str, str] = {}
for _long, _shorts in ROADS.items():
    _shortest = _SHORTEST.get(_shorts[0], _shorts[0])
    for _word in (_long, *_shorts):
        _SHORTEST.setdefault(_word, _shortest)


def address_key(line_1: str, post_code: str) -> tuple[str, str]:
    """The same key for each spelling of one address: "12, High Street" in "ox1 1aa" and "12 High St." in
    "OX11AA" are equal. A part is empty if nothing is left of it."""
    words = (_SHORTEST.get(word, word) for word in fold(line_1).split())
    ended = (f"{word.removesuffix('strasse')}str" if word.endswith("strasse") else word for word in words)
    return " ".join(ended), fold(post_code).replace(" ", "")
