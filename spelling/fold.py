"""The one spelling in which text is kept for searches, and looked for.

It removes the differences in how people type: composed and decomposed letters, case, apostrophes, accents,
punctuation. Accents are dropped from Latin letters only. In other scripts a mark makes another letter or
is a vowel (й, が, कि), so only the case is changed there.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from spelling.telephone import numbers_within

APOSTROPHES = "'\u2018\u2019\u201b\u02bb\u02bc\u02bd\u02b9\u2032\u00b4\u0060\uff07"
"""Left out, so that "childrens" finds "Children's"."""

_LETTERS = str.maketrans(
    {"ø": "o", "đ": "d", "ð": "d", "ł": "l", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ŧ": "t"}
)
"""Latin letters that Unicode does not decompose into a letter and a mark."""

_WITHOUT_APOSTROPHES = str.maketrans("", "", APOSTROPHES)
_DIGIT = re.compile(r"\d")
_NO_WORD = re.compile(r"[^a-z0-9]+")


def fold(text: str) -> str:
    """The text in lower case, its words of letters, marks and digits with single spaces between them.

    "Straße des 17. Juni" is "strasse des 17 juni", "İnönü" is "inonu", "O’Brien" is "obrien".
    """
    text = text.translate(_WITHOUT_APOSTROPHES)
    if text.isascii():
        return _NO_WORD.sub(" ", text.lower()).strip()
    text = unicodedata.normalize("NFKC", text).translate(_WITHOUT_APOSTROPHES).casefold()
    kept = "".join(_plain(unicodedata.normalize("NFD", text)))
    return " ".join(unicodedata.normalize("NFC", kept).translate(_LETTERS).split())


def kept(*parts: str) -> str:
    """The parts as one text in which phrases are looked for. Telephone numbers stand in it as written, and
    also as dialled inland, if that differs."""
    written = " ".join(filter(None, map(fold, parts)))
    if not _DIGIT.search(written):
        return f" {written} "
    dialled = dict.fromkeys(digits for part in parts for digits in numbers_within(part))
    return f" {' '.join(filter(None, (written, *(each for each in dialled if each not in written))))} "


def words(texts: Iterable[str]) -> set[str]:
    """The words of texts that `kept` has made; a misspelt word may stand for one of them. Numbers are not
    guessed."""
    return {word for text in texts for word in text.split() if is_guessable(word)}


def is_guessable(word: str) -> bool:
    """Whether a word with a slip in it would still show which word was meant."""
    return 4 <= len(word) <= 40 and word.isalpha()


def _plain(decomposed: str) -> list[str]:
    """The characters without marks on Latin letters, without invisible ones, and a space for punctuation."""
    kept: list[str] = []
    after_latin = False
    for character in decomposed:
        kind = unicodedata.category(character)
        if kind.startswith("M"):
            if not after_latin:
                kept.append(character)
        elif kind != "Cf":
            kept.append(character if kind[0] in "LN" else " ")
            after_latin = kind[0] == "L" and _is_latin(character)
    return kept


@lru_cache(maxsize=2_000)
def _is_latin(letter: str) -> bool:
    return unicodedata.name(letter, "").startswith("LATIN")
