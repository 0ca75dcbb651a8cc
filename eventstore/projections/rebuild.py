"""Rebuild and verify: replay the whole history into shadows of the live tables.

The handlers are those that run live. Pages go on reading the live tables; a rebuild that fails or is
killed leaves them as they were.
"""

import gc
import logging
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

from django.db import Error, models
from django.utils import timezone

from eventstore.current import current_store
from eventstore.database.trouble import Trouble, trouble_of
from eventstore.models import Checkpoint
from eventstore.projections.advance import Decoded, apply, checkpoints
from eventstore.projections.differences import NAMED, Differences, differences
from eventstore.projections.read_model import ReadModel, registry
from eventstore.projections.shadow import Busy, Shadow, shadow_of
from eventstore.store import RecordedEvent

logger = logging.getLogger(__name__)

BATCH = 5000
"""Events between two writes. More would save little time and hold more in memory."""
PATIENCE = 600.0
"""Seconds for which a rebuild tries to replace tables that somebody else holds."""
PAUSE = 0.25
"""Seconds between two tries, in which all who waited for the first get through."""
SELDOM = 40
"""One in so many refusals is logged."""

Progress = Callable[[int, int], None]
"""Called with the number of events taken in, and the position reached."""


class Replay:
    """How far a replay into shadows has come, from where the read models once began."""

    def __init__(self, read_models: Collection[ReadModel], shadow: Shadow, progress: Progress) -> None:
        self.read_models = read_models
        self.shadow = shadow
        self.progress = progress
        self.starts = {each.name: each.start for each in checkpoints(read_models)}
        self.position = min(self.starts.values())

    def run(self, until: int | None = None) -> None:
        """Replay up to position `until`, or until nothing more is stored. Raises projection.Stopped."""
        with without_garbage_collection():
            while batch := current_store().read_all(self.position, BATCH, until):
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
    """Switch the garbage collector off. Rows and events are freed when they are released; the search for
    cycles among them finds none, and took a fifth of a rebuild's time (docs/performance.md)."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def rebuild(read_models: Collection[ReadModel], *, progress: Progress) -> int:
    """Replay everything into shadows and swap them in; returns the position reached.

    Raises projection.Stopped at an event that cannot be taken in, shadow.Busy when another process
    rebuilds, or holds what must be replaced, and shadow.Barred when it cannot be replaced at all.
    """
    with shadow_of(_tables(read_models)) as shadow:
        shadow.check_swap()
        replay = Replay(read_models, shadow, progress)
        replay.run()
        shadow.index()
        replay.run()  # so that little is left to do while others wait
        until, refusals = time.monotonic() + PATIENCE, 0
        while not _swapped(read_models, shadow, replay):
            holders = ", ".join(shadow.holders()) or "somebody who has just let go"
            if time.monotonic() >= until:
                raise Busy(f"The tables cannot be replaced while they are held by {holders}")
            if refusals % SELDOM == 0:
                logger.warning("Waiting to replace the tables, which are held by %s", holders)
            refusals += 1
            time.sleep(PAUSE)
            replay.run()
    return replay.position


def _swapped(read_models: Collection[ReadModel], shadow: Shadow, replay: Replay) -> bool:
    """Whether the shadows have taken the place of the live tables. If not, because somebody holds what the
    swap needs, everything is as before and no lock is held.

    It locks appenders out first, then checkpoints, as everybody does who takes both. Tables come last,
    without waiting: a process that waited for a table while it holds these locks would stop everything,
    and could wait in a circle.
    """
    shadow.check_swap()
    reached = replay.position
    try:
        with shadow.swapping(), current_store().projecting():
            _lock(read_models)
            replay.run()  # the events that were appended meanwhile
            shadow.swap()
            for read_model in read_models:
                Checkpoint.objects.filter(name=read_model.name).update(
                    version=read_model.version,
                    position=replay.position,
                    failed_position=None,
                    error="",
                    advanced_at=timezone.now(),
                )
    except Error as error:
        if trouble_of(error) is not Trouble.BUSY:
            raise
        replay.position = reached  # what was taken in since then was rolled back with the rest
        return False
    return True


def verify(read_model: ReadModel, *, progress: Progress, most: int = NAMED) -> Differences:
    """Every row of the live tables that differs from the result of a replay to the same position; the
    first `most` are named. Nobody waits for it: events that are appended meanwhile do not matter, because
    everything is compared as it was at one moment."""
    with shadow_of(read_model.tables) as shadow:
        replay = Replay([read_model], shadow, progress)
        replay.run(until=_position(read_model))
        with shadow.snapshot():
            replay.run(until=_position(read_model))
            return differences(read_model.tables, shadow, most=most)


def _tables(read_models: Collection[ReadModel]) -> list[type[models.Model]]:
    return [table for read_model in read_models for table in read_model.tables]


def _lock(read_models: Collection[ReadModel]) -> list[Checkpoint]:
    """The checkpoints of these read models, locked until the transaction ends."""
    checkpoints(read_models)
    names = [each.name for each in read_models]
    return list(Checkpoint.objects.select_for_update().filter(name__in=names).order_by("name"))


def _position(read_model: ReadModel) -> int:
    checkpoint = Checkpoint.objects.filter(name=read_model.name).first()
    return checkpoint.position if checkpoint else 0


def stale() -> list[ReadModel]:
    """Read models whose tables another version of the code has filled, or that were never filled although
    there are events."""
    versions = dict(Checkpoint.objects.values_list("name", "version"))
    is_empty = current_store().head() == 0
    return [
        each
        for each in registry.values()
        if versions.get(each.name) != each.version and not (is_empty and each.name not in versions)
    ]
