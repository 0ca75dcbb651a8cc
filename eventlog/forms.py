"""What the address of the events page asks for."""

from dataclasses import fields, is_dataclass
from typing import Any
from uuid import UUID

from django import forms

from accounts.names import people_named
from accounts.people import people
from eventlog.moments import MomentField
from eventlog.subjects import CATEGORIES, LABELS
from eventstore.current import current_store
from eventstore.events import all_types
from eventstore.store import Selection
from pages.fields import line
from readmodels.queries.streams import streams_called

LAST_POSITION = 2**63 - 1


class EventsForm(forms.Form):
    """Which events to show. The number of a job or order stands for its stream, and so does the bare id of
    any aggregate."""

    stream = line("Job, order, stream or id", 120, placeholder="412, or Order 7")
    type = forms.ChoiceField(
        required=False,
        widget=forms.Select(attrs={"class": "form-select"}),
        choices=lambda: [("", "Any"), *types_by_subject()],
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
        """The actor with this name, or stored under this text, or the one that may have been meant."""
        text: str = self.cleaned_data["actor"]
        if not text:
            return None
        if not (named := people_named(text)):
            found = current_store().browse(Selection(actor=text), limit=1)
            if found.events or found.before is not None:
                return text
            named = people(text, active=None)
        if len(named) > 1:
            usernames = ", ".join(sorted(user.username for user in named))
            raise forms.ValidationError(f"Several people are called {text}: write {usernames}")
        if not named:
            raise forms.ValidationError(f"Nobody called {text} is known")
        return named[0].actor

    def clean(self) -> dict[str, Any]:
        """Check that the times are in order."""
        given: dict[str, Any] = self.cleaned_data
        since, until = given.get("since"), given.get("until")
        if since and until and until <= since:
            self.add_error("until", "This does not lie after the beginning")
        return given

    @property
    def selection(self) -> Selection:
        """The selection for the store, once the form is valid."""
        given = self.cleaned_data
        return Selection(
            stream=given["stream"],
            types=[given["type"]] if given["type"] else None,
            actor=given["actor"],
            since=given["since"],
            until=given["until"],
        )


def types_by_subject() -> list[tuple[str, list[tuple[str, str]]]]:
    """The types of events, grouped by what they are about."""
    about: dict[str, list[tuple[str, str]]] = {label: [] for label in LABELS.values()}
    for each in all_types():
        label = LABELS.get(category_of(each.cls), "Other")
        about.setdefault(label, []).append((each.name, each.name))
    return [(label, names) for label, names in about.items() if names]


def category_of(event: type) -> str:
    """What an event is about: its first field is that aggregate's id."""
    return fields(event)[0].name.removesuffix("_id") if is_dataclass(event) else ""


def stream_of(text: str) -> str:
    """The stream that has this name, or that of the job or order with this number, or of the aggregate
    with this bare id."""
    if called := streams_called(text):
        return called[0]
    try:
        bare = UUID(text)
    except ValueError:
        return text
    streams = [f"{category}-{bare}" for category in CATEGORIES]
    return next((each for each in streams if current_store().read_stream(each, limit=1)), text)
