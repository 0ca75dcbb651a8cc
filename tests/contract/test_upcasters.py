"""Upcasters may see the envelope, and whatever goes wrong in one is told by its name."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from eventstore import codec
from eventstore.codec import Undecodable, UpcasterFailed, upcaster
from eventstore.events import event
from eventstore.store import RecordedEvent

pytestmark = pytest.mark.usefixtures("registries")

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def recorded(data: str) -> RecordedEvent:
    """A fence that was painted, as version 1 had it."""
    some = UUID(int=1)
    return RecordedEvent(
        7, some, "fence-1", 0, "Painted", 1, data, "user-7", some, some, "web", "", NOON, NOON
    )


def test_an_upcaster_may_see_who_did_it_and_when() -> None:
    @event("Painted", version=3)
    class Painted:
        by: str
        at: datetime

    @upcaster("Painted", from_version=1, sees_envelope=True)
    def with_painter(fields: dict[str, Any], envelope: RecordedEvent) -> dict[str, Any]:
        return {**fields, "by": envelope.actor, "at": envelope.occurred_at}

    @upcaster("Painted", from_version=2)
    def without_colour(fields: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in fields.items() if name != "colour"}

    assert recorded('{"colour":"red"}').event == Painted(by="user-7", at=NOON)


def test_an_error_names_the_event_its_version_and_the_upcaster() -> None:
    @event("Painted", version=3)
    class Painted:
        colour: str

    upcaster("Painted", from_version=1)(dict)

    @upcaster("Painted", from_version=2)
    def to_british(fields: dict[str, Any]) -> dict[str, Any]:
        return {"colour": fields["color"]}

    with pytest.raises(UpcasterFailed) as failed:
        codec.decode("Painted", 1, '{"shade":"red"}')
    assert isinstance(failed.value, Undecodable)
    said = str(failed.value)
    assert said.startswith("Painted version 1: its upcaster from version 2, ")
    assert said.endswith(".to_british, failed: KeyError('color')")


def test_an_upcaster_that_returns_no_fields_is_named_too() -> None:
    @event("Painted", version=2)
    class Painted:
        colour: str

    @upcaster("Painted", from_version=1)
    def forgetful(fields: dict[str, Any]) -> Any:
        fields["colour"] = fields.pop("color")

    with pytest.raises(UpcasterFailed, match=r"forgetful, failed: .*it returned NoneType, not a dict"):
        codec.decode("Painted", 1, '{"color":"red"}')
