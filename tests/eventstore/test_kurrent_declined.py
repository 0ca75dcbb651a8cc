"""What KurrentDB refuses is reported in words, and not as if the server were away."""

from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from eventstore.kurrent import connection
from eventstore.kurrent.store import KurrentStore
from eventstore.models import Checkpoint
from eventstore.projections.advance import advance
from eventstore.store import (
    NO_STREAM,
    Declined,
    EventStore,
    NoSuchPosition,
    Selection,
    Unreachable,
)
from tests import factories
from tests.eventstore.new_events import new_stream, note, notes
from tests.kurrent import Server
from tests.kurrent.gossip import Cluster

pytestmark = pytest.mark.django_db(transaction=True)


def opened(url: str, prefix: str = "test") -> KurrentStore:
    return KurrentStore(url, prefix=prefix)


# --- Positions that are no event's -----------------------------------------------------------------


@pytest.mark.parametrize(
    "ask",
    [
        lambda store, position: store.read_all(position, 10),
        lambda store, position: store.backlog(position),
        lambda store, position: store.browse(Selection(), limit=5, before=position),
        lambda store, position: store.subscribe(position).next(1, 10),
    ],
    ids=["read_all", "backlog", "browse", "subscribe"],
)
def test_a_position_within_an_event_is_refused(
    kurrent: EventStore, ask: Callable[[EventStore, int], Any]
) -> None:
    position = kurrent.append(new_stream(), NO_STREAM, notes(2)) - 1
    with pytest.raises(NoSuchPosition) as refused:
        ask(kurrent, position)
    assert refused.value.position == position


def test_there_is_no_page_before_a_position_beyond_the_end(kurrent: EventStore) -> None:
    position = kurrent.append(new_stream(), NO_STREAM, notes(2)) + 1_000_000
    with pytest.raises(NoSuchPosition):
        kurrent.browse(Selection(), limit=5, before=position)


@pytest.mark.parametrize("path", ["/api/events?after=1", "/api/events/stream?after=1"])
def test_the_feed_refuses_a_position_of_another_store(
    kurrent: EventStore, administration_client: Client, path: str
) -> None:
    factories.acquire()
    told = administration_client.get(path)
    assert told.status_code == 400, told.content
    assert "This store has not come to this position" in told.content.decode()


def test_the_events_page_refuses_it_too(kurrent: EventStore, administration_client: Client) -> None:
    factories.acquire()
    page = administration_client.get("/events/?after=1")
    assert page.status_code == 422
    assert "There is no such page" in page.content.decode()


def test_a_worker_with_checkpoints_of_another_store_says_what_puts_them_right(
    kurrent: EventStore, administration_client: Client
) -> None:
    factories.acquire()
    advance()
    Checkpoint.objects.update(position=kurrent.head() - 1)
    for options in ({}, {"status": True}):
        with pytest.raises(CommandError, match="rebuild --all"):
            call_command("project", stdout=StringIO(), **options)
    assert administration_client.get("/health/alarms/").status_code == 503
    page = administration_client.get("/administration/health/")
    assert "No event stands at position" in page.content.decode()


# --- What is too large, not allowed, or gone -------------------------------------------------------


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine may take long to send what is too large."""
    monkeypatch.setattr(connection, "TIMEOUT", 60)
    monkeypatch.setattr(connection, "PATIENCE", 60)


@pytest.mark.usefixtures("unhurried")
def test_an_event_that_is_too_large_is_declined_at_once(kurrent: EventStore) -> None:
    with pytest.raises(Declined, match="takes no append of this size"):
        kurrent.append(stream := new_stream(), NO_STREAM, [note("x" * 20_000_000)])
    assert kurrent.read_stream(stream) == []


@pytest.mark.usefixtures("unhurried")
def test_an_append_that_is_too_large_for_an_older_server_is_declined() -> None:
    with Server(largest_append=1024 * 1024) as server:
        store = opened(server.url)
        with pytest.raises(Declined, match="takes no append of this size"):
            store.append(new_stream(), NO_STREAM, [note("x" * 600_000) for _ in range(2)])
        store.close()


@pytest.mark.usefixtures("unhurried")
def test_a_refusal_that_the_client_has_no_name_for_is_none_that_is_tried_again() -> None:
    with Server() as server:
        store = opened(server.url)
        with pytest.raises(Declined, match="MaximumAppendEventSizeExceeded"):
            store.append(new_stream(), NO_STREAM, [note("x" * 16_900_000)])
        assert server.appends == 0
        store.close()


def test_somebody_who_may_not_read_or_append_is_told_so_at_once() -> None:
    with Server(credentials=("admin", "changeit")) as server:  # without TLS the client sends none
        store, stream = opened(server.url), new_stream()
        calls: list[Callable[[], object]] = [
            lambda: store.append(stream, NO_STREAM, notes(2)),
            lambda: store.read_stream(stream),
            lambda: store.read_all(0, 10),
            store.head,
            lambda: store.subscribe(0).next(1, 10),
        ]
        for call in calls:
            with pytest.raises(Declined, match="KurrentDB denies access"):
                call()
        store.close()


def test_a_refusal_without_a_name_of_its_own_is_told_as_the_server_says_it(kurrent: EventStore) -> None:
    """An event without a type: UNKNOWN, and "BadRequest" in the text."""
    with pytest.raises(Declined, match="KurrentDB declines"):
        kurrent.append(stream := new_stream(), NO_STREAM, [note(event_type="")])
    assert kurrent.read_stream(stream) == []


def test_a_page_says_that_the_store_declines(
    kurrent: EventStore, response_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def declines(*_: object, **__: object) -> object:
        raise Declined("KurrentDB denies access")

    site_id = factories.acquire()
    advance()
    monkeypatch.setattr(KurrentStore, "append", declines)
    call = {"command_id": str(uuid4()), "title": "Lifts", "description": "Stuck", "sites": [str(site_id)]}
    page = response_client.post("/response/", call)
    assert page.status_code == 503
    assert "The event store declines this; nothing was changed" in page.content.decode()


# --- A follower named alone ------------------------------------------------------------------------


@pytest.fixture
def followers() -> Iterator[tuple[Server, Server]]:
    """A leader and a follower."""
    cluster = Cluster()
    with Server(cluster=cluster) as leader, Server(cluster=cluster) as follower:
        yield leader, follower


def test_the_url_of_a_follower_leads_to_the_leader(followers: tuple[Server, Server]) -> None:
    leader, follower = followers
    store, stream = opened(follower.url), new_stream()
    store.append(stream, NO_STREAM, notes(2))
    assert len(store.read_stream(stream)) == 2
    assert (leader.appends, follower.appends) == (1, 0)
    subscription = store.subscribe(0)
    came = 0
    while came < 2:
        batch = subscription.next(10, 10)
        assert batch is not None
        came += len(batch.events)
    subscription.close()
    store.close()


def test_a_follower_whose_leader_cannot_be_reached_is_not_believed_for_ever(
    followers: tuple[Server, Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    leader, follower = followers
    monkeypatch.setattr(connection, "PATIENCE", 1.0)
    store = opened(follower.url)
    leader.stop()
    with pytest.raises(Unreachable):
        store.append(new_stream(), NO_STREAM, notes(2))
    follower.lead()
    store.append(new_stream(), NO_STREAM, notes(2))
    store.close()
