"""The forms of one job: giving it to an operative, and every step of dealing with it."""

from datetime import datetime, time, timedelta
from uuid import UUID

from django import forms
from django.utils import timezone

from pages.command_form import CommandForm
from support.commands import AbandonWork, ArriveOnSite, AssignWork, CompleteWork, DispatchOperative
from support.events import AbandonReason
from support.facts import operative_fact
from support.forms.raise_work import Prose

OUTCOME = NOTE = 2_000
"""Characters."""
LONGEST = "%(show_value)d characters; %(limit_value)d is the most"


class AssignForm(CommandForm):
    """Whom to give the work to."""

    operative_id = forms.UUIDField(
        error_messages={"required": "Choose an operative", "invalid": "Choose an operative"}
    )
    faults = {"Choose an operative": "operative_id"}

    def to_command(self, work_id: UUID) -> AssignWork:
        return AssignWork(work_id=work_id, operative=operative_fact(self.cleaned_data["operative_id"]))


class DispatchForm(CommandForm):
    """The operative is on the way."""

    # A time of day, not so many minutes from now: a form sent twice must say the same thing twice.
    estimated_arrival = forms.TimeField(
        label="Expected there at (optional)",
        required=False,
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time", "class": "form-control"}),
        error_messages={"invalid": "Write the time as 14:30"},
    )
    faults = {
        "The estimated arrival must be in the future": "estimated_arrival",
        "Write the time as 14:30": "estimated_arrival",
    }

    def to_command(self, work_id: UUID, acting: UUID | None) -> DispatchOperative:
        now = timezone.now()
        wanted = self.cleaned_data["estimated_arrival"]
        return DispatchOperative(
            work_id=work_id, now=now, estimated_arrival=wanted and nearest(wanted, now), acting=acting
        )


def nearest(wanted: time, now: datetime) -> datetime:
    """The moment nearest to now at which clocks show this; late in the evening, 00:20 is tomorrow."""
    today = timezone.localdate(now)
    days = (today + timedelta(days=step) for step in (-1, 0, 1))
    moments = (timezone.make_aware(datetime.combine(day, wanted)) for day in days)
    return min(moments, key=lambda moment: abs(moment - now))


class ArriveForm(CommandForm):
    """The operative is there."""

    def to_command(self, work_id: UUID, acting: UUID | None) -> ArriveOnSite:
        return ArriveOnSite(work_id=work_id, acting=acting)


class CompleteForm(CommandForm):
    """The work is done."""

    outcome = Prose(
        required=False,
        max_length=OUTCOME,
        label="What was done (optional)",
        widget=forms.Textarea(attrs={"class": "form-control", "rows": 2}),
        error_messages={"max_length": LONGEST},
    )

    def to_command(self, work_id: UUID, acting: UUID | None) -> CompleteWork:
        return CompleteWork(work_id=work_id, outcome=self.cleaned_data["outcome"], acting=acting)


class AbandonForm(CommandForm):
    """The work goes back to Control."""

    reason = forms.ChoiceField(
        choices=[("", "Choose a reason"), *((each.value, each.label) for each in AbandonReason)],
        widget=forms.Select(attrs={"class": "form-select"}),
        error_messages={"required": "Choose a reason", "invalid_choice": "Choose a reason"},
    )
    note = Prose(
        required=False,
        max_length=NOTE,
        label="Note for Control",
        widget=forms.Textarea(attrs={"class": "form-control", "rows": 2}),
        error_messages={"max_length": LONGEST},
    )
    faults = {
        "Choose a reason": "reason",
        "Abandoning work for another reason needs a note that says which": "note",
    }

    def to_command(self, work_id: UUID, acting: UUID | None) -> AbandonWork:
        data = self.cleaned_data
        return AbandonWork(
            work_id=work_id, reason=AbandonReason(data["reason"]), note=data["note"], acting=acting
        )


StepForm = DispatchForm | ArriveForm | CompleteForm | AbandonForm
