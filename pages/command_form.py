"""A form that stands for one command."""

from typing import Any, ClassVar, cast
from uuid import uuid4

from django import forms
from django.http import QueryDict

INCOMPLETE = "This form is incomplete: load the page again"


class CommandForm(forms.Form):
    """Parses and checks shape; the rules themselves are the aggregate's.

    `command_id` is minted with the form, so that the same form sent twice has its effect once. `faults`
    names the field that a refusal speaks of, to which the focus then goes.
    """

    command_id = forms.UUIDField(
        widget=forms.HiddenInput,
        initial=uuid4,
        error_messages={"required": INCOMPLETE, "invalid": INCOMPLETE},
    )
    faults: ClassVar[dict[str, str]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("use_required_attribute", False)
        super().__init__(*args, **kwargs)
        self.label_suffix = ""

    def refuse(self, sentence: str) -> None:
        """Show the refusal beside the field that it speaks of, or above the form."""
        self.add_error(self.field_of(sentence), sentence)

    def field_of(self, sentence: str) -> str | None:
        """The field that a refusal speaks of, to which the focus then goes."""
        return self.faults.get(sentence)

    def renew(self) -> None:
        """Keep what was typed, as a fresh form. What was refused left no trace under the old id; or that id
        was used up before the browser's Back button, and would be refused for ever."""
        data = cast(QueryDict, self.data).copy()
        data["command_id"] = str(uuid4())
        self.data = data

    @property
    def sentences(self) -> list[str]:
        """Every error, each once, as a sentence that can stand alone."""
        found = []
        for name, errors in self.errors.items():
            label = self.fields[name].label if name in self.fields else None
            for error in errors:
                known = not label or self.field_of(str(error)) is not None
                found.append(str(error) if known else f"{label}: {error}")
        return list(dict.fromkeys(found))
