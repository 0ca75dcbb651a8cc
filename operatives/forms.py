"""Forms that stand for what is asked of an operative."""

from collections.abc import Iterable

from django.urls import reverse

from operatives.commands import HireOperative, ReleaseOperative, RenameOperative
from pages.command_form import CommandForm
from pages.fields import line
from pages.question import Question, twin
from readmodels.models import OperativeRow
from readmodels.queries import operatives, twins

NAME = 100
"""Characters."""


class NameForm(CommandForm):
    """A forename and a surname."""

    forename = line("Forename", NAME, required="Operative must have a forename", **{"data-key": "n"})
    surname = line("Surname", NAME, required="Operative must have a surname")
    faults = {
        "Operative must have a forename": "forename",
        "Operative must have a surname": "surname",
    }

    def questions(self) -> Iterable[Question]:
        """Asks whether this is somebody else than the person who already has this name."""
        given = self.cleaned_data
        found = twins.operative(given["forename"], given["surname"], self.own or given["command_id"])
        if found:
            yield twin(found, reverse("administration-operative", args=[found.pk]))


class HireForm(NameForm):
    """The new operative's id is the form's command id, so that the form sent twice hires once."""

    def to_command(self) -> HireOperative:
        given = self.cleaned_data
        return HireOperative(
            operative_id=given["command_id"], forename=given["forename"], surname=given["surname"]
        )


class RenameForm(NameForm):
    """What they are called from now on."""

    def to_command(self, operative: OperativeRow) -> RenameOperative:
        given = self.cleaned_data
        return RenameOperative(
            operative_id=operative.operative_id, forename=given["forename"], surname=given["surname"]
        )


class ReleaseForm(CommandForm):
    """No fields; how much work they hold is looked up when it is sent."""

    def to_command(self, operative: OperativeRow) -> ReleaseOperative:
        held = operatives.open_jobs_of(operative.operative_id)
        return ReleaseOperative(operative_id=operative.operative_id, open_jobs=held)
