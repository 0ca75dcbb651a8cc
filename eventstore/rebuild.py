"""Rebuild and verify: the whole history again, into shadows of the live tables.

The handlers are those that run live. Pages go on reading the live tables; a rebuild that fails or is
killed leaves them as they were.
"""

import gc
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

from django.utils import timezone

from eventstore.models import Checkpoint
from eventstore.projection import Decoded, apply, checkpoints
from eventstore.read_models import ReadModel, registry
from eventstore.shadow import Difference, Shadow
from eventstore.store import RecordedEvent, current_store

BATCH = 5000
"""Events between two writes. More would save little and hold more in memory."""

Progress = Callable[[int, int], None]
"""Told how many events were taken in, and the position that was reached."""


class Replay:
    """How far a replay into shadows has come, from where the read models once began."""

    def __init__(self, read_models: Collection[ReadModel], shadow: Shadow, progress: Progress) -> None:
        self.read_models = read_models
        self.shadow = shadow
        self.progress = progress
        self.starts = {each.name: each.start for each in checkpoints(read_models)}
        self.position = min(self.starts.values())

    def run(self, until: int | None = None) -> None:
        """On to position `until`, or until nothing more is stored. Raises projection.Stopped."""
        with without_garbage_collection():
            while batch := current_store().read_all(self.position, BATCH):
                if until is not None:
                    batch = [each for each in batch if each.position <= until]
                if not batch:
                    return
                with self.shadow.in_front():
                    self._take_in(batch)
                self.position = batch[-1].position
                self.progress(len(batch), self.position)

    def _take_in(self, batch: list[RecordedEvent]) -> None:
        events = Decoded()
        for read_model in self.read_models:
            start = self.starts[read_model.name]
            due = batch if start <= self.position else [each for each in batch if each.position > start]
            stopped = apply(read_model, due, events, after=self.position)
            if stopped is not None:
                raise stopped


@contextmanager
def without_garbage_collection() -> Iterator[None]:
    """Rows and events are freed as they are let go. Looking for cycles among them, again and again, finds
    none and was a fifth of a rebuild's time (docs/performance.md)."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def rebuild(read_models: Collection[ReadModel], *, progress: Progress) -> int:
    """Replay everything into shadows and swap them in; the position reached.

    Raises projection.Stopped at an event that cannot be taken in, shadow.Busy when another is at it.
    """
    tables = [table for read_model in read_models for table in read_model.tables]
    with Shadow(tables) as shadow:
        replay = Replay(read_models, shadow, progress)
        replay.run()
        shadow.index()
        with current_store().projecting():
            _lock(read_models)
            replay.run()  # what was appended meanwhile
            shadow.swap()
            for read_model in read_models:
                Checkpoint.objects.filter(name=read_model.name).update(
                    version=read_model.version,
                    position=replay.position,
                    failed_position=None,
                    error="",
                    advanced_at=timezone.now(),
                )
    return replay.position


def verify(read_model: ReadModel, *, progress: Progress) -> list[Difference]:
    """Every row of the live tables that differs from what a replay to the same position gives."""
    with Shadow(read_model.tables) as shadow:
        replay = Replay([read_model], shadow, progress)
        replay.run(until=_position(read_model))
        with current_store().projecting():
            replay.run(until=_lock([read_model])[0].position)
            return list(shadow.differences())


def _lock(read_models: Collection[ReadModel]) -> list[Checkpoint]:
    """The checkpoints of these read models, held still until the transaction ends."""
    checkpoints(read_models)
    names = [each.name for each in read_models]
    return list(Checkpoint.objects.select_for_update().filter(name__in=names).order_by("name"))


def _position(read_model: ReadModel) -> int:
    checkpoint = Checkpoint.objects.filter(name=read_model.name).first()
    return checkpoint.position if checkpoint else 0


def stale() -> list[ReadModel]:
    """Read models whose tables were filled by other code than this, or not at all though events are there."""
    versions = dict(Checkpoint.objects.values_list("name", "version"))
    is_empty = current_store().head() == 0
    return [
        each
        for each in registry.values()
        if versions.get(each.name) != each.version and not (is_empty and each.name not in versions)
    ]
