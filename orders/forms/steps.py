"""The forms of one order: ship it, cancel it."""

from typing import cast
from uuid import UUID

from django import forms
from django.http import QueryDict

from orders.card_numbers import holds_card_number
from orders.commands import CancelOrder, ShipOrder
from pages.command_form import CommandForm
from pages.fields import TOO_LONG, Line

REASON = 500
"""Characters."""
NO_NUMBER = "Leave the card's number out: the reason is kept, and the buyer reads it"


class ShipForm(CommandForm):
    """The order has been shipped."""

    def to_command(self, order_id: UUID) -> ShipOrder:
        return ShipOrder(order_id=order_id)


class CancelForm(CommandForm):
    """Why the order is no longer wanted; the buyer is told."""

    reason = Line(
        label="Reason",
        max_length=REASON,
        required=False,
        help_text="The buyer reads it",
        error_messages={"max_length": TOO_LONG},
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
    )
    faults = {"An order is cancelled for a reason": "reason", NO_NUMBER: "reason"}

    def clean_reason(self) -> str:
        """The buyer may have given a card number over the telephone."""
        reason = str(self.cleaned_data["reason"])
        if holds_card_number(reason):
            raise forms.ValidationError(NO_NUMBER)
        return reason

    def renew(self) -> None:
        """Keep what was typed, without a number that must not go back into a page."""
        super().renew()
        if NO_NUMBER in self.errors.get("reason", []):
            cast(QueryDict, self.data).pop("reason")

    def to_command(self, order_id: UUID) -> CancelOrder:
        return CancelOrder(order_id=order_id, reason=self.cleaned_data["reason"])


StepForm = ShipForm | CancelForm
