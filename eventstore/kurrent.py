"""KurrentDB (EventStoreDB) as the store. The only importer of esdbclient, which upstream has renamed.

A stream is kept under a prefix, `callout.work-<uuid>`, so that installations can share a cluster. Reads of
everything ask the server for that prefix alone: neither its own events nor other tenants' come near us. A
position is the server's commit position: it grows, with gaps, and counts bytes rather than events.
"""

import atexit
import os
import random
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from threading import Lock
from typing import Any, TypedDict, TypeVar
from uuid import UUID

import esdbclient
import msgspec
from django.db import transaction
from esdbclient import EventStoreDBClient, StreamState, exceptions
from esdbclient.connection_spec import ConnectionSpec

from eventstore.receiving import Receiving
from eventstore.store import (
    MOST_EVENTS,
    NO_STREAM,
    Backlog,
    Found,
    Metadata,
    NewEvent,
    RecordedEvent,
    Selection,
    Subscription,
    TooManyEvents,
    Unreachable,
    WrongVersion,
)

T = TypeVar("T")

PATIENCE = 5.0
"""Seconds for which a call is tried again while the server is away or changes its leader."""
TIMEOUT = 3.0
"""Seconds that one try may take,"""
LONG_TIMEOUT = 30.0
"""and that reading many events may."""
PAUSE = 0.05
"""Seconds before the second try; doubled before each further one, and spread at random."""
SPREAD = 0.01
"""Seconds within which a conflict is followed by the next try; doubled with each conflict."""
WINDOW, WINDOWS = 500, 2
"""After how many events of others (the two multiplied) the server tells a subscriber how far it has come."""
CLOCKS = timedelta(minutes=1)
"""How far the clocks of nodes that have led one after the other may lie apart."""
COUNTED = 1000
"""Events that are counted when somebody asks how far a reader is behind."""
SEARCHED = 10_000
"""Events that are looked at, newest first, for one page of those selected: the server has no index."""


class NoAnswer(Exception):
    """A server that is electing a leader, or is too busy, has not said what became of an append."""


class _Filter(TypedDict):
    filter_include: Sequence[str]
    filter_exclude: Sequence[str]
    filter_by_stream_name: bool


class KurrentStore:
    """An EventStore on a KurrentDB server or cluster, named by an esdb:// or esdb+discover:// URL."""

    def __init__(self, url: str, *, prefix: str) -> None:
        """Connects at the first call. Raises ValueError when the URL cannot be read."""
        options = ConnectionSpec(url).options
        if options.NodePreference != "leader":
            # Another node may lag behind what a reader has already taken in.
            raise ValueError("NodePreference must be leader")
        self._url = _impatient(url)
        self._prefix = f"{prefix}."
        self._ours: _Filter = {
            # One pattern: the client anchors several wrongly.
            "filter_include": [re.escape(self._prefix) + ".*"],
            "filter_exclude": [],
            "filter_by_stream_name": True,
        }
        self._lock = Lock()
        self._known: tuple[int, EventStoreDBClient] | None = None
        self._closings = 0
        atexit.register(self.close)  # gRPC complains when it is taken down with the interpreter

    def append(
        self,
        stream: str,
        expected_version: int,
        events: Sequence[NewEvent],
        *,
        waits: bool = True,  # noqa: ARG002  nobody waits here for another
    ) -> int:
        if len(events) > MOST_EVENTS:
            raise TooManyEvents(len(events))
        version = StreamState.NO_STREAM if expected_version == NO_STREAM else expected_version
        new = [_to_kurrent(each) for each in events]

        def append(client: EventStoreDBClient) -> int:
            # Not `client.append_to_stream`: that reconnects by itself, which ends whatever other threads are
            # reading just then as if there were no more.
            try:
                return client.streams.batch_append(
                    stream_name=self._prefix + stream,
                    current_version=version,
                    events=new,
                    timeout=TIMEOUT,
                    metadata=client._call_metadata,
                    credentials=client._call_credentials,
                )
            except exceptions.EventStoreDBClientException as error:
                # The bare class stands for the server's own "not ready", "too busy" and "no leader".
                if type(error) in _UNDECIDED:
                    raise NoAnswer(str(error) or type(error).__name__) from error
                raise

        try:
            position = self._tried(append, is_append=True)
        except exceptions.WrongCurrentVersion as error:
            raise WrongVersion(f"{stream} is not at version {expected_version}") from error
        self._check_contents(stream, expected_version, events)
        return position

    @contextmanager
    def turn(self, stream: str, conflicts: int) -> Iterator[None]:  # noqa: ARG002  all streams alike
        # There is no lock to be had; but who come after each other do not meet.
        time.sleep(random.uniform(0, SPREAD * 2**conflicts))  # noqa: S311  only to spread the tries
        yield

    def _check_contents(self, stream: str, expected_version: int, events: Sequence[NewEvent]) -> None:
        """Raises WrongVersion when others' data stands under these ids: the server looks at ids alone."""

        def read(client: EventStoreDBClient) -> list[str]:
            name, start = self._prefix + stream, expected_version + 1
            with client.read_stream(name, stream_position=start, limit=len(events), timeout=TIMEOUT) as found:
                return [self._recorded(each).data for each in found]

        try:
            standing = self._tried(read)
        except Unreachable as error:
            raise Unreachable(str(error), nothing_changed=False) from error
        if standing != [each.data for each in events]:
            raise WrongVersion(f"{stream} is not at version {expected_version}")

    def read_stream(self, stream: str, start: int = 0) -> list[RecordedEvent]:
        def read(client: EventStoreDBClient) -> list[RecordedEvent]:
            name = self._prefix + stream
            with client.read_stream(name, stream_position=start, timeout=TIMEOUT) as found:
                return [self._recorded(each) for each in found]

        try:
            return self._tried(read)
        except exceptions.NotFound:
            return []

    def read_all(self, after: int, limit: int, until: int | None = None) -> list[RecordedEvent]:
        events = self._read_after(after, limit, LONG_TIMEOUT)
        return events if until is None else [each for each in events if each.position <= until]

    def _read_after(self, after: int, limit: int, timeout: float) -> list[RecordedEvent]:
        def read(client: EventStoreDBClient) -> list[RecordedEvent]:
            # The event at `after` comes too, if that is ours.
            return list(islice(self._forwards(client, after, limit + 1, timeout), limit))

        return self._tried(read)

    def subscribe(self, after: int) -> Subscription:
        # A client of its own: one that is reconnected for a call drops the subscriptions it carries.
        client = self._tried(lambda _: self._connect())

        def received() -> Iterator[RecordedEvent | int]:
            # In the thread that receives, for a server that hangs never says that it has subscribed us.
            # Not `client.subscribe_to_all`, which would connect again behind the back of who closes it.
            source = client.streams.read(
                commit_position=after or None,
                **self._ours,
                subscribe=True,
                include_checkpoints=True,
                window_size=WINDOW,
                checkpoint_interval_multiplier=WINDOWS,
                metadata=client._call_metadata,
                credentials=client._call_credentials,
            )
            yield from self._received(source)

        return Receiving(received(), after=after, has_more=self._has_more, stop=client.close)

    def _received(self, source: Iterable[esdbclient.RecordedEvent]) -> Iterator[RecordedEvent | int]:
        for each in source:
            if each.is_checkpoint:
                yield self._tried(partial(_last_before, position=each.commit_position))
            elif not each.is_caught_up:
                yield self._recorded(each)

    def _has_more(self, after: int) -> bool:
        return bool(self._read_after(after, 1, TIMEOUT))

    def head(self) -> int:
        def head(client: EventStoreDBClient) -> int:
            return next(
                (each.position for each in self._backwards(client, None, limit=1, timeout=TIMEOUT)), 0
            )

        return self._tried(head)

    def now(self) -> int:
        return self.head()  # an append is in flight until it has its position

    def backlog(self, after: int) -> Backlog:
        events = self._read_after(after, COUNTED, TIMEOUT)
        since = events[0].recorded_at if events else None
        return Backlog(len(events), is_exact=len(events) < COUNTED, since=since)

    def position_at(self, moment: datetime) -> int:
        # Page by page, for an answer that held the whole store would not come in time.
        before: int | None = None
        found: int | None = None
        while page := self._tried(lambda client: list(self._backwards(client, before, limit=SEARCHED))):  # noqa: B023
            for each in page:
                if each.recorded_at >= moment:
                    found = None  # another before it is needed
                    continue
                found = each.position if found is None else found
                if each.recorded_at < moment - CLOCKS:
                    return found
            before = page[-1].position
        return found or 0

    def browse(self, selection: Selection, *, limit: int, before: int | None = None) -> Found:
        if selection.stream is not None:
            whole = reversed(self.read_stream(selection.stream))
            older = (each for each in whole if before is None or each.position < before)
            return _found(older, selection, limit)
        return self._tried(
            lambda client: _found(self._backwards(client, before, timeout=TIMEOUT), selection, limit)
        )

    def close(self) -> None:
        with self._lock:
            known, self._known = self._known, None
            self._closings += 1
        if known is not None and known[0] == os.getpid():
            known[1].close()

    def projecting(self) -> AbstractContextManager[None]:
        return transaction.atomic()

    def _recorded(self, event: esdbclient.RecordedEvent) -> RecordedEvent:
        """An event of ours as everybody else knows it."""
        return _from_kurrent(event, event.stream_name.removeprefix(self._prefix))

    def _forwards(
        self, client: EventStoreDBClient, after: int, limit: int, timeout: float
    ) -> Iterator[RecordedEvent]:
        with client.read_all(
            commit_position=after or None, **self._ours, limit=limit, timeout=timeout
        ) as found:
            yield from (self._recorded(each) for each in found if each.commit_position != after)

    def _backwards(
        self,
        client: EventStoreDBClient,
        before: int | None,
        *,
        limit: int = sys.maxsize,
        timeout: float = LONG_TIMEOUT,
    ) -> Iterator[RecordedEvent]:
        with client.read_all(
            commit_position=before, backwards=True, **self._ours, limit=limit, timeout=timeout
        ) as found:
            yield from (self._recorded(each) for each in found if each.commit_position != before)

    # --- When the server is away ---------------------------------------------------------------------

    def _tried(self, call: Callable[[EventStoreDBClient], T], *, is_append: bool = False) -> T:
        """What the call answers, tried again for a while when the server does not.

        An append may be tried again safely: with a numeric expected version the server knows its event ids.
        """
        until, pause, was_sent = time.monotonic() + PATIENCE, PAUSE, False
        closings = self._closings
        while True:
            client = None
            try:
                client = self._client()
                answer = call(client)
                # What is being read when its client is closed ends as if there were no more.
                if is_append or self._closings == closings:
                    return answer
                raise Unreachable("The connection was closed")
            except (*AWAY, ValueError) as error:
                if isinstance(error, ValueError) and not _is_closed(error):
                    raise
                was_sent = was_sent or (is_append and client is not None and not _never_left(error))
                self._forget(client)
                if self._closings != closings or time.monotonic() + pause > until:
                    raise Unreachable(_reason(error), nothing_changed=not was_sent) from error
            time.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311  only to spread the tries
            pause *= 2

    def _client(self) -> EventStoreDBClient:
        """This process's client: a gRPC channel does not survive a fork."""
        with self._lock:
            if self._known is not None and self._known[0] == os.getpid():
                return self._known[1]
        client = self._connect()  # not under the lock: it may take its time, and others wait for their own
        with self._lock:
            if self._known is None or self._known[0] != os.getpid():
                self._known = os.getpid(), client
            return self._known[1]

    def _connect(self) -> EventStoreDBClient:
        return EventStoreDBClient(self._url)

    def _forget(self, client: EventStoreDBClient | None) -> None:
        """Find the leader anew next time. Whoever still uses this client finishes with it."""
        with self._lock:
            if self._known is not None and self._known[1] is client:
                self._known = None


_UNDECIDED = {
    exceptions.EventStoreDBClientException,
    exceptions.AppendDeadlineExceeded,
    exceptions.UnknownError,
}
AWAY = (
    NoAnswer,
    exceptions.AbortedByServer,
    exceptions.CancelledByClient,
    exceptions.ConsumerTooSlow,
    exceptions.DiscoveryFailed,
    exceptions.GrpcError,
    exceptions.NodeIsNotLeader,
)
"""What esdbclient raises when a server is away, is restarted, or is not the leader (any more)."""


def _is_closed(error: Exception) -> bool:
    """Whether another thread has just closed this client's channel."""
    return isinstance(error, ValueError) and "closed" in str(error)


def _impatient(url: str) -> str:
    """The URL with one round of asking its nodes who leads, each for two seconds, unless it says otherwise:
    we try again ourselves."""
    usual = {"MaxDiscoverAttempts": "1", "GossipTimeout": "2"}
    missing = [f"{name}={value}" for name, value in usual.items() if name.lower() not in url.lower()]
    return f"{url}{'&' if '?' in url else '?'}{'&'.join(missing)}" if missing else url


def _never_left(error: Exception) -> bool:
    """Whether the server cannot have taken it: no connection came about, or it was not the leader."""
    return (
        isinstance(error, exceptions.DiscoveryFailed | exceptions.NodeIsNotLeader)
        or _is_closed(error)
        or "failed to connect" in str(error).lower()
    )


def _last_before(client: EventStoreDBClient, position: int | None) -> int:
    """The position of the last event, whoever's, before the place that a checkpoint names. That may be the
    place of the next event, which a subscription that resumed there would pass over for good."""
    with client.read_all(
        commit_position=position, backwards=True, filter_exclude=[], limit=1, timeout=TIMEOUT
    ) as found:
        return next((each.commit_position or 0 for each in found), 0)


def _reason(error: BaseException) -> str:
    """In one line; gRPC's own errors print as several."""
    call: Any = error.args[0] if error.args else None
    if hasattr(call, "code") and hasattr(call, "details"):
        return f"{type(error).__name__}: {call.code().name}: {call.details()}"[:300]
    return f"{type(error).__name__}: {' '.join(str(error).split()) or 'no answer'}"[:300]


def _found(newest_first: Iterator[RecordedEvent], selection: Selection, limit: int) -> Found:
    """The selected ones among the newest, and where to go on: after a full page or a long search."""
    events: list[RecordedEvent] = []
    for number, each in enumerate(newest_first, start=1):
        if len(events) == limit:
            return Found(events, events[-1].position)
        if _is_selected(each, selection):
            events.append(each)
        if number == SEARCHED:
            return Found(events, each.position)
    return Found(events, None)


def _is_selected(each: RecordedEvent, selection: Selection) -> bool:
    return (
        (selection.types is None or each.type in selection.types)
        and (selection.actor is None or each.actor == selection.actor)
        and (selection.since is None or each.occurred_at >= selection.since)
        and (selection.until is None or each.occurred_at < selection.until)
    )


# --- There and back -----------------------------------------------------------------------------------


class Envelope(msgspec.Struct, rename={"correlation_id": "$correlationId", "causation_id": "$causationId"}):
    """An event's metadata as KurrentDB keeps it; the two names with a dollar are those it knows itself."""

    schema_version: int
    actor: str
    source: str
    correlation_id: UUID
    causation_id: UUID
    occurred_at: datetime


_envelopes = msgspec.json.Decoder(Envelope)


def _to_kurrent(new: NewEvent) -> esdbclient.NewEvent:
    metadata: Metadata = new.metadata
    envelope = Envelope(
        schema_version=new.schema_version,
        actor=metadata.actor,
        source=metadata.source,
        correlation_id=metadata.correlation_id,
        causation_id=metadata.causation_id,
        occurred_at=new.occurred_at.astimezone(UTC),
    )
    return esdbclient.NewEvent(
        id=new.id, type=new.type, data=new.data.encode(), metadata=msgspec.json.encode(envelope)
    )


def _from_kurrent(event: esdbclient.RecordedEvent, stream: str) -> RecordedEvent:
    envelope = _envelopes.decode(event.metadata)
    position: Any = event.commit_position  # always there from KurrentDB 22.10 on, the oldest supported
    return RecordedEvent(
        position,
        event.id,
        stream,
        event.stream_position,
        event.type,
        envelope.schema_version,
        event.data.decode(),
        envelope.actor,
        envelope.correlation_id,
        envelope.causation_id,
        envelope.source,
        envelope.occurred_at,
        event.recorded_at or envelope.occurred_at,
    )
