"""What the address of the list of work says."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone

from readmodels.models import OperativeRow, SiteRow, WorkRow
from readmodels.queries import sites
from readmodels.queries.work_list import Wanted

STAGES = [
    ("", "Any stage"),
    ("open", "Open"),
    ("waiting", "Waiting for Control"),
    *WorkRow.Stage.choices,
]
EARLIEST, LATEST = date(1970, 1, 1), date(2200, 12, 31)


def day(label: str) -> forms.DateField:
    """A day, as browsers send it."""
    message = "Write the day as 2026-03-31"
    widget = forms.DateInput(attrs={"class": "form-control", "type": "date"}, format="%Y-%m-%d")
    return forms.DateField(
        label=label,
        required=False,
        input_formats=["%Y-%m-%d"],
        error_messages={"invalid": message},
        widget=widget,
    )


class FindWorkForm(forms.Form):
    """The filters of the list. Days are whole ones of the local calendar, both ends included."""

    q = forms.CharField(
        label="Text",
        max_length=100,
        required=False,
        error_messages={"max_length": "At most %(limit_value)d characters"},
        widget=forms.TextInput(
            attrs={
                "type": "search",
                "class": "form-control",
                "placeholder": "Number, title, description, address",
                "autocomplete": "off",
            }
        ),
    )
    stage = forms.ChoiceField(
        choices=STAGES,
        required=False,
        error_messages={"invalid_choice": "There is no stage “%(value)s”"},
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    operative = forms.TypedChoiceField(
        required=False,
        empty_value=None,
        error_messages={"invalid_choice": "There is no such operative"},
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    since = day("Raised from")
    until = day("Raised to")
    site = forms.UUIDField(
        required=False, error_messages={"invalid": "There is no such site"}, widget=forms.HiddenInput
    )

    def __init__(self, data: QueryDict, *, operatives: list[OperativeRow]) -> None:
        super().__init__(data)
        self.label_suffix = ""
        self.place: SiteRow | None = None
        choice = self.fields["operative"]
        assert isinstance(choice, forms.TypedChoiceField)
        choice.choices = [("", "Anybody"), *((str(each.pk), str(each)) for each in operatives)]
        known = {str(each.pk): each.pk for each in operatives}
        choice.coerce = known.__getitem__

    def clean_since(self) -> date | None:
        return within_calendar(self.cleaned_data["since"])

    def clean_until(self) -> date | None:
        return within_calendar(self.cleaned_data["until"])

    def clean_site(self) -> Any:
        site_id = self.cleaned_data["site"]
        if site_id:
            self.place = sites.by_ids([site_id]).get(site_id)
            if self.place is None:
                raise ValidationError("There is no such site")
        return site_id

    def clean(self) -> None:
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if since and until and until < since:
            self.add_error("until", "The last day lies before the first")

    def wanted(self) -> Wanted:
        """What a valid form asks for."""
        given = self.cleaned_data
        return Wanted(
            text=given["q"],
            stage=given["stage"],
            site_id=given["site"],
            operative_id=given["operative"],
            since=start_of(given["since"]) if given["since"] else None,
            until=start_of(given["until"] + timedelta(days=1)) if given["until"] else None,
        )

    @property
    def narrowed(self) -> bool:
        """Whether anything is filtered at all."""
        return any(self.data.get(name) for name in self.fields)


def within_calendar(given: date | None) -> date | None:
    """A day for which there is work; the ends of the calendar cannot be reckoned with."""
    if given and not EARLIEST <= given <= LATEST:
        raise ValidationError(f"Choose a day between {EARLIEST.year} and {LATEST.year}")
    return given


def start_of(given: date) -> datetime:
    """The moment at which the day begins here."""
    return timezone.make_aware(datetime.combine(given, time.min))
