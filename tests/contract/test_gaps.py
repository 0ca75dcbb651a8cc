"""Events that leave something unsaid, and upcasters that are missing, are named by a system check."""

from typing import Annotated, Any
from uuid import UUID

import pytest
from django.core.checks import run_checks

from eventstore import events
from eventstore.checks import gaps
from eventstore.codec import upcaster
from eventstore.events import NOBODY, Means, event, type_of

pytestmark = pytest.mark.usefixtures("registries")

FenceId = Annotated[UUID, Means("the fence")]


def gaps_of(cls: type) -> list[str]:
    return list(gaps([type_of(cls)]))


def test_ours_have_none() -> None:
    assert [each for each in run_checks() if (each.id or "").startswith("eventstore.E")] == []


def test_the_check_names_a_gap_in_an_app(monkeypatch: pytest.MonkeyPatch) -> None:
    @event("FencePainted")
    class FencePainted:
        pass

    known = events._by_class[FencePainted]
    monkeypatch.setattr(FencePainted, "__module__", "support.events")
    assert known.name == "FencePainted"
    (found,) = [each for each in run_checks() if each.id == "eventstore.E001"]
    assert found.msg == "FencePainted says nowhere what it means: write it a docstring."


def test_what_tests_declare_is_no_business_of_the_check() -> None:
    @event("FencePainted")
    class FencePainted:
        pass

    assert gaps_of(FencePainted)
    assert [each for each in run_checks() if each.id == "eventstore.E001"] == []


def test_who_says_everything_has_no_gap() -> None:
    @event("FencePainted", version=2)
    class FencePainted:
        """Somebody has painted it."""

        fence_id: FenceId
        coats: Annotated[int, Means("how often", unit="coats")]
        colour: Annotated[str, Means("the colour", personal=NOBODY)]
        note: Annotated[str, Means("what they said", personal="fence")]

    @upcaster("FencePainted", from_version=1)
    def more(fields: dict[str, Any]) -> dict[str, Any]:
        return fields

    assert gaps_of(FencePainted) == []


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        (int, "E says nowhere what `it` means"),
        (Annotated[UUID, Means("  ")], "E says nowhere what `it` means"),
        (Annotated[int, Means("how many")], "E says nowhere in what `it` is counted"),
        (Annotated[tuple[int, ...], Means("how many")], "E says nowhere in what `it` is counted"),
        (Annotated[str, Means("what they said")], "E says nowhere whose `it` is"),
        (Annotated[str | None, Means("what they said")], "E says nowhere whose `it` is"),
        (Annotated[str, Means("it", personal="fence")], "E says that `it` is of a fence, and not of which"),
    ],
)
def test_a_field_that_says_too_little_is_named(kind: Any, sentence: str) -> None:
    class E:
        """Something has happened."""

        __annotations__ = {"it": kind}

    assert gaps_of(event("E")(E))[0].startswith(sentence)


def test_a_text_is_of_whom_a_field_identifies() -> None:
    @event("FencePainted")
    class FencePainted:
        """Somebody has painted it."""

        painter: Annotated[str, Means("who", personal="painter", identifies="painter")]

    assert gaps_of(FencePainted) == []


def test_upcasters_that_are_missing_or_lead_nowhere_are_named() -> None:
    @event("FencePainted", version=3)
    class FencePainted:
        """Somebody has painted it."""

    for version in (2, 3):
        upcaster("FencePainted", from_version=version)(dict)
    assert gaps_of(FencePainted) == [
        "FencePainted has no upcaster from version 1: what is stored so cannot be read.",
        "FencePainted stands at version 3 and has an upcaster from 3.",
    ]
