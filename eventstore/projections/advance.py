"""Advancing read models: take in the events after the checkpoint, write the rows and move the checkpoint,
all in one transaction."""

import logging
from collections.abc import Collection, Sequence
from typing import Any

from django.db import transaction

from eventstore.current import current_store
from eventstore.database import sql
from eventstore.database.trouble import in_words, trouble_of
from eventstore.models import Checkpoint
from eventstore.projections.read_model import ReadModel, move_on, registry
from eventstore.projections.start import position_of
from eventstore.projections.unit_of_work import Rows
from eventstore.store import Batch, RecordedEvent

logger = logging.getLogger(__name__)

BATCH = 1000
"""Events that are taken in at once. One inline command does no more than this for a read model that is
behind."""


def advance(read_models: Collection[ReadModel] | None = None, *, limit: int = BATCH) -> int:
    """Take in one batch in a transaction of its own; returns the number of events read, 0 when up to date."""
    with current_store().projecting():
        return advance_here(registry.values() if read_models is None else read_models, limit=limit)


def advance_here(read_models: Collection[ReadModel], *, limit: int = BATCH) -> int:
    """Take in one batch in the transaction that the caller has opened.

    Read models may stand at different positions; each continues from its own.
    """
    read = 0
    stand = sorted({each.position for each in checkpoints(read_models) if is_able(each)})
    for position in stand:
        events = current_store().read_all(position, limit)
        read += len(events)
        # Where nothing is left to read, a read model that is further has only skipped events that are not
        # ours.
        to = events[-1].position if events else stand[-1]
        if to > position:
            take_in(read_models, after=position, batch=Batch(events, to))
    return read


def take_in(read_models: Collection[ReadModel], *, after: int, batch: Batch) -> int:
    """Move those read models that stand at `after` over the batch; returns how many did so without
    failing.

    Moving the checkpoint locks it until the transaction ends, so that nobody else takes in the same
    events. A read model that has moved on meanwhile is left alone.
    """
    moved = sql.write([move_on(read_models, after, batch.position)])
    events = Decoded()
    took = 0
    for name in sorted(row[0] for row in moved):
        stopped = apply(registry[name], batch.events, events, after=after)
        if stopped is None:
            took += 1
        else:
            _stop(name, stopped)
    return took


def checkpoints(read_models: Collection[ReadModel]) -> list[Checkpoint]:
    """Where these read models stand; those that never advanced are put at their start."""
    names = [each.name for each in read_models]
    found = list(Checkpoint.objects.filter(name__in=names))
    missing = sorted(set(names) - {each.name for each in found})
    if missing:
        new = [_beginning(registry[name]) for name in missing]
        Checkpoint.objects.bulk_create(new, ignore_conflicts=True)
        found += new
    return found


def _beginning(read_model: ReadModel) -> Checkpoint:
    start = position_of(read_model.start, current_store())
    return Checkpoint(name=read_model.name, version=read_model.version, start=start, position=start)


def is_able(checkpoint: Checkpoint) -> bool:
    """Whether the tables are of this code's version and no event has stopped the read model."""
    return not checkpoint.error and checkpoint.version == registry[checkpoint.name].version


class Decoded:
    """The events of a batch, each decoded once, when it is first asked for."""

    def __init__(self) -> None:
        self._events: dict[int, Any] = {}

    def __call__(self, recorded: RecordedEvent) -> Any:
        event = self._events.get(recorded.position)
        if event is None:
            event = self._events[recorded.position] = recorded.event
        return event


class Stopped(Exception):
    """A read model cannot take in an event."""

    def __init__(self, recorded: RecordedEvent, position: int, cause: Exception) -> None:
        super().__init__(f"{recorded.type} at {recorded.position}: {type(cause).__name__}: {cause}")
        self.recorded = recorded
        self.position = position


def apply(
    read_model: ReadModel, batch: Sequence[RecordedEvent], events: Decoded, *, after: int
) -> Stopped | None:
    """Send a batch to one read model's handlers and write its rows.

    If the whole batch fails, the events are taken one at a time to find the one that fails. Those before
    it stay taken in, and the result says where the read model stands: at `after` when there are none.
    """
    handled = [each for each in batch if each.type in read_model.types]
    if not handled:
        return None
    try:
        _write(read_model, handled, events)
        return None
    except Exception as cause:
        if trouble_of(cause):
            raise  # not the events' fault: the caller's transaction fails, and can be tried again
        if len(handled) > 1:
            logger.warning("%s failed on a batch; taking its events one by one", read_model.name)
    for index, each in enumerate(handled):
        try:
            _write(read_model, [each], events)
        except Exception as cause:
            if trouble_of(cause):
                raise
            before = handled[index - 1].position if index else after
            return Stopped(each, before, cause)
    return None


def _write(read_model: ReadModel, handled: Sequence[RecordedEvent], events: Decoded) -> None:
    rows = Rows()
    with transaction.atomic():  # a savepoint: a failure here must not roll the append back
        read_model.take([(each, events(each)) for each in handled], rows)
        for each in rows.writes():
            sql.write([each])


def _stop(name: str, stopped: Stopped) -> None:
    """Put the checkpoint back to just before the event, where it stays until somebody removes the cause."""
    Checkpoint.objects.filter(name=name).update(
        position=stopped.position, failed_position=stopped.recorded.position, error=in_words(stopped)
    )
    logger.error("Read model %s stopped before position %s", name, stopped.recorded.position)
