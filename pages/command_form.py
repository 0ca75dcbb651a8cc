"""A form that stands for one command."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar, cast
from uuid import uuid4

from django import forms
from django.forms.utils import ErrorDict
from django.http import QueryDict
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from pages.draft import Draft
from pages.question import ASKED, Question
from spelling.line import trimmed

UNKNOWN = "whether_taken_is_unknown"
"""A field of a form that is sent again after an answer that never came (unavailable.py): its command may
have been taken."""
MOST_SHOWN = 120
"""The most characters of a line in the name of what a form is about."""
FEW = 4
"""Up to so many faults are also listed above the form."""
INCOMPLETE = "This form is incomplete: load the page again"


class MayBeTaken(forms.HiddenInput):
    """The id of a command that may have been taken. The fact that it may travels with it."""

    def render(self, *args: Any, **kwargs: Any) -> SafeString:
        return super().render(*args, **kwargs) + format_html(
            '<input type="hidden" name="{}" value="yes">', UNKNOWN
        )


class CommandForm(forms.Form):
    """Parses and checks shape; the rules themselves are the aggregate's.

    `command_id` is minted with the form, so that the same form sent twice takes effect once. `faults`
    names the field that a refusal speaks of; the focus then goes there. `about` names the thing and the
    person, for the message that says how the command went; it is called when that is known.
    """

    about: Callable[[], str] | None = None

    command_id = forms.UUIDField(
        widget=forms.HiddenInput,
        initial=uuid4,
        error_messages={"required": INCOMPLETE, "invalid": INCOMPLETE},
    )
    faults: ClassVar[dict[str, str]] = {}
    open_questions: Sequence[Question] = ()
    is_asking = False
    """Nothing is wrong, but something has to be asked before the form is sent on."""

    def __init__(self, *args: Any, own: object = None, **kwargs: Any) -> None:
        """`own` is the key of the row that is changed, if there is one."""
        kwargs.setdefault("use_required_attribute", False)
        super().__init__(*args, **kwargs)
        self.own = own
        self.label_suffix = ""
        self.was_judged = False
        if isinstance(self.data, Draft):  # not validated: the person who typed it has not finished
            self._errors, self.cleaned_data = ErrorDict(), {}
        if UNKNOWN in self.data and "command_id" in self.fields:
            self.fields["command_id"].widget = MayBeTaken()

    def is_valid(self) -> bool:
        """A draft is never valid, so nothing is done because of it."""
        return not isinstance(self.data, Draft) and super().is_valid()

    def refuse(self, sentence: str) -> None:
        """Show the refusal beside the field that it speaks of, or above the form."""
        self.was_judged = True
        self.add_error(self.field_of(sentence), sentence)

    def field_of(self, sentence: str) -> str | None:
        """The field that a refusal speaks of, to which the focus then goes."""
        return self.faults.get(sentence)

    def questions(self) -> Iterable[Question]:
        """What a page asks before it dispatches a valid form. Programs, imports and seeding are not asked."""
        return ()

    def is_sure(self) -> bool:
        """Whether the sender of this valid form has already been asked everything."""
        self.open_questions = list(self.questions())
        asked = cast(QueryDict, self.data).getlist(ASKED) if self.open_questions else []
        unasked = [each for each in self.open_questions if each.key not in asked]
        for each in unasked:
            self.add_error(each.field or None, each.sentence)
        self.is_asking = bool(unasked)
        return not unasked

    def renew(self) -> None:
        """Keep what was typed, as a form with a new id. A refused command left no trace under its old id;
        or that id was used before the browser's Back button, and would be refused for ever. A draft keeps
        its id, because it was not refused. So does a command that may have been taken, so that a
        correction does not make two of it."""
        data = cast(QueryDict, self.data).copy()
        if not isinstance(data, Draft) and (self.was_judged or UNKNOWN not in data):
            data["command_id"] = str(uuid4())
        self.data = data

    def as_typed(self, name: str) -> str:
        """A line as it was typed, right or wrong, for the name of what the form is about."""
        return Truncator(trimmed(str(self[name].value() or ""))).chars(MOST_SHOWN)

    @property
    def words(self) -> list[tuple[str, str]]:
        """What was written in it, under the names of its fields, to be given back if the form itself can
        no longer be shown."""
        texts = [each for each in self if type(each.field.widget) in (forms.Textarea, forms.TextInput)]
        written = [(str(each.label), str(each.value() or "").strip()) for each in texts]
        return [(label, text) for label, text in written if text]

    @property
    def sentences(self) -> list[str]:
        """Every error, each once, as a sentence that can stand alone."""
        return list(self._faults)

    @property
    def summary(self) -> list[str]:
        """What stands above the form: every sentence. If there are many, only those that stand beside no
        visible field, and how many others there are."""
        beside = [sentence for sentence, is_beside in self._faults.items() if is_beside]
        if len(self._faults) <= FEW or not beside:
            return self.sentences
        elsewhere = [sentence for sentence in self.sentences if sentence not in beside]
        more = " more" if elsewhere else ""
        return [*elsewhere, f"{len(beside)}{more} faults are told beside their fields"]

    @property
    def _faults(self) -> dict[str, bool]:
        """Every sentence, and whether it stands beside a visible field."""
        found, asked = {}, {each.sentence for each in self.open_questions}
        for name, errors in self.errors.items():
            field = self.fields.get(name)
            label = field.label if field else None
            for error in errors:
                known = not label or error in asked or self.field_of(str(error)) is not None
                sentence = str(error) if known else f"{label}: {error}"
                found[sentence] = field is not None and not field.widget.is_hidden
        return found
