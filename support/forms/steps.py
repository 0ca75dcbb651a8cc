"""The forms of one job: giving it to an operative, and every step of dealing with it."""

from datetime import datetime, time, timedelta
from typing import Any, cast
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.utils import timezone

from pages.command_form import INCOMPLETE, CommandForm
from pages.fields import Prose
from pages.local_time import Skipped, next_moment
from readmodels.models import WorkRow
from support.commands import AbandonWork, ArriveOnSite, AssignWork, CompleteWork, DispatchOperative, Shown
from support.events import AbandonReason
from support.facts import operative_fact

OUTCOME = NOTE = 2_000
"""The most characters."""
SLIP = timedelta(hours=6)
"""An estimated arrival that passed no longer ago than this was meant for today."""
SAY_WHAT = "Say what was done, or complete it without a word"
StepCommand = DispatchOperative | ArriveOnSite | CompleteWork | AbandonWork
LONGEST = "%(show_value)d characters; %(limit_value)d is the most"


class AssignForm(CommandForm):
    """Whom to give the work to."""

    operative_id = forms.UUIDField(
        error_messages={"required": "Choose an operative", "invalid": "Choose an operative"}
    )
    faults = {"Choose an operative": "operative_id"}

    def to_command(self, work_id: UUID) -> AssignWork:
        return AssignWork(work_id=work_id, operative=operative_fact(self.cleaned_data["operative_id"]))


class StepForm(CommandForm):
    """A step of dealing with a job. A page also sends whose job it showed and at which stage, so that a
    press applies to the job as it was shown; a program does not send that."""

    shown_operative = forms.UUIDField(
        required=False, widget=forms.HiddenInput, error_messages={"invalid": INCOMPLETE}
    )
    shown_stage = forms.CharField(required=False, widget=forms.HiddenInput)

    def show(self, row: WorkRow) -> None:
        """Set what the page shows of the job, from now on."""
        shown = {"shown_operative": str(row.operative_id), "shown_stage": row.stage}
        if self.is_bound:
            data = cast(QueryDict, self.data).copy()
            data.update(shown)
            self.data = data
        self.initial.update(shown)

    @property
    def shown(self) -> Shown | None:
        """What the page of a valid form showed, if it says so."""
        operative_id = self.cleaned_data["shown_operative"]
        if operative_id is None:
            return None
        return Shown(operative_id=operative_id, stage=self.cleaned_data["shown_stage"])

    def to_command(self, work_id: UUID, acting: UUID | None) -> StepCommand:
        raise NotImplementedError


class DispatchForm(StepForm):
    """The operative is on the way."""

    # A time of day, not a number of minutes from now: a form sent twice must say the same thing twice.
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

    def clean_estimated_arrival(self) -> datetime | None:
        """The moment that is meant."""
        wanted: time | None = self.cleaned_data["estimated_arrival"]
        try:
            return None if wanted is None else next_at(wanted, timezone.now())
        except Skipped as skipped:
            raise forms.ValidationError(str(skipped)) from None

    def to_command(self, work_id: UUID, acting: UUID | None) -> DispatchOperative:
        wanted = self.cleaned_data["estimated_arrival"]
        return DispatchOperative(
            work_id=work_id,
            now=timezone.now(),
            estimated_arrival=wanted,
            acting=acting,
            shown=self.shown,
        )


def next_at(wanted: time, now: datetime) -> datetime:
    """The moment that is meant: today's; or tomorrow's if today's is long past, such as 00:20 late in the
    evening.

    A time that has only just passed is a mistake, and stays in the past, to be refused. Raises Skipped.
    """
    today = timezone.localtime(now).replace(tzinfo=None)
    shown = datetime.combine(today, wanted)
    if today - shown > SLIP:
        shown += timedelta(days=1)
    return next_moment(shown, now)


class ArriveForm(StepForm):
    """The operative is there."""

    def to_command(self, work_id: UUID, acting: UUID | None) -> ArriveOnSite:
        return ArriveOnSite(work_id=work_id, acting=acting, shown=self.shown)


class CompleteForm(StepForm):
    """The work is done."""

    outcome = Prose(
        required=False,
        max_length=OUTCOME,
        label="What was done (optional)",
        widget=forms.Textarea(attrs={"class": "form-control", "rows": 2}),
        error_messages={"max_length": LONGEST},
    )

    def to_command(self, work_id: UUID, acting: UUID | None) -> CompleteWork:
        outcome = self.cleaned_data["outcome"]
        return CompleteWork(work_id=work_id, outcome=outcome, acting=acting, shown=self.shown)


class AskingCompleteForm(CompleteForm):
    """Asks once what was done, so that pressing once too often does not complete a job. This is a rule of
    the pages, not of the aggregate: a program, an import and old events may say nothing."""

    without_word = forms.BooleanField(required=False, widget=forms.HiddenInput)
    faults = {SAY_WHAT: "outcome"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["outcome"].label = "What was done"

    def clean(self) -> dict[str, Any]:
        """Ask, unless the button was pressed that says there is nothing to report."""
        given = super().clean() or self.cleaned_data
        if not str(given.get("outcome", "x")).strip() and not given["without_word"]:
            self.add_error("outcome", SAY_WHAT)
        return given

    @property
    def asks(self) -> bool:
        """Whether it was left empty: only then is there a button to complete without a word."""
        return SAY_WHAT in self.errors.get("outcome", []) if self.is_bound else False


class AbandonForm(StepForm):
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
            work_id=work_id,
            reason=AbandonReason(data["reason"]),
            note=data["note"],
            acting=acting,
            shown=self.shown,
        )
