"""KurrentDB away, restarted, hung, without its leader, or cut off in the middle of an append.

What a caller is told: the answer, though late; or Unreachable, and whether anything can have changed.
"""

import random
from collections.abc import Callable, Iterator
from uuid import UUID

import pytest
from django.conf import LazySettings

from eventstore.kurrent import connection, verdict
from eventstore.kurrent import store as kurrent
from eventstore.kurrent.store import KurrentStore
from eventstore.store import NO_STREAM, RecordedEvent, Selection, Unreachable, WrongVersion
from tests.eventstore.new_events import new_stream, note, notes
from tests.eventstore.threads import PATIENCE, Beside, until_done_or
from tests.kurrent import Server

EVERY_TRY = 1000
"""More tries than any call makes."""


@pytest.fixture
def store(server: Server) -> Iterator[KurrentStore]:
    store = KurrentStore(server.url, prefix="test")
    yield store
    store.close()


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What is slept between tries; sleeping takes no time here."""
    slept: list[float] = []
    monkeypatch.setattr("eventstore.kurrent.connection.time.sleep", slept.append)
    return slept


def ids(events: list[RecordedEvent]) -> list[UUID]:
    return [each.id for each in events]


@pytest.fixture
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short pauses between tries."""
    monkeypatch.setattr(connection, "PAUSE", 0.002)


# --- An append that is cut off ---------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("cuts", [1, 4, 6])
@pytest.mark.usefixtures("brisk")
def test_an_append_whose_answer_is_lost_is_sent_again_and_stands_once(
    server: Server, store: KurrentStore, cuts: int, count: int
) -> None:
    stream, batch = new_stream(), notes(count)
    server.cut_after_append(cuts)
    position = store.append(stream, NO_STREAM, batch)
    assert server.appends == cuts + 1
    assert ids(recorded := store.read_stream(stream)) == [each.id for each in batch]
    assert recorded[-1].position == position == store.head()


@pytest.mark.parametrize("cuts", [1, 4, 6])
@pytest.mark.usefixtures("brisk")
def test_an_append_that_is_cut_off_before_it_was_taken_is_sent_again(
    server: Server, store: KurrentStore, cuts: int
) -> None:
    stream, batch = new_stream(), notes(3)
    server.cut_before_append(cuts)
    store.append(stream, NO_STREAM, batch)
    assert ids(store.read_stream(stream)) == [each.id for each in batch]


def test_what_was_taken_is_known_again_although_somebody_else_went_on(
    server: Server, store: KurrentStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut off, then overtaken, then sent again: the outcome is the first one, and nobody has a conflict."""
    stream, batch, later = new_stream(), notes(2), note("later")
    with KurrentStoreOf(server) as somebody:
        once = iter([lambda: somebody.append(stream, 1, [later])])
        monkeypatch.setattr("eventstore.kurrent.connection.time.sleep", lambda _: next(once, lambda: None)())
        server.cut_after_append(4)
        position = store.append(stream, NO_STREAM, batch)
    recorded = store.read_stream(stream)
    assert ids(recorded) == [*(each.id for each in batch), later.id]
    assert position == recorded[1].position


def test_what_was_not_taken_is_a_conflict_when_somebody_else_went_first(
    server: Server, store: KurrentStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream, other = new_stream(), note("other")
    with KurrentStoreOf(server) as somebody:
        once = iter([lambda: somebody.append(stream, NO_STREAM, [other])])
        monkeypatch.setattr("eventstore.kurrent.connection.time.sleep", lambda _: next(once, lambda: None)())
        server.cut_before_append(4)
        with pytest.raises(WrongVersion):
            store.append(stream, NO_STREAM, notes(2))
    assert ids(store.read_stream(stream)) == [other.id]


class KurrentStoreOf:
    """Another program's store on the same server, under the same prefix."""

    def __init__(self, server: Server) -> None:
        self._store = KurrentStore(server.url, prefix="test")

    def __enter__(self) -> KurrentStore:
        return self._store

    def __exit__(self, *_: object) -> None:
        self._store.close()


# --- What is said when it does not work out --------------------------------------------------------


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("is_taken", [True, False])
def test_after_an_append_without_an_answer_nobody_claims_that_nothing_changed(
    server: Server, store: KurrentStore, is_taken: bool
) -> None:
    stream, batch = new_stream(), notes(2)
    (server.cut_after_append if is_taken else server.cut_before_append)(EVERY_TRY)
    with pytest.raises(Unreachable) as unknown:
        store.append(stream, NO_STREAM, batch)
    assert not unknown.value.nothing_changed
    server.cut_after_append(0)
    server.cut_before_append(0)
    assert len(store.read_stream(stream)) == (2 if is_taken else 0)
    store.append(stream, NO_STREAM, batch)
    assert ids(store.read_stream(stream)) == [each.id for each in batch]


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("is_taken", [True, False])
def test_a_hung_server_is_waited_for_no_longer_than_a_deadline(
    server: Server, store: KurrentStore, is_taken: bool
) -> None:
    stream = new_stream()
    server.hang(PATIENCE, written=is_taken)
    with pytest.raises(Unreachable) as unknown:
        store.append(stream, NO_STREAM, notes(2))
    assert not unknown.value.nothing_changed
    if not is_taken:
        for call in (store.head, lambda: store.read_stream(stream), lambda: store.read_all(0, 10)):
            with pytest.raises(Unreachable) as unread:
                call()
            assert unread.value.nothing_changed
    server.hang(0)
    assert len(store.read_stream(stream)) == (2 if is_taken else 0)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("count", [1, 2])
def test_nothing_has_changed_where_the_server_was_never_reached(server: Server, count: int) -> None:
    server.stop()
    with KurrentStoreOf(server) as store, pytest.raises(Unreachable) as away:
        store.append(new_stream(), NO_STREAM, notes(count))
    assert away.value.nothing_changed


@pytest.mark.usefixtures("impatient")
def test_nothing_has_changed_where_no_cluster_was_found(server: Server) -> None:
    server.stop()
    url = f"esdb://127.0.0.1:{server.port},127.0.0.1:1?Tls=false&MaxDiscoverAttempts=2&DiscoveryInterval=1"
    store = KurrentStore(url, prefix="test")
    with pytest.raises(Unreachable) as away:
        store.append(new_stream(), NO_STREAM, [note()])
    assert away.value.nothing_changed
    store.close()


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("count", [1, 2])
def test_nothing_has_changed_where_no_leader_took_it(server: Server, store: KurrentStore, count: int) -> None:
    server.not_leader(EVERY_TRY, leader=("127.0.0.1", server.port))
    stream = new_stream()
    with pytest.raises(Unreachable) as refused:
        store.append(stream, NO_STREAM, notes(count))
    assert refused.value.nothing_changed
    assert store.read_stream(stream) == []


# --- Trying again ----------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 2])
def test_an_append_is_tried_again_when_the_leader_changes(
    server: Server, store: KurrentStore, count: int
) -> None:
    stream, batch = new_stream(), notes(count)
    server.not_leader(3, leader=("127.0.0.1", server.port))
    store.append(stream, NO_STREAM, batch)
    assert ids(store.read_stream(stream)) == [each.id for each in batch]


def test_in_a_cluster_the_new_leader_is_followed(server: Server) -> None:
    store = KurrentStore(f"esdb+discover://127.0.0.1:{server.port}?Tls=false", prefix="test")
    stream, batch = new_stream(), notes(2)
    server.not_leader(3, leader=("127.0.0.1", server.port))
    store.append(stream, NO_STREAM, batch)
    assert ids(store.read_stream(stream)) == [each.id for each in batch]
    store.close()


def test_tries_lie_ever_further_apart_and_are_spread_at_random(
    server: Server, store: KurrentStore, pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    spreads: list[tuple[float, float]] = []

    def middle(low: float, high: float) -> float:
        spreads.append((low, high))
        return 1.0

    monkeypatch.setattr(random, "uniform", middle)
    store.append(new_stream(), NO_STREAM, [note()])
    server.not_leader(5, leader=("127.0.0.1", server.port))
    store.append(new_stream(), NO_STREAM, [note()])
    assert server.appends == 1 + 5 + 1
    doubled = [connection.PAUSE * 2**number for number in range(5)]
    assert pauses == [min(each, connection.LONGEST_PAUSE) for each in doubled]
    assert spreads == [(0.5, 1.5)] * 5


def test_tries_come_to_an_end(server: Server, store: KurrentStore, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr("eventstore.kurrent.connection.time", clock)
    server.not_leader(EVERY_TRY, leader=("127.0.0.1", server.port))
    with pytest.raises(Unreachable):
        store.append(new_stream(), NO_STREAM, [note()])
    assert 4 <= server.appends <= 15
    assert clock.now <= connection.PATIENCE * 1.5


def test_where_people_wait_no_try_takes_longer_than_is_left(
    store: KurrentStore, monkeypatch: pytest.MonkeyPatch, settings: LazySettings
) -> None:
    """The first is cut off after half a second, and then the server hangs."""
    clock, settings.SERVES_PEOPLE = Clock(), True
    monkeypatch.setattr("eventstore.kurrent.connection.time", clock)
    tried: list[float] = []

    def asked(_: object) -> int:
        tried.append(connection.timeout())
        clock.sleep(tried[-1] if len(tried) > 1 else 0.5)
        raise verdict.NoAnswer

    with pytest.raises(Unreachable):
        store._tried(asked)
    assert len(tried) > 1
    assert clock.now <= connection.PEOPLES_PATIENCE + connection.SHORTEST


def test_a_client_that_somebody_closed_is_replaced_and_not_for_ever(
    store: KurrentStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    monkeypatch.setattr("eventstore.kurrent.connection.time", clock)

    def closed(_: object) -> int:
        raise ValueError("Cannot invoke RPC on closed channel!")

    with pytest.raises(Unreachable):
        store._tried(closed)


class Clock:
    """A clock on which only sleeping takes time."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        assert self.now < PATIENCE, "tried for ever"


def test_a_wrong_version_is_not_tried_again(server: Server, store: KurrentStore, pauses: list[float]) -> None:
    store.append(stream := new_stream(), NO_STREAM, [note()])
    with pytest.raises(WrongVersion):
        store.append(stream, NO_STREAM, [note()])
    assert server.appends == 2
    assert pauses == []


# --- Away, and back --------------------------------------------------------------------------------


def test_a_restart_goes_unnoticed_but_for_the_wait(server: Server, store: KurrentStore) -> None:
    store.append(stream := new_stream(), NO_STREAM, [note()])
    for version in range(3):
        server.stop()
        server.start()
        store.append(stream, version, [note()])
    assert len(store.read_stream(stream)) == 4


def test_somebody_who_asks_while_the_server_is_away_gets_the_answer_when_it_is_back(
    server: Server, store: KurrentStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "PATIENCE", PATIENCE)  # gRPC may take seconds to call again
    store.append(stream := new_stream(), NO_STREAM, [note()])
    server.stop()
    with Beside(2) as beside:
        appended = beside.run(lambda: store.append(stream, 0, [note()]))
        read = beside.run(lambda: store.read_stream(stream))
        assert not appended.done()
        server.start()
        assert appended.result(PATIENCE) == store.head()
        assert len(read.result(PATIENCE)) in (1, 2)


def test_a_process_recovers_by_itself_after_an_absence_longer_than_patience(
    server: Server, store: KurrentStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.append(stream := new_stream(), NO_STREAM, [note()])
    server.stop()
    with monkeypatch.context() as patched:
        patched.setattr(connection, "PATIENCE", 0)
        for call in (store.head, lambda: store.append(stream, 0, [note()])):
            with pytest.raises(Unreachable):
                call()
    server.start()
    monkeypatch.setattr(connection, "PATIENCE", PATIENCE)
    assert len(store.read_stream(stream)) == 1
    store.append(stream, 0, [note()])
    assert len(store.read_all(0, 10)) == 2


@pytest.mark.parametrize("fault", [Server.not_ready, Server.time_out])
def test_an_append_that_a_server_cannot_decide_is_tried_again(
    server: Server, store: KurrentStore, fault: Callable[[Server, int], None]
) -> None:
    """While a leader is elected a server answers so, within an ordinary answer."""
    stream, events = new_stream(), notes(2)
    fault(server, 2)
    store.append(stream, NO_STREAM, events)
    assert [each.id for each in store.read_stream(stream)] == [each.id for each in events]


@pytest.mark.parametrize("fault", [Server.not_ready, Server.time_out])
@pytest.mark.usefixtures("impatient")
def test_what_a_server_could_not_decide_is_not_known(
    server: Server, store: KurrentStore, fault: Callable[[Server, int], None]
) -> None:
    fault(server, EVERY_TRY)
    with pytest.raises(Unreachable) as away:
        store.append(new_stream(), NO_STREAM, [note()])
    assert not away.value.nothing_changed


@pytest.mark.usefixtures("impatient")
def test_a_hung_server_keeps_nobody_for_long_who_only_looks(
    server: Server, store: KurrentStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pages and the health page do not wait as long as a worker may, which would get its answer in the
    end."""
    monkeypatch.setattr(kurrent, "LONG_TIMEOUT", PATIENCE)
    store.append(new_stream(), NO_STREAM, [note()])
    server.hang(6)
    for look in (lambda: store.backlog(0), lambda: store.browse(Selection(), limit=5), store.head):
        with pytest.raises(Unreachable):
            look()
    server.hang(0)


@pytest.mark.parametrize("is_append", [False, True])
def test_somebody_who_waits_for_a_hung_server_is_let_go_when_the_store_is_closed(
    server: Server, store: KurrentStore, monkeypatch: pytest.MonkeyPatch, is_append: bool
) -> None:
    """Not with part of the answer, or none, as if that were all; and the next caller is served."""
    monkeypatch.setattr(connection, "TIMEOUT", 10 * PATIENCE)
    store.append(stream := new_stream(), NO_STREAM, [note()])
    server.hang(10 * PATIENCE, written=is_append)
    calls: dict[bool, Callable[[], object]] = {
        False: lambda: store.read_stream(stream),
        True: lambda: store.append(stream, 0, [note()]),
    }
    with Beside(1) as beside:
        asked = beside.run(calls[is_append])
        until_done_or(lambda: server.calls_held > 0, asked)
        store.close()
        with pytest.raises(Unreachable) as away:
            asked.result(PATIENCE)
    assert away.value.nothing_changed is not is_append
    server.hang(0, written=is_append)
    assert len(store.read_stream(stream)) == 1 + is_append


@pytest.mark.usefixtures("impatient")
def test_an_outage_is_told_in_one_line(server: Server, store: KurrentStore) -> None:
    server.stop()
    with pytest.raises(Unreachable) as away:
        store.head()
    assert "\n" not in str(away.value)
    assert "UNAVAILABLE" in str(away.value) or "connect" in str(away.value)


def test_a_node_that_may_lag_behind_is_refused() -> None:
    with pytest.raises(ValueError, match="NodePreference must be leader"):
        KurrentStore("esdb://127.0.0.1:2113?Tls=false&NodePreference=follower", prefix="test")
