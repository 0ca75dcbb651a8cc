"""Backup: every event in a file and back, and files that are not as they were written."""

import gzip
import io
import os
import stat
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command

from eventstore.current import current_store
from eventstore.models import StoredEvent
from eventstore.projections import rebuild
from eventstore.projections.read_model import registry
from eventstore.store import NO_STREAM, EventStore, Unreachable
from eventstore.transfer import archive, copy
from eventstore.transfer.portable import CannotMove, PortableEvent
from readmodels.models import SiteRow
from tests import factories
from tests.eventstore.new_events import new_stream, note
from tests.eventstore.transfer_process import UNUSUAL, fill, forget_everything

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("other_databases")]


@pytest.fixture(params=["events.jsonl", "events.jsonl.gz"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A file that is not there yet, as it is and compressed."""
    return tmp_path / str(request.param)


def export(path: Path, *options: str) -> str:
    """Run the command; what it says."""
    said = io.StringIO()
    call_command("export_events", str(path), *options, stdout=said)
    return said.getvalue()


def take(path: Path, *options: str) -> str:
    """Run import_events; what it says."""
    said = io.StringIO()
    call_command("import_events", str(path), *options, stdout=said, stderr=said)
    return said.getvalue()


def held() -> list[PortableEvent]:
    """All that the current store holds."""
    return list(copy.events_of(current_store(), lambda *_: None))


def read(path: Path) -> list[PortableEvent]:
    """All that the file holds."""
    return list(archive.read(path, lambda *_: None))


def lines(path: Path) -> list[bytes]:
    """The file's lines, decompressed."""
    content = path.read_bytes()
    return (gzip.decompress(content) if path.suffix == ".gz" else content).splitlines(keepends=True)


def rewrite(path: Path, changed: list[bytes]) -> None:
    """Put these lines into the file."""
    content = b"".join(changed)
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)


@pytest.fixture
def empty_store(
    request: pytest.FixtureRequest, store: EventStore, settings: LazySettings
) -> Iterator[Callable[[], EventStore]]:
    """Makes the current store, each in turn, an empty one of its kind."""

    def empty() -> EventStore:
        forget_everything()
        if settings.EVENT_STORE_URL:
            settings.EVENT_STORE_PREFIX += "again"
            current_store.cache_clear()
        return current_store()

    yield empty
    current_store.cache_clear()


# --- There and back ----------------------------------------------------------------------------------


def test_every_event_comes_back_as_it_was_and_in_order(
    store: EventStore, empty_store: Callable[[], EventStore], path: Path
) -> None:
    fill(store)
    events = held()
    assert "14 events of 3 streams" in export(path)
    assert read(path) == events
    empty_store()
    assert held() == []
    said = take(path)
    assert held() == events
    assert tuple(each.data for each in held() if each.schema_version == 7) == UNUSUAL
    assert "Moved 14 events; 0 stood there before." in said
    assert "Verified: 14 events of 3 streams" in said


EXAMPLE = PortableEvent(
    stream="work-1",
    version=0,
    id=UUID(int=1),
    type="WorkRaised",
    schema_version=2,
    data='{"title":"No heat \N{FIRE}"}',
    actor="user-1",
    correlation_id=UUID(int=2),
    causation_id=UUID(int=3),
    source="web",
    command_digest="0a1b2c3d:5e0c1f7a90b2d46e8833a1c4",
    occurred_at=datetime(2026, 3, 2, 9, 30, 15, 123456, tzinfo=UTC),
)


def as_file(version: int, line: str) -> str:
    """What a file with this one event holds."""
    digest = sha256(line.encode()).hexdigest()
    header = f'{{"format":"callout-events","version":{version}}}\n'
    return f'{header}{line}{{"events":1,"streams":1,"sha256":"{digest}"}}\n'


@pytest.mark.parametrize(("version", "written"), [(1, ""), (2, EXAMPLE.command_digest)])
def test_a_file_looks_as_the_documents_say(tmp_path: Path, version: int, written: str) -> None:
    """In version 1 no event had a digest of its command."""
    file, event = tmp_path / "events.jsonl", msgspec.structs.replace(EXAMPLE, command_digest=written)
    line = (
        '{"stream":"work-1","version":0,"id":"00000000-0000-0000-0000-000000000001","type":"WorkRaised",'
        '"schema_version":2,"data":"{\\"title\\":\\"No heat \N{FIRE}\\"}","actor":"user-1",'
        '"correlation_id":"00000000-0000-0000-0000-000000000002",'
        '"causation_id":"00000000-0000-0000-0000-000000000003","source":"web",'
        + (f'"command_digest":"{written}",' if written else "")
        + '"occurred_at":"2026-03-02T09:30:15.123456Z"}\n'
    )
    file.write_text(as_file(version, line))
    assert list(archive.read(file, lambda *_: None)) == [event]
    archive.write(file, [event], force=True)
    assert file.read_text() == as_file(2, line)


def test_two_exports_of_the_same_events_are_the_same_file(
    embedded: EventStore, path: Path, tmp_path: Path
) -> None:
    fill(embedded)
    export(path)
    other = tmp_path / f"other-{path.name}"
    export(other)
    assert other.read_bytes() == path.read_bytes()


def test_imported_into_a_live_store_events_are_in_its_read_models(path: Path) -> None:
    for town in ("Whitby", "Staithes"):
        factories.acquire(town=town)
    export(path)
    forget_everything()
    assert "The read models are up to date." in take(path)
    assert set(SiteRow.objects.values_list("town", flat=True)) == {"Whitby", "Staithes"}
    factories.acquire(town="Goathland")
    for read_model in registry.values():
        assert rebuild.verify(read_model, progress=lambda *_: None).count == 0
    assert SiteRow.objects.count() == 3


@pytest.mark.usefixtures("worker")
def test_imported_beside_a_worker_events_are_left_to_it(path: Path) -> None:
    factories.acquire(town="Whitby")
    export(path)
    forget_everything()
    assert "manage.py project --follow" in take(path)
    assert not SiteRow.objects.exists()
    call_command("project", stdout=io.StringIO())
    assert SiteRow.objects.get().town == "Whitby"


# --- Writing the file --------------------------------------------------------------------------------


def test_a_file_that_is_there_is_overwritten_only_by_force(embedded: EventStore, path: Path) -> None:
    path.write_text("precious")
    with pytest.raises(CommandError, match=r"exists already; --force overwrites it\."):
        export(path)
    assert path.read_text() == "precious"
    fill(embedded)
    export(path, "--force")
    assert read(path) == held()


def test_an_export_that_fails_leaves_what_was_there(path: Path) -> None:
    def events() -> Iterator[PortableEvent]:
        yield EXAMPLE
        raise Unreachable("pulled the plug")

    path.write_text("precious")
    with pytest.raises(Unreachable):
        archive.write(path, events(), force=True)
    assert path.read_text() == "precious"
    assert list(path.parent.iterdir()) == [path]


def test_a_file_that_cannot_be_read_back_does_not_take_its_place(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", lambda number: os.ftruncate(number, 100))  # a disk that keeps too little
    with pytest.raises(archive.Damaged, match=r"cut short"):
        archive.write(path, [EXAMPLE])
    assert list(path.parent.iterdir()) == []


def test_a_file_that_appears_during_the_export_is_not_overwritten(path: Path) -> None:
    def events() -> Iterator[PortableEvent]:
        path.write_text("precious")
        yield from ()

    with pytest.raises(CannotMove, match="exists already"):
        archive.write(path, events())
    assert path.read_text() == "precious"


def test_a_file_is_for_its_owner_alone(path: Path) -> None:
    export(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_folder_that_does_not_exist_is_told(tmp_path: Path) -> None:
    missing = tmp_path / "nowhere" / "events.jsonl"
    with pytest.raises(CommandError, match=rf"^{missing}: No such file or directory\.$"):
        export(missing)
    with pytest.raises(CommandError, match=r"nowhere.jsonl: No such file or directory\."):
        take(tmp_path / "nowhere.jsonl")


# --- Cut off and run again ---------------------------------------------------------------------------


@pytest.mark.parametrize("appends", [0, 2, 5])
def test_an_import_that_was_cut_off_goes_on_where_it_was(
    store: EventStore,
    empty_store: Callable[[], EventStore],
    path: Path,
    appends: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fill(store)
    events = held()
    export(path)
    empty_store()
    append, append_all, left = copy.append, copy.append_all, iter(range(appends))

    def fails(run: list[PortableEvent], target: object) -> None:
        if next(left, None) is None:
            raise Unreachable("pulled the plug")
        append(run, target)  # type: ignore[arg-type]

    def all_fail(found: list[list[PortableEvent]], target: Any) -> None:
        if target.pour is None:
            append_all(found, target)
        for run in found if target.pour else ():
            fails(run, target)

    monkeypatch.setattr(copy, "BATCH", 3)
    monkeypatch.setattr(copy, "append", fails)
    monkeypatch.setattr(copy, "append_all", all_fail)
    with pytest.raises(CommandError, match=r"cannot be reached .* the same command goes on from there"):
        take(path)
    standing = held()
    assert standing == events[: len(standing)]
    assert len(standing) < len(events)
    monkeypatch.setattr(copy, "append", append)
    monkeypatch.setattr(copy, "append_all", append_all)
    assert f"{len(standing)} stood there before" in take(path)
    assert held() == events


def test_a_later_backup_is_imported_over_an_earlier_one(embedded: EventStore, tmp_path: Path) -> None:
    earlier, later = tmp_path / "earlier.jsonl", tmp_path / "later.jsonl"
    fill(embedded)
    export(earlier)
    fill(embedded)
    events = held()
    export(later)
    forget_everything()
    take(earlier)
    assert "Moved 14 events; 14 stood there before." in take(later)
    assert held() == events
    with pytest.raises(CommandError, match="its event 15; the source ends before"):
        take(earlier)


def test_a_store_with_events_of_others_is_refused(embedded: EventStore, path: Path) -> None:
    fill(embedded)
    export(path)
    forget_everything()
    embedded.append(new_stream(), NO_STREAM, [note()])
    theirs = held()
    with pytest.raises(CommandError, match="Event 1 of the source is Noted"):
        take(path)
    assert held() == theirs


# --- Not as it was written ---------------------------------------------------------------------------


@pytest.fixture
def exported(path: Path) -> Path:
    """A file of fourteen events; the store is empty."""
    fill(current_store())
    export(path)
    forget_everything()
    return path


def test_of_a_file_cut_short_at_any_line_nothing_is_taken_unless_asked_for(exported: Path) -> None:
    whole, events = lines(exported), read(exported)
    for kept in range(1, len(whole)):
        rewrite(exported, whole[:kept])
        with pytest.raises(CommandError) as refused:
            take(exported)
        assert f"line {kept + 1}: the file is cut short here. {kept - 1} events can be read" in str(
            refused.value
        )
        assert not StoredEvent.objects.exists()
    take(exported, "--readable-part")
    assert held() == events
    rewrite(exported, whole[:6])
    forget_everything()
    assert "line 7: the file is cut short" in take(exported, "--readable-part")
    assert held() == events[:5]


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9, 0.999])
def test_a_file_cut_short_anywhere_is_noticed(exported: Path, share: float) -> None:
    events = read(exported)
    content = exported.read_bytes()
    exported.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(
        CommandError, match=r"(cut short|is not an event|damaged).*events can be read before it"
    ):
        take(exported)
    assert not StoredEvent.objects.exists()
    said = take(exported, "--readable-part")
    assert held() == events[: len(held())]
    assert f"{len(held())} events can be read" in said


def swapped(whole: list[bytes]) -> list[bytes]:
    return [*whole[:4], whole[5], whole[4], *whole[6:]]


UNTRUE = "14 events of 3 streams, SHA-256 .* Lines were lost or changed; which, cannot be told"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        pytest.param(
            lambda all_: [*all_[:2], b"\n", *all_[2:]], "line 3: this is not an event", id="empty line"
        ),
        pytest.param(
            lambda all_: [*all_[:2], b'{"id":1}\n', *all_[2:]],
            "line 3: this is not an event",
            id="foreign line",
        ),
        pytest.param(
            lambda all_: [*all_[:2], b"\xff\xfe\n", *all_[2:]], "line 3: this is not an event", id="no text"
        ),
        pytest.param(
            lambda all_: [*all_[:2], all_[2].replace(b'"source"', b'"sauce"'), *all_[3:]],
            "line 3: this is not an event .*sauce",
            id="unknown field",
        ),
        pytest.param(
            lambda all_: [*all_[:2], *all_[3:]],
            "line 3: Noted notes-.*@2 stands where version 1",
            id="line lost",
        ),
        pytest.param(
            lambda all_: [*all_[:14], *all_[15:]], "Lines were lost or changed", id="last event lost"
        ),
        pytest.param(lambda all_: [*all_[:3], *all_[2:]], "line 4: .* where version 2 .* is due", id="twice"),
        pytest.param(swapped, UNTRUE, id="swapped"),
        pytest.param(
            lambda all_: [*all_[:2], all_[2].replace(b"user-1", b"user-2"), *all_[3:]], UNTRUE, id="changed"
        ),
        pytest.param(lambda all_: [*all_, all_[1]], "goes on after its last line", id="more behind the end"),
        pytest.param(lambda all_: all_[1:], "is not a file that export_events has written", id="no header"),
        pytest.param(lambda _: [], "is not a file that export_events has written", id="empty"),
        pytest.param(lambda _: [b"a,b\n1,2\n"], "is not a file that export_events has written", id="CSV"),
        pytest.param(
            lambda all_: [all_[0].replace(b"2", b"3"), *all_[1:]],
            "is in version 3 of the format; this program reads 1 and 2",
            id="newer",
        ),
    ],
)
def test_of_a_file_that_is_not_as_it_was_written_nothing_is_taken(
    exported: Path, change: Callable[[list[bytes]], list[bytes]], told: str
) -> None:
    rewrite(exported, change(lines(exported)))
    with pytest.raises(CommandError, match=told):
        take(exported)
    assert not StoredEvent.objects.exists()


def test_a_flipped_bit_in_a_compressed_file_is_noticed(tmp_path: Path) -> None:
    fill(current_store())
    path = tmp_path / "events.jsonl.gz"
    export(path)
    forget_everything()
    whole = path.read_bytes()
    for place in range(0, len(whole), 97):
        if 4 <= place < 10:  # gzip's own notes on time and system
            continue
        path.write_bytes(bytes([*whole[:place], whole[place] ^ 0x10, *whole[place + 1 :]]))
        with pytest.raises(CommandError):
            take(path)
    assert not StoredEvent.objects.exists()


def test_a_compressed_file_under_another_name_is_not_taken(tmp_path: Path) -> None:
    export(tmp_path / "events.jsonl.gz")
    (tmp_path / "events.jsonl.gz").rename(tmp_path / "events.jsonl")
    with pytest.raises(CommandError, match="is not a file that export_events has written"):
        take(tmp_path / "events.jsonl")
