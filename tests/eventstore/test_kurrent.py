"""What only KurrentDB does: prefixes, positions between which others write, TLS, leaders, and outages."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import esdbclient
import pytest
from django.conf import settings
from esdbclient import EventStoreDBClient, StreamState

from eventstore.kurrent import connection
from eventstore.kurrent import store as kurrent
from eventstore.kurrent.client import Client
from eventstore.kurrent.store import KurrentStore
from eventstore.store import NO_STREAM, Declined, EventStore, Selection, Subscription, Unreachable
from tests.eventstore.new_events import new_stream, note, notes
from tests.kurrent import Server

Opened = Callable[[str], KurrentStore]


@pytest.fixture
def open_store() -> Iterator[Opened]:
    """A store at a URL; closed in the end."""
    stores: list[KurrentStore] = []

    def open_(url: str, prefix: str = "test") -> KurrentStore:
        stores.append(KurrentStore(url, prefix=prefix))
        return stores[-1]

    yield open_
    for each in stores:
        each.close()


@pytest.fixture
def server() -> Iterator[Server]:
    """One of our own, for faults and for positions that a test counts."""
    with Server() as server:
        yield server


@pytest.fixture
def own(server: Server, open_store: Opened) -> KurrentStore:
    return open_store(server.url)


@pytest.fixture
def others(server: Server) -> Iterator[EventStoreDBClient]:
    """Another program on the same server."""
    with EventStoreDBClient(server.url) as client:
        yield client


def written_by(others: EventStoreDBClient, count: int, stream: str | None = None) -> None:
    """So many events that are not ours."""
    new = [esdbclient.NewEvent(type="TheirEvent", data=b"{}") for _ in range(count)]
    others.append_to_stream(stream or f"theirs-{uuid4()}", current_version=StreamState.ANY, events=new)


def gathered(subscription: Subscription, *, wait: float = 0.3) -> tuple[list[Any], list[int]]:
    """What comes until nothing more does: the ids of events, and the positions at which batches end."""
    ids, positions = [], []
    while batch := subscription.next(1000, wait):
        ids += [each.id for each in batch.events]
        positions.append(batch.position)
    return ids, positions


# --- Whose events ----------------------------------------------------------------------------------


@pytest.mark.parametrize("other", ["ab", "A", "x.a", "aXa"])
def test_installations_that_share_a_server_see_their_own_events_alone(
    server: Server, open_store: Opened, other: str
) -> None:
    """Also if one prefix begins or ends like the other."""
    stream, ours, theirs = "work-1", note("ours"), note("theirs")
    a, b = KurrentStore(server.url, prefix="a"), KurrentStore(server.url, prefix=other)
    b.append(stream, NO_STREAM, [theirs])
    a.append(stream, NO_STREAM, [ours])
    b.append(stream, 0, [note("theirs again")])
    assert [each.id for each in a.read_stream(stream)] == [ours.id]
    assert [each.id for each in a.read_all(0, 10)] == [ours.id]
    assert [each.id for each in a.browse(Selection(), limit=10).events] == [ours.id]
    assert a.head() == a.read_all(0, 10)[-1].position < b.head()
    assert a.backlog(0).events == 1
    subscription = a.subscribe(0)
    assert gathered(subscription)[0] == [ours.id]
    subscription.close()
    a.close()
    b.close()


def test_the_servers_own_events_are_never_seen(server: Server, own: KurrentStore) -> None:
    new = [note() for _ in range(60)]  # enough for the server to write statistics in between
    for each in new:
        own.append(new_stream(), NO_STREAM, [each])
    subscription = own.subscribe(0)
    ids = [each.id for each in new]
    assert gathered(subscription)[0] == ids
    assert [each.id for each in own.read_all(0, 100)] == ids
    subscription.close()


@pytest.mark.django_db(transaction=True)
def test_metadata_are_kept_under_the_names_that_the_server_knows(
    kurrent: EventStore, kurrent_url: str
) -> None:
    stream, new = new_stream(), note()
    kurrent.append(stream, NO_STREAM, [new])
    with EventStoreDBClient(kurrent_url) as client:
        (raw,) = client.get_stream(f"{settings.EVENT_STORE_PREFIX}.{stream}")
    kept = json.loads(raw.metadata)
    assert kept["$correlationId"] == str(new.metadata.correlation_id)
    assert kept["$causationId"] == str(new.metadata.causation_id)
    assert kept["actor"] == "user-1"
    assert raw.content_type == "application/json"


# --- Positions between which others write ----------------------------------------------------------


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """A subscriber is told its position after every ten foreign events."""
    monkeypatch.setattr(kurrent, "WINDOW", 10)
    monkeypatch.setattr(kurrent, "WINDOWS", 1)


@pytest.mark.usefixtures("narrow")
def test_a_reader_moves_on_over_events_of_others(own: KurrentStore, others: EventStoreDBClient) -> None:
    start = own.append(new_stream(), NO_STREAM, [note()])
    subscription = own.subscribe(start)
    written_by(others, 95)
    ids, positions = gathered(subscription)
    assert ids == []
    assert positions == sorted(set(positions))
    assert positions[-1] > start
    subscription.close()
    # From there, everything that comes is still met, on both ways of reading.
    new = note()
    own.append(new_stream(), NO_STREAM, [new])
    resumed = own.subscribe(positions[-1])
    assert gathered(resumed)[0] == [new.id]
    assert [each.id for each in own.read_all(positions[-1], 10)] == [new.id]
    resumed.close()


@pytest.mark.usefixtures("narrow")
@pytest.mark.parametrize("count", range(6, 13))
def test_no_event_is_lost_at_a_position_that_the_server_told_before_there_was_one(
    own: KurrentStore, others: EventStoreDBClient, count: int
) -> None:
    """If a page of the server's is just full at the end of the log, its checkpoint is the place of the
    next event; a reader that continued after it would miss that event."""
    start = own.append(new_stream(), NO_STREAM, [note()])
    written_by(others, count)
    subscription = own.subscribe(start)
    stood = [start, *gathered(subscription)[1]][-1]
    subscription.close()
    new = note()
    own.append(new_stream(), NO_STREAM, [new])
    assert [each.id for each in own.read_all(stood, 10)] == [new.id]
    resumed = own.subscribe(stood)
    assert gathered(resumed)[0] == [new.id]
    resumed.close()


def test_a_reader_that_stands_at_another_tenants_event_reads_on(
    own: KurrentStore, others: EventStoreDBClient
) -> None:
    written_by(others, 1)
    theirs = others.get_commit_position()
    new = note()
    own.append(new_stream(), NO_STREAM, [new])
    assert [each.id for each in own.read_all(theirs, 10)] == [new.id]
    assert own.backlog(theirs).events == 1


def test_a_long_backlog_is_counted_no_further_than_needed(
    own: KurrentStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kurrent, "COUNTED", 5)
    own.append(new_stream(), NO_STREAM, notes(5))
    backlog = own.backlog(0)
    assert (backlog.events, backlog.is_exact) == (5, False)


def test_a_moment_long_ago_is_found_page_by_page(own: KurrentStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """One answer with everything in it would not come in time from a store of millions."""
    monkeypatch.setattr(kurrent, "SEARCHED", 3)
    everything, limits = Client.everything, []

    def spied(self: Client, position: int | None, **options: Any) -> Any:
        limits.append(options["limit"])
        return everything(self, position, **options)

    for _ in range(10):
        own.append(new_stream(), NO_STREAM, [note()])
    events = own.read_all(0, 100)
    monkeypatch.setattr(Client, "everything", spied)
    for before, each in zip([None, *events], events, strict=False):
        assert own.position_at(each.recorded_at) == (before.position if before else 0)
    assert set(limits) == {3}


# --- How the server is reached ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, bytes, Path]:
    """A key, a certificate that the same key signed, and the place of the certificate."""
    folder = tmp_path_factory.mktemp("tls")
    key, certificate = folder / "key.pem", folder / "ca.pem"
    request = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=x"]
    request += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(request, check=True, capture_output=True)
    return key.read_bytes(), certificate.read_bytes(), certificate


def test_tls_and_credentials_pass_through_the_url(
    certificate: tuple[bytes, bytes, Path], open_store: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "PATIENCE", 0)
    key, pem, ca = certificate
    with Server(tls=(key, pem), credentials=("callout", "s3cret")) as server:
        address = f"127.0.0.1:{server.port}?Tls=true&TlsCaFile={quote(str(ca), safe='/')}"
        store, stream = open_store(f"esdb://callout:s3cret@{address}"), new_stream()
        store.append(stream, NO_STREAM, notes(2))
        assert len(store.read_stream(stream)) == 2
        subscription = store.subscribe(0)
        assert len(gathered(subscription)[0]) == 2
        subscription.close()
        with pytest.raises(Declined, match="denies access"):
            open_store(f"esdb://callout:guessed@{address}").head()
        with pytest.raises(Unreachable):
            open_store(f"esdb://callout:s3cret@127.0.0.1:{server.port}?Tls=true").head()


@pytest.mark.parametrize(
    "url",
    [
        "esdb+discover://127.0.0.1:{port}?Tls=false",
        "esdb://127.0.0.1:{port},127.0.0.1:{port}?Tls=false",
        "esdb://127.0.0.1:1,127.0.0.1:{port}?Tls=false",
    ],
)
def test_a_cluster_is_discovered(server: Server, open_store: Opened, url: str) -> None:
    store, stream = open_store(url.format(port=server.port)), new_stream()
    store.append(stream, NO_STREAM, notes(2))
    assert len(store.read_stream(stream)) == 2


def started(**variables: str) -> "subprocess.CompletedProcess[str]":
    """A process that only starts."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": ".", "DEBUG": "1"} | variables
    environment["DJANGO_SETTINGS_MODULE"] = "config.settings"
    return subprocess.run(
        [sys.executable, "-c", "import django; django.setup()"],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"EVENT_STORE_URL": "postgres://somewhere"}, "EVENT_STORE_URL must be unset, or look like esdb://"),
        ({"EVENT_STORE_URL": "esdb://"}, "EVENT_STORE_URL must be unset, or look like esdb://"),
        ({"EVENT_STORE_URL": "esdb://h:1?Tls=perhaps"}, "EVENT_STORE_URL cannot be read: "),
        ({"EVENT_STORE_URL": "esdb://h:2113?Tls=true"}, "EVENT_STORE_URL cannot be read: "),
        ({"EVENT_STORE_PREFIX": "a.b"}, "EVENT_STORE_PREFIX must be letters, digits and underscores alone"),
        ({"EVENT_STORE_PREFIX": "a|.*"}, "EVENT_STORE_PREFIX must be letters, digits and underscores alone"),
        ({"EVENT_STORE_PREFIX": "$all"}, "EVENT_STORE_PREFIX must be letters, digits and underscores alone"),
        (
            {"EVENT_STORE_URL": "esdb://127.0.0.1:1?Tls=false", "PROJECTION": "inline"},
            "PROJECTION must be one of worker, not 'inline'",
        ),
    ],
)
def test_a_bad_setting_stops_the_start_with_a_sentence_that_names_it(
    variables: dict[str, str], sentence: str
) -> None:
    failed = started(**variables)
    assert failed.returncode != 0
    assert sentence in failed.stderr.splitlines()[-1]


def test_a_server_that_is_away_does_not_stop_the_start() -> None:
    assert started(EVENT_STORE_URL="esdb://127.0.0.1:1?Tls=false").returncode == 0
