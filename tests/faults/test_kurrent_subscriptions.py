"""A subscription that KurrentDB drops, leaves hanging, or never confirms: its reader hears, and can leave."""

from collections.abc import Iterator
from uuid import UUID

import pytest

from eventstore.kurrent import subscription as kurrent_subscription
from eventstore.kurrent.store import KurrentStore
from eventstore.store import NO_STREAM, RecordedEvent, Subscription, Unreachable
from tests.eventstore.new_events import new_stream, note
from tests.eventstore.threads import PATIENCE, Beside
from tests.kurrent import Server

EVERY_TRY = 1000
"""More tries than any call makes."""


@pytest.fixture
def store(server: Server) -> Iterator[KurrentStore]:
    store = KurrentStore(server.url, prefix="test")
    yield store
    store.close()


def ids(events: list[RecordedEvent]) -> list[UUID]:
    return [each.id for each in events]


def taken(subscription: Subscription, count: int) -> list[UUID]:
    """The ids of so many events, waited for."""
    found: list[UUID] = []
    for _ in range(PATIENCE * 10):
        if batch := subscription.next(1000, 0.1):
            found += ids(batch.events)
        if len(found) >= count:
            return found
    raise AssertionError(f"nothing came after {len(found)} events")


def test_a_subscriber_is_told_that_it_was_dropped_and_misses_nothing_when_it_comes_again(
    server: Server, store: KurrentStore
) -> None:
    subscription = store.subscribe(0)
    before, after = note("before"), note("after")
    position = store.append(new_stream(), NO_STREAM, [before])
    assert taken(subscription, 1) == [before.id]
    server.drop_subscriptions()
    store.append(new_stream(), NO_STREAM, [after])
    with pytest.raises(Unreachable, match="dropped"):
        taken(subscription, 1)
    subscription.close()
    resumed = store.subscribe(position)
    assert taken(resumed, 1) == [after.id]
    resumed.close()


def test_a_subscriber_of_a_server_that_stops_is_told(server: Server, store: KurrentStore) -> None:
    subscription = store.subscribe(0)
    server.stop()
    with pytest.raises(Unreachable, match="dropped"):
        taken(subscription, 1)
    subscription.close()


@pytest.mark.usefixtures("impatient")
def test_a_subscriber_of_a_hung_server_is_told_and_can_leave(
    server: Server, store: KurrentStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is sent, and nothing ends: only the question after a silence detects it."""
    monkeypatch.setattr(kurrent_subscription, "SILENCE", 0.2)
    subscription = store.subscribe(0)
    server.hang(PATIENCE)
    with pytest.raises(Unreachable):
        taken(subscription, EVERY_TRY)
    subscription.close()


@pytest.mark.usefixtures("impatient")
def test_subscribing_to_a_hung_server_does_not_hang(
    server: Server, store: KurrentStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does leaving it again: a worker must be able to stop."""
    monkeypatch.setattr(kurrent_subscription, "SILENCE", 0.2)
    store.append(new_stream(), NO_STREAM, [note()])
    server.hang(PATIENCE)
    with Beside(1) as beside:

        def subscribe() -> None:
            subscription = store.subscribe(0)
            try:
                taken(subscription, EVERY_TRY)
            finally:
                subscription.close()

        try:
            with pytest.raises(Unreachable):
                beside.run(subscribe).result(10)
        finally:
            server.hang(0)
