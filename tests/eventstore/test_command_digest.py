"""What a command said, told apart by its digest and by nothing else."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import pytest
from django.conf import LazySettings

from eventstore.command_digest import digest_of, is_same
from eventstore.decider import Fact


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True, kw_only=True)
class Door:
    door_id: UUID
    colour: Fact[Colour]


@dataclass(frozen=True, kw_only=True)
class Paint:
    doors: tuple[Door, ...]
    colour: Colour
    price: Decimal
    note: str = ""
    due: datetime | None = None
    is_wet: Fact[bool] = False


NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DOOR = Door(door_id=UUID(int=1), colour=Colour.BLUE)
PAINT = Paint(doors=(DOOR,), colour=Colour.RED, price=Decimal("9.50"), note="Both sides", due=NOON)


@pytest.mark.parametrize(
    "same",
    [
        {"note": " Both sides\n"},
        {"note": "Both \u202esides\u202c"},
        {"price": Decimal("9.5")},
        {"due": NOON.astimezone(timezone(timedelta(hours=2)))},
        {"doors": (replace(DOOR, colour=Colour.RED),)},
        {"is_wet": True},
    ],
)
def test_spelling_and_facts_make_no_other_command(same: dict[str, Any]) -> None:
    assert digest_of(replace(PAINT, **same)) == digest_of(PAINT)


@pytest.mark.parametrize(
    "other",
    [
        {"note": "Both side"},
        {"note": "both sides"},
        {"note": ""},
        {"price": Decimal("9.51")},
        {"price": Decimal("NaN")},
        {"due": NOON + timedelta(seconds=1)},
        {"due": None},
        {"colour": Colour.BLUE},
        {"doors": ()},
        {"doors": (replace(DOOR, door_id=UUID(int=2)),)},
        {"doors": (DOOR, DOOR)},
        {"note": "\ud800"},
    ],
)
def test_anything_else_does(other: dict[str, Any]) -> None:
    assert not is_same(digest_of(PAINT), digest_of(replace(PAINT, **other)))


def test_another_command_of_the_same_fields_is_another() -> None:
    @dataclass(frozen=True, kw_only=True)
    class Varnish(Paint):
        pass

    assert digest_of(Varnish(**vars(PAINT))) != digest_of(PAINT)


def test_a_command_may_be_given_another_field_with_a_default() -> None:
    @dataclass(frozen=True, kw_only=True)
    class Longer(Paint):
        coats: int = 1

    Longer.__name__ = Paint.__name__
    assert digest_of(Longer(**vars(PAINT))) == digest_of(PAINT)
    assert digest_of(Longer(**vars(PAINT), coats=2)) != digest_of(PAINT)


def test_without_the_key_nobody_can_tell_what_was_said(settings: LazySettings) -> None:
    here = digest_of(PAINT)
    settings.COMMAND_DIGEST_KEY = "a guess"
    there = digest_of(PAINT)
    assert [one == other for one, other in zip(here.split(":"), there.split(":"), strict=True)] == [False] * 2


def test_what_cannot_be_compared_counts_as_the_same(settings: LazySettings) -> None:
    other = digest_of(replace(PAINT, note="Inside"))
    assert not is_same(other, digest_of(PAINT))
    settings.COMMAND_DIGEST_KEY = "changed"
    assert is_same(other, digest_of(PAINT))
    assert is_same("", digest_of(PAINT))
