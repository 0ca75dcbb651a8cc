"""Fields that many forms have."""

from typing import Any

from django import forms
from django.core.validators import RegexValidator

from spelling.line import trimmed

TOO_LONG = "At most %(limit_value)d characters; this has %(show_value)d"
GONE = "What you chose is no longer there: look again, and choose from the list"
ONE_LINE = "Write it in one line"
LINE_BREAK = r"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]"
"""The characters at which Python, and so a rule (spelling.line.has_line_break), ends a line."""


class Prose(forms.CharField):
    """Text of several lines, each ending as one character, however the browser sent it. A text that nobody
    can see counts as blank; invisible characters at the ends are dropped."""

    widget: type[forms.Widget] = forms.Textarea

    def to_python(self, value: Any) -> str:
        return trimmed(super().to_python(value) or "").replace("\r\n", "\n")


class Line(Prose):
    """One line of text."""

    widget = forms.TextInput
    default_validators = [RegexValidator(LINE_BREAK, ONE_LINE, "line_break", inverse_match=True)]


def line(label: str, max_length: int, *, required: str = "", **attrs: str) -> Line:
    """A line of text. A blank one is accepted, for the rules to judge, unless `required` gives the
    sentence that refuses it."""
    return Line(
        label=label,
        max_length=max_length,
        required=bool(required),
        error_messages={"max_length": TOO_LONG, "required": required},
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off", **attrs}),
    )
