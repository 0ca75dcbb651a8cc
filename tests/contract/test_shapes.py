"""What a class says of its fields, as data."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal, NamedTuple
from uuid import UUID

import msgspec
import pytest

from eventstore.events import NOBODY, Means
from eventstore.shapes import Field, fields_of, shape_of

Money = Annotated[Decimal, Means("an amount", unit="pounds")]


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True, kw_only=True)
class Coat:
    """A layer of it."""

    colour: Annotated[Colour, Means("which")]
    maker: Annotated[str, Means("who made it", personal="maker")] = "somebody"


@dataclass(frozen=True, kw_only=True)
class Fence:
    """Made of wood."""

    fence_id: UUID
    posts: Annotated[int, Means("how many", unit="posts")]
    price: Annotated[Money, Means("what it cost")]
    painted_at: Annotated[datetime, Means("when it was done")] | None
    coats: Annotated[tuple[Coat, ...], Means("what it is painted with")]
    gate: Literal["wide", "narrow"] = "wide"
    notes: tuple[str, ...] = ()


def test_a_shape_names_each_field_with_its_type_and_what_is_said_of_it() -> None:
    shape = shape_of(Fence)
    assert shape.means == "Made of wood."
    assert shape.fields == {
        "fence_id": Field(type="uuid"),
        "posts": Field(type="integer", means="how many", unit="posts"),
        "price": Field(type="decimal", means="what it cost", unit="pounds"),
        "painted_at": Field(type="moment", or_null=True, means="when it was done"),
        "coats": Field(type="list of object", means="what it is painted with"),
        "coats[].colour": Field(type="one of", values=["red", "blue"], means="which"),
        "coats[].maker": Field(type="text", means="who made it", personal="maker", default="somebody"),
        "gate": Field(type="one of", values=["narrow", "wide"], default="wide"),
        "notes": Field(type="list of text", default=[]),
    }


def test_structs_are_told_by_the_names_that_they_are_written_under() -> None:
    class Told(msgspec.Struct):
        from_: Annotated[str, Means("whence", personal=NOBODY)] = msgspec.field(name="from")

    assert fields_of(Told) == {"from": Field(type="text", means="whence", personal=NOBODY)}


def test_a_named_tuple_without_a_docstring_means_nothing() -> None:
    class Pair(NamedTuple):
        left: int

    assert (shape_of(Pair).means, shape_of(Pair).fields) == ("", {"left": Field(type="integer")})


def test_a_dataclass_without_a_docstring_means_nothing() -> None:
    @dataclass
    class Lonely:
        left: int

    assert shape_of(Lonely).means == ""


@pytest.mark.parametrize("kind", [dict[str, int], int | str, bytes, Any])
def test_a_type_without_a_name_here_is_an_error_that_names_the_field(kind: Any) -> None:
    strange = msgspec.defstruct("Strange", [("inside", kind)])
    with pytest.raises(TypeError, match="`inside`"):
        fields_of(strange)
