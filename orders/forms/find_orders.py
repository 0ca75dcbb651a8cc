"""What the address of the list of orders says."""

import re

from django import forms

from pages.between_days import BetweenDays, day, search
from readmodels.models import OrderRow
from readmodels.queries.orders import Wanted

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

    def clean(self) -> None:
        super().clean()
        if not re.fullmatch("[0-9]{0,9}", self.data.get("after", "")):
            self.add_error(None, "This page of the list does not exist; begin with the first")

    def wanted(self) -> Wanted:
        """What a valid form asks for."""
        given = self.cleaned_data
        return Wanted(buyer=given["buyer"], status=given["status"], **self.span)

    @property
    def last_seen(self) -> int | None:
        """The number of the order after which the page begins."""
        return int(self.data["after"]) if self.data.get("after") else None
