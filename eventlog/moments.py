"""A time as the address of a page writes it."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from pages.local_time import Skipped, latest_moment

YEARS = range(1970, 2200)


class MomentField(forms.Field):
    """A time in the application's zone, or a day. As an end, a day means the moment when it is over."""

    def __init__(self, *, label: str, end: bool = False) -> None:
        self.end = end
        widget = forms.TextInput(attrs={"type": "datetime-local", "class": "form-control"})
        super().__init__(required=False, label=label, widget=widget)

    def to_python(self, value: Any) -> datetime | None:
        """Returns an aware moment; raises ValidationError."""
        text = str(value or "").strip()
        if not text:
            return None
        try:
            return self._read(text)
        except Skipped as skipped:
            raise forms.ValidationError(str(skipped)) from None
        except ValueError:
            sentence = "“%(text)s” is no time. Write one like 2026-03-31T09:30, or a day like 2026-03-31"
            raise forms.ValidationError(sentence, params={"text": text[:40]}) from None

    def prepare_value(self, value: Any) -> Any:
        """The value in the form that the browser's own field needs, also if only a day was given."""
        try:
            moment = self.to_python(value)
        except forms.ValidationError:
            return value
        return moment and timezone.make_naive(moment).isoformat(timespec="minutes")

    def _read(self, text: str) -> datetime:
        try:
            day = date.fromisoformat(text)
        except ValueError:
            moment = within_years(datetime.fromisoformat(text))
            # In UTC, because PostgreSQL refuses a moment that is written 16 hours or more ahead of it.
            return (
                moment.astimezone(UTC) if timezone.is_aware(moment) else latest_moment(moment, timezone.now())
            )
        begins = within_years(datetime.combine(day, time.min))
        return timezone.make_aware(begins + timedelta(days=1) if self.end else begins).astimezone(UTC)


def within_years(moment: datetime) -> datetime:
    """Returns the moment, unless it is so near the ends of the calendar that it cannot be calculated with;
    then raises ValidationError."""
    if moment.year not in YEARS:
        raise forms.ValidationError(f"Write a year from {YEARS.start} to {YEARS.stop - 1}")
    return moment
