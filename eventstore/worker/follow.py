"""Following the store as long as a worker runs: first catch up from the checkpoints, then follow live."""

import logging
import random
import time
from collections.abc import Callable, Collection
from functools import partial
from threading import Event
from typing import Protocol

from django.db import Error, connection

from eventstore.current import current_store
from eventstore.database.lock import Exclusive, exclusive
from eventstore.database.trouble import trouble_of
from eventstore.projections.advance import advance, checkpoints, is_able, take_in
from eventstore.projections.read_model import ReadModel
from eventstore.reactions.reaction import Away
from eventstore.store import Batch, Declined, NoSuchPosition, Unreachable

logger = logging.getLogger(__name__)

LOOK = 1.0
"""Seconds after which a follower checks whether its checkpoints and its locks are as it left them, and
whether it shall stop."""
FAR_BEHIND = 5000
"""The most events that are taken in at once. There are so many only while catching up, when nobody waits
for a single one."""
RETRY, LONGEST_RETRY = 0.25, 2.0
"""Seconds before the first try to reach a store or database that is away; doubled from try to try, up to
the longest."""


Task = Callable[[Event], None]
"""Something that runs until it is told to stop."""

beside: list[Task] = []
"""What a worker also does in threads of its own, besides following. An app adds to it when it starts."""


class Follower(Protocol):
    """What follows the store: all read models together, or all reactions."""

    names: list[str]

    def catch_up(self, held: Collection[str]) -> int:
        """Bring all to one position, from which they continue together."""
        ...

    def take(self, held: Collection[str], after: int, batch: Batch | None) -> bool:
        """Take in what came after `after`, or check the state when nothing came. Returns False when not
        all stand at that position any more, and they must catch up."""
        ...


def follow(follower: Follower, stop: Event) -> None:
    """Run until told to stop; work that has begun is finished first."""
    keep_at(partial(with_locks, follower), stop)


def keep_at(task: Task, stop: Event) -> None:
    """Begin the task again, after longer and longer pauses, when what it needs is away or refuses us."""
    pause = RETRY
    while not stop.is_set():
        began = time.monotonic()
        try:
            task(stop)
        except NoSuchPosition:
            raise
        except (Error, Unreachable, Declined, Away) as error:
            if isinstance(error, Error) and not trouble_of(error):
                raise
            logger.error("Cannot go on (%s: %s); trying again", type(error).__name__, _first_line(error))
            connection.close()
            if time.monotonic() - began > LONGEST_RETRY:  # it went well in between, so this is another outage
                pause = RETRY
            stop.wait(pause * random.uniform(0.5, 1.0))  # noqa: S311  only to spread the tries
            pause = min(pause * 2, LONGEST_RETRY)


def with_locks(follower: Follower, stop: Event) -> None:
    """Follow with what no other worker holds; stand by for the rest."""
    locks = exclusive()
    try:
        is_standing_by = False
        while not stop.is_set():
            held = locks.take(follower.names)
            if not held:
                if not is_standing_by:
                    logger.info("Another worker is at it; standing by")
                is_standing_by = True
                stop.wait(LOOK)
                continue
            live(follower, held, locks, stop)
    finally:
        locks.close()


def live(follower: Follower, held: Collection[str], locks: Exclusive, stop: Event) -> None:
    """Bring all together, then take in what is there and what comes, until the state is not as expected."""
    position = follower.catch_up(held)
    if stop.is_set():
        return
    subscription = current_store().subscribe(position)
    looked = time.monotonic()
    try:
        while not stop.is_set():
            batch = subscription.next(FAR_BEHIND, LOOK)
            if batch is not None:
                if not follower.take(held, position, batch):
                    return
                position = batch.position
            # By the clock, because events may come without a pause.
            if time.monotonic() - looked >= LOOK:
                if locks.take(follower.names) != held or not follower.take(held, position, None):
                    return
                looked = time.monotonic()
    finally:
        subscription.close()


class ReadModels:
    """Follows with read models, which stand at one position once they have caught up."""

    def __init__(self, read_models: Collection[ReadModel], stop: Event) -> None:
        self._stop = stop
        self._read_models = {each.name: each for each in read_models}
        self._able = 0
        self.names = sorted(self._read_models)

    def catch_up(self, held: Collection[str]) -> int:
        mine = [self._read_models[name] for name in held]
        while not self._stop.is_set():
            stand = self._stand(held)
            if len(set(stand)) <= 1:
                self._able = len(stand)
                return stand[0] if stand else current_store().head()
            advance(mine, limit=FAR_BEHIND)
        return 0

    def take(self, held: Collection[str], after: int, batch: Batch | None) -> bool:
        if batch is None:
            return set(self._stand(held)) <= {after}
        with current_store().projecting():
            taken = take_in([self._read_models[name] for name in held], after=after, batch=batch)
        return taken == self._able

    def _stand(self, held: Collection[str]) -> list[int]:
        """The positions of those that are able to advance."""
        mine = checkpoints([self._read_models[name] for name in held])
        return [each.position for each in mine if is_able(each)]


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [""])[0]
