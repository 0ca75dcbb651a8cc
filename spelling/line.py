"""A line of text: a name, a title, an address. Whether anything of it is visible, and whether it is one
line."""

import re
import unicodedata

_FILLERS = frozenset("\u115f\u1160\u3164\uffa0\u2800")
"""Letters and a symbol that are drawn as nothing."""

_OVERRIDES = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
"""Controls that change the direction of all text after them. The marks within Arabic or Hebrew (U+200E,
U+200F) are not among them."""

_DASHES = re.compile("[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")


def one_line(text: str) -> str:
    """A line as it is kept: `trimmed`."""
    return trimmed(text)


def trimmed(text: str) -> str:
    """The text, of one line or several, without direction controls, and without blanks and invisible
    characters at its ends; empty when nothing of it is visible."""
    text = without_overrides(text)
    begin, end = 0, len(text)
    while begin < end and _is_unseen(text[begin]):
        begin += 1
    while begin < end and _is_unseen(text[end - 1]) and not _is_mark(text[end - 1]):
        end -= 1
    return text[begin:end]


def without_overrides(text: str) -> str:
    """The text without the controls that would reverse what follows it on a page."""
    return text.translate(_OVERRIDES)


def isolated(text: str) -> str:
    """The text, isolated if its letters run from right to left, so that they do not move the text around
    it; any other text unchanged. For sentences: a page has `<bdi>`."""
    runs_left = any(unicodedata.bidirectional(each) in {"R", "AL"} for each in text)
    return f"\u2068{text}\u2069" if runs_left else text


def has_line_break(text: str) -> bool:
    """Whether the text has more than one line. A break at its end does not count."""
    return len(text.splitlines()) > 1


def plain_number(text: str) -> str:
    """A number as somebody would type it: pasted ones contain direction marks, non-breaking hyphens, and
    spaces of several widths."""
    seen = "".join(each for each in text if unicodedata.category(each) != "Cf")
    spaced = "".join(" " if unicodedata.category(each) == "Zs" else each for each in seen)
    return _DASHES.sub("-", spaced).strip()


def _is_unseen(character: str) -> bool:
    """Whether it is a blank, a control or format character, a mark without a letter, or a filler."""
    kind = unicodedata.category(character)
    return kind[0] in "ZCM" or character in _FILLERS


def _is_mark(character: str) -> bool:
    return unicodedata.category(character)[0] == "M"
