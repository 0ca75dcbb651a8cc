"""Streams as every version of the program has stored them are read, folded and projected by this one."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest

from eventstore import codec
from eventstore.contract import EVENTS
from eventstore.current import current_store
from eventstore.decider import Decider
from eventstore.events import type_named
from eventstore.kurrent import client
from eventstore.kurrent.envelope import from_kurrent, to_kurrent
from eventstore.management.commands.write_contract import recorded
from eventstore.models import Checkpoint
from eventstore.projections.advance import advance
from eventstore.projections.read_model import registry
from eventstore.shapes import Shape
from eventstore.transfer import archive
from eventstore.transfer.portable import PortableEvent, portable
from operatives.operative import OPERATIVE
from orders.buyer import BUYER
from orders.order import ORDER
from products.product import PRODUCT
from readmodels.models import BuyerRow, OperativeRow, OrderRow, ProductRow, SiteRow, WorkRow
from sites.site import SITE
from support.work import WORK

HERE = Path(__file__).parent
SUMS = {name: digest for digest, name in map(str.split, (HERE / "SHA256SUMS").read_text().splitlines())}
IN_KURRENT = [HERE / name for name in SUMS if ".kurrent." in name]
ARCHIVES = [HERE / name for name in SUMS if ".kurrent." not in name]
RECORD = recorded()[EVENTS]
DECIDERS: dict[str, Decider[Any, Any, Any]] = {
    each.category: each for each in (WORK, OPERATIVE, SITE, PRODUCT, ORDER, BUYER)
}
ROWS = (WorkRow, OperativeRow, SiteRow, ProductRow, OrderRow, BuyerRow)

every = pytest.mark.parametrize("path", ARCHIVES, ids=lambda path: path.stem)


def events_of(path: Path) -> list[PortableEvent]:
    return list(archive.read(path, lambda *_: None))


def decoded(each: PortableEvent) -> Any:
    return codec.decode(each.type, each.schema_version, each.data)


def shape_of(each: PortableEvent) -> Shape:
    return RECORD[each.type].versions[each.schema_version]


def test_every_file_is_as_it_was_recorded() -> None:
    found = {each.name: sha256(each.read_bytes()).hexdigest() for each in HERE.glob("*.jsonl")}
    assert found == SUMS


@every
def test_every_event_is_decoded_and_encoded_again_byte_for_byte(path: Path) -> None:
    """Encoded, if the file has it in the present version."""
    for each in events_of(path):
        event = decoded(each)
        known = type_named(each.type)
        assert type(event) is known.cls
        if each.schema_version == known.version:
            assert as_it_was(codec.encode(event), each) == each.data


def as_it_was(encoded: str, each: PortableEvent) -> str:
    """Without what the version was given since, unless it was stored already."""
    stored = json.loads(each.data)
    later = [path for path, field in shape_of(each).fields.items() if field.added and path not in stored]
    if not later:
        return encoded
    kept = {path: value for path, value in json.loads(encoded).items() if path not in later}
    return msgspec.json.encode(kept).decode()


@every
def test_every_stream_is_folded_by_its_decider(path: Path) -> None:
    streams: dict[str, list[Any]] = {}
    for each in events_of(path):
        streams.setdefault(each.stream, []).append(decoded(each))
    for stream, events in streams.items():
        decider = DECIDERS[stream.partition("-")[0]]
        assert decider.fold(events) != decider.initial, stream
    assert {stream.partition("-")[0] for stream in streams} == set(DECIDERS)


@every
@pytest.mark.django_db
def test_every_event_is_projected_and_exported_again_byte_for_byte(path: Path) -> None:
    events = events_of(path)
    for each in events:
        current_store().append(each.stream, each.version - 1, [each.new])
    advance()
    assert not Checkpoint.objects.exclude(error="").exists()
    assert set(Checkpoint.objects.filter(name__in=registry).values_list("position", flat=True)) == {
        current_store().head()
    }
    ids = {str(row.pk) for model in ROWS for row in model._default_manager.all()}
    assert ids == {each.stream.partition("-")[2] for each in events}
    stored = current_store().read_all(0, len(events) + 1)
    assert [portable(each).line for each in stored] == [each.line for each in events]
    lines = path.read_bytes().splitlines(keepends=True)[1:-1]
    assert [each.line for each in events] == lines


@pytest.mark.parametrize("path", IN_KURRENT, ids=lambda path: path.stem)
def test_what_kurrentdb_keeps_is_read_and_written_again_byte_for_byte(path: Path) -> None:
    for line in path.read_text().splitlines():
        kept = json.loads(line)
        data, metadata = kept["data"].encode(), kept["metadata"].encode()
        event = client.RecordedEvent(
            type=kept["type"],
            data=data,
            metadata=metadata,
            content_type="application/json",
            id=UUID(kept["id"]),
            stream_name=kept["stream"],
            stream_position=kept["version"],
            commit_position=1,
            prepare_position=1,
            retry_count=None,
            recorded_at=None,
        )
        found = from_kurrent(event, kept["stream"])
        assert not found.is_foreign
        again = to_kurrent(portable(found).new)
        assert (again.data, again.metadata) == (data, metadata)


# --- Nothing is left out ---------------------------------------------------------------------------------


def test_every_version_of_every_event_on_record_is_in_a_file() -> None:
    stored = {(each.type, each.schema_version) for path in ARCHIVES for each in events_of(path)}
    record = {(name, version) for name, promise in RECORD.items() for version in promise.versions}
    assert stored == record


def test_every_value_and_every_null_is_in_a_file() -> None:
    found: dict[tuple[str, str], set[Any]] = {}
    for each in (each for path in ARCHIVES for each in events_of(path)):
        for path, field in shape_of(each).fields.items():
            if field.values or field.or_null:
                value = json.loads(each.data)
                for part in path.split("."):
                    value = value[part]
                found.setdefault((each.type, path), set()).add(value)
    for (name, path), values in found.items():
        field = RECORD[name].versions[type_named(name).version].fields[path]
        assert values >= set(field.values), (name, path)
        if field.or_null:
            assert None in values, (name, path)
            assert len(values) > 1, (name, path)


def test_every_version_of_the_archive_is_in_a_file() -> None:
    headers = [json.loads(path.read_text().partition("\n")[0]) for path in ARCHIVES]
    assert {each["version"] for each in headers} == set(archive.READ)
