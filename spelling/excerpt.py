"""The part of a text that contains what was looked for."""

from dataclasses import dataclass

from spelling.fold import kept
from spelling.wanted import Term, holds

AROUND = 6
"""Words shown on either side."""


@dataclass(frozen=True)
class Excerpt:
    """Some words of a text: those before the hit, the hit, and those after it."""

    before: str
    hit: str
    after: str


def excerpt(text: str, term: Term) -> Excerpt | None:
    """The first place where the text contains the term, as it was written; None if it does not contain it.
    If the term is spread over the text, the whole text is returned."""
    if not holds(kept(text), [term]):
        return None
    words = text.split()
    for width in (1, 2, 3, 4):
        for begin in range(len(words) - width + 1):
            if holds(kept(" ".join(words[begin : begin + width])), [term]):
                return _around(words, begin, begin + width)
    return Excerpt("", text, "")


def _around(words: list[str], begin: int, end: int) -> Excerpt:
    first, last = max(begin - AROUND, 0), end + AROUND
    before, after = " ".join(words[first:begin]), " ".join(words[end:last])
    cut_before, cut_after = "… " if first else "", " …" if last < len(words) else ""
    return Excerpt(cut_before + before, " ".join(words[begin:end]), after + cut_after)
