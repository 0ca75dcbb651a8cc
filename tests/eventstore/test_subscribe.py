"""Every store can be followed: first the events that are there, then those that come; and it says how far
behind a reader is."""

from collections.abc import Iterator
from datetime import timedelta
from threading import Event
from time import monotonic, sleep
from uuid import UUID

import pytest

from eventstore.kurrent import subscription as kurrent_subscription
from eventstore.kurrent.subscription import Receiving
from eventstore.store import NO_STREAM, Backlog, EventStore, RecordedEvent, Subscription, Unreachable
from tests.eventstore.new_events import new_stream, note, notes
from tests.eventstore.threads import PATIENCE, Beside

pytestmark = pytest.mark.django_db(transaction=True)


def ids(events: list[RecordedEvent]) -> list[UUID]:
    return [each.id for each in events]


def appended(store: EventStore, count: int) -> list[RecordedEvent]:
    """So many events in a stream of their own, as the store recorded them."""
    stream = new_stream()
    for version in range(NO_STREAM, count - 1):
        store.append(stream, version, [note()])
    return store.read_stream(stream)


def taken(subscription: Subscription, count: int, limit: int = 1000) -> list[RecordedEvent]:
    """So many events, waited for."""
    events: list[RecordedEvent] = []
    until = monotonic() + PATIENCE
    while len(events) < count:
        assert monotonic() < until, f"nothing came after {len(events)} events"
        if batch := subscription.next(limit, 0.2):
            assert len(batch.events) <= limit
            events += batch.events
    return events


# --- Subscribing -----------------------------------------------------------------------------------


def test_a_subscriber_gets_what_is_there_and_then_what_comes(store: EventStore) -> None:
    before = appended(store, 3)
    subscription = store.subscribe(0)
    assert ids(taken(subscription, 3)) == ids(before)
    after = appended(store, 2)
    assert ids(taken(subscription, 2)) == ids(after)
    subscription.close()


def test_a_subscriber_begins_beyond_the_position_it_names(store: EventStore) -> None:
    events = appended(store, 4)
    subscription = store.subscribe(events[1].position)
    assert ids(taken(subscription, 2)) == ids(events[2:])
    subscription.close()


def test_a_subscriber_at_the_head_gets_only_news(store: EventStore) -> None:
    appended(store, 3)
    subscription = store.subscribe(store.head())
    news = appended(store, 1)
    assert ids(taken(subscription, 1)) == ids(news)
    subscription.close()


def test_a_subscriber_to_an_empty_store_gets_the_first_event(store: EventStore) -> None:
    subscription = store.subscribe(store.head())
    first = appended(store, 1)
    assert ids(taken(subscription, 1)) == ids(first)
    subscription.close()


def test_a_subscriber_that_waits_gets_what_is_appended_elsewhere(store: EventStore) -> None:
    subscription = store.subscribe(store.head())
    with Beside(1) as beside:

        def append_while_somebody_waits() -> list[RecordedEvent]:
            sleep(0.1)
            return appended(store, 1)

        news = beside.run(append_while_somebody_waits)
        events = taken(subscription, 1)
    assert ids(events) == ids(news.result(PATIENCE))
    subscription.close()


def test_what_is_behind_comes_in_batches_no_larger_than_asked_for(store: EventStore) -> None:
    events = appended(store, 25)
    subscription = store.subscribe(0)
    assert ids(taken(subscription, 25, limit=10)) == ids(events)
    subscription.close()


def test_one_append_of_many_events_may_be_taken_in_parts(store: EventStore) -> None:
    batch = notes(7)
    store.append(new_stream(), NO_STREAM, batch)
    subscription = store.subscribe(0)
    assert ids(taken(subscription, 7, limit=2)) == [each.id for each in batch]
    subscription.close()


def test_a_batch_says_where_its_reader_stands_then(store: EventStore) -> None:
    appended(store, 5)
    subscription = store.subscribe(0)
    last = 0
    while batch := subscription.next(2, 0.5):
        assert not batch.events or batch.position == batch.events[-1].position
        last = batch.position
    assert last >= store.head()
    assert store.read_all(last, 10) == []
    subscription.close()


def test_when_nothing_comes_there_is_nothing(store: EventStore) -> None:
    appended(store, 1)
    subscription = store.subscribe(store.head())
    while batch := subscription.next(10, 0.3):  # a position without events may come first
        assert batch.events == []
    subscription.close()


def test_a_subscriber_sees_whole_events(store: EventStore) -> None:
    stream, new = new_stream(), note("hello")
    store.append(stream, NO_STREAM, [new])
    subscription = store.subscribe(0)
    assert taken(subscription, 1) == store.read_stream(stream)
    subscription.close()


def test_two_subscribers_each_get_everything(store: EventStore) -> None:
    subscriptions = [store.subscribe(0) for _ in range(2)]
    events = appended(store, 3)
    assert [ids(taken(each, 3)) for each in subscriptions] == [ids(events)] * 2
    for each in subscriptions:
        each.close()


def test_a_subscription_may_be_closed_twice_and_unread(store: EventStore) -> None:
    appended(store, 30)
    subscription = store.subscribe(0)
    subscription.close()
    subscription.close()


# --- Where things stand ----------------------------------------------------------------------------


def test_an_empty_store_has_no_head_and_no_backlog(store: EventStore) -> None:
    assert store.head() == 0
    assert store.backlog(0) == Backlog(0, is_exact=True, since=None)


def test_the_head_is_the_position_of_the_newest_event(store: EventStore) -> None:
    events = appended(store, 2)
    assert store.head() == events[-1].position
    assert store.append(new_stream(), NO_STREAM, notes(3)) == store.head()


def test_a_backlog_counts_what_lies_beyond_and_says_since_when(store: EventStore) -> None:
    events = appended(store, 4)
    assert store.backlog(0) == Backlog(4, is_exact=True, since=events[0].recorded_at)
    assert store.backlog(events[2].position) == Backlog(1, is_exact=True, since=events[3].recorded_at)
    assert store.backlog(store.head()) == Backlog(0, is_exact=True, since=None)


def test_the_position_at_a_moment_is_that_of_the_last_event_taken_before(store: EventStore) -> None:
    events = appended(store, 3)
    moment = events[1].recorded_at
    assert store.position_at(moment) == events[0].position
    assert store.position_at(moment + timedelta(microseconds=1)) == events[1].position
    assert store.read_all(store.position_at(events[0].recorded_at), 1) == events[:1]
    assert store.position_at(moment + timedelta(days=1)) == store.head()


# --- What a store sends by itself ------------------------------------------------------------------


class Sent:
    """A source that is under the test's control; `stop` ends it."""

    def __init__(self, items: list[RecordedEvent | int], *, endless: bool = True) -> None:
        self._items = items
        self._endless = endless
        self.stopped = Event()
        self.exhausted = Event()

    def __iter__(self) -> Iterator[RecordedEvent | int]:
        yield from self._items
        self.exhausted.set()
        if self._endless:
            self.stopped.wait(PATIENCE)

    def received(self, *, after: int = 0, head: int = 0) -> Receiving:
        return Receiving(
            iter(self), after=after, has_more=lambda position: head > position, stop=self.stopped.set
        )


@pytest.fixture
def events(transactional_db: None, worker: None) -> list[RecordedEvent]:
    from eventstore.embedded.store import EmbeddedStore

    return appended(EmbeddedStore(), 8)


def test_what_was_received_is_handed_out_in_full_batches(events: list[RecordedEvent]) -> None:
    source = Sent([*events])
    subscription = source.received()
    assert source.exhausted.wait(PATIENCE)
    sizes = [len(batch.events) for _ in range(3) if (batch := subscription.next(3, PATIENCE))]
    assert sizes == [3, 3, 2]
    subscription.close()


def test_a_position_without_events_moves_the_reader_on(events: list[RecordedEvent]) -> None:
    beyond = events[-1].position + 1000
    subscription = Sent([beyond]).received()
    assert subscription.next(10, PATIENCE) == ([], beyond)
    assert subscription.next(10, 0) is None
    subscription.close()


def test_a_position_that_lies_behind_never_moves_the_reader_back(events: list[RecordedEvent]) -> None:
    source = Sent([events[0], events[1], events[0].position])
    subscription = source.received()
    assert source.exhausted.wait(PATIENCE)
    batch = subscription.next(10, PATIENCE)
    assert batch == (events[:2], events[1].position)
    subscription.close()


def test_a_subscription_that_ends_by_itself_says_so(events: list[RecordedEvent]) -> None:
    subscription = Sent([], endless=False).received()
    with pytest.raises(Unreachable, match="ended the subscription"):
        subscription.next(10, PATIENCE)
    subscription.close()


def test_closing_does_not_wait_for_a_reader_of_a_full_queue(
    events: list[RecordedEvent], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kurrent_subscription, "WAITING", 2)
    source = Sent([*events])
    subscription = source.received()
    assert not source.exhausted.wait(0.1)
    subscription.close()
    subscription.close()


def test_after_silence_the_store_is_asked_whether_something_was_missed(
    events: list[RecordedEvent], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kurrent_subscription, "SILENCE", 0)
    all_taken = Sent([]).received(after=8, head=8)
    assert all_taken.next(10, 0) is None
    all_taken.close()
    missed = Sent([]).received(after=8, head=9)
    with pytest.raises(Unreachable, match="fell silent"):
        missed.next(10, 0)
    missed.close()
