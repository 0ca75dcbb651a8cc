"""Advancing read models: events after the checkpoint in, rows out, checkpoint on, all in one transaction."""

import logging
from collections.abc import Collection, Iterable, Sequence
from itertools import groupby
from typing import Any

from django.db import transaction

from eventstore.models import Checkpoint
from eventstore.read_models import ReadModel, registry
from eventstore.rows import Rows
from eventstore.store import RecordedEvent, current_store

logger = logging.getLogger(__name__)

BATCH = 1000
"""Events taken in at once. Also the most that one inline command does for a read model that is behind."""


def advance(read_models: Collection[ReadModel] | None = None, *, limit: int = BATCH) -> int:
    """Take in one batch in a transaction of its own; the number of events read, 0 when up to date."""
    with current_store().projecting():
        return advance_here(read_models, limit=limit)


def advance_here(read_models: Collection[ReadModel] | None = None, *, limit: int = BATCH) -> int:
    """Take in one batch in the transaction that the caller has opened."""
    checkpoints = lock(registry.values() if read_models is None else read_models)
    able = [each for each in checkpoints if is_able(each)]
    read = 0
    for position, group in groupby(
        sorted(able, key=lambda each: each.position), key=lambda each: each.position
    ):
        batch = current_store().read_all(position, limit)
        if batch:
            read += len(batch)
            _advance_together(list(group), batch)
    return read


def is_able(checkpoint: Checkpoint) -> bool:
    """Whether the tables are of this code's version and no event has stopped them."""
    return not checkpoint.error and checkpoint.version == registry[checkpoint.name].version


def lock(read_models: Iterable[ReadModel]) -> list[Checkpoint]:
    """The checkpoints of these read models, locked until the transaction ends; made where they are missing."""
    wanted = {each.name: each for each in read_models}
    locked = Checkpoint.objects.select_for_update().filter(name__in=wanted).order_by("name")
    found = list(locked)
    if len(found) < len(wanted):
        missing = wanted.keys() - {each.name for each in found}
        Checkpoint.objects.bulk_create(
            [Checkpoint(name=name, version=wanted[name].version) for name in sorted(missing)],
            ignore_conflicts=True,
        )
        found = list(locked.all())
    return found


def _advance_together(checkpoints: Sequence[Checkpoint], batch: Sequence[RecordedEvent]) -> None:
    """Take one batch into read models that stand at the same position, and move them on."""
    events = Decoded()
    arrived = []
    for checkpoint in checkpoints:
        error = take_in(registry[checkpoint.name], batch, events)
        if error is None:
            arrived.append(checkpoint.name)
        else:
            _stop(checkpoint, error)
    # filter().update() leaves auto_now fields alone, so the time is named.
    Checkpoint.objects.filter(name__in=arrived).update(
        position=batch[-1].position, advanced_at=batch[-1].recorded_at
    )


class Decoded:
    """The events of a batch, each decoded once, when first asked for."""

    def __init__(self) -> None:
        self._events: dict[int, Any] = {}

    def __call__(self, recorded: RecordedEvent) -> Any:
        event = self._events.get(recorded.position)
        if event is None:
            event = self._events[recorded.position] = recorded.event
        return event


class Stopped(Exception):
    """A read model met an event that it cannot take in."""

    def __init__(self, recorded: RecordedEvent, position: int, cause: Exception) -> None:
        super().__init__(f"{recorded.type} at {recorded.position}: {type(cause).__name__}: {cause}")
        self.recorded = recorded
        self.position = position


def take_in(read_model: ReadModel, batch: Sequence[RecordedEvent], events: Decoded) -> Stopped | None:
    """Take a batch into one read model and write its rows.

    Poison is found by taking the events one at a time after the whole batch has failed; those before
    it stay taken in, and the answer says where it stands.
    """
    handled = [each for each in batch if read_model.handles(each)]
    if not handled:
        return None
    try:
        _write(read_model, handled, events)
        return None
    except Exception:
        if len(handled) > 1:
            logger.exception("%s failed on a batch; taking its events one by one", read_model.name)
    for index, each in enumerate(handled):
        try:
            _write(read_model, [each], events)
        except Exception as cause:
            before = handled[index - 1].position if index else batch[0].position - 1
            return Stopped(each, before, cause)
    return None


def _write(read_model: ReadModel, handled: Sequence[RecordedEvent], events: Decoded) -> None:
    rows = Rows()
    with transaction.atomic():  # a savepoint: what fails here must not take the append with it
        read_model.take([(each, events(each)) for each in handled], rows)
        rows.flush()


def _stop(checkpoint: Checkpoint, error: Stopped) -> None:
    checkpoint.position = max(checkpoint.position, error.position)
    checkpoint.failed_position = error.recorded.position
    checkpoint.error = str(error)
    checkpoint.save()
    logger.error("Read model %s stopped: %s", checkpoint.name, error)
