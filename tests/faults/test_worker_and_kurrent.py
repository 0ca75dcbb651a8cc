"""A worker whose KurrentDB is restarted, drops it, hangs, or stays away: it goes on and misses nothing."""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.conf import LazySettings

from eventstore.current import current_store
from eventstore.kurrent import connection
from eventstore.models import Checkpoint, ParkedEvent
from eventstore.projections.read_model import registry
from eventstore.projections.rebuild import verify
from eventstore.store import EventStore, Unreachable
from readmodels.models import SiteRow
from tests import factories
from tests.kurrent import Server
from tests.worker.extras import caretaker_of
from tests.worker.processes import PATIENCE, Worker, wait_for

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def store(server: Server, worker: None, settings: LazySettings) -> Iterator[EventStore]:
    """KurrentDB on a server of one's own, which may be stopped."""
    settings.EVENT_STORE_URL = server.url
    settings.EVENT_STORE_PREFIX = f"test{uuid4().hex}"
    current_store.cache_clear()
    yield current_store()
    current_store.cache_clear()


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test's own commands wait as long as necessary: gRPC is slow to connect again."""
    monkeypatch.setattr(connection, "PATIENCE", PATIENCE)


def acquired(count: int) -> list[UUID]:
    return [factories.acquire(town=f"Town {number}") for number in range(count)]


def wait_until_projected(store: EventStore, site_ids: list[UUID]) -> None:
    """And until every reaction had its effect."""
    wait_for("the sites", lambda: SiteRow.objects.count() == len(site_ids))
    wait_for("the caretakers", lambda: all(hired(store, each) for each in site_ids))
    head = store.head()
    checkpoints = Checkpoint.objects.filter(name__in=registry, position__gte=head)
    wait_for("the read models", lambda: checkpoints.count() == len(registry))


def hired(store: EventStore, site_id: UUID) -> bool:
    return bool(store.read_stream(f"operative-{caretaker_of(site_id)}"))


def check(store: EventStore, site_ids: list[UUID]) -> None:
    """Everything is there, and once."""
    wait_until_projected(store, site_ids)
    for each in site_ids:
        assert len(store.read_stream(f"operative-{caretaker_of(each)}")) == 1
    assert not ParkedEvent.objects.exists()
    for read_model in registry.values():
        assert verify(read_model, progress=lambda *_: None).count == 0


def test_a_worker_goes_on_when_its_server_was_restarted(
    server: Server, store: EventStore, tmp_path: Path
) -> None:
    with Worker(tmp_path) as worker:
        site_ids = acquired(3)
        wait_until_projected(store, site_ids)
        for _ in range(2):
            server.stop()
            server.start()
            site_ids += acquired(3)
        check(store, site_ids)
        assert worker.terminate() == 0


def test_a_worker_goes_on_when_its_subscriptions_are_dropped(
    server: Server, store: EventStore, tmp_path: Path
) -> None:
    with Worker(tmp_path) as worker:
        site_ids = acquired(1)
        wait_until_projected(store, site_ids)
        for _ in range(3):
            server.drop_subscriptions()
            site_ids += acquired(2)
        check(store, site_ids)
        assert worker.terminate() == 0
    assert "The subscription was dropped" in worker.log


def test_a_reaction_whose_appends_are_cut_off_has_its_effect_once(
    server: Server, store: EventStore, tmp_path: Path
) -> None:
    with Worker(tmp_path) as worker:
        site_ids = acquired(1)
        wait_until_projected(store, site_ids)
        for _ in range(3):
            server.cut_after_append(2)
            site_ids += acquired(2)
            wait_until_projected(store, site_ids)
        check(store, site_ids)
        assert worker.terminate() == 0


def test_a_worker_outlives_an_absence_that_is_longer_than_its_patience(
    server: Server, store: EventStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Worker(tmp_path, PATIENCE="0.5") as worker:
        site_ids = acquired(2)
        wait_until_projected(store, site_ids)
        server.stop()
        worker.says("Cannot go on (Unreachable")
        with monkeypatch.context() as patched:
            patched.setattr(connection, "PATIENCE", 0)
            with pytest.raises(Unreachable):
                factories.acquire()
        server.start()
        site_ids += acquired(2)
        check(store, site_ids)
        assert worker.terminate() == 0


def test_a_worker_whose_server_is_away_can_be_stopped(
    server: Server, store: EventStore, tmp_path: Path
) -> None:
    with Worker(tmp_path, PATIENCE="0.5") as worker:
        wait_until_projected(store, acquired(1))
        server.stop()
        worker.says("Cannot go on (Unreachable")
        assert worker.terminate() == 0


def test_a_worker_whose_server_hangs_can_be_stopped(
    server: Server, store: EventStore, tmp_path: Path
) -> None:
    """Both while it follows and while it catches up, when one call may take longer than anybody waits who
    stops it."""
    factories.acquire()
    server.hang(10 * PATIENCE)
    with Worker(tmp_path, LONG_TIMEOUT=f"{10 * PATIENCE}") as worker:
        wait_for("its subscription, and a reaction's reading", lambda: server.calls_held >= 2)
        assert worker.terminate() == 0
    assert "Stopped" in worker.log
    assert "Traceback" not in worker.log
    server.hang(0)


def test_a_worker_that_begins_before_its_server_waits_for_it(
    server: Server, store: EventStore, tmp_path: Path
) -> None:
    site_ids = acquired(2)
    server.stop()
    with Worker(tmp_path, PATIENCE="0.5") as worker:
        worker.says("Cannot go on (Unreachable")
        server.start()
        check(store, site_ids)
        assert worker.terminate() == 0
