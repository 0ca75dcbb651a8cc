"""A list limited to the days between two: whole days of the local calendar, both included."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone

EARLIEST, LATEST = date(1970, 1, 1), date(2200, 12, 31)
"""Bounds, because the ends of the calendar cannot be calculated with."""


def within_calendar(given: date) -> None:
    if not EARLIEST <= given <= LATEST:
        raise ValidationError(f"Choose a day between {EARLIEST.year} and {LATEST.year}")


def day(label: str) -> forms.DateField:
    """A day, as browsers send it."""
    return forms.DateField(
        label=label,
        required=False,
        input_formats=["%Y-%m-%d"],
        validators=[within_calendar],
        error_messages={"invalid": "Write the day as 2026-03-31"},
        widget=forms.DateInput(attrs={"class": "form-control", "type": "date"}, format="%Y-%m-%d"),
    )


def search(placeholder: str, label: str = "") -> forms.CharField:
    """The box for the text to look for."""
    attrs = {"type": "search", "class": "form-control", "placeholder": placeholder, "autocomplete": "off"}
    return forms.CharField(
        label=label or None,
        max_length=100,
        required=False,
        error_messages={"max_length": "At most %(limit_value)d characters"},
        widget=forms.TextInput(attrs=attrs),
    )


class BetweenDays(forms.Form):
    """The filters of a list; `since` and `until` are days."""

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data)
        self.label_suffix = ""

    def clean(self) -> None:
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if since and until and until < since:
            self.add_error("until", "The last day lies before the first")

    @property
    def sentences(self) -> list[str]:
        """Every fault, each once."""
        return list(dict.fromkeys(str(each) for errors in self.errors.values() for each in errors))

    @property
    def span(self) -> dict[str, Any]:
        """From which moment on, and before which; None for no limit."""
        since, until = self.cleaned_data["since"], self.cleaned_data["until"]
        return {
            "since": start_of(since) if since else None,
            "until": start_of(until + timedelta(days=1)) if until else None,
        }

    @property
    def narrowed(self) -> bool:
        """Whether anything is filtered at all."""
        return any(self.data.get(name) for name in self.fields)


def start_of(given: date) -> datetime:
    """The moment at which the day begins here."""
    return timezone.make_aware(datetime.combine(given, time.min))
