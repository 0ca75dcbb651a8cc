"""Writers whose transactions stay open, nest, fail and vanish at random, while a worker follows.

Every event that was committed is projected, once and in order, and nothing that was rolled back. KurrentDB
knows no transactions around an append; there the writers only take their time.
"""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction

from eventstore.embedded.store import EmbeddedStore
from eventstore.models import Checkpoint
from eventstore.projections.read_model import registry
from eventstore.projections.rebuild import verify
from eventstore.store import EventStore, RecordedEvent
from readmodels.models import SiteRow
from tests import factories
from tests.eventstore.threads import PATIENCE, Beside
from tests.worker.processes import Worker, wait_for

pytestmark = pytest.mark.django_db(transaction=True)

WRITERS = 6
TURNS = 25
PAUSES = [0, 0, 0, 0.002, 0.01, 0.05]


class Abandoned(Exception):
    """Somebody changed his mind: his transaction, or a part of it, is rolled back."""


class Writer:
    """Acquires and corrects sites of its own at random; `committed` is the town of each in the end."""

    def __init__(self, seed: str, *, has_transactions: bool) -> None:
        self._chance = random.Random(seed)
        self._has_transactions = has_transactions
        self.committed: dict[UUID, str] = {}

    def write(self) -> dict[UUID, str]:
        for _ in range(TURNS):
            with self._transaction():
                for _ in range(self._chance.randint(1, 3)):
                    with self._transaction():
                        self._change_something()
                    self._take_time()
        return self.committed

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """One that is rolled back now and then; within another it is a savepoint."""
        if not self._has_transactions:
            yield
            return
        before = dict(self.committed)
        try:
            with transaction.atomic():
                yield
                if self._chance.random() < 0.25:
                    raise Abandoned
        except Abandoned:
            self.committed = before

    def _change_something(self) -> None:
        town = f"Town {self._chance.randrange(1000)}"
        if self.committed and self._chance.random() < 0.6:
            site_id = self._chance.choice(sorted(self.committed))
            factories.correct(site_id, town=town)
        else:
            site_id = factories.acquire(town=town)
        self.committed[site_id] = town

    def _take_time(self) -> None:
        pause = self._chance.choice(PAUSES)
        # SQLite has one writer at a time: a pause there only keeps the others out.
        time.sleep(pause if connection.vendor == "postgresql" or not self._has_transactions else pause / 10)


def all_projected(store: EventStore) -> bool:
    head = store.head()
    stand = dict(Checkpoint.objects.filter(name__in=registry).values_list("name", "position"))
    return all(stand.get(name) == head for name in registry)


@pytest.mark.parametrize("round_", [1, 2])
def test_every_event_that_was_committed_is_projected_and_in_order(
    store: EventStore, tmp_path: Path, round_: int
) -> None:
    seed = uuid4().hex
    print(f"seed {seed}")
    has_transactions = isinstance(store, EmbeddedStore)
    with Worker(tmp_path).started() as worker, Beside(WRITERS) as beside:
        writers = [Writer(f"{seed} {n}", has_transactions=has_transactions) for n in range(WRITERS)]
        writing = [beside.run(each.write) for each in writers]
        committed: dict[UUID, str] = {}
        for each in writing:
            committed |= each.result(PATIENCE)
        wait_for("all of it", lambda: all_projected(store))
        assert "stopped" not in worker.log
        # The worker's reaction appends too: its events about the last sites come after them.
        assert worker.terminate() == 0
    assert dict(SiteRow.objects.values_list("site_id", "town")) == committed
    for read_model in registry.values():
        assert verify(read_model, progress=lambda *_: None).count == 0


def test_a_subscriber_sees_what_was_committed_once_and_in_order(store: EventStore) -> None:
    seed = uuid4().hex
    print(f"seed {seed}")
    has_transactions = isinstance(store, EmbeddedStore)
    seen: list[RecordedEvent] = []
    with Beside(WRITERS) as beside:
        subscription = store.subscribe(0)
        writers = [Writer(f"{seed} {n}", has_transactions=has_transactions) for n in range(WRITERS)]
        writing = [beside.run(each.write) for each in writers]
        while not all(each.done() for each in writing):
            seen += taken(subscription.next(7, 0.05))
        [each.result(PATIENCE) for each in writing]
        head = store.head()
        while not seen or seen[-1].position < head:
            seen += taken(subscription.next(1000, PATIENCE))
        subscription.close()
    positions = [each.position for each in seen]
    assert positions == sorted(set(positions))
    assert [each.id for each in seen] == [each.id for each in store.read_all(0, 100_000)]


def taken(batch: object) -> list[RecordedEvent]:
    return list(batch.events) if batch else []  # type: ignore[attr-defined]
