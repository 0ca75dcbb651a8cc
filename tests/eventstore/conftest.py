"""The stores under test.

A store joins the conformance suite by a name in `STORES` and a branch in `store`. The suite asks nothing
else of it: streams have fresh names, and whatever the store held before is left out by `store.head()`.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db.backends.base.base import BaseDatabaseWrapper

from eventstore.embedded.store import EmbeddedStore
from eventstore.kurrent import connection
from eventstore.store import EventStore
from tests.eventstore.store_urls import NewPlace, places

INLINE, WORKER, KURRENT = "embedded, projecting inline", "embedded, projecting in a worker", "KurrentDB"
STORES = [INLINE, WORKER, KURRENT]


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine is not a server that hangs."""
    monkeypatch.setattr(connection, "TIMEOUT", 30.0)


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, transactional_db: None) -> EventStore:
    """Each store in turn."""
    if request.param == KURRENT:
        kurrent: EventStore = request.getfixturevalue("kurrent")
        return kurrent
    if request.param == WORKER:
        request.getfixturevalue("worker")
    return EmbeddedStore()


@pytest.fixture(params=[INLINE, WORKER])
def embedded(request: pytest.FixtureRequest, transactional_db: None) -> EventStore:
    """The embedded store, for what KurrentDB cannot promise."""
    if request.param == WORKER:
        request.getfixturevalue("worker")
    return EmbeddedStore()


@pytest.fixture
def other_databases(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets tests connect to databases that Django did not know when the test began."""

    def ensure_connection(database: BaseDatabaseWrapper) -> None:
        if database.connection is None:
            with database.wrap_database_errors:
                database.connect()

    monkeypatch.setattr(BaseDatabaseWrapper, "ensure_connection", ensure_connection)


@pytest.fixture
def new_place(tmp_path: Path, kurrent_url: str, other_databases: None) -> Iterator[NewPlace]:
    """Makes empty stores of a kind, beside the current one."""
    with places(tmp_path, kurrent_url) as make:
        yield make
