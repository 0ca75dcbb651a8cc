"""Figure 5, following: a worker that catches up, and how long after an append its read models have it.

The lag is held against the store's own: how long after the same kind of append a bare subscriber, which does
nothing, has the event.
"""

from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from itertools import groupby
from threading import Event
from time import monotonic, perf_counter, process_time, sleep
from uuid import uuid4

from eventstore import codec
from eventstore.current import current_store
from eventstore.embedded.store import EmbeddedStore
from eventstore.projections.advance import advance
from eventstore.projections.read_model import registry
from eventstore.store import NO_STREAM, Batch, Metadata, NewEvent, RecordedEvent
from eventstore.transfer.portable import portable
from eventstore.worker.follow import ReadModels, live
from support.events import WorkRaised

WARM_UP = 2.0
"""Seconds for which the writer waits, so that whoever follows is there."""
LAST = "last-"
"""The category of the event after which nothing comes."""

Times = dict[str, float]
"""Position to moment, of the clock that all processes of a machine share."""


def catch_up(events: int) -> dict[str, float]:
    """A step: events a second, from the first to the last of the store, and per second of own CPU."""
    timed = Timed(until=current_store().head())
    began, cpu = perf_counter(), process_time()
    live(timed, set(timed.names), AsIs(), timed.stop)
    return {"rate": events / (perf_counter() - began), "cpu_rate": events / (process_time() - cpu)}


def move_to_kurrent() -> int:
    """A step: append the embedded history to the store that the settings name, each stream in one go."""
    embedded, kurrent = EmbeddedStore(), current_store()
    for stream, events in groupby(_by_stream(embedded), key=lambda each: each.stream):
        kurrent.append(stream, NO_STREAM, [portable(each).new for each in events])
    return kurrent.head()


def _by_stream(store: EmbeddedStore) -> Iterator[RecordedEvent]:
    """Every event, sites and operatives before the jobs that speak of them."""
    position, events = 0, list[RecordedEvent]()
    while batch := store.read_all(position, 5000):
        events += batch
        position = batch[-1].position
    yield from sorted(events, key=lambda each: (each.stream.startswith("work-"), each.stream, each.version))


def write(events: int, rate: int) -> Times:
    """A step: so many events, so many a second; when each was about to be appended. One in a stream of its
    own tells those who follow that it was the last."""
    store = current_store()
    store.head()  # connects
    sleep(WARM_UP)
    began, times = monotonic(), Times()
    for number in range(events):
        sleep(max(began + number / rate - monotonic(), 0))
        now = monotonic()
        times[str(store.append(f"work-{uuid4()}", NO_STREAM, [_raised()]))] = now
    store.append(f"{LAST}{uuid4()}", NO_STREAM, [_raised()])
    return times


def _raised() -> NewEvent:
    event = WorkRaised(
        work_id=uuid4(), title="Lift stuck between floors", description="Nobody is hurt.", site_ids=(uuid4(),)
    )
    name, version = codec.registered(event)
    caused_by = uuid4()
    return NewEvent(
        id=uuid4(),
        type=name,
        schema_version=version,
        data=codec.encode(event),
        metadata=Metadata(actor="control", correlation_id=caused_by, causation_id=caused_by, source="web"),
        occurred_at=datetime.now(UTC),
    )


def receive() -> Times:
    """A step: when a bare subscriber had each event."""
    store, times = current_store(), Times()
    subscription = store.subscribe(store.head())
    is_last = False
    while not is_last:
        if batch := subscription.next(1000, 1.0):
            times |= {str(each.position): monotonic() for each in batch.events}
            is_last = _has_last(batch)
    subscription.close()
    return times


def project() -> Times:
    """A step: when all read models had each event."""
    while advance(limit=5000):
        pass  # what was there before is not live
    timed = Timed()
    live(timed, set(timed.names), AsIs(), timed.stop)
    return timed.times


def _has_last(batch: Batch) -> bool:
    return any(each.stream.startswith(LAST) for each in batch.events)


class Timed(ReadModels):
    """The worker's follower, with a look at the clock after each commit."""

    def __init__(self, *, until: int | None = None) -> None:
        self.stop = Event()
        super().__init__(registry.values(), self.stop)
        self.times = Times()
        self._until = until

    def take(self, held: Collection[str], after: int, batch: Batch | None) -> bool:
        is_taken = super().take(held, after, batch)
        if batch is not None:
            if self._until is None:
                self.times |= {str(each.position): monotonic() for each in batch.events}
            if batch.position == self._until or _has_last(batch):
                self.stop.set()
        return is_taken


class AsIs:
    """All read models are ours; nobody else is about."""

    def take(self, names: Collection[str]) -> set[str]:
        return set(names)

    def close(self) -> None:
        """Nothing is held."""
