"""Late commits, and stores that go away, as readers of the feed see them."""

import asyncio
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from threading import Event, Thread

import pytest
from django.conf import LazySettings
from django.db import connection, transaction

from eventstore.current import current_store
from eventstore.embedded import subscription
from eventstore.embedded.store import EmbeddedStore
from eventstore.feed.broadcast import Broadcast, Follower
from tests.eventstore.new_events import new_stream, note
from tests.eventstore.threads import PATIENCE, Beside
from tests.feed.stream_readers import Reader
from tests.feed.uvicorn_server import Server
from tests.kurrent.server import Server as Kurrent
from tests.worker.processes import wait_for

PATH = "/api/events/stream"
Headers = dict[str, str]

pytestmark = pytest.mark.django_db(transaction=True)


def append(event_type: str = "Noted") -> None:
    current_store().append(new_stream(), -1, [note(event_type=event_type)])


@pytest.mark.postgresql
def test_what_commits_late_is_told_in_its_place(worker: None, server: Server, may_see: Headers) -> None:
    appended, go_on = Event(), Event()

    def append_late() -> None:
        with transaction.atomic():
            append("Early")
            appended.set()
            assert go_on.wait(PATIENCE)

    append("First")
    with Reader(server.port, PATH, may_see) as reader, Beside() as beside:
        told = reader.told()
        assert next(told).type == "First"
        late = beside.run(append_late)
        assert appended.wait(PATIENCE)
        append("Late")
        wait_for("the follower to wait for the one in flight", somebody_waits)
        go_on.set()
        late.result()
        assert [each.type for each in islice(told, 2)] == ["Early", "Late"]


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%virtualtransaction%'"
            " AND datname = current_database() AND pid <> pg_backend_pid()"
        )
        return bool(cursor.fetchone()[0])


@pytest.mark.postgresql
@pytest.mark.parametrize("projection", ["inline", "worker"])
def test_each_append_wakes_whoever_follows(projection: str, request: pytest.FixtureRequest) -> None:
    if projection == "worker":
        request.getfixturevalue("worker")
    listener = subscription.Listener()
    append()
    assert listener.rings_within(PATIENCE)
    listener.close()


@pytest.mark.postgresql
def test_readers_miss_nothing_when_the_database_ends_every_connection(
    server: Server, may_see: Headers
) -> None:
    append()
    with Reader(server.port, PATH, may_see) as reader:
        told = reader.told()
        heard = [next(told).id]
        for _ in range(3):
            append()
            wait_for("connections to end", all_others_ended)
            append()
            heard += [each.id for each in islice(told, 2)]
    assert "Cannot go on" in server.log
    assert heard == [each.position for each in EmbeddedStore().read_all(0, 100)]


def all_others_ended() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return bool(cursor.fetchall())


@pytest.fixture
def own_kurrent(worker: None, settings: LazySettings) -> Iterator[Kurrent]:
    """A server that this test may stop."""
    with Kurrent() as kurrent:
        settings.EVENT_STORE_URL = kurrent.url
        settings.EVENT_STORE_PREFIX = "feed"
        current_store.cache_clear()
        yield kurrent
    current_store.cache_clear()


def test_readers_go_on_when_the_store_has_been_away(
    own_kurrent: Kurrent, may_see: Headers, tmp_path: Path
) -> None:
    before = current_store().head()  # signing in stores no event, but people have been hired
    with Server(tmp_path) as server, Reader(server.port, PATH, may_see, after=before) as reader:
        told = reader.told()
        heard = []
        for round_ in range(2):
            append(f"Before{round_}")
            heard.append(next(told).type)
            own_kurrent.stop()
            wait_for("the follower to notice", lambda: server.log.count("Cannot go on") > round_)  # noqa: B023
            own_kurrent.start()
            append(f"After{round_}")
            heard.append(next(told).type)
    assert heard == ["Before0", "After0", "Before1", "After1"]


def test_a_follower_whose_loop_ends_before_it_takes_anything_ends_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Under WSGI a loop belongs to one request: it may end between handing a batch over and taking it."""
    loop, handed = asyncio.new_event_loop(), Event()
    monkeypatch.setattr(loop, "call_soon_threadsafe", lambda *_: handed.set())
    follower = Thread(target=Follower(Broadcast(loop), loop, Event()).run, daemon=True)
    follower.start()
    assert handed.wait(PATIENCE)
    loop.close()
    follower.join(PATIENCE)
    assert not follower.is_alive()
