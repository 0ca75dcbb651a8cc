"""What the address of a list says: the text to look for, the state, and the row after which the page
begins."""

from typing import Any

from django import forms

from readmodels.cursor import LONGEST


class ListForm(forms.Form):
    """A search box and a choice of states; the first is the default. What cannot be understood is left
    out, so that every address shows a list."""

    q = forms.CharField(max_length=100, required=False)
    state = forms.ChoiceField(required=False)
    after = forms.CharField(max_length=LONGEST, required=False)

    def __init__(self, data: Any, *, states: dict[str, str]) -> None:
        super().__init__(data)
        self.states = states
        state = self.fields["state"]
        assert isinstance(state, forms.ChoiceField)
        state.choices = list(states.items())
        self.is_valid()

    @property
    def text(self) -> str:
        """What is looked for."""
        return str(self.cleaned_data.get("q") or "")

    @property
    def wanted_state(self) -> str:
        """The chosen state."""
        return str(self.cleaned_data.get("state") or next(iter(self.states)))

    @property
    def last_seen(self) -> str | None:
        """The place after which the page begins."""
        return self.cleaned_data.get("after") or None
