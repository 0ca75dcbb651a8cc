"""manage.py write_contract: the record is added to, and never written anew to please the check."""

import json
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command

from eventstore import contract
from eventstore.events import NOBODY, Means, all_types, event

pytestmark = pytest.mark.usefixtures("registries")


@pytest.fixture
def record(settings: LazySettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A record of its own, which says nothing yet; of events, only those of the test are promised."""
    known = {each.name for each in all_types()}
    monkeypatch.setattr(
        contract, "all_types", lambda: [each for each in all_types() if each.name not in known]
    )
    monkeypatch.setattr(contract, "_others", [])
    path = settings.EVENT_CONTRACT = tmp_path / "events.json"
    path.write_text("{}")
    return path


def declare(**fields: Any) -> type:
    cls = type("Painted", (), {"__annotations__": fields, "__doc__": "It was painted."})
    return event("Painted")(cls)


COLOUR = Annotated[str, Means("red | blue", personal=NOBODY)]


def test_what_the_code_promises_is_written_for_programs_and_for_people(record: Path) -> None:
    declare(fence_id=Annotated[UUID, Means("the fence")], colour=COLOUR)
    call_command("write_contract")
    shape = json.loads(record.read_text())["events"]["Painted"]["versions"]["1"]
    assert shape["fields"]["colour"] == {"type": "text", "means": "red | blue", "personal": "nobody"}
    page = record.with_suffix(".md").read_text()
    assert "### `Painted`\n\nVersion 1. It was painted.\n" in page
    assert "| `colour` | text | red \\| blue |  |" in page
    call_command("write_contract", check=True)


def test_the_check_writes_nothing_and_says_what_to_run(record: Path) -> None:
    declare()
    with pytest.raises(CommandError, match=r"events.json is not up to date: run manage.py write_contract"):
        call_command("write_contract", check=True)
    assert record.read_text() == "{}"
    call_command("write_contract")
    record.with_suffix(".md").write_text("Changed by hand.")
    with pytest.raises(CommandError, match=r"events.md is not up to date"):
        call_command("write_contract", check=True)


@pytest.mark.parametrize("options", [{}, {"check": True}])
def test_a_change_is_refused_and_nothing_written(record: Path, options: dict[str, bool]) -> None:
    declare(fence_id=Annotated[UUID, Means("the fence")])
    call_command("write_contract")
    changed = record.read_text().replace('"uuid"', '"text"')
    record.write_text(changed)
    with pytest.raises(CommandError) as refused:
        call_command("write_contract", **options)
    assert "`fence_id` of Painted version 1 has another type: 'text' before, 'uuid' now" in str(refused.value)
    assert record.read_text() == changed


def test_what_has_vanished_is_refused(record: Path) -> None:
    promise = {"versions": {"1": {"means": "It was varnished.", "fields": {}}}}
    record.write_text(json.dumps({"events": {"Varnished": promise}}))
    with pytest.raises(CommandError, match=r"Varnished is gone from the code.* Keep its class"):
        call_command("write_contract")


def test_a_record_that_is_gone_is_not_begun_anew(record: Path) -> None:
    record.unlink()
    with pytest.raises(CommandError, match="bring it back from version control"):
        call_command("write_contract")
    assert not record.exists()


def test_a_record_that_cannot_be_read_is_named(record: Path) -> None:
    record.write_text('{"events": 7}')
    with pytest.raises(CommandError, match=r"events.json cannot be read"):
        call_command("write_contract")


def test_the_page_shows_units_defaults_what_was_added_and_what_is_retired(record: Path) -> None:
    coats = {
        "type": "integer",
        "unit": "coats",
        "or_null": True,
        "default": 1,
        "added": True,
        "means": "how often",
    }
    promise = {"retired": "Since 2027.", "versions": {"1": {"means": "It.", "fields": {"coats": coats}}}}
    record.write_text(json.dumps({"told": {"painted": promise}}))
    contract._rules["told"] = contract._rules["events"]._replace(may_vanish=True)
    call_command("write_contract")
    page = record.with_suffix(".md").read_text()
    assert "Retired: it is read, and written no more. Since 2027." in page
    assert "| `coats` | integer, in coats, or null, default `1`, added later | how often |  |" in page
