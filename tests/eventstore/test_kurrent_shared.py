"""On a shared cluster, a look takes a limited time, whatever others write, and reading takes few calls.

The stand-in takes a while for each event that its filter leaves out, as a real server does: so a few
foreign events stand for a million.
"""

from collections.abc import Iterator

import esdbclient
import pytest
from django.conf import LazySettings
from django.test import Client
from esdbclient import EventStoreDBClient, StreamState

from eventstore.current import current_store
from eventstore.embedded.in_flight import pages_of
from eventstore.kurrent import store as kurrent_store
from eventstore.kurrent.store import KurrentStore
from eventstore.store import NO_STREAM, Backlog, EventStore, Selection, Unreachable
from tests.eventstore.new_events import new_stream, note, notes
from tests.kurrent import Server

OTHERS, EACH = 100, 0.02


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


@pytest.fixture
def store(server: Server) -> Iterator[KurrentStore]:
    store = KurrentStore(server.url, prefix="test")
    yield store
    store.close()


@pytest.fixture
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks get an answer before the foreign events are all skipped."""
    monkeypatch.setattr(kurrent_store, "SCAN", OTHERS * EACH / 3)


def written_by_others(server: Server, count: int = OTHERS) -> None:
    with EventStoreDBClient(server.url) as client:
        new = [esdbclient.NewEvent(type="TheirEvent", data=b"{}") for _ in range(count)]
        client.append_to_stream("theirs", current_version=StreamState.ANY, events=new)


# --- Where it ends ---------------------------------------------------------------------------------


@pytest.mark.usefixtures("brief")
def test_the_end_is_read_on_from_where_it_was(server: Server, store: KurrentStore) -> None:
    """What others have written since is skipped once, not each time."""
    head = store.append(new_stream(), NO_STREAM, notes(1))
    assert store.head() == head
    for _ in range(4):
        written_by_others(server, OTHERS // 20)
        server.scan_slowly(EACH)
        assert store.head() == head
        server.scan_slowly(0)
    reads = server.reads
    assert store.head() == head
    assert server.reads == reads + 1


@pytest.mark.usefixtures("brief")
def test_beside_too_many_the_head_is_a_place_behind_which_nothing_of_ours_lies(
    server: Server, store: KurrentStore
) -> None:
    stream = new_stream()
    last = store.append(stream, NO_STREAM, notes(1))
    written_by_others(server)
    server.scan_slowly(EACH)
    head = store.head()
    assert head > last
    server.scan_slowly(0)
    assert store.read_all(head, 10) == []
    assert store.append(stream, 0, notes(1)) == store.head() > head


@pytest.mark.usefixtures("brief")
def test_a_reader_is_told_at_least_how_far_it_is_behind(server: Server, store: KurrentStore) -> None:
    written_by_others(server)
    last = store.append(new_stream(), NO_STREAM, notes(1))
    server.scan_slowly(EACH)
    assert store.backlog(0) == Backlog(0, is_exact=False, since=None)
    assert store.backlog(last) == Backlog(0, is_exact=True, since=None)


@pytest.mark.usefixtures("brief")
def test_a_page_of_events_shows_what_was_found_in_time(server: Server, store: KurrentStore) -> None:
    stream, newest = new_stream(), note()
    first = store.append(stream, NO_STREAM, [note()])
    written_by_others(server)
    last = store.append(stream, 0, [newest])
    server.scan_slowly(EACH)
    found = store.browse(Selection(), limit=5)
    assert ([each.id for each in found.events], found.before) == ([newest.id], last)
    nothing = store.browse(Selection(), limit=5, before=last)
    assert nothing == ([], last)
    server.scan_slowly(0)
    assert [each.position for each in store.browse(Selection(), limit=5, before=last).events] == [first]


@pytest.mark.usefixtures("brief")
def test_all_events_are_read_although_the_head_lies_among_those_of_others(
    server: Server, store: KurrentStore
) -> None:
    store.append(new_stream(), NO_STREAM, notes(3))
    written_by_others(server)
    server.scan_slowly(EACH)
    pages = pages_of(store, 2)
    first = next(pages)
    server.scan_slowly(0)
    assert [len(first), *(len(each) for each in pages)] == [2, 1]


@pytest.mark.usefixtures("brief")
def test_a_server_that_hangs_is_not_taken_for_a_busy_one(
    server: Server, store: KurrentStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eventstore.kurrent.connection.PATIENCE", 0)
    monkeypatch.setattr("eventstore.kurrent.connection.TIMEOUT", 0.3)
    server.hang(60)
    for look in (store.head, lambda: store.backlog(0), lambda: store.browse(Selection(), limit=5)):
        with pytest.raises(Unreachable):
            look()
    server.hang(0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("brief")
def test_pages_say_at_least(
    server: Server, worker: None, settings: LazySettings, administration_client: Client
) -> None:
    settings.EVENT_STORE_URL, settings.EVENT_STORE_PREFIX = server.url, "test"
    current_store.cache_clear()
    written_by_others(server)
    server.scan_slowly(EACH)
    health = administration_client.get("/health/alarms/")
    assert health.status_code == 200, health.content
    assert not any(each["exact"] for each in health.json()["read_models"].values())
    assert administration_client.get("/events/").status_code == 200
    server.scan_slowly(0)
    current_store.cache_clear()


# --- Calls -----------------------------------------------------------------------------------------


def test_a_long_stream_is_read_in_pages(
    server: Server, store: KurrentStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each with a deadline of its own: one for all could never be met."""
    monkeypatch.setattr(kurrent_store, "STREAM_PAGE", 3)
    stream, events = new_stream(), notes(8)
    store.append(stream, NO_STREAM, events)
    reads = server.reads
    assert [each.id for each in store.read_stream(stream)] == [each.id for each in events]
    assert server.reads == reads + 3
    assert [each.version for each in store.read_stream(stream, 6)] == [6, 7]


def test_what_each_call_costs(server: Server, store: EventStore) -> None:
    stream = new_stream()

    def calls(do: object) -> tuple[int, int]:
        appends, reads = server.appends, server.reads
        do()  # type: ignore[operator]
        return server.appends - appends, server.reads - reads

    assert calls(lambda: store.append(stream, NO_STREAM, notes(3))) == (1, 1)
    assert calls(lambda: store.read_stream(stream)) == (0, 1)
    assert calls(lambda: store.read_all(0, 500)) == (0, 1)
    assert calls(lambda: store.backlog(0)) == (0, 1)


def test_a_subscriber_of_our_own_events_asks_nothing_between_them(
    server: Server, store: KurrentStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each checkpoint of the server's would cost a call, and say what the event before it has said."""
    monkeypatch.setattr(kurrent_store, "WINDOW", 2)
    monkeypatch.setattr(kurrent_store, "WINDOWS", 1)
    last = store.append(new_stream(), NO_STREAM, notes(20))
    reads, position = server.reads, 0
    subscription = store.subscribe(0)
    while position < last:
        batch = subscription.next(10, 10)
        assert batch is not None
        position = batch.position
    subscription.close()
    assert server.reads - reads <= 2  # the subscription, and a checkpoint behind the last event


def test_filtered_reads_look_at_many_records_a_page(server: Server, store: KurrentStore) -> None:
    """The client's own 30 make seventeen pages of one."""
    last = store.append(new_stream(), NO_STREAM, notes(3))
    store.read_all(0, 500)
    store.head()
    store.browse(Selection(), limit=5)
    store.backlog(0)
    subscription = store.subscribe(0)
    batch = subscription.next(10, 10)
    subscription.close()
    assert batch is not None
    assert batch.position <= last
    assert len(server.windows) >= 5
    assert set(server.windows) == {500}
