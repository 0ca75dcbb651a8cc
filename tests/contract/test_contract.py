"""What was promised is added to, and all else is refused in a sentence that says what to do."""

from dataclasses import dataclass, field, make_dataclass
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from eventstore.contract import EVENTS, Broken, Contract, Rules, extended, promise, promised
from eventstore.events import NOBODY, Means, event, type_of

pytestmark = pytest.mark.usefixtures("registries")

Fence = Annotated[UUID, Means("the fence")]
Colour = Annotated[str, Means("the colour", personal=NOBODY)]
Coats = Annotated[int, Means("how often", unit="coats")]
NEXT_VERSION = "give the class the next version and an upcaster"


class Few(StrEnum):
    RED = "red"


class More(StrEnum):
    BLUE = "blue"
    RED = "red"


@dataclass(frozen=True, kw_only=True)
class Tin:
    """What it comes in."""

    colour: Colour


@dataclass(frozen=True, kw_only=True)
class LargeTin:
    """What it comes in."""

    colour: Colour
    litres: Annotated[int, Means("what is in it", unit="litres")] = 1


def painted(
    *, version: int = 1, means: str = "It was painted.", retired: str = "", **fields: Any
) -> Contract:
    """What is promised by an event with these fields; a pair is a field with a default."""
    specs = [
        (name, kind[0], field(default=kind[1])) if isinstance(kind, tuple) else (name, kind)
        for name, kind in fields.items()
    ]
    cls = make_dataclass("Painted", specs, kw_only=True)
    cls.__doc__ = means
    name = f"Painted{len(made)}"
    made.append(name)
    known = type_of(event(name, version=version, retired=retired)(cls))
    return {EVENTS: {"Painted": promised([known])[EVENTS][name]}}


made: list[str] = []
KEPT: dict[str, Any] = {"fence": Fence, "colour": Colour}


def refused(kept: Contract, now: Contract) -> str:
    with pytest.raises(Broken) as error:
        extended(kept, now)
    assert error.value.sentences == str(error.value).split("\n")
    return str(error.value)


# --- What may be added ----------------------------------------------------------------------------------


def test_what_has_not_changed_stays_as_it_is() -> None:
    kept = painted(**KEPT)
    assert extended(kept, painted(**KEPT)) == kept


def test_a_new_event_is_added() -> None:
    now = painted(**KEPT)
    assert extended({}, now) == now


def test_a_field_with_a_default_keeps_the_version_and_is_listed_as_added() -> None:
    kept = painted(**KEPT)
    found = extended(kept, painted(**KEPT, coats=(Coats, 1)))
    fields = found[EVENTS]["Painted"].versions[1].fields
    assert [(path, each.added) for path, each in fields.items()] == [
        ("fence", False),
        ("colour", False),
        ("coats", True),
    ]
    assert extended(found, painted(**KEPT, coats=(Coats, 1))) == found, "it stays listed as added"


def test_a_field_with_a_default_may_be_added_within_another() -> None:
    means = Means("what it was taken from")
    kept = painted(tin=Annotated[Tin, means])
    found = extended(kept, painted(tin=Annotated[LargeTin, means]))
    assert found[EVENTS]["Painted"].versions[1].fields["tin.litres"].added
    entirely = extended(painted(**KEPT), painted(**KEPT, tin=(Annotated[Tin | None, means], None)))
    assert entirely[EVENTS]["Painted"].versions[1].fields["tin.colour"].added


def test_a_value_of_an_enumeration_keeps_the_version_and_is_listed_last() -> None:
    found = extended(painted(colour=Few), painted(colour=More))
    assert found[EVENTS]["Painted"].versions[1].fields["colour"].values == ["red", "blue"]


def test_a_new_version_leaves_the_one_before_on_record() -> None:
    kept = painted(**KEPT)
    found = extended(kept, painted(version=2, fence=Fence))
    assert found[EVENTS]["Painted"].versions[1] == kept[EVENTS]["Painted"].versions[1]
    assert list(found[EVENTS]["Painted"].versions[2].fields) == ["fence"]


def test_a_retired_event_stays_on_record_and_says_why() -> None:
    found = extended(painted(**KEPT), painted(**KEPT, retired="Fences are not painted since 2027."))
    assert found[EVENTS]["Painted"].retired == "Fences are not painted since 2027."
    assert list(found[EVENTS]["Painted"].versions[1].fields) == ["fence", "colour"]


# --- What may not ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        (KEPT, {"fence": Fence}, "Painted version 1 has lost `colour`"),
        (KEPT, {**KEPT, "coats": Coats}, "`coats` of Painted version 1 is new and has no default"),
        ({"it": Coats}, {"it": Annotated[str, Means("how often", unit="coats")]}, "has another type"),
        ({"it": Fence}, {"it": Fence | None}, "has another or_null"),
        ({"it": (Coats, 1)}, {"it": (Coats, 2)}, "has another default: 1 before, 2 now"),
        ({"it": Coats}, {"it": Annotated[Coats, Means(unit="pounds")]}, "has another unit: 'coats' before"),
        ({"it": More}, {"it": Few}, "`it` of Painted version 1 has lost the values ['blue']"),
    ],
)
def test_a_changed_shape_is_refused_and_wants_a_new_version(
    before: dict[str, Any], after: dict[str, Any], sentence: str
) -> None:
    said = refused(painted(**before), painted(**after))
    assert sentence in said
    assert NEXT_VERSION in said


def test_another_order_of_fields_is_refused_for_it_would_be_written_otherwise() -> None:
    assert "another order" in refused(painted(**KEPT), painted(colour=Colour, fence=Fence))


@pytest.mark.parametrize(
    "colour",
    [
        Annotated[str, Means("the shade", personal=NOBODY)],
        Annotated[str, Means("the colour", personal="fence")],
        Annotated[Colour, Means(identifies="fence")],
    ],
)
def test_other_words_are_refused_unless_the_record_is_changed_by_hand(colour: Any) -> None:
    said = refused(painted(**KEPT), painted(fence=Fence, colour=colour))
    assert "that is a new version. If only the words are better, change them in the record by hand" in said


def test_another_meaning_of_the_event_is_refused_likewise() -> None:
    assert "by hand" in refused(painted(**KEPT), painted(**KEPT, means="It was varnished."))


def test_an_event_that_is_gone_is_refused_and_wants_to_be_retired() -> None:
    assert (
        "Keep its class and whatever reads it, and say in its decorator why it is written no more: @event"
        in (refused(painted(**KEPT), {EVENTS: {}}))
    )


def test_what_is_retired_does_not_come_back() -> None:
    assert "is retired on record" in refused(painted(**KEPT, retired="Since 2027."), painted(**KEPT))


def test_versions_are_counted_one_by_one_and_never_back() -> None:
    assert "does not follow 1" in refused(painted(**KEPT), painted(**KEPT, version=3))
    kept = extended(painted(**KEPT), painted(**KEPT, version=2))
    assert "falls back behind it" in refused(kept, painted(**KEPT))


def test_every_breach_is_told_at_once() -> None:
    said = refused(painted(**KEPT), painted(colour=Coats))
    for what in ("lost `fence`", "another type", "another unit", "`means`", "`personal`"):
        assert what in said


# --- What is no event -----------------------------------------------------------------------------------

TOLD = Rules(
    field=True, needs_default=False, value=False, may_vanish=True, remedy="Publish the next one beside it"
)


def told(section: str = "told", name: str = "painted", version: int = 1, **fields: Any) -> Contract:
    cls = make_dataclass("Told", list(fields.items()), kw_only=True)
    promise(section, TOLD, name, version, cls)
    return {section: promised([])[section]}


def test_rules_are_those_of_the_section() -> None:
    kept = told(it=Few)
    assert extended(kept, told(it=Few, coats=Coats))["told"]["painted"].versions[1].fields["coats"].added
    assert refused(kept, told(it=More)).endswith("new values ['blue']. Publish the next one beside it.")


def test_several_versions_are_promised_at_once() -> None:
    told(it=Few)
    assert list(extended({}, told(version=2, it=More))["told"]["painted"].versions) == [1, 2]


def test_what_others_read_may_go_once_it_is_retired() -> None:
    kept = told(it=Few)
    assert "Publish the next one beside it" in refused(kept, {"told": {}})
    retired = {"told": {"painted": replace(kept["told"]["painted"], retired="Nobody uses it.")}}
    assert extended(retired, {"told": {}}) == retired
