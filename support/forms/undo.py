"""The form that undoes a step."""

from uuid import UUID

from django import forms

from pages.command_form import INCOMPLETE, CommandForm


class UndoForm(CommandForm):
    """`change` is the event of the step that the button named."""

    change = forms.UUIDField(
        widget=forms.HiddenInput, error_messages={"required": INCOMPLETE, "invalid": INCOMPLETE}
    )

    @classmethod
    def of(cls, change_id: UUID) -> "UndoForm":
        """The form for the button of this change."""
        return cls(initial={"change": change_id}, auto_id="undo-%s")
