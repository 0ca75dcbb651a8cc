"""One follower of the store for a whole process, and any number of readers of its events.

A thread follows the store and puts each event into one ring, which all readers on the event loop share. A
reader is a position and nothing more. A reader that stands before the ring reads pages from the store
until it reaches the ring. A reader that was in the ring and falls out of it, because it is too slow, is
cut off: it can come back with its position, and it has slowed nobody down (docs/adr/0018).
"""

import asyncio
import threading
from collections import deque
from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import takewhile
from typing import NamedTuple
from weakref import WeakKeyDictionary

from django.db import Error, connection

from eventstore.current import current_store
from eventstore.database.trouble import trouble_of
from eventstore.store import Batch, EventStore, RecordedEvent, Selection, Unreachable
from eventstore.worker.follow import keep_at

SIZE = 2000
"""Events that the ring holds."""
RECENT = 200
"""The number of newest events with which the ring begins, so that a reader that asks from just now need
not read them from the store."""
PAGE = 500
"""Events that are read from the store at once."""
CHUNK = 100
"""Events that a reader is given at once."""
SILENCE = 15.0
"""Seconds after which a reader is told that nothing has happened."""
LOOK = 1.0
"""Seconds after which the follower checks whether it shall stop."""
RETRY = 1.0
"""Seconds after which a reader asks a store again that does not answer."""
LINGER = 30.0
"""Seconds for which the follower continues after the last reader has gone, because most come back."""

# Readers that come back after a long time read the store's pages in these few threads, however many come
# at once.
_pages = ThreadPoolExecutor(max_workers=4, thread_name_prefix="pages of the feed")


class CutOff(Exception):
    """The reader has fallen out of the ring: it has received nothing beyond `position`."""

    def __init__(self, position: int) -> None:
        super().__init__(f"Nothing beyond {position} was taken in time")
        self.position = position


@dataclass(slots=True, eq=False)
class Entry:
    """An event in the ring, with its encoded form: the first who sends it encodes it for all."""

    recorded: RecordedEvent
    frame: bytes = b""


class Part(NamedTuple):
    """What a reader takes next, and the position from which it continues. It may be empty: in silence an
    empty part comes now and then, to show that the other side is still there. `skipped` says that events
    before the position were left out."""

    entries: Sequence[Entry]
    position: int
    skipped: bool = False


class Ring:
    """The newest events: all after position `floor`, up to `tail`."""

    def __init__(self, floor: int) -> None:
        self.floor = self.tail = floor
        self._entries: deque[Entry] = deque()

    def take(self, batch: Batch) -> None:
        """Add these, and remove the oldest."""
        self._entries.extend(Entry(each) for each in batch.events)
        self.tail = batch.position
        while len(self._entries) > SIZE:
            self.floor = self._entries.popleft().recorded.position

    def beyond(self, position: int) -> list[Entry]:
        """The first events after the position, which must not be before the floor."""
        newer = list(takewhile(lambda each: each.recorded.position > position, reversed(self._entries)))
        return newer[: -CHUNK - 1 : -1]


class Broadcast:
    """What the readers on one event loop share. Everything except the follower runs on that loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._bell = asyncio.Event()
        self._readers = 0
        self._stop: threading.Event | None = None
        self.ring: Ring | None = None
        self.is_over = False

    async def read(self, after: int, *, from_store: bool = True) -> AsyncIterator[Part]:
        """Every event after a position, in order, as it comes. Ends when the server stops; raises CutOff.
        With `from_store` False it never reads the store: if the ring begins later than the position, it
        skips to the newest event."""
        with self._reader():
            position, was_within = after, False
            while not self.is_over:
                bell, ring = self._bell, self.ring  # before looking, so that a ring meanwhile is not missed
                if ring is None:
                    entries: Sequence[Entry] = []
                elif position >= ring.floor:
                    was_within, entries = True, ring.beyond(position)
                elif not from_store:
                    position = ring.tail
                    yield Part([], position, skipped=True)
                    continue
                elif was_within:
                    raise CutOff(position)
                else:
                    before = ring.floor
                    entries = await self._from_store(position)
                    position = position if entries else before
                if entries:
                    position = entries[-1].recorded.position
                    yield Part(entries, position)
                elif not await rung(bell, SILENCE):
                    yield Part([], position)

    async def heard(self, after: int, within: float) -> bool:
        """Whether there is anything after the position, or comes within some seconds."""
        deadline = self._loop.time() + within
        with self._reader():
            while not self.is_over:
                bell = self._bell
                if self.ring is not None and self.ring.tail > after:
                    return True
                if not await rung(bell, deadline - self._loop.time()):
                    return False
        return False

    def end(self) -> None:
        """End every reader, because the server stops. May be called from any thread, or in a signal
        handler."""
        self._loop.call_soon_threadsafe(self._end)

    def _end(self) -> None:
        self.is_over = True
        self._ring_bell()
        self._stop_following()

    async def _from_store(self, position: int) -> list[Entry]:
        while True:
            try:
                events = await self._loop.run_in_executor(_pages, page_of, position)
            except (Error, Unreachable) as error:
                if isinstance(error, Error) and not trouble_of(error):
                    raise
                await asyncio.sleep(RETRY)
            else:
                return [Entry(each) for each in events]

    @contextmanager
    def _reader(self) -> Iterator[None]:
        self._readers += 1
        if self._stop is None:
            self._stop, self.ring = threading.Event(), None
            follower = Follower(self, self._loop, self._stop)
            threading.Thread(target=follower.run, name="follower of the feed", daemon=True).start()
        try:
            yield
        finally:
            self._readers -= 1
            if not self._readers:
                self._loop.call_later(LINGER, self._stop_if_idle)

    def _stop_if_idle(self) -> None:
        if not self._readers:
            self._stop_following()

    def _stop_following(self) -> None:
        if self._stop is not None:
            self._stop.set()
            self._stop = None

    def take(self, ring: Ring, batch: Batch | None) -> None:
        """Takes what the follower has received."""
        self.ring = ring
        if batch is not None:
            ring.take(batch)
        self._ring_bell()

    def _ring_bell(self) -> None:
        self._bell.set()
        self._bell = asyncio.Event()


class Follower:
    """Follows the store in a thread, from a little before its head. After an outage of the store it
    continues where it was."""

    def __init__(self, broadcast: Broadcast, loop: asyncio.AbstractEventLoop, stop: threading.Event) -> None:
        self._broadcast, self._loop, self._stop = broadcast, loop, stop
        self._ring: Ring | None = None
        self._position = 0

    def run(self) -> None:
        """Runs until it is told to stop, or until the loop is gone."""
        try:
            keep_at(self._follow, self._stop)
        finally:
            connection.close()

    def _follow(self, stop: threading.Event) -> None:
        if self._ring is None:
            self._position = before_recent(current_store())
            self._ring = Ring(self._position)
        subscription = current_store().subscribe(self._position)
        try:
            # In portions of the ring, so that a burst of events does not overtake a quick reader.
            self._tell(subscription.next(SIZE // 4, 0))
            while not stop.is_set():
                if batch := subscription.next(SIZE // 4, LOOK):
                    self._tell(batch)
                self._stop_without_loop()
        finally:
            subscription.close()

    def _tell(self, batch: Batch | None) -> None:
        """Hand it over, and wait until it has been taken."""
        if batch is not None:
            self._position = batch.position
        taken = threading.Event()
        try:
            self._loop.call_soon_threadsafe(self._hand_over, batch, taken)
        except RuntimeError:  # the loop has been closed
            self._stop.set()
        while not taken.wait(LOOK) and not self._stop.is_set():
            self._stop_without_loop()

    def _stop_without_loop(self) -> None:
        """A loop may belong to one request, as under a WSGI server; after that it takes no more."""
        if self._loop.is_closed():
            self._stop.set()

    def _hand_over(self, batch: Batch | None, taken: threading.Event) -> None:
        if not self._stop.is_set() and self._ring is not None:
            self._broadcast.take(self._ring, batch)
        taken.set()


def before_recent(store: EventStore) -> int:
    """The position of an event a little before the head. From there on a subscription reads as every
    reader does; from the head itself it would never see an earlier event that is still in flight."""
    found = store.browse(Selection(), limit=RECENT)
    if found.before is None:
        return 0
    return found.events[-1].position if found.events else found.before


def page_of(position: int) -> list[RecordedEvent]:
    """Events after the position, read from the store on a connection that is released at once."""
    try:
        return current_store().read_all(position, PAGE)
    finally:
        connection.close()


async def rung(bell: asyncio.Event, within: float) -> bool:
    """Whether the bell rings within some seconds."""
    try:
        async with asyncio.timeout(within):
            return await bell.wait()
    except TimeoutError:
        return False


_all: WeakKeyDictionary[asyncio.AbstractEventLoop, Broadcast] = WeakKeyDictionary()


def broadcast() -> Broadcast:
    """The broadcast of the running loop."""
    loop = asyncio.get_running_loop()
    if loop not in _all:
        _all[loop] = Broadcast(loop)
    return _all[loop]


def end_all() -> None:
    """End every reader of this process."""
    for each in list(_all.values()):
        each.end()
