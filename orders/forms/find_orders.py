"""What the address of the list of orders says."""

from django import forms
from django.http import QueryDict

from pages.day_range import BetweenDays, day, search
from readmodels.models import OrderRow
from readmodels.queries.orders import Wanted, number_at

STATUSES = [("", "Any status"), ("open", "Open"), *OrderRow.Status.choices]


class FindOrdersForm(BetweenDays):
    """The filters of the list."""

    buyer = search("Name or e-mail")
    status = forms.ChoiceField(
        choices=STATUSES,
        required=False,
        error_messages={"invalid_choice": "There is no status “%(value)s”"},
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    since = day("Placed from")
    until = day("Placed to")
    last_seen: int | None = None
    """The number of the order after which the page begins, once the form is valid."""

    def __init__(self, data: QueryDict, *, by_name_alone: bool) -> None:
        super().__init__(data)
        self.by_name_alone = by_name_alone
        if by_name_alone:
            self.fields["buyer"].widget.attrs["placeholder"] = "Name"

    def clean(self) -> None:
        super().clean()
        try:
            self.last_seen = number_at(self.data.get("after") or None)
        except ValueError:
            self.add_error(None, "This page of the list does not exist; begin with the first")

    def wanted(self) -> Wanted:
        """What a valid form asks for."""
        given = self.cleaned_data
        return Wanted(
            buyer=given["buyer"], by_name_alone=self.by_name_alone, status=given["status"], **self.span
        )
