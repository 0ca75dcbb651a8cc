"""What the address of the list of work says."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from pages.day import start_of_today
from pages.day_range import BetweenDays, day, search
from readmodels.models import OperativeRow, SiteRow, WorkRow
from readmodels.queries.names import Names
from readmodels.queries.work_list import Wanted

TODAY = "today"
"""Means completed today."""
STAGES = [
    ("", "Any stage"),
    ("open", "Open"),
    ("waiting", "Waiting for Control"),
    *WorkRow.Stage.choices,
    (TODAY, "Completed today"),
]


class FindWorkForm(BetweenDays):
    """The filters of the list."""

    q = search("Number, words, address, operative", label="Text")
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
        self.place: SiteRow | None = None
        choice = self.fields["operative"]
        assert isinstance(choice, forms.TypedChoiceField)
        names = Names.of_namesakes(operatives)
        choice.choices = [("", "Anybody"), *((str(each.pk), names.whole(each)) for each in operatives)]
        known = {str(each.pk): each.pk for each in operatives}
        choice.coerce = known.__getitem__

    def clean_site(self) -> Any:
        site_id = self.cleaned_data["site"]
        if site_id:
            self.place = SiteRow.objects.in_bulk([site_id]).get(site_id)
            if self.place is None:
                raise ValidationError("There is no such site")
        return site_id

    def wanted(self) -> Wanted:
        """What a valid form asks for."""
        given = self.cleaned_data
        is_today = given["stage"] == TODAY
        return Wanted(
            text=given["q"],
            stage=WorkRow.Stage.COMPLETED.value if is_today else given["stage"],
            completed_since=start_of_today() if is_today else None,
            site_id=given["site"],
            operative_id=given["operative"],
            **self.span,
        )
