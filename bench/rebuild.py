"""Figure 3, rebuild: every read model from the whole history, against the ORM row by row."""

from collections.abc import Collection, Hashable
from resource import RUSAGE_SELF, getrusage
from time import perf_counter, process_time
from typing import Any, TypeVar

from django.db import models, transaction

from bench.history import of_events, replay
from eventstore.current import current_store
from eventstore.projections import unit_of_work
from eventstore.projections.differences import differences
from eventstore.projections.read_model import registry
from eventstore.projections.shadow import Shadow, shadow_of
from eventstore.store import RecordedEvent

M = TypeVar("M", bound=models.Model)


def whole(events: int) -> dict[str, float]:
    """A step: events a second, also per second of this process's own CPU (which a busy machine does not
    distort), and its peak memory in MB (10^6 bytes; Linux counts in KiB)."""
    began, cpu = perf_counter(), process_time()
    replay()
    rate, cpu_rate = events / (perf_counter() - began), events / (process_time() - cpu)
    return {"rate": rate, "cpu_rate": cpu_rate, "memory": getrusage(RUSAGE_SELF).ru_maxrss * 1024 / 1e6}


class EachRowAtOnce(unit_of_work.Rows):
    """The unit of work undone: each row is got by itself, and saved as soon as its handler is through."""

    def __init__(self) -> None:
        self._touched: list[models.Model] = []

    def load(self, table: type[M], keys: Collection[Hashable]) -> None:
        """Nothing is fetched ahead."""

    def find(self, table: type[M], key: Hashable) -> M | None:
        row: M | None = table._default_manager.filter(pk=key).first()
        if row is not None:
            self._touched.append(row)
        return row

    def add(self, row: models.Model) -> None:
        self._touched.append(row)

    def remove(self, table: type[models.Model], key: Hashable) -> None:
        self._touched = [each for each in self._touched if (type(each), each.pk) != (table, key)]
        table._default_manager.filter(pk=key).delete()

    def save(self) -> None:
        """Each by the one statement it needs; Django left to itself would try an update before an insert."""
        for row in self._touched:
            row.save(force_insert=row._state.adding, force_update=not row._state.adding)


def row_by_row(events: int) -> dict[str, float]:
    """A step: events a second over the first `events` of the history. All in one transaction and without
    secondary indexes, both in this way's favour."""
    with shadow_of(read_tables()) as shadow:
        began = perf_counter()
        _replay_row_by_row(shadow, events)
        return {"rate": events / (perf_counter() - began)}


def same_rows(events: int) -> int:
    """A step, on so many events: how many rows there are, when both ways come to the same."""
    of_events(events)
    replay()
    with shadow_of(read_tables()) as shadow:
        _replay_row_by_row(shadow, events)
        for difference in differences(read_tables(), shadow).first:
            raise RuntimeError(f"Not the same rows, so no comparison: {difference}")
    return sum(table._default_manager.count() for table in read_tables())


def read_tables() -> list[type[models.Model]]:
    return [table for read_model in registry.values() for table in read_model.tables]


def _replay_row_by_row(shadow: Shadow, events: int) -> None:
    with transaction.atomic(), shadow.in_front():
        for recorded in current_store().read_all(0, events):
            _take_in(recorded, recorded.event)


def _take_in(recorded: RecordedEvent, event: Any) -> None:
    for read_model in registry.values():
        if recorded.type in read_model.types:
            held = EachRowAtOnce()
            read_model.signal.send(type(event), event=event, recorded=recorded, rows=held)
            held.save()
