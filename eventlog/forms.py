"""What the address of the events page asks for."""

from typing import Any
from uuid import UUID

from django import forms

from accounts.names import people_named
from eventlog.moments import MomentField
from eventlog.subjects import CATEGORIES
from eventstore.events import all_types
from eventstore.store import Selection, current_store
from pages.fields import line

LAST_POSITION = 2**63 - 1


class EventsForm(forms.Form):
    """Which events are asked for. A bare id of a job, site or operative stands for its stream."""

    stream = line("Stream or id", 120)
    type = forms.ChoiceField(
        required=False,
        widget=forms.Select(attrs={"class": "form-select"}),
        choices=lambda: [("", "Any"), *((each.name, each.name) for each in all_types())],
        error_messages={"invalid_choice": "There is no event type “%(value)s”"},
    )
    actor = line("By", 150)
    since = MomentField(label="From")
    until = MomentField(label="Before", end=True)
    after = forms.IntegerField(
        required=False,
        label="Page",
        min_value=1,
        max_value=LAST_POSITION,
        widget=forms.HiddenInput,
        error_messages={"invalid": "A page begins after the position of an event"},
    )

    def clean_stream(self) -> str | None:
        """The stream that is meant."""
        text: str = self.cleaned_data["stream"]
        return stream_of(text) if text else None

    def clean_actor(self) -> str | None:
        """The actor who is called so, or is stored so."""
        text: str = self.cleaned_data["actor"]
        if not text:
            return None
        people = people_named(text)
        if len(people) > 1:
            usernames = ", ".join(sorted(user.username for user in people))
            raise forms.ValidationError(f"Several people are called {text}: write {usernames}")
        if people:
            return people[0].actor
        found = current_store().browse(Selection(actor=text), limit=1)
        if not found.events and found.before is None:
            raise forms.ValidationError(f"Nobody called {text} is known")
        return text

    def clean(self) -> dict[str, Any]:
        """Times in order."""
        given: dict[str, Any] = self.cleaned_data
        since, until = given.get("since"), given.get("until")
        if since and until and until <= since:
            self.add_error("until", "This does not lie after the beginning")
        return given

    @property
    def selection(self) -> Selection:
        """What to ask of the store, once the form is valid."""
        given = self.cleaned_data
        return Selection(
            stream=given["stream"],
            types=[given["type"]] if given["type"] else None,
            actor=given["actor"],
            since=given["since"],
            until=given["until"],
        )


def stream_of(text: str) -> str:
    """The stream that has this name, or is of the thing that has this bare id."""
    try:
        bare = UUID(text)
    except ValueError:
        return text
    streams = [f"{category}-{bare}" for category in CATEGORIES]
    return next((each for each in streams if current_store().read_stream(each)), text)
