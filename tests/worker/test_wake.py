"""What wakes a follower of the embedded store: NOTIFY on PostgreSQL, a look at the file on SQLite.

Here it waits longer than any test, so that only a wake-up can bring the event in time.
"""

import subprocess
import sys
from threading import Event
from time import monotonic
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError, connection, transaction

from eventstore.database import sql
from eventstore.embedded import subscription
from eventstore.embedded.store import EmbeddedStore
from eventstore.store import NO_STREAM, Batch
from tests.eventstore.new_events import new_stream, note
from tests.eventstore.threads import PATIENCE, Beside
from tests.worker.processes import environment, wait_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("worker")]

HOURS = 3 * 3600.0


class Waiting:
    """A subscriber in a thread that waits for hours."""

    def __init__(self, beside: Beside) -> None:
        self.is_waiting = Event()
        self.batch = beside.run(self._next)

    def _next(self) -> Batch | None:
        store = EmbeddedStore()
        subscription = store.subscribe(store.head())
        assert subscription.next(10, 0) is None  # on SQLite the first look answers at once
        self.is_waiting.set()
        batch = subscription.next(10, HOURS)
        subscription.close()
        return batch


def append_elsewhere() -> None:
    """By a process of its own."""
    code = (
        "import django; django.setup(); from eventstore.current import current_store;"
        "from tests.eventstore.new_events import *; current_store().append(new_stream(), -1, [note()])"
    )
    subprocess.run([sys.executable, "-c", code], cwd=settings.BASE_DIR, env=environment(), check=True)


def test_a_subscriber_is_woken_by_another_process() -> None:
    with Beside(1) as beside:
        waiting = Waiting(beside)
        assert waiting.is_waiting.wait(PATIENCE)
        append_elsewhere()
        batch = waiting.batch.result(PATIENCE)
    assert batch
    assert len(batch.events) == 1


def test_a_subscriber_is_woken_when_the_transaction_commits_and_not_before() -> None:
    with Beside(1) as beside:
        waiting = Waiting(beside)
        assert waiting.is_waiting.wait(PATIENCE)
        with transaction.atomic():
            EmbeddedStore().append(new_stream(), NO_STREAM, [note()])
            assert not waiting.batch.done()
        assert waiting.batch.result(PATIENCE)


@pytest.mark.postgresql
def test_a_subscriber_on_postgresql_does_not_poll(monkeypatch: pytest.MonkeyPatch) -> None:
    reads: list[int] = []
    read_all = EmbeddedStore.read_all

    def counted(self: EmbeddedStore, after: int, limit: int) -> object:
        reads.append(after)
        return read_all(self, after, limit)

    monkeypatch.setattr(EmbeddedStore, "read_all", counted)
    store = EmbeddedStore()
    subscription = store.subscribe(store.head())
    assert subscription.next(10, 0.5) is None
    assert len(reads) == 1
    store.append(new_stream(), NO_STREAM, [note()])
    assert subscription.next(10, HOURS)
    assert len(reads) == 2
    subscription.close()


@pytest.mark.postgresql
def test_an_event_whose_notify_is_lost_is_found_at_the_next_look(monkeypatch: pytest.MonkeyPatch) -> None:
    store = EmbeddedStore()
    subscription = store.subscribe(store.head())
    monkeypatch.setattr("eventstore.embedded.subscription.wake", lambda: None)
    store.append(new_stream(), NO_STREAM, [note()])
    assert subscription.next(10, 0.1)
    with Beside(1) as beside:  # lost while it waits: found when it asks again
        asked = beside.run(ask_again_and_again, store.head())
        store.append(new_stream(), NO_STREAM, [note()])
        assert asked.result(PATIENCE)
    subscription.close()


def ask_again_and_again(after: int) -> Batch | None:
    subscription = EmbeddedStore().subscribe(after)
    until = monotonic() + PATIENCE
    batch = None
    while batch is None and monotonic() < until:
        batch = subscription.next(10, 0.1)
    subscription.close()
    return batch


@pytest.mark.postgresql
def test_many_notifies_wake_once() -> None:
    store = EmbeddedStore()
    subscription = store.subscribe(store.head())
    for _ in range(20):
        store.append(new_stream(), NO_STREAM, [note()])
    batch = subscription.next(100, HOURS)
    assert batch
    assert len(batch.events) == 20
    assert subscription.next(100, 0.2) is None
    subscription.close()


def test_a_subscriber_on_sqlite_sees_that_another_has_written(monkeypatch: pytest.MonkeyPatch) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL tells by itself")
    looks: list[float] = []
    monkeypatch.setattr(subscription, "time", SimpleNamespace(monotonic=monotonic, sleep=looks.append))
    with Beside(1) as beside:
        waiting = Waiting(beside)
        assert waiting.is_waiting.wait(PATIENCE)
        wait_for("a few looks", lambda: len(looks) > 10)
        EmbeddedStore().append(new_stream(), NO_STREAM, [note()])
        assert waiting.batch.result(PATIENCE)
    assert set(looks) == {subscription.LOOK}


@pytest.mark.postgresql
def test_an_append_stands_although_nobody_could_be_woken(monkeypatch: pytest.MonkeyPatch) -> None:
    ordinary = sql.query

    def gone(statement: str, *args: Any, **kwargs: Any) -> sql.Rows:
        if "pg_notify" in statement:
            raise OperationalError("the server has gone")
        return ordinary(statement, *args, **kwargs)

    monkeypatch.setattr(sql, "query", gone)
    store = EmbeddedStore()
    position = store.append(new_stream(), NO_STREAM, [note()])
    assert store.head() == position
