"""What somebody typed into a search box, as what has to be found: each word, in any of the ways in which
it may be written.

A term has several ways; one of them is enough. A way has several phrases; all of them must occur in a text
that `spelling.fold.kept` has made. A phrase that begins or ends with a space stands at the beginning or end
of a word.
"""

import re
from collections.abc import Hashable, Iterable, Mapping
from typing import TypeVar

from spelling.fold import fold, is_guessable, words
from spelling.slip import is_one_slip
from spelling.telephone import digits_of, is_number_like

K = TypeVar("K", bound=Hashable)
Way = tuple[str, ...]
Term = tuple[Way, ...]

WORDS = 6
"""The most words that count; each further one makes a search slower."""

ROADS = {
    "road": ("rd",),
    "street": ("st", "str"),
    "saint": ("st",),
    "avenue": ("ave", "av"),
    "lane": ("ln",),
    "drive": ("dr",),
    "square": ("sq",),
    "court": ("ct",),
    "place": ("pl",),
    "crescent": ("cres",),
    "gardens": ("gdns",),
    "terrace": ("ter", "terr"),
    "close": ("cl",),
    "boulevard": ("blvd", "bd"),
    "highway": ("hwy",),
    "parkway": ("pkwy",),
    "grove": ("gr",),
    "mount": ("mt",),
    "strasse": ("str",),
}
"""The short forms of the names of roads."""

_LONG: dict[str, list[str]] = {}
for _long, _shorts in ROADS.items():
    for _short in _shorts:
        _LONG.setdefault(_short, []).append(_long)


def terms(text: str) -> list[Term]:
    """What has to be found. Numbers with blanks in them stay together: "0115 496 0173" is one term. There
    is no term when only punctuation was typed."""
    found = [_number(piece) if is_number_like(piece) else _word(fold(piece)) for piece in _pieces(text)]
    return [term for term in found if term][:WORDS]


def near(term: Term, others: Iterable[str]) -> Term:
    """The term, or any of these whole words in its place."""
    return (*term, *((f" {word} ",) for word in others))


def word_of(term: Term) -> str:
    """The single word that the term stands for as typed; empty when it is a number or of several words."""
    way = term[0]
    return way[0].strip() if len(way) == 1 and is_guessable(way[0].strip()) else ""


def _pieces(text: str) -> list[str]:
    """The words; neighbours that form a number stay together."""
    pieces: list[str] = []
    for word in text.split():
        if pieces and _is_part_of_number(word) and _is_part_of_number(pieces[-1]):
            pieces[-1] += f" {word}"
        else:
            pieces.append(word)
    return pieces


def _is_part_of_number(piece: str) -> bool:
    return re.fullmatch(r"[\d\s()+/.\-\u2011\u202a-\u202e\u2066-\u2069]+", piece) is not None


def _number(piece: str) -> Term:
    """The digits, or the text as typed."""
    as_typed = tuple(_phrase(word) for word in map(fold, piece.split()) if word)
    return (as_typed, (digits_of(piece),))


def _word(word: str) -> Term:
    if not word:
        return ()
    shorter = [(f" {short} ",) for short in ROADS.get(word, ())]
    longer = [(f" {long}",) for long in _LONG.get(word, ())]
    endings = (
        [(f"{word.removesuffix('strasse')}str ",)] if word.endswith("strasse") and word != "strasse" else []
    )
    return ((_phrase(word),), *shorter, *longer, *endings)


def _phrase(word: str) -> str:
    """A short form of a road begins a word: "rd" is not found in "garden"."""
    return f" {word}" if word in _LONG else word


def holds(text: str, wanted: Iterable[Term]) -> bool:
    """Whether a text that `kept` has made contains every term."""
    return all(any(all(phrase in text for phrase in way) for way in term) for term in wanted)


def among(texts: Mapping[K, str], typed: str) -> set[K]:
    """The keys of the texts that contain what was typed; if none does, of those that contain what may have
    been meant. For a few texts in memory; for tables see readmodels.queries.search."""
    if not typed.strip():
        return set(texts)
    wanted = terms(typed)
    exactly = {key for key, text in texts.items() if wanted and holds(text, wanted)}
    if exactly or not wanted:
        return exactly
    known = words(texts.values())
    guessed = [near(term, (each for each in known if is_one_slip(word_of(term), each))) for term in wanted]
    return {key for key, text in texts.items() if holds(text, guessed)}
