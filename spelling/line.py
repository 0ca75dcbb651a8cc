"""A line of text: a name, a title, an address. Whether anything of it is visible, and whether it is one
line."""

import re
from unicodedata import bidirectional, category

_FILLERS = frozenset("\u115f\u1160\u3164\uffa0\u2800")
"""Letters and a symbol that are drawn as nothing."""

_OVERRIDES = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
"""Controls that change the direction of all text after them. The marks within Arabic or Hebrew (U+200E,
U+200F) are not among them."""

_DASHES = re.compile("[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")


def trimmed(text: str) -> str:
    """The text, of one line or several, without direction controls, and without blanks and invisible
    characters at its ends; empty when nothing of it is visible."""
    text = text.translate(_OVERRIDES)
    seen = (i for i, each in enumerate(text) if category(each)[0] not in "ZCM" and each not in _FILLERS)
    begin = next(seen, len(text))
    # A mark belongs to the letter before it.
    ends = (i for i in range(len(text), begin, -1) if category(text[i - 1])[0] not in "ZC")
    end = next((i for i in ends if text[i - 1] not in _FILLERS), begin)
    return text[begin:end]


def without_overrides(text: str) -> str:
    """The text without the controls that would reverse what follows it on a page."""
    return text.translate(_OVERRIDES)


def isolated(text: str) -> str:
    """The text, isolated if its letters run from right to left, so that they do not move the text around
    it; any other text unchanged. For sentences: a page has `<bdi>`."""
    runs_left = any(bidirectional(each) in {"R", "AL"} for each in text)
    return f"\u2068{text}\u2069" if runs_left else text


def has_line_break(text: str) -> bool:
    """Whether the text has more than one line. A break at its end does not count."""
    return len(text.splitlines()) > 1


def plain_number(text: str) -> str:
    """A number as somebody would type it: pasted ones contain direction marks, non-breaking hyphens, and
    spaces of several widths."""
    seen = "".join(each for each in text if category(each) != "Cf")
    spaced = "".join(" " if category(each) == "Zs" else each for each in seen)
    return _DASHES.sub("-", spaced).strip()
