"""The form that raises work."""

from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator

from pages.command_form import CommandForm
from pages.fields import TOO_LONG, Line, Prose
from support.commands import RaiseWork
from support.facts import site_facts

TITLE, DESCRIPTION, SITES = 200, 10_000, 50
"""The limits of one job: characters, characters, sites."""


def uuids(values: list[str]) -> list[UUID]:
    """The UUIDs among the values, each once, in the same order."""
    found = []
    for value in values:
        try:
            found.append(UUID(value))
        except ValueError:
            continue
    return list(dict.fromkeys(found))


class SitesField(forms.Field):
    """The ticked sites."""

    widget = forms.MultipleHiddenInput
    default_validators = [MaxLengthValidator(SITES, "At most %(limit_value)d; %(show_value)d are ticked")]

    def to_python(self, value: Any) -> list[UUID]:
        given = list(value or [])
        known = uuids(given)
        if len(known) < len(set(given)):
            raise ValidationError("A ticked site could not be understood; search for it again")
        return known


class RaiseWorkForm(CommandForm):
    """The fault in the caller's words, and where it is."""

    sites = SitesField(label="Sites", error_messages={"required": "Work must have at least one Site added"})
    title = Line(
        label="Title",
        max_length=TITLE,
        error_messages={
            "required": "Work must have a title",
            "max_length": TOO_LONG,
        },
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
    )
    description = Prose(
        label="Description",
        max_length=DESCRIPTION,
        help_text="The fault in the caller's words",
        error_messages={
            "required": "Work must have a description",
            "max_length": TOO_LONG,
        },
        widget=forms.Textarea(attrs={"class": "form-control", "rows": 4}),
    )
    faults = {
        "Work must have at least one Site added": "sites",
        "Work must have a title": "title",
        "Work must have a description": "description",
    }

    def to_command(self) -> RaiseWork:
        """The work's id is the command's, so that the same form sent twice is one job."""
        return RaiseWork(
            work_id=self.cleaned_data["command_id"],
            title=self.cleaned_data["title"],
            description=self.cleaned_data["description"],
            sites=site_facts(self.cleaned_data["sites"]),
        )
