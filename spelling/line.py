"""A line of text: a name, a title, an address. What can be seen of it, and whether it is one line."""

import re
import unicodedata

_FILLERS = frozenset("\u115f\u1160\u3164\uffa0\u2800")
"""Letters and a symbol that are drawn as nothing."""

_OVERRIDES = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
"""Controls that turn the direction of all that follows. The marks within Arabic or Hebrew (U+200E, U+200F)
are not among them."""

_DASHES = re.compile("[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")


def one_line(text: str) -> str:
    """A line as it is kept: `trimmed`."""
    return trimmed(text)


def trimmed(text: str) -> str:
    """The text, of one line or several, without controls of direction, and without blanks and invisible
    characters at its ends; empty when nothing of it can be seen."""
    text = without_overrides(text)
    begin, end = 0, len(text)
    while begin < end and _is_unseen(text[begin]):
        begin += 1
    while begin < end and _is_unseen(text[end - 1]) and not _is_mark(text[end - 1]):
        end -= 1
    return text[begin:end]


def without_overrides(text: str) -> str:
    """The text without the controls that would turn round what stands after it on a page."""
    return text.translate(_OVERRIDES)


def isolated(text: str) -> str:
    """The text so that its letters, where they run from right to left, leave what stands around it in its
    place; any other text as it is. For sentences: a page has `<bdi>`."""
    runs_left = any(unicodedata.bidirectional(each) in {"R", "AL"} for each in text)
    return f"\u2068{text}\u2069" if runs_left else text


def has_line_break(text: str) -> bool:
    """Whether the text is of more than one line. A break at its end counts for nothing."""
    return len(text.splitlines()) > 1


def plain_number(text: str) -> str:
    """A number as it would be typed: pasted ones carry marks of direction, hyphens that do not break, and
    spaces of several widths."""
    seen = "".join(each for each in text if unicodedata.category(each) != "Cf")
    spaced = "".join(" " if unicodedata.category(each) == "Zs" else each for each in seen)
    return _DASHES.sub("-", spaced).strip()


def _is_unseen(character: str) -> bool:
    """Blanks, control and format characters, marks without a letter, fillers."""
    kind = unicodedata.category(character)
    return kind[0] in "ZCM" or character in _FILLERS


def _is_mark(character: str) -> bool:
    return unicodedata.category(character)[0] == "M"
