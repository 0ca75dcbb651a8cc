"""What a store sends by itself, received in a thread and handed out in batches."""

import time
from collections.abc import Callable, Iterator
from queue import Empty, Queue
from threading import Thread

from eventstore.store import Batch, RecordedEvent, Unreachable

WAITING = 5000
"""Events received and not yet asked for, at most: then the sender is left waiting."""
SILENCE = 10.0
"""Seconds without a sign after which the store is asked whether we have missed something: a connection that
was cut without a word looks just like a store in which nothing happens."""


class Receiving:
    """A Subscription to a source of events and of positions to move on to without any. `stop` ends the
    source, which may also end or fail by itself: the subscription is then dropped."""

    def __init__(
        self,
        source: Iterator[RecordedEvent | int],
        *,
        after: int,
        has_more: Callable[[int], bool],
        stop: Callable[[], None],
    ) -> None:
        self._source = source
        self._position = after
        self._has_more = has_more
        self._stop = stop
        self._heard = time.monotonic()
        self._is_closed = False
        self._received: Queue[RecordedEvent | int | Exception] = Queue(WAITING)
        self._thread = Thread(target=self._receive, name="subscription", daemon=True)
        self._thread.start()

    def _receive(self) -> None:
        try:
            for each in self._source:
                self._received.put(each)
                if self._is_closed:
                    return
            self._received.put(Unreachable("The store ended the subscription"))
        except Exception as error:  # told where it is waited for
            self._received.put(Unreachable(f"The subscription was dropped: {error!r}"))

    def next(self, limit: int, wait: float) -> Batch | None:
        began, until = self._position, time.monotonic() + wait
        events: list[RecordedEvent] = []
        try:
            while self._position == began:
                self._take(self._received.get(timeout=max(0.0, until - time.monotonic())), events)
            while len(events) < limit:
                self._take(self._received.get_nowait(), events)
        except Empty:
            self._ask_after_silence()
        return Batch(events, self._position) if self._position != began else None

    def _take(self, received: RecordedEvent | int | Exception, events: list[RecordedEvent]) -> None:
        self._heard = time.monotonic()
        if isinstance(received, Exception):
            raise received
        if isinstance(received, int):
            self._position = max(received, self._position)
        else:
            self._position = received.position
            events.append(received)

    def _ask_after_silence(self) -> None:
        if time.monotonic() - self._heard < SILENCE:
            return
        self._heard = time.monotonic()
        if self._has_more(self._position) and self._received.empty():
            raise Unreachable("The subscription fell silent while the store went on")

    def close(self) -> None:
        self._is_closed = True
        self._stop()
        while self._thread.is_alive():
            try:
                self._received.get(timeout=0.05)  # the thread may be waiting for room
            except Empty:
                continue
