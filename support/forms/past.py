"""The moment that the address of a page asks for."""

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from pages.local_time import Skipped, latest_moment

NO_TIME = "“%(text)s” is no time. Write one like 2026-11-21T14:02, or with a zone like 2026-11-21T14:02:00Z"
NO_VERSION = "Write the version as a whole number, from 0"


class InstantField(forms.Field):
    """A time in ISO 8601; in the application's zone if it names none."""

    def to_python(self, value: Any) -> datetime | None:
        """Returns a time in the application's zone; raises ValidationError."""
        text = str(value or "").strip()
        if not text:
            return None
        try:
            moment = datetime.fromisoformat(text)
            if timezone.is_naive(moment):
                moment = latest_moment(moment, timezone.now())
            return timezone.localtime(moment)
        except Skipped as skipped:
            raise ValidationError(str(skipped)) from None
        except (ValueError, OverflowError):
            raise ValidationError(NO_TIME, params={"text": text[:40]}) from None


class PastForm(forms.Form):
    """A version of an aggregate, or a time."""

    version = forms.IntegerField(
        required=False,
        min_value=0,
        error_messages={"invalid": NO_VERSION, "min_value": NO_VERSION},
    )
    at = InstantField(required=False)

    def clean(self) -> None:
        given = [name for name in ("version", "at") if self.data.get(name)]
        if len(given) != 1:
            raise ValidationError("Ask for one version or for one time")

    @property
    def sentence(self) -> str:
        """What is wrong with it."""
        return next(str(error) for errors in self.errors.values() for error in errors)
