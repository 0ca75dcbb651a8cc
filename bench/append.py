"""Figure 1, only appends: events into the store and nothing else, one by one, five to a stream."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from multiprocessing import get_context
from time import perf_counter
from typing import Any, Protocol
from uuid import uuid4

from django.db import connections
from eventsourcing.persistence import StoredEvent

from bench import baseline
from bench.history import DETAILS, TITLES, analyze
from bench.rounds import Work, in_turns, summary
from eventstore import codec
from eventstore.embedded.store import EmbeddedStore
from eventstore.store import Metadata, NewEvent
from support.events import WorkRaised

PER_STREAM = 5
DATA = codec.encode(
    WorkRaised(work_id=uuid4(), title=TITLES[0], description=DETAILS[0], site_ids=(uuid4(), uuid4()))
)
STATE = DATA.encode()


class Appender(Protocol):
    def append(self, stream: str, expected_version: int, events: Sequence[NewEvent]) -> int: ...


def ours(store: Appender | None = None) -> Work:
    """Five appends to a new stream."""
    store = store or EmbeddedStore()

    def stream() -> None:
        name, command_id = f"work-{uuid4()}", uuid4()
        metadata = Metadata(actor="control", correlation_id=command_id, causation_id=command_id, source="web")
        for version in range(PER_STREAM):
            new = NewEvent(
                id=uuid4(),
                type="WorkRaised",
                schema_version=1,
                data=DATA,
                metadata=metadata,
                occurred_at=datetime.now(UTC),
            )
            store.append(name, version - 1, [new])

    return stream


def rivals(*, create_tables: bool = False) -> Work:
    """The same by the package's default recorder."""
    application = baseline.jobs(create_tables=create_tables)

    def stream() -> None:
        originator = uuid4()
        for version in range(PER_STREAM):
            new = StoredEvent(originator, version + 1, "bench.baseline:Job.Raised", STATE)
            application.recorder.insert_events([new])

    return stream


def one_client(rounds: int, times: int) -> dict[str, float]:
    """A step: seconds for one append, in one process."""
    contenders = ours(), rivals(create_tables=True)
    in_turns(*contenders, rounds=1, times=20)
    analyze()
    taken = in_turns(*contenders, rounds=rounds, times=times)
    return taken | {name: taken[name] / PER_STREAM for name in ("ours", "rival")}


def many_clients(rounds: int, clients: int, period: float) -> dict[str, float]:
    """A step: seconds for one append, by so many processes together."""
    rivals(create_tables=True)
    connections.close_all()  # a forked process must not share its parent's
    crews = {"ours": Crew(ours, clients, period), "rival": Crew(rivals, clients, period)}
    taken: dict[str, list[float]] = {name: [] for name in crews}
    for _ in range(rounds + 1):
        for name, crew in crews.items():
            taken[name].append(1 / crew.rate())
    for crew in crews.values():
        crew.dismiss()
    return summary(taken["ours"], taken["rival"])


class Crew:
    """Processes that wait for the start, then all do the same work for a while."""

    def __init__(self, make: Callable[[], Work], clients: int, period: float) -> None:
        context = get_context("fork")
        self._start = context.Barrier(clients + 1)
        self._done: Any = context.Queue()
        body = partial(_labour, make, period, self._start, self._done)
        self._processes = [context.Process(target=body, daemon=True) for _ in range(clients)]
        for each in self._processes:
            each.start()

    def rate(self) -> float:
        """Appends a second of all together."""
        self._start.wait(60)
        return float(sum(self._done.get(timeout=60) for _ in self._processes))

    def dismiss(self) -> None:
        for each in self._processes:
            each.terminate()
            each.join()


def _labour(make: Callable[[], Work], period: float, start: Any, done: Any) -> None:
    work = make()
    while True:
        work()
        start.wait()
        began, streams = perf_counter(), 0
        while perf_counter() - began < period:
            work()
            streams += 1
        done.put(streams * PER_STREAM / (perf_counter() - began))
