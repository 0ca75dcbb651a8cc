"""Readers never skip an event, although PostgreSQL hands out positions before it commits.

The appenders here are real transactions on connections of their own, held open while others go on. In a
worker's projection several of them are in flight at once; inline they take turns.
"""

import random
from collections.abc import Callable
from concurrent.futures import Future
from threading import Event
from uuid import UUID

import pytest
from django.db import connection, transaction

from eventstore.database.trouble import Busy, Standby
from eventstore.embedded import in_flight
from eventstore.embedded.in_flight import APPENDERS, pages_of
from eventstore.embedded.store import EmbeddedStore
from eventstore.models import Checkpoint
from eventstore.projections.advance import advance
from eventstore.store import NO_STREAM, NewEvent, RecordedEvent
from readmodels.models import SiteRow
from tests import factories
from tests.eventstore.new_events import new_stream, note, notes
from tests.eventstore.threads import PATIENCE, Beside, until_done_or

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Readers wait as long as the tests do, unless a test says otherwise."""
    monkeypatch.setattr(in_flight, "PATIENCE", PATIENCE)


class HeldOpen:
    """An append whose transaction stays open until it is told how to end."""

    def __init__(self, beside: Beside, append: Callable[[], object]) -> None:
        self._beside = beside
        self._has_appended = Event()
        self._may_end = Event()
        self._commits = True
        self._append = append
        self._done = beside.run(self._run)
        until_done_or(self._has_appended.is_set, self._done)
        assert not self._done.done(), self._done.result()

    def _run(self) -> None:
        with transaction.atomic():
            self._append()
            self._has_appended.set()
            while not self._may_end.wait(0.02):
                if self._beside.over.is_set():
                    return
            transaction.set_rollback(not self._commits)

    def commit(self) -> None:
        self._end(commits=True)

    def roll_back(self) -> None:
        self._end(commits=False)

    def _end(self, *, commits: bool) -> None:
        self._commits = commits
        self._may_end.set()
        self._done.result(PATIENCE)


def append(*events: NewEvent) -> Callable[[], object]:
    """An append to a new stream, to be run later."""
    return lambda: EmbeddedStore().append(new_stream(), NO_STREAM, events)


def begin() -> int:
    """The position of a first event, so that the only holes beyond it are those that a test makes."""
    return EmbeddedStore().append(new_stream(), NO_STREAM, [note("first")])


def somebody_waits_for_appenders() -> bool:
    """Whether any connection of this database waits for the appenders' lock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND NOT granted"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
            [APPENDERS],
        )
        return bool(cursor.fetchone()[0])


def somebody_holds_the_lock() -> bool:
    """Whether any connection of this database holds the appenders' lock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = %s"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
            [APPENDERS],
        )
        return bool(cursor.fetchone()[0])


def a_reader_looks_who_appends() -> bool:
    """Whether any other connection of this database asks who holds the appenders' lock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%virtualtransaction%'"
            " AND datname = current_database() AND pid <> pg_backend_pid()"
        )
        return bool(cursor.fetchone()[0])


def must_wait(reader: Future[list[RecordedEvent]]) -> None:
    """The reader waits for the appenders in flight; it must not have answered."""
    until_done_or(a_reader_looks_who_appends, reader)
    assert not reader.done(), f"answered without waiting: {[each.position for each in reader.result()]}"


def ids(events: list[RecordedEvent]) -> list[UUID]:
    return [each.id for each in events]


def read_over(
    hole: list[NewEvent], late: NewEvent, *, after: int, limit: int = 100, is_lost: bool = False
) -> list[UUID]:
    """The answer of a reader that meets the hole of a held-open append before a later event. It waits for
    the end of that append, which is rolled back if `is_lost`."""
    with Beside() as beside:
        held = HeldOpen(beside, append(*hole))
        append(late)()
        reader = beside.run(EmbeddedStore().read_all, after, limit)
        try:
            must_wait(reader)
        finally:
            held.roll_back() if is_lost else held.commit()
        return ids(reader.result(PATIENCE))


@pytest.mark.usefixtures("worker")
def test_a_held_open_append_is_never_skipped() -> None:
    head, early, late = begin(), note("early"), note("late")
    assert read_over([early], late, after=head) == [early.id, late.id]


@pytest.mark.usefixtures("worker")
def test_a_held_open_append_is_not_skipped_by_a_reader_of_one_event() -> None:
    head, early, late = begin(), note("early"), note("late")
    assert read_over([early], late, after=head, limit=1) == [early.id]


@pytest.mark.usefixtures("worker")
def test_a_held_open_append_in_the_middle_is_not_skipped() -> None:
    head, first, early, late = begin(), note("first"), note("early"), note("late")
    append(first)()
    assert read_over([early], late, after=head) == [first.id, early.id, late.id]


@pytest.mark.usefixtures("worker")
def test_a_held_open_batch_is_not_skipped() -> None:
    head, batch, late = begin(), notes(3), note("late")
    assert read_over(batch, late, after=head) == [*(each.id for each in batch), late.id]


@pytest.mark.usefixtures("worker")
def test_appenders_in_flight_do_not_wait_for_each_other() -> None:
    with Beside() as beside:
        held = [HeldOpen(beside, append(note())) for _ in range(3)]
        beside.run(append(note())).result(PATIENCE)
        for each in held:
            each.commit()


@pytest.mark.usefixtures("worker")
def test_an_append_that_is_rolled_back_does_not_stall_readers() -> None:
    head, late = begin(), note("late")
    assert read_over([note("lost")], late, after=head, is_lost=True) == [late.id]
    assert ids(EmbeddedStore().read_all(head, 100)) == [late.id]


@pytest.mark.usefixtures("worker")
def test_a_hole_that_was_rolled_back_long_ago_does_not_stall_readers() -> None:
    store, head, events = EmbeddedStore(), begin(), notes(3)
    with Beside() as beside:
        for event in events:
            HeldOpen(beside, append(note("lost"))).roll_back()
            append(event)()
    assert ids(store.read_all(head, 100)) == [each.id for each in events]
    assert ids(store.read_all(head, 2)) == [each.id for each in events[:2]]


@pytest.mark.usefixtures("worker")
def test_a_reader_that_waits_holds_up_no_appender() -> None:
    head, early, late = begin(), note("early"), note("late")
    with Beside() as beside:
        held = HeldOpen(beside, append(early))
        append(late)()
        reader = beside.run(EmbeddedStore().read_all, head, 100)
        try:
            must_wait(reader)
            for _ in range(3):
                beside.run(append(note("goes on"))).result(PATIENCE)
            must_wait(reader)
        finally:
            held.commit()
        assert ids(reader.result(PATIENCE))[:2] == [early.id, late.id]


@pytest.mark.usefixtures("worker")
def test_somebody_who_begins_to_append_later_is_not_waited_for() -> None:
    head, late = begin(), note("late")
    with Beside() as beside:
        held = HeldOpen(beside, append(note("lost")))
        append(late)()
        reader = beside.run(EmbeddedStore().read_all, head, 100)
        must_wait(reader)
        newcomer = HeldOpen(beside, append(note("begins later")))
        held.roll_back()
        assert ids(reader.result(PATIENCE)) == [late.id]
        newcomer.commit()


@pytest.mark.usefixtures("worker")
def test_at_its_bound_a_reader_answers_what_lies_before_the_hole(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(in_flight, "PATIENCE", 0)
    store, head, first, early, late = EmbeddedStore(), begin(), note("first"), note("early"), note("late")
    append(first)()
    with Beside() as beside:
        held = HeldOpen(beside, append(early))
        append(late)()
        assert ids(store.read_all(head, 100)) == [first.id]
        assert "Still appending: processes " in caplog.text
        with pytest.raises(Busy, match="An append does not end"):
            list(pages_of(store, 100))
        held.commit()
    assert ids(store.read_all(head, 100)) == [first.id, early.id, late.id]


def test_a_transaction_that_was_prepared_has_no_process(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Few servers allow them, so these are rows that one such server returned."""
    answers = [[("-1/759", None, False)], [("-1/759", None, False)], []]
    assert in_flight.is_over(lambda *_: answers.pop(0))
    monkeypatch.setattr(in_flight, "PATIENCE", 0)
    assert not in_flight.is_over(lambda *_: [("-1/759", None, False)])
    assert "processes (prepared) of PostgreSQL" in caplog.text


def test_an_old_hole_is_not_waited_for_again() -> None:
    """Inline: a reader of the feed meets a hole of long ago while an appender hangs."""
    store, head, after = EmbeddedStore(), begin(), note("after the hole")
    with Beside() as beside:
        HeldOpen(beside, append(note("lost"))).roll_back()
        append(after)()
        held = HeldOpen(beside, append(note("stands still")))
        assert ids(beside.run(store.read_all, head, 100).result(PATIENCE)) == [after.id]
        held.commit()


def test_a_standby_does_not_guess() -> None:
    with pytest.raises(Standby):
        in_flight.is_over(lambda *_: [("", 0, True)])


@pytest.mark.usefixtures("worker")
def test_what_comes_while_a_reader_settles_a_hole_is_left_for_the_next_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The second look goes no further than the first: after that, another append may be in flight again."""
    store, head, first, second, third = EmbeddedStore(), begin(), note("1"), note("2"), note("3")
    look = store._read_after
    with Beside() as beside:
        HeldOpen(beside, append(note("lost"))).roll_back()
        append(first)()
        later: list[HeldOpen] = []

        def look_again(*args: int, **bounds: int) -> list[RecordedEvent]:
            if bounds:
                later.append(HeldOpen(beside, append(second)))
                append(third)()
            return look(*args, **bounds)

        with monkeypatch.context() as patched:
            patched.setattr(store, "_read_after", look_again)
            assert ids(store.read_all(head, 100)) == [first.id]
        later[0].commit()
        assert ids(store.read_all(head, 100)) == [first.id, second.id, third.id]


@pytest.mark.usefixtures("worker")
def test_a_reader_that_met_a_hole_leaves_no_lock_behind() -> None:
    store, head = EmbeddedStore(), begin()
    with Beside() as beside:
        HeldOpen(beside, append(note("lost"))).roll_back()
    append(note())()
    with transaction.atomic():
        assert store.read_all(head, 100)
        assert not somebody_holds_the_lock()


@pytest.mark.usefixtures("worker")
def test_a_reader_without_a_hole_waits_for_nobody() -> None:
    store, head, event = EmbeddedStore(), begin(), note()
    append(event)()
    with Beside() as beside:
        held = HeldOpen(beside, append(note("in flight")))
        assert ids(beside.run(store.read_all, head, 100).result(PATIENCE)) == [event.id]
        held.commit()


@pytest.mark.usefixtures("worker")
def test_a_read_model_takes_in_a_held_open_append() -> None:
    with Beside() as beside:
        held = HeldOpen(beside, lambda: factories.acquire(town="Early"))
        factories.acquire(town="Late")
        worker = beside.run(advance)
        try:
            until_done_or(a_reader_looks_who_appends, worker)
        finally:
            held.commit()
        worker.result(PATIENCE)
    assert sorted(SiteRow.objects.values_list("town", flat=True)) == ["Early", "Late"]
    assert Checkpoint.objects.get(name="sites").position == EmbeddedStore().head()


def test_inline_appenders_take_turns_so_that_positions_commit_in_order() -> None:
    store, head, early, late = EmbeddedStore(), begin(), note("early"), note("late")
    with Beside() as beside:
        held = HeldOpen(beside, append(early))
        later = beside.run(append(late))
        try:
            until_done_or(somebody_waits_for_appenders, later)
            assert not later.done(), "the second append did not wait for the first"
            assert store.read_all(head, 100) == []
        finally:
            held.commit()
        later.result(PATIENCE)
    assert ids(store.read_all(head, 100)) == [early.id, late.id]


@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_follower_sees_every_committed_event_once_and_in_order(seed: int) -> None:
    store, head = EmbeddedStore(), begin()

    def append_at_random(chance: random.Random) -> list[UUID]:
        committed: list[UUID] = []
        for _ in range(25):
            batch = notes(chance.randint(1, 3))
            with transaction.atomic(), connection.cursor() as cursor:
                append(*batch)()
                cursor.execute("SELECT pg_sleep(%s)", [chance.choice([0, 0, 0.002, 0.01])])
                lost = chance.random() < 0.25
                transaction.set_rollback(lost)
            committed += [] if lost else [each.id for each in batch]
        return committed

    with Beside(8) as beside:
        appenders = [beside.run(append_at_random, random.Random(f"{seed} {n}")) for n in range(8)]
        seen: list[RecordedEvent] = []
        busy = True
        while busy:
            busy = not all(each.done() for each in appenders)
            while page := store.read_all(seen[-1].position if seen else head, 7):
                seen += page
        committed = [each for appender in appenders for each in appender.result(PATIENCE)]
    positions = [each.position for each in seen]
    assert positions == sorted(set(positions))
    assert sorted(ids(seen)) == sorted(committed)
