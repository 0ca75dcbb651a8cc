"""Events that a store pushes, received in a thread and handed out in batches."""

import time
from collections import deque
from collections.abc import Callable, Iterator
from threading import Condition, Thread

from eventstore.store import Batch, Declined, RecordedEvent, Unreachable

WAITING = 5000
"""The most events that are received and not yet asked for: after that the sender has to wait."""
GATHER = 0.01
"""Seconds for which events that come close together are gathered: a change of threads costs as much as an
event, or more."""
SILENCE = 10.0
"""Seconds of silence after which the store is asked whether we have missed something: a connection that
was cut looks just like a store in which nothing happens."""


class Receiving:
    """A Subscription to a source that yields events, and positions to move on to without events. `stop`
    ends the source. The source may also end or fail by itself; the subscription is then dropped."""

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
        # Not a Queue, which would hand each event from thread to thread by itself.
        self._received: deque[RecordedEvent | int | Exception] = deque()
        self._changed = Condition()
        self._thread = Thread(target=self._receive, name="subscription", daemon=True)
        self._thread.start()

    def _receive(self) -> None:
        try:
            for each in self._source:
                self._put(each)
                if self._is_closed:
                    return
            self._put(Unreachable("The store ended the subscription"))
        except Declined as error:
            self._put(error)
        except Exception as error:  # raised in the thread that waits
            self._put(Unreachable(f"The subscription was dropped: {error!r}"))

    def _put(self, received: RecordedEvent | int | Exception) -> None:
        with self._changed:
            if len(self._received) >= WAITING:
                self._changed.wait_for(lambda: len(self._received) < WAITING or self._is_closed)
            self._received.append(received)
            self._changed.notify_all()

    def next(self, limit: int, wait: float) -> Batch | None:
        began, until = self._position, time.monotonic() + wait
        events: list[RecordedEvent] = []
        if time.monotonic() - self._heard < GATHER < wait and len(self._received) < limit:
            time.sleep(GATHER)
        while self._position == began:
            received = self._next_received(limit, until - time.monotonic())
            if not received:
                self._ask_after_silence()
                return None
            for each in received:
                self._take(each, events)
        return Batch(events, self._position)

    def _next_received(self, limit: int, wait: float) -> list[RecordedEvent | int | Exception]:
        """What is there, or comes within some seconds; up to `limit`."""
        with self._changed:
            self._changed.wait_for(lambda: self._received, timeout=max(0.0, wait))
            found = [self._received.popleft() for _ in range(min(limit, len(self._received)))]
            self._changed.notify_all()  # the thread may be waiting for room
            return found

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
        if self._has_more(self._position) and not self._received:
            raise Unreachable("The subscription fell silent while the store went on")

    def close(self) -> None:
        self._is_closed = True
        self._stop()
        with self._changed:
            self._changed.notify_all()  # the thread may be waiting for room
        self._thread.join()
