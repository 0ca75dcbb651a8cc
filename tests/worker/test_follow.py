"""The results of following a store, seen from within one process."""

import subprocess
import sys
from collections.abc import Iterator
from threading import Event
from time import sleep
from typing import Any, Self

import pytest
from django.conf import settings
from django.db import OperationalError

from eventstore.database.lock import exclusive
from eventstore.models import Checkpoint
from eventstore.projections.advance import advance
from eventstore.projections.read_model import registry
from eventstore.store import Batch, EventStore, RecordedEvent, Unreachable
from eventstore.worker import follow as following
from eventstore.worker.follow import ReadModels, follow
from readmodels.models import SiteRow
from readmodels.sites import sites
from tests import factories
from tests.eventstore.threads import PATIENCE, Beside
from tests.worker.processes import environment, wait_for

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def stop() -> Iterator[Event]:
    stop = Event()
    yield stop
    stop.set()


def towns() -> set[str]:
    return set(SiteRow.objects.values_list("town", flat=True))


def stand() -> set[int]:
    return set(Checkpoint.objects.filter(name__in=registry).values_list("position", flat=True))


@pytest.mark.usefixtures("store")
def test_a_read_model_that_somebody_frees_is_taken_in_again_although_events_never_pause(
    stop: Event, store: EventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A follower that waited for a quiet moment to check would wait for ever."""
    factories.acquire(town="Whitby")
    while advance():
        pass
    head = store.head()
    Checkpoint.objects.filter(name="sites").update(position=0, error="stopped by somebody")
    for table in registry["sites"].tables:
        table._default_manager.all().delete()
    monkeypatch.setattr(following, "LOOK", 0.05)
    monkeypatch.setattr(type(store.subscribe(head)), "next", never_quiet)
    with Beside(1) as beside:
        worker = beside.run(follow, ReadModels(registry.values(), stop), stop)
        try:
            wait_for("the others to go on", lambda: Checkpoint.objects.get(name="work").position >= head)
            assert towns() == set()
            Checkpoint.objects.filter(name="sites").update(error="")
            wait_for("the freed one to catch up", lambda: "Whitby" in towns())
        finally:
            stop.set()
        worker.result(PATIENCE)


def never_quiet(subscription: object, limit: int, wait: float) -> Batch:
    """Positions of events that are not ours, on and on."""
    sleep(0.01)
    never_quiet.position += 1  # type: ignore[attr-defined]
    return Batch([], never_quiet.position)  # type: ignore[attr-defined]


never_quiet.position = 10_000_000  # type: ignore[attr-defined]


class Failing:
    """A follower that fails each time that it begins; the clock says how long it had gone well."""

    names = ["failing"]

    def __init__(self, stop: Event, clock: "Clock", went_well: list[float]) -> None:
        self._stop = stop
        self._clock = clock
        self._went_well = went_well

    def catch_up(self, *_: Any) -> int:
        self._clock.now += self._went_well.pop(0)
        if not self._went_well:
            self._stop.set()
        raise Unreachable("away again")

    def take(self, *_: Any) -> bool:
        raise AssertionError("never reached")


class Clock:
    now = 0.0

    def monotonic(self) -> float:
        return self.now


class NoWait(Event):
    """Notes how long it was waited for, and does not wait."""

    def __init__(self) -> None:
        super().__init__()
        self.waited: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        assert timeout is not None
        self.waited.append(timeout)
        return self.is_set()


@pytest.mark.usefixtures("worker")
def test_tries_grow_rarer_while_the_store_is_away_and_begin_again_after_it_was_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A worker that runs for months sees many short outages; none must cost as much as a long one."""
    clock, stop = Clock(), NoWait()
    monkeypatch.setattr(following, "time", clock)
    monkeypatch.setattr("eventstore.worker.follow.random.uniform", lambda *_: 1.0)
    follow(Failing(stop, clock, [0, 0, 0, 0, 0, 0, 0, 3600, 0]), stop)
    assert stop.waited == [0.25, 0.5, 1, 2, 2, 2, 2, 0.25, 0.5]


def test_a_dropped_subscription_costs_no_event(
    stop: Event, store: EventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "RETRY", 0.01)
    monkeypatch.setattr(following, "LONGEST_RETRY", 0.05)
    subscription = store.subscribe(0)
    subscription.close()
    kind, begun = type(subscription), []
    whole = kind.next

    def drops(self: object, limit: int, wait: float) -> Batch | None:
        begun.append(self)
        if len(begun) % 5 == 0:
            raise OperationalError("the connection is lost")
        if len(begun) % 7 == 0:
            raise Unreachable("dropped")
        return whole(self, 1, 0.05)  # type: ignore[arg-type]

    monkeypatch.setattr(kind, "next", drops)
    with Beside(1) as beside:
        worker = beside.run(follow, ReadModels(registry.values(), stop), stop)
        try:
            for number in range(20):
                factories.acquire(town=f"Town {number}")
            wait_for("all towns", lambda: len(towns()) == 20)
        finally:
            stop.set()
        worker.result(PATIENCE)
    assert stand() == {store.head()}


@pytest.mark.usefixtures("store")
def test_two_followers_in_one_process_exclude_each_other(stop: Event) -> None:
    mine = exclusive()
    assert mine.take(["a", "b"]) == {"a", "b"}
    with Beside(1) as beside:
        assert beside.run(taken_at_once, ["a", "b", "c"]).result(PATIENCE) == {"c"}
        mine.close()
        assert beside.run(taken_at_once, ["a", "b", "c"]).result(PATIENCE) == {"a", "b", "c"}


def taken_at_once(names: list[str]) -> set[str]:
    """What another thread, which has a session of its own, gets."""
    locks = exclusive()
    try:
        return locks.take(names)
    finally:
        locks.close()


@pytest.mark.usefixtures("store")
def test_one_followers_end_lets_go_of_nothing_that_another_of_its_process_holds() -> None:
    """Read models and reactions are followed by threads of one process, and each may begin again."""
    read_models = exclusive()
    assert read_models.take(["sites"]) == {"sites"}
    with Elsewhere() as elsewhere, Beside(1) as beside:
        assert beside.run(taken_at_once, ["reaction x"]).result(PATIENCE) == {"reaction x"}
        assert elsewhere.may_take("sites") is False
        assert elsewhere.may_take("reaction x")
        read_models.close()
        assert elsewhere.may_take("sites")


class Elsewhere:
    """Another process that tries for locks."""

    def __enter__(self) -> Self:
        code = "import django, sys; django.setup(); from eventstore.database.lock import exclusive\n"
        code += "e = exclusive()\nfor line in sys.stdin: print(len(e.take([line.strip()])), flush=True)"
        self._process = subprocess.Popen(
            [sys.executable, "-c", code],
            cwd=settings.BASE_DIR,
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(self, *_: Any) -> None:
        self._process.communicate()

    def may_take(self, name: str) -> bool:
        assert self._process.stdin
        assert self._process.stdout
        print(name, file=self._process.stdin, flush=True)
        return self._process.stdout.readline() == "1\n"


@pytest.mark.usefixtures("store")
def test_the_reading_of_one_batch_is_one_transaction_for_all(stop: Event, store: EventStore) -> None:
    """If it were taken in twice, this would fail: a site is added by its key."""
    for number in range(30):
        factories.acquire(town=f"Town {number}")
    followers = [ReadModels([sites], Event()) for _ in range(4)]
    batch = store.read_all(0, 100)
    assert advance([sites], limit=10) == 10
    with Beside(4) as beside:
        tried = [beside.run(take_at_once, each, batch) for each in followers]
        for each in tried:
            each.result(PATIENCE)
    assert len(towns()) == 30
    assert Checkpoint.objects.get(name="sites").error == ""


def take_at_once(follower: ReadModels, batch: list[RecordedEvent]) -> None:
    """Whatever the checkpoint says, as by a worker that lost its lock and does not know it yet."""
    follower.take({"sites"}, batch[9].position, Batch(batch[10:], batch[-1].position))


def test_following_ends_when_told_while_it_stands_by(stop: Event, store: EventStore) -> None:
    locks = exclusive()
    locks.take(sorted(registry))
    with Beside(1) as beside:
        worker = beside.run(follow, ReadModels(registry.values(), stop), stop)
        sleep(0.1)
        stop.set()
        worker.result(PATIENCE)
    locks.close()
    assert towns() == set()
