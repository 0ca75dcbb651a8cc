"""Several append to one stream: in turns after the first conflict, if the store can arrange that."""

from collections.abc import Sequence
from dataclasses import replace
from threading import Barrier
from uuid import UUID

import pytest
from django.conf import LazySettings
from django.db import connection, transaction

from eventstore import dispatch as dispatching
from eventstore.database.trouble import Busy
from eventstore.decider import Refused
from eventstore.dispatch import dispatch
from eventstore.embedded import turn
from eventstore.embedded.store import EmbeddedStore
from eventstore.kurrent import store as kurrent_store
from eventstore.kurrent.store import SPREAD, pause_after
from eventstore.models import Checkpoint, StoredEvent
from eventstore.projections.advance import advance
from eventstore.projections.rebuild import rebuild
from eventstore.store import NO_STREAM, EventStore, WrongVersion
from operatives.commands import OperativeCommand, ReleaseOperative, RenameOperative
from operatives.events import OperativeEvent
from operatives.operative import OPERATIVE, Operative
from readmodels.models import OperativeRow
from readmodels.operatives import operatives
from tests import factories
from tests.eventstore.new_events import new_stream, note
from tests.eventstore.threads import PATIENCE, Beside, until_done_or

pytestmark = pytest.mark.django_db(transaction=True)

CLIENTS, COMMANDS = 6, 8


@pytest.fixture(params=["inline", "worker"])
def mode(request: pytest.FixtureRequest) -> str:
    """Both ways to project, on this run's database."""
    if request.param == "worker":
        request.getfixturevalue("worker")
    return str(request.param)


def renamed(operative_id: UUID, start: Barrier, client: int, times: int = COMMANDS) -> None:
    start.wait()
    for number in range(times):
        factories.rename(operative_id, f"Ada {client} {number}", "Lovelace")


def somebody_waits() -> bool:
    """Whether any connection of this database waits for a lock of a stream, which has two numbers."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2 AND NOT granted"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        return bool(cursor.fetchone()[0])


# --- Every store -----------------------------------------------------------------------------------


def test_what_is_read_in_a_turn_is_what_is_appended_to(store: EventStore) -> None:
    stream, first, second = new_stream(), note("first"), note("second")
    store.append(stream, NO_STREAM, [first])
    with store.turn(stream, 1):
        version = store.read_stream(stream)[-1].version
        position = store.append(stream, version, [second], waits=False)
    assert [each.id for each in store.read_stream(stream)] == [first.id, second.id]
    assert store.head() == position


def test_a_conflict_in_a_turn_appends_nothing_and_the_stream_goes_on(store: EventStore) -> None:
    stream, first = new_stream(), note("first")
    store.append(stream, NO_STREAM, [first])
    with pytest.raises(WrongVersion), store.turn(stream, 1):
        store.append(stream, NO_STREAM, [note("late")], waits=False)
    store.append(stream, 0, [note("second")])
    assert [each.version for each in store.read_stream(stream)] == [0, 1]


def test_of_two_at_once_that_do_not_wait_one_wins(store: EventStore) -> None:
    for _ in range(5):
        stream, start = new_stream(), Barrier(2, timeout=PATIENCE)

        def append(stream: str = stream, start: Barrier = start) -> bool:
            start.wait()
            try:
                store.append(stream, NO_STREAM, [note()], waits=False)
            except WrongVersion:
                return False
            return True

        with Beside(2) as beside:
            assert sorted(each.result(PATIENCE) for each in [beside.run(append) for _ in range(2)]) == [
                False,
                True,
            ]
        assert len(store.read_stream(stream)) == 1


@pytest.mark.usefixtures("mode")
def test_a_stream_of_which_a_conflict_is_remembered_is_read_in_a_turn_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store, contested, other = EmbeddedStore(), new_stream(), new_stream()

    def begins_with_a_turn(stream: str) -> bool:
        with store.turn(stream, 0):
            return bool(connection.in_atomic_block)

    turn.note_conflict(contested)
    assert begins_with_a_turn(contested)
    assert not begins_with_a_turn(other)
    if connection.vendor == "postgresql":
        assert not begins_with_a_turn(contested), "nobody else was there any more"
    monkeypatch.setattr("eventstore.embedded.turn.REMEMBERED", 0)
    turn.note_conflict(contested)
    assert not begins_with_a_turn(contested)


def test_where_there_is_no_lock_tries_are_spread_wider_with_each_conflict() -> None:
    assert pause_after(0) == 0
    for conflicts in range(1, 5):
        pauses, most = {pause_after(conflicts) for _ in range(1000)}, SPREAD * 2**conflicts
        assert len(pauses) > 900
        assert 0 <= min(pauses) < most / 4
        assert most * 3 / 4 < max(pauses) <= most


@pytest.mark.usefixtures("kurrent")
def test_kurrent_has_a_command_pause_after_its_conflict(monkeypatch: pytest.MonkeyPatch) -> None:
    operative_id, told = factories.hire(), []

    def noted(conflicts: int) -> float:
        told.append(conflicts)
        return 0.0

    def overtaken(command: OperativeCommand, state: Operative) -> Sequence[OperativeEvent]:
        if told == [0]:
            told.append(-1)
            factories.rename(operative_id, "Quicker", "Lovelace")
        return OPERATIVE.decide(command, state)

    monkeypatch.setattr(kurrent_store, "pause_after", noted)
    dispatch(renaming(operative_id), to=replace(OPERATIVE, decide=overtaken), by="user-7")
    assert told == [0, -1, 0, 1]


# --- Commands --------------------------------------------------------------------------------------


@pytest.mark.usefixtures("mode")
def test_many_clients_of_one_stream_all_have_their_effect() -> None:
    """More of them than a command has attempts. On PostgreSQL hardly any append is made that is bound to
    conflict, which would use up a position."""
    operative_id, start = factories.hire(), Barrier(CLIENTS, timeout=PATIENCE)
    with Beside(CLIENTS) as beside:
        for each in [beside.run(renamed, operative_id, start, client) for client in range(CLIENTS)]:
            each.result(PATIENCE)
    positions = [each.position for each in EmbeddedStore().read_stream(OPERATIVE.stream(operative_id))]
    assert len(positions) == 1 + CLIENTS * COMMANDS
    in_vain = positions[-1] - positions[0] + 1 - len(positions)
    print(f"{in_vain} appends in vain")
    assert in_vain <= CLIENTS


@pytest.mark.usefixtures("mode")
def test_a_version_that_the_caller_gave_is_judged_by_what_stands_when_others_are_done() -> None:
    """The present appender may still fail, and then the version is right."""
    for is_lost in (True, False):
        operative_id = factories.hire()
        stream, command = OPERATIVE.stream(operative_id), renaming(operative_id)
        with Beside(1) as beside:
            with EmbeddedStore().turn(stream, 1):
                if not is_lost:
                    EmbeddedStore().append(stream, 0, [note("quicker")], waits=False)
                told = beside.run(dispatch, command, to=OPERATIVE, by="user-7", expected_version=0)
                if connection.vendor == "postgresql":
                    until_done_or(somebody_waits, told)
                    assert not told.done()
            if is_lost:
                assert told.result(PATIENCE).version == 1
            else:
                with pytest.raises(WrongVersion):
                    told.result(PATIENCE)


def renaming(operative_id: UUID) -> RenameOperative:
    return RenameOperative(operative_id=operative_id, forename="Ada", surname="King")


@pytest.mark.usefixtures("mode")
def test_somebody_who_waited_for_a_turn_may_be_refused_by_what_came_before() -> None:
    operative_id = factories.hire("Ada", "Lovelace")
    with Beside(1) as beside:
        with EmbeddedStore().turn(OPERATIVE.stream(operative_id), 1):
            release = ReleaseOperative(operative_id=operative_id, open_jobs=0)
            dispatch(release, to=OPERATIVE, by="user-7")
            told = beside.run(factories.rename, operative_id, "Ada", "King")
        with pytest.raises(Refused, match="Ada Lovelace has been released"):
            told.result(PATIENCE)


def test_in_a_turn_the_long_way_is_gone_where_the_quick_one_does_not_do() -> None:
    """A read model is behind, so the append is rolled back and made again."""
    operative_id = factories.hire("Ada", "Lovelace")
    turn.note_conflict(OPERATIVE.stream(operative_id))
    Checkpoint.objects.filter(name="operatives").update(position=0)
    OperativeRow.objects.all().delete()
    factories.rename(operative_id, "Ada", "King")
    assert [each.version for each in EmbeddedStore().read_stream(OPERATIVE.stream(operative_id))] == [0, 1]
    assert OperativeRow.objects.get().surname == "King"


@pytest.mark.usefixtures("mode")
def test_people_are_told_that_it_is_busy_before_they_have_waited_long(
    settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else is always quicker, and each attempt may have to wait for others."""
    settings.SERVES_PEOPLE = True
    operative_id, attempts = factories.hire(), []

    def overtaken(command: OperativeCommand, state: Operative) -> Sequence[OperativeEvent]:
        attempts.append(command)
        with Beside(1) as beside:
            beside.run(factories.rename, operative_id, "Quicker", str(len(attempts))).result(PATIENCE)
        return OPERATIVE.decide(command, state)

    slow = replace(OPERATIVE, decide=overtaken)
    monkeypatch.setattr(dispatching, "PEOPLES_PATIENCE", 0)
    with pytest.raises(Busy):
        dispatch(renaming(operative_id), to=slow, by="user-7")
    assert len(attempts) == 1


# --- Locks -----------------------------------------------------------------------------------------


@pytest.mark.postgresql
@pytest.mark.usefixtures("mode")
def test_a_newcomer_does_not_overtake_who_has_a_turn() -> None:
    store, stream = EmbeddedStore(), new_stream()
    store.append(stream, NO_STREAM, [note()])
    with Beside(2) as beside:
        with store.turn(stream, 1):
            before = store.head()
            for expected in (0, NO_STREAM):
                with pytest.raises(WrongVersion):
                    beside.run(store.append, stream, expected, [note("newcomer")], waits=False).result(
                        PATIENCE
                    )
            waiting = beside.run(store.append, stream, 0, [note("waits")])
            until_done_or(somebody_waits, waiting)
            assert not waiting.done()
            assert store.append(stream, 0, [note("ours")], waits=False) == before + 1
        with pytest.raises(WrongVersion):
            waiting.result(PATIENCE)
    assert StoredEvent.objects.count() == 2


@pytest.mark.postgresql
@pytest.mark.usefixtures("mode")
def test_each_of_the_two_locks_of_a_turn_is_waited_for_half_as_long() -> None:
    def patience() -> str:
        with connection.cursor() as cursor:
            cursor.execute("SHOW lock_timeout")
            return str(cursor.fetchone()[0])

    assert patience() == "20s"
    with EmbeddedStore().turn(new_stream(), 1):
        assert patience() == "10s"
    assert patience() == "20s"


@pytest.mark.postgresql
@pytest.mark.usefixtures("mode")
def test_other_streams_go_on_beside_a_turn() -> None:
    store = EmbeddedStore()
    with Beside(1) as beside, store.turn(new_stream(), 1):
        beside.run(store.append, new_stream(), NO_STREAM, [note()]).result(PATIENCE)


def crosswise(ids: list[UUID], start: Barrier, client: int) -> None:
    """Transactions of several commands, each to streams that others want, in an order of its own."""
    start.wait()
    for number in range(COMMANDS):
        with transaction.atomic():
            for operative_id in ids if client % 2 else reversed(ids):
                factories.rename(operative_id, f"Together {client} {number}", "Lovelace")


def rebuilt(start: Barrier) -> None:
    start.wait()
    for _ in range(3):
        rebuild([operatives], progress=lambda *_: None)
        advance()


def test_nobody_waits_in_a_circle_with_inline_projection_transactions_and_a_rebuild() -> None:
    """A deadlock would end one of them with an error."""
    ids, start = [factories.hire(), factories.hire()], Barrier(7, timeout=PATIENCE)
    with Beside(7) as beside:
        doing = [beside.run(renamed, ids[client % 2], start, client) for client in range(4)]
        doing += [beside.run(crosswise, ids, start, client) for client in range(4, 6)]
        doing.append(beside.run(rebuilt, start))
        for each in doing:
            each.result(PATIENCE)
    for operative_id in ids:
        assert len(EmbeddedStore().read_stream(OPERATIVE.stream(operative_id))) == 1 + 4 * COMMANDS
