"""One follower of the store for a whole process, and any number of readers of what it hears.

A thread follows the store and puts each event into one ring that all readers on the event loop share; a
reader is a position and nothing more. One that stands before the ring reads pages from the store until it
has come up to it. One that has been within the ring and falls out of it, because it takes too slowly, is cut
off: it comes back with its position, and has slowed nobody (docs/adr/0018).
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
"""The newest events, with which the ring begins: who asks from just now need not read them from the store."""
PAGE = 500
"""Events read from the store at once."""
CHUNK = 100
"""Events handed to a reader at once."""
SILENCE = 15.0
"""Seconds after which a reader hears that nothing has happened."""
LOOK = 1.0
"""Seconds after which the follower looks whether it shall stop."""
RETRY = 1.0
"""Seconds after which a reader asks a store again that is away."""
LINGER = 30.0
"""Seconds for which the store is followed when the last reader has gone: most come again."""

# Who comes back after long reads the store's pages in these few threads, however many come at once.
_pages = ThreadPoolExecutor(max_workers=4, thread_name_prefix="pages of the feed")


class CutOff(Exception):
    """The reader has fallen out of the ring: beyond `position` it has heard nothing."""

    def __init__(self, position: int) -> None:
        super().__init__(f"Nothing beyond {position} was taken in time")
        self.position = position


@dataclass(slots=True, eq=False)
class Entry:
    """An event in the ring, and what it was encoded to by the first who sent it, for all who do."""

    recorded: RecordedEvent
    frame: bytes = b""


class Part(NamedTuple):
    """What a reader takes next, and the position from which it goes on. There may be nothing: heard in
    silence, now and then, it shows that the other side is still there. `skipped` says that events before the
    position were left out."""

    entries: Sequence[Entry]
    position: int
    skipped: bool = False


class Ring:
    """The newest events: every one beyond position `floor`, up to `tail`."""

    def __init__(self, floor: int) -> None:
        self.floor = self.tail = floor
        self._entries: deque[Entry] = deque()

    def take(self, batch: Batch) -> None:
        """Put these in, and let the oldest go."""
        self._entries.extend(Entry(each) for each in batch.events)
        self.tail = batch.position
        while len(self._entries) > SIZE:
            self.floor = self._entries.popleft().recorded.position

    def beyond(self, position: int) -> list[Entry]:
        """The first of those beyond the position, which must not lie before the floor."""
        newer = list(takewhile(lambda each: each.recorded.position > position, reversed(self._entries)))
        return newer[: -CHUNK - 1 : -1]


class Broadcast:
    """What the readers on one event loop share. All but the follower itself runs on that loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._bell = asyncio.Event()
        self._readers = 0
        self._stop: threading.Event | None = None
        self.ring: Ring | None = None
        self.is_over = False

    async def read(self, after: int, *, from_store: bool = True) -> AsyncIterator[Part]:
        """Every event beyond a position, in order, as it comes; ends when the server does, and raises CutOff.
        Where the store shall not be read, it skips to the newest instead whenever the ring begins later."""
        with self._reader():
            position, was_within = after, False
            while not self.is_over:
                bell, ring = self._bell, self.ring  # before looking: a ring meanwhile is not missed
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
        """Whether there is anything beyond the position, or comes within some seconds."""
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
        """Let go of every reader, for the server stops. May be called from any thread, or in a signal."""
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
        """What the follower has heard."""
        self.ring = ring
        if batch is not None:
            ring.take(batch)
        self._ring_bell()

    def _ring_bell(self) -> None:
        self._bell.set()
        self._bell = asyncio.Event()


class Follower:
    """Follows the store in a thread, from a little before its head, and goes on where it stood when the store
    was away."""

    def __init__(self, broadcast: Broadcast, loop: asyncio.AbstractEventLoop, stop: threading.Event) -> None:
        self._broadcast, self._loop, self._stop = broadcast, loop, stop
        self._ring: Ring | None = None
        self._position = 0

    def run(self) -> None:
        """Until told to stop, or until the loop is gone."""
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
            # A part of the ring at a time, so that whoever takes quickly is not overtaken by a burst.
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
        """A loop may have been one request's, as where a server speaks WSGI; then it takes no more."""
        if self._loop.is_closed():
            self._stop.set()

    def _hand_over(self, batch: Batch | None, taken: threading.Event) -> None:
        if not self._stop.is_set() and self._ring is not None:
            self._broadcast.take(self._ring, batch)
        taken.set()


def before_recent(store: EventStore) -> int:
    """The position of an event a little before the head. From there on a subscription reads as everybody
    does: from the head itself it would never see an earlier one that is still in flight."""
    found = store.browse(Selection(), limit=RECENT)
    if found.before is None:
        return 0
    return found.events[-1].position if found.events else found.before


def page_of(position: int) -> list[RecordedEvent]:
    """Events beyond the position, from the store, on a connection that is let go of at once."""
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
    """That of the running loop."""
    loop = asyncio.get_running_loop()
    if loop not in _all:
        _all[loop] = Broadcast(loop)
    return _all[loop]


def end_all() -> None:
    """Let go of every reader of this process."""
    for each in list(_all.values()):
        each.end()
