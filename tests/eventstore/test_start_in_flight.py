"""A reader that begins while others append misses nothing that commits later, nor what was taken since a
moment."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import StringIO
from types import SimpleNamespace
from uuid import UUID

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from eventstore.embedded import in_flight
from eventstore.embedded.store import EmbeddedStore
from eventstore.kurrent.store import KurrentStore
from eventstore.models import Checkpoint, StoredEvent
from eventstore.projections.start import After, Now, Since, Start, position_of
from eventstore.store import NO_STREAM, EventStore
from tests.eventstore.new_events import new_stream, note
from tests.eventstore.test_order import HeldOpen, append
from tests.eventstore.threads import PATIENCE, Beside
from tests.kurrent import records

pytestmark = pytest.mark.django_db(transaction=True)

FAR = 1_000_000
STARTS: dict[str, Callable[[], Start]] = {
    "now": Now,
    "after what is not there yet": lambda: After(FAR),
    "since this moment": lambda: Since(timezone.now()),
    "since tomorrow": lambda: Since(timezone.now() + timedelta(days=1)),
}


def ids_beyond(position: int) -> list[UUID]:
    return [each.id for each in EmbeddedStore().read_all(position, 100)]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(in_flight, "PATIENCE", 0.05)


@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize("start", STARTS)
def test_an_append_in_flight_is_met_when_it_commits(start: str) -> None:
    append(note("before"))()
    early, late = note("early"), note("late")
    with Beside() as beside:
        held = HeldOpen(beside, append(early))
        if connection.vendor == "postgresql":  # SQLite has one writer at a time
            append(late)()
        begins_after = position_of(STARTS[start](), EmbeddedStore())
        held.commit()
    assert early.id in ids_beyond(begins_after)


@pytest.mark.postgresql
@pytest.mark.usefixtures("worker")
def test_since_a_moment_begins_before_what_is_in_flight_below_the_first_that_was_taken_since() -> None:
    before = EmbeddedStore().append(new_stream(), NO_STREAM, [note("before")])
    # Earlier tests leave a hole before it, but a read model has come over that.
    Checkpoint.objects.create(name="read so far", version=1, position=before)
    moment = timezone.now()
    with Beside() as beside:
        held = HeldOpen(beside, append(early := note("early")))
        append(late := note("late"))()
        begins_after = position_of(Since(moment), EmbeddedStore())
        held.commit()
    assert ids_beyond(begins_after) == [early.id, late.id]


@pytest.mark.postgresql
@pytest.mark.usefixtures("worker")
def test_reactions_that_are_put_at_now_meet_what_was_in_flight() -> None:
    append(note("before"))()
    early = note("early")
    with Beside() as beside:
        held = HeldOpen(beside, append(early))
        append(note("late"))()
        call_command("project", "--reactions-at", "now", stdout=StringIO())
        held.commit()
    assert early.id in ids_beyond(Checkpoint.objects.get(name="reaction stock").position)


@pytest.mark.postgresql
@pytest.mark.usefixtures("worker")
def test_what_was_rolled_back_long_ago_takes_nobody_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """An old hole, and an append that commits while we wait: events come again only from there on."""
    with Beside() as beside:
        HeldOpen(beside, append(note("lost"))).roll_back()
        append(note("of old"))()
        held = HeldOpen(beside, append(early := note("early")))
        append(late := note("late"))()
        monkeypatch.setattr(in_flight, "PATIENCE", PATIENCE)
        begins_after = beside.run(position_of, Now(), EmbeddedStore())
        time.sleep(0.2)
        held.commit()
        assert ids_beyond(begins_after.result(PATIENCE)) == [early.id, late.id]


@pytest.mark.postgresql
@pytest.mark.usefixtures("worker")
def test_now_is_the_head_where_who_appends_is_beyond_it() -> None:
    """There may be old holes, but none of the present appenders: they began later."""
    append(note("of old"))()
    StoredEvent.objects.update(recorded_at=timezone.now() - timedelta(hours=1))
    store = EmbeddedStore()
    with Beside() as beside:
        held = HeldOpen(beside, append(note("to come")))
        assert position_of(Now(), store) == store.head()
        held.commit()


@pytest.mark.usefixtures("transactional_db")
def test_somebody_who_begins_between_any_two_appends_of_others_misses_none(store: EventStore) -> None:
    """Everything that was acknowledged after we began is after the position at which we began."""
    with Beside(2) as beside:
        appended = [beside.run(append_many, store) for _ in range(2)]
        starts = []
        while not all(each.done() for each in appended):
            starts.append((position_of(Now(), store), time.monotonic()))
        acknowledged = [pair for each in appended for pair in each.result(PATIENCE)]
    for begins_after, began in starts:
        assert all(position > begins_after for position, sent in acknowledged if sent > began)


def append_many(store: EventStore) -> list[tuple[int, float]]:
    """The position of each event, and when it was about to be appended."""
    found = []
    for _ in range(20):
        sent = time.monotonic()
        found.append((store.append(new_stream(), NO_STREAM, [note()]), sent))
    return found


MOMENT = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "first"),
    [
        ([-2, -1, 0, 1], 2),
        ([-2, 1, -1, 2], 1),  # the third was older when it began to wait, and was taken later
        ([1, -1, 2, -2], 0),
        ([-4, -3, -2, -1], 4),
    ],
)
def test_since_a_moment_misses_nothing_that_was_taken_since(
    store: EventStore, monkeypatch: pytest.MonkeyPatch, seconds: list[int], first: int
) -> None:
    positions = []
    for each in seconds:
        taken_at = MOMENT + timedelta(seconds=each)
        if isinstance(store, KurrentStore):
            clock = SimpleNamespace(time_ns=lambda: int(taken_at.timestamp() * 10**9))  # noqa: B023
            monkeypatch.setattr(records, "time", clock)
        positions.append(store.append(new_stream(), NO_STREAM, [note()]))
        StoredEvent.objects.filter(position=positions[-1]).update(recorded_at=taken_at)
    found = store.read_all(position_of(Since(MOMENT), store), 10)
    assert [each.position for each in found] == positions[first:]
