"""Catch-up subscriptions: what has been written already, then what is written from now on.

They follow the enumerators of EventStoreDB 24, down to the positions of checkpoints.
"""

import time
from bisect import bisect_right
from collections.abc import Callable, Iterator
from uuid import uuid4

from esdbclient.protos.Grpc import streams_pb2
from google.protobuf import timestamp_pb2  # type: ignore[import-untyped]

from tests.kurrent.filters import everything
from tests.kurrent.log import Deleted, Log
from tests.kurrent.pages import SIZE, START, Filter, index_at, page
from tests.kurrent.records import Position, Record, encoded


def caught_up(*, position: Position | None = None, revision: int | None = None) -> bytes:
    """With the time, and the position of the reader: fields that are newer than the client."""
    told = streams_pb2.ReadResp.CaughtUp()
    now = timestamp_pb2.Timestamp(seconds=time.time_ns() // 10**9).SerializeToString()
    fields = bytes([1 << 3 | 2, len(now)]) + now
    if revision is not None and revision >= 0:
        fields += streams_pb2.ReadReq.Options.StreamOptions(revision=revision).SerializeToString()
    if position is not None:
        place = streams_pb2.ReadReq.Options.Position(
            commit_position=max(position.commit, 0), prepare_position=max(position.prepare, 0)
        ).SerializeToString()
        fields += bytes([3 << 3 | 2, len(place)]) + place
    told.MergeFromString(fields)
    return encoded(streams_pb2.ReadResp(caught_up=told))


def confirmation() -> bytes:
    """The first answer to every subscriber."""
    confirmed = streams_pb2.ReadResp.SubscriptionConfirmation(subscription_id=str(uuid4()))
    return encoded(streams_pb2.ReadResp(confirmation=confirmed))


class AllSubscription:
    """A subscription to $all. `after` None is the start. Checkpoints exist only with a filter: one for
    every `interval` records considered, and one when the end is reached."""

    def __init__(
        self, log: Log, after: Position | None, allowed: Filter | None, *, window: int, interval: int
    ) -> None:
        self._log = log
        self._allowed = allowed or everything
        self._has_filter = allowed is not None
        self._window = window if allowed else SIZE
        self._interval = interval
        self._checkpoint = after or Position(-1, -1)
        self._told = Position(-1, -1)
        self._subscribed_at = len(log.records)
        self._looked_at = bisect_right(log.positions, self._checkpoint.commit)

    def messages(self, over: Callable[[], bool]) -> Iterator[bytes]:
        """Until it is over."""
        yield confirmation()
        if self._checkpoint < self._log.last:
            yield from self._catch_up()
        while not over():
            yield caught_up(position=self._checkpoint)
            yield from self._live(over)
            if not over():
                yield from self._tell()
                yield from self._catch_up()

    def _catch_up(self) -> Iterator[bytes]:
        start = max(self._checkpoint, START)
        counter = 0
        while True:
            read = page(self._log, start, window=self._window, allowed=self._allowed)
            yield from self._events(read.records)
            counter += read.considered
            if read.is_last or counter >= self._interval:
                counter %= self._interval
                if self._has_filter and read.considered:
                    # The page's start, although more is known to hold nothing: the real server says no
                    # more. If the page has found nothing, it is the place of an event that does not exist
                    # yet.
                    self._checkpoint = max(self._checkpoint, read.start)
                    yield from self._tell()
            if read.is_last:
                self._looked_at = index_at(self._log, read.start) + read.considered
                yield from self._tell()
                return
            start = read.next

    def _live(self, over: Callable[[], bool]) -> Iterator[bytes]:
        """Until it is over or the reader has fallen behind."""
        index = self._looked_at
        while True:
            self._log.wait_beyond(index, over)
            waiting = self._log.records[index:]
            if over() or sum(map(self._allowed, waiting)) > SIZE:
                return
            for record in waiting:
                index += 1
                if record.position <= self._checkpoint:
                    continue
                if self._allowed(record):
                    yield from self._events([record])
                if self._has_filter and (index - self._subscribed_at) % self._interval == 0:
                    self._checkpoint = record.position
                    yield from self._tell()

    def _events(self, records: list[Record]) -> Iterator[bytes]:
        for record in records:
            if record.position > self._checkpoint:
                yield record.message
                self._checkpoint = record.position

    def _tell(self) -> Iterator[bytes]:
        """A checkpoint, unless there is no filter or the reader has been told."""
        if not self._has_filter or self._checkpoint <= self._told:
            return
        self._told = self._checkpoint
        commit, prepare = self._told
        told = streams_pb2.ReadResp.Checkpoint(commit_position=commit, prepare_position=prepare)
        yield encoded(streams_pb2.ReadResp(checkpoint=told))


def stream_subscription(log: Log, stream: str, after: int, over: Callable[[], bool]) -> Iterator[bytes]:
    """To one stream, after that revision. Raises Deleted when there is a tombstone, also a new one."""
    yield confirmation()
    is_live = False
    while not over():
        seen = len(log.records)
        try:
            news = log.stream(stream, after + 1) or []
        except Deleted:
            if is_live:
                yield log.tombstone_of(stream).message
            raise
        for record in news:
            yield record.message
            after = record.revision
        if not is_live or len(news) > SIZE:
            yield caught_up(revision=after)
            is_live = True
        log.wait_beyond(seen, over)
