"""Moving events between stores: everything arrives, in order, however often it is cut off."""

import io
from collections.abc import Sequence
from pathlib import Path
from sqlite3 import connect
from uuid import uuid4

import msgspec
import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command

from eventstore.current import current_store
from eventstore.embedded.store import EmbeddedStore
from eventstore.projections import rebuild
from eventstore.projections.read_model import registry
from eventstore.store import NO_STREAM, EventStore, NewEvent, Unreachable
from eventstore.transfer import copy as transfer
from eventstore.transfer.open_store import Opened
from eventstore.transfer.portable import CannotMove, PortableEvent, Tally, portable
from readmodels.models import SiteRow
from tests import factories
from tests.eventstore.new_events import HAPPENED, new_stream, note, notes
from tests.eventstore.store_urls import KINDS, KURRENT, POSTGRESQL, SQLITE, NewPlace, Place, current_url
from tests.eventstore.transfer_process import UNUSUAL, fill, filled, forget_everything, moving
from tests.kurrent import Server

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """Each kind of store in turn."""
    return str(request.param)


@pytest.fixture(params=KINDS)
def other_kind(request: pytest.FixtureRequest) -> str:
    """Each kind again, for every pair of them."""
    return str(request.param)


def tamper(place: Place, statement: str) -> None:
    """Change the events of an embedded store."""
    with place.opened() as store:
        assert isinstance(store.store, EmbeddedStore)
        store.store._query(f"{statement} RETURNING position")


def copy(source: Place, target: Place) -> str:
    """Run the command; what it says."""
    said = io.StringIO()
    prefixes = {"from_prefix": source.prefix, "to_prefix": target.prefix}
    call_command("copy_events", "--from", source.url, "--to", target.url, stdout=said, **prefixes)
    return said.getvalue()


# --- What cannot arrive ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "odd"),
    [
        (SQLITE, {"schema_version": 2**63}),
        pytest.param(POSTGRESQL, {"data": "a\0b"}, marks=pytest.mark.postgresql),
        pytest.param(POSTGRESQL, {"type": "Long" * 21}, marks=pytest.mark.postgresql),
        pytest.param(POSTGRESQL, {"schema_version": 2**15}, marks=pytest.mark.postgresql),
    ],
)
def test_what_the_target_cannot_keep_is_named_and_nothing_is_left_out(
    new_place: NewPlace, kind: str, odd: dict[str, object]
) -> None:
    events = filled(new_place(SQLITE))[:3]
    strange = msgspec.structs.replace(events[1], **odd)
    target = new_place(kind)
    with target.opened() as store, pytest.raises(CannotMove) as told:
        transfer.move([events[0], strange, events[2]], store)
    assert str(told.value).startswith(f"The target cannot keep {strange}: ")
    assert target.events() == []


# --- Everything arrives ------------------------------------------------------------------------------


def test_every_event_arrives_as_it_was_and_in_order(new_place: NewPlace, kind: str, other_kind: str) -> None:
    source, target = new_place(other_kind), new_place(kind)
    events = filled(source)
    said = copy(source, target)
    assert target.events() == events
    assert len(events) == 14
    assert "Moved 14 events; 0 stood there before." in said
    assert "Verified: 14 events of 3 streams" in said


def test_there_and_back_the_digest_is_the_same(new_place: NewPlace, kind: str) -> None:
    first, kurrent, last = new_place(kind), new_place(KURRENT), new_place(kind)
    events = filled(first)
    there, back = copy(first, kurrent), copy(kurrent, last)
    assert there.splitlines()[2] == back.splitlines()[2]
    assert "SHA-256" in back.splitlines()[2]
    assert last.events() == events


def test_data_is_kept_byte_for_byte_in_every_store(new_place: NewPlace, kind: str) -> None:
    source, target = new_place(SQLITE), new_place(kind)
    filled(source)
    copy(source, target)
    assert tuple(each.data for each in target.events() if each.schema_version == 7) == UNUSUAL


def test_one_stream_is_appended_many_events_at_a_time(new_place: NewPlace, kind: str) -> None:
    source, target, stream = new_place(SQLITE), new_place(kind), new_stream()
    with source.opened() as store:
        store.store.append(stream, NO_STREAM, notes(1200))
        for version in range(1199, 1203):
            store.store.append(stream, version, [note("x" * 400_000)])
    copy(source, target)
    events = target.events()
    assert [each.version for each in events] == list(range(1204))
    assert [len(run) for run in transfer.runs(events)] == [500, 500, 201, 1, 1, 1]


def test_an_empty_store_gives_an_empty_store(new_place: NewPlace, kind: str) -> None:
    source, target = new_place(SQLITE), new_place(kind)
    assert "Verified: 0 events of 0 streams" in copy(source, target)


# --- Cut off and run again ---------------------------------------------------------------------------


class Failing:
    """A store that is away after some appends."""

    def __init__(self, store: EventStore, appends: int) -> None:
        self._store, self._appends = store, appends
        self.head, self.read_all = store.head, store.read_all

    def append(self, stream: str, expected_version: int, events: Sequence[NewEvent]) -> int:
        if not self._appends:
            raise Unreachable("pulled the plug")
        self._appends -= 1
        return self._store.append(stream, expected_version, events)


@pytest.mark.parametrize("appends", range(6))
def test_a_copy_that_was_cut_off_goes_on_where_it_was(
    new_place: NewPlace, kind: str, appends: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer, "BATCH", 3)
    source, target = new_place(SQLITE), new_place(kind)
    events = filled(source)
    with target.opened() as opened:
        failing: EventStore = Failing(opened.store, appends)  # type: ignore[assignment]
        with pytest.raises(Unreachable):
            transfer.move(events, Opened(failing, "failing", together=opened.together))
    standing = target.events()
    assert standing == events[: len(standing)]
    assert len(standing) < len(events)
    said = copy(source, target)
    assert f"{len(events) - len(standing)} events; {len(standing)} stood there before" in said
    assert target.events() == events


def test_run_again_it_copies_what_has_come_since(new_place: NewPlace, kind: str) -> None:
    source, target = new_place(SQLITE), new_place(kind)
    filled(source)
    copy(source, target)
    events = filled(source)
    assert "Moved 14 events; 14 stood there before." in copy(source, target)
    assert target.events() == events
    assert "Moved 0 events; 28 stood there before." in copy(source, target)


def test_a_store_that_was_moved_and_has_grown_is_moved_back(new_place: NewPlace) -> None:
    embedded, kurrent = new_place(SQLITE), new_place(KURRENT)
    filled(embedded)
    copy(embedded, kurrent)
    events = filled(kurrent)
    assert "Moved 14 events; 14 stood there before." in copy(kurrent, embedded)
    assert embedded.events() == events


def test_a_process_killed_in_the_middle_is_run_again(new_place: NewPlace, kind: str) -> None:
    source, target = new_place(SQLITE), new_place(kind)
    filled(source)
    events = filled(source)
    with moving(source, target, batch=4, appends=6) as child:
        assert child.hear() == "in the middle"
        child.kill()
    standing = target.events()
    assert 0 < len(standing) < len(events)
    assert standing == events[: len(standing)]
    copy(source, target)
    assert target.events() == events


def test_into_kurrentdb_many_appends_are_one_call(new_place: NewPlace) -> None:
    source = new_place(SQLITE)
    filled(source)
    events = filled(source)
    with Server() as server:
        target = Place(server.url, "test")
        with target.opened() as store:
            reads = server.reads
            transfer.move(events, store)
            assert (server.batches, server.reads - reads) == (1, 2)
            assert server.appends > 5
        assert target.events() == events


def test_what_kurrentdb_refuses_of_many_is_named(new_place: NewPlace) -> None:
    source, target = new_place(SQLITE), new_place(KURRENT)
    events = filled(source)
    other = msgspec.structs.replace(events[0], id=uuid4())
    with target.opened() as store:
        transfer.append_all([[other]], store)
        with pytest.raises(CannotMove, match=f"{events[0].stream}.*somebody else appends there"):
            transfer.append_all(list(transfer.runs(events)), store)


# --- Refused -----------------------------------------------------------------------------------------


def test_a_target_with_events_of_others_is_refused_and_left_alone(new_place: NewPlace, kind: str) -> None:
    source, target = new_place(SQLITE), new_place(kind)
    ours, theirs = filled(source), filled(target)
    with pytest.raises(CommandError) as refused:
        copy(source, target)
    assert str(refused.value) == (
        f"Event 1 of the source is {ours[0]}; the target has it not {theirs[0]}.{transfer.REMEDY}"
    )
    assert target.events() == theirs


def test_a_target_that_has_gone_on_by_itself_is_refused(new_place: NewPlace, kind: str) -> None:
    source, target = new_place(SQLITE), new_place(kind)
    filled(source)
    copy(source, target)
    theirs = filled(target)
    with pytest.raises(CommandError, match="its event 15; the source ends before"):
        copy(source, target)
    assert target.events() == theirs


def test_a_target_whose_events_were_tampered_with_is_refused(new_place: NewPlace) -> None:
    source, target = new_place(SQLITE), new_place(SQLITE)
    filled(source)
    copy(source, target)
    tamper(target, "UPDATE eventstore_storedevent SET actor = 'somebody else' WHERE position = 4")
    with pytest.raises(CommandError, match=r"Event 4 of the source is OfNobody .*has it in other words"):
        copy(source, target)


def test_a_source_that_lost_an_event_is_refused(new_place: NewPlace, kind: str) -> None:
    source, target = new_place(SQLITE), new_place(kind)
    filled(source)
    tamper(source, "DELETE FROM eventstore_storedevent WHERE position = 2")
    with pytest.raises(CommandError, match=r"@2 stands where version 1 of its stream is due\."):
        copy(source, target)
    assert target.events() == []


def test_what_a_target_cannot_keep_is_named(new_place: NewPlace) -> None:
    source, target = new_place(KURRENT), new_place(SQLITE)
    events = filled(source)
    with target.opened() as store:  # the id of the fourth event stands elsewhere
        twice = [*events[:3], msgspec.structs.replace(events[3], id=events[0].id)]
        with pytest.raises(
            CannotMove, match=r"refuses OfNobody notes-.*@0 and the 0 after it: somebody else"
        ):
            transfer.move(twice, store)


# --- Verified ----------------------------------------------------------------------------------------


class Intruding:
    """A store to which somebody else appends during the copy."""

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self.head, self.read_all = store.head, store.read_all

    def append(self, stream: str, expected_version: int, events: Sequence[NewEvent]) -> int:
        self._store.append("intruder-1", int(expected_version != -1) - 1, [note()])
        self.append = self._store.append  # type: ignore[method-assign]
        return self._store.append(stream, expected_version, events)


def test_an_event_that_somebody_else_appended_meanwhile_is_found(new_place: NewPlace, kind: str) -> None:
    source, target = new_place(SQLITE), new_place(kind)
    events = filled(source)
    with target.opened() as opened:
        intruding: EventStore = Intruding(opened.store)  # type: ignore[assignment]
        moved = transfer.move(events, Opened(intruding, "intruding"))
    with pytest.raises(CannotMove, match=r"streams differ: intruder-1 \(1 events, should be 0\)\."):
        transfer.verify(moved.tally, target.events())


def moved(*numbers: int, text: str = "as it was") -> list[PortableEvent]:
    """Events of one stream each, told apart by their numbers; the first has the text."""
    events = [ONES[number] for number in numbers]
    return [msgspec.structs.replace(events[0], data=text), *events[1:]]


ONES = [
    PortableEvent(
        stream=f"one-{number}",
        version=0,
        id=uuid4(),
        type="Noted",
        schema_version=1,
        data="as it was",
        actor="user-1",
        correlation_id=uuid4(),
        causation_id=uuid4(),
        source="test",
        occurred_at=HAPPENED,
    )
    for number in range(20)
]


@pytest.mark.parametrize(
    ("found", "told"),
    [
        pytest.param(moved(0, 1), r"differ: one-2 \(0 events, should be 1\)\.", id="one is missing"),
        pytest.param(moved(0, 1, 2, 3), r"differ: one-3 \(1 events, should be 0\)\.", id="one too many"),
        pytest.param(
            moved(0, 1, 2, text="tampered with"), r"differ: one-0 \(1 events, should be 1\)", id="changed"
        ),
        pytest.param(moved(0, 2, 1), "not in the source's order", id="in another order"),
        pytest.param(moved(*range(15)), r"one-7 \([^)]*\) and 2 more\.", id="many too many"),
    ],
)
def test_verification_names_what_differs(found: list[PortableEvent], told: str) -> None:
    expected = Tally()
    for each in moved(0, 1, 2):
        expected.add(each)
    transfer.verify(expected, moved(0, 1, 2))
    with pytest.raises(CannotMove, match=told):
        transfer.verify(expected, found)


# --- The store that the settings name ----------------------------------------------------------------


def test_what_a_store_takes_during_a_copy_is_left_for_the_next(
    store: EventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer, "BATCH", 4)
    fill(store)
    read: list[PortableEvent] = []
    for each in transfer.events_of(store, lambda *_: None):
        store.append(new_stream(), NO_STREAM, notes(2))
        read.append(each)
    assert read == [portable(each) for each in store.read_all(0, 14)]


def test_copied_into_the_current_store_events_are_in_its_read_models(new_place: NewPlace) -> None:
    elsewhere = new_place(SQLITE)
    here = Place(current_url(), "none")
    for town in ("Whitby", "Staithes"):
        factories.acquire(town=town)
    copy(here, elsewhere)
    forget_everything()
    said = copy(elsewhere, here)
    assert "The read models are up to date." in said
    assert set(SiteRow.objects.values_list("town", flat=True)) == {"Whitby", "Staithes"}
    for read_model in registry.values():
        assert rebuild.verify(read_model, progress=lambda *_: None).count == 0


def test_copied_into_kurrentdb_events_are_in_the_read_models_after_a_rebuild(
    new_place: NewPlace, settings: LazySettings, worker: None
) -> None:
    factories.acquire(town="Whitby")
    here, kurrent = Place(current_url(), "none"), new_place(KURRENT)
    assert "manage.py rebuild --all" in copy(here, kurrent)
    settings.EVENT_STORE_URL, settings.EVENT_STORE_PREFIX = kurrent
    current_store.cache_clear()
    try:
        rebuild.rebuild(list(registry.values()), progress=lambda *_: None)
        factories.acquire(town="Staithes")
        call_command("project", stdout=io.StringIO())
        assert set(SiteRow.objects.values_list("town", flat=True)) == {"Whitby", "Staithes"}
    finally:
        current_store.cache_clear()


# --- Told in a sentence ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("mysql://me:secret@host/name", "mysql://host/name is none of sqlite:///path, postgres://"),
        ("postgres://me:se?secret@host/name", "postgres://host/name is none of"),
        ("me:secret@host/name", "host/name is none of"),
        ("esdb://me:secret@host:2113?Colour=secret", "esdb://host:2113 under callout cannot be read"),
        ("esdb://me:secret@", "esdb:// under callout cannot be read"),
        (
            "sqlite:////nowhere/callout.sqlite3",
            "there is no such file. DATABASE_URL=<that URL> manage.py migrate",
        ),
        ("postgres://me:secret@127.0.0.1:9/name", "The database cannot be reached (connection failed: "),
    ],
)
def test_a_url_that_does_not_do_is_told_without_its_password(
    new_place: NewPlace, url: str, told: str
) -> None:
    said = io.StringIO()
    with pytest.raises(CommandError) as refused:
        call_command("copy_events", "--from", url, "--to", new_place(SQLITE).url, stdout=said)
    assert told in str(refused.value)
    assert "me:" not in f"{refused.value}{said.getvalue()}"
    assert "secret" not in f"{refused.value}{said.getvalue()}"


def test_a_database_without_tables_is_to_be_migrated(new_place: NewPlace, tmp_path: Path) -> None:
    (tmp_path / "empty.sqlite3").touch()
    with pytest.raises(CommandError, match=r"empty.sqlite3 has no table of events\. DATABASE_URL=<that URL>"):
        copy(new_place(SQLITE), Place(f"sqlite:///{tmp_path / 'empty.sqlite3'}", "none"))


def test_a_database_of_an_older_version_is_to_be_migrated(new_place: NewPlace) -> None:
    older, newer = new_place(SQLITE), new_place(SQLITE)
    with connect(older.url.removeprefix("sqlite:///")) as database:
        database.execute("ALTER TABLE eventstore_storedevent DROP COLUMN command_digest")
    with pytest.raises(CommandError, match="has the table of events of another version"):
        copy(older, newer)


def test_options_and_password_are_not_told_when_all_goes_well(new_place: NewPlace) -> None:
    kurrent = new_place(KURRENT)
    with_password = kurrent._replace(url=kurrent.url.replace("esdb://", "esdb://me:secret@"))
    said = copy(new_place(SQLITE), with_password)
    assert "secret" not in said
    assert f"under {kurrent.prefix}" in said
