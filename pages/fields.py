"""Fields that many forms have."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from spelling.line import has_line_break, one_line

TOO_LONG = "At most %(limit_value)d characters; this has %(show_value)d"
GONE = "What you chose is no longer there: look again, and choose from the list"
ONE_LINE = "Write it in one line"


class Line(forms.CharField):
    """One line of text. A text that nobody can see counts as blank; invisible characters at the ends are
    dropped."""

    def to_python(self, value: Any) -> str:
        return one_line(super().to_python(value) or "")

    def validate(self, value: str) -> None:
        super().validate(value)
        if has_line_break(value):
            raise ValidationError(ONE_LINE, code="line_break")


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
