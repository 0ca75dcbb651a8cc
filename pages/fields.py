"""Fields that many forms have."""

from django import forms

TOO_LONG = "At most %(limit_value)d characters; this has %(show_value)d"


def line(label: str, max_length: int, *, required: str = "", **attrs: str) -> forms.CharField:
    """A line of text. A blank one goes through, to be judged by the rules, unless `required` says what is
    then wrong."""
    return forms.CharField(
        label=label,
        max_length=max_length,
        required=bool(required),
        error_messages={"max_length": TOO_LONG, "required": required},
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off", **attrs}),
    )
