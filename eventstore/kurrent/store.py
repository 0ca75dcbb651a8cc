"""KurrentDB (EventStoreDB) as the store.

A stream is kept under a prefix, `callout.work-<uuid>`, so that installations can share a cluster. Reads of
everything ask the server for that prefix only, so we get neither its own events nor those of other
tenants. A position is the server's commit position: it grows, with gaps, and counts bytes, not events.
"""

import atexit
import random
import re
import sys
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from uuid import UUID

from django.db import transaction

from eventstore.kurrent import client, verdict
from eventstore.kurrent.client import Append, Client, StreamState
from eventstore.kurrent.connection import Connection, OutOfTime, timeout
from eventstore.kurrent.envelope import from_kurrent, is_servers_own, to_kurrent
from eventstore.kurrent.subscription import Receiving
from eventstore.models import Receipt
from eventstore.store import (
    MOST_EVENTS,
    NO_STREAM,
    Backlog,
    Found,
    NewEvent,
    RecordedEvent,
    Selection,
    Subscription,
    TooManyEvents,
    Unreachable,
    WrongVersion,
)

LONG_TIMEOUT = 30.0
"""Seconds that one try to read many events may take."""
SCAN = 1.0
"""Seconds for which the server may skip foreign events for a caller that only looks; after that the answer
is "at least"."""
SPREAD = 0.01
"""Seconds within which the next try follows a conflict; doubled with each conflict."""
WINDOW, WINDOWS = 500, 2
"""The server tells a subscriber its position after so many foreign events (the two multiplied)."""
CLOCKS = timedelta(minutes=1)
"""The most by which the clocks of successive leaders may differ."""
COUNTED = 1000
"""The most events that are counted when somebody asks how far a reader is behind."""
SEARCHED = 10_000
"""The most events that are looked at, newest first, for one page of selected events: the server has no
index."""
RECEIPTS = 1000
"""Receipts that are written in one statement."""
STREAM_PAGE = 2000
"""Events of one stream that are read in one call, which has a deadline."""


def pause_after(conflicts: int) -> float:
    """Seconds before the next try after so many conflicts; none before the first."""
    most = SPREAD * 2**conflicts if conflicts else 0
    return random.uniform(0, most)  # noqa: S311  only to spread the tries


class KurrentStore:
    """An EventStore on a KurrentDB server or cluster, named by an esdb:// or esdb+discover:// URL."""

    def __init__(self, url: str, *, prefix: str) -> None:
        """Connects at the first call. Raises ValueError when the URL cannot be read."""
        if not client.is_for_leaders(url):
            # Another node may be behind what a reader has already taken in.
            raise ValueError("NodePreference must be leader")
        self._prefix = f"{prefix}."
        self._ours: client.Filter = {
            # One pattern: the client anchors several wrongly.
            "filter_include": [re.escape(self._prefix) + ".*"],
            "filter_exclude": [],
            "filter_by_stream_name": True,
        }
        self._connection = Connection(url)
        self._tried = self._connection.tried
        self._end = 0, 0
        """The end of the log at the last look, and our newest event then."""
        atexit.register(self.close)  # gRPC complains when it is closed together with the interpreter

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
        new = [to_kurrent(each) for each in events]

        def append(client: Client) -> int:
            try:
                return client.batch_append(self._prefix + stream, version, new, timeout=timeout())
            except verdict.ANY as error:
                raise verdict.of_append(error) from error

        try:
            position = self._tried(append, is_append=True)
        except verdict.WRONG_VERSION as error:
            raise WrongVersion(f"{stream} is not at version {expected_version}") from error
        self._check_contents(stream, expected_version, events)
        return position

    @contextmanager
    def turn(self, stream: str, conflicts: int) -> Iterator[None]:  # noqa: ARG002  all streams alike
        # There is no lock; but callers that come one after another do not meet.
        time.sleep(pause_after(conflicts))
        yield

    def pour(self, appends: Sequence[tuple[str, int, Sequence[NewEvent]]]) -> None:
        """Many appends in this order, without waiting for each, while nobody else appends: events already
        stored under these ids are not read back. If it is sent again, everything is stored once. Raises
        WrongVersion, naming the stream; appends before it stay, and some after it may."""
        new = [
            Append(
                self._prefix + stream,
                StreamState.NO_STREAM if version == NO_STREAM else version,
                [to_kurrent(each) for each in events],
            )
            for stream, version, events in appends
        ]

        def pour(client: Client) -> None:
            try:
                client.batch_appends(new, timeout=LONG_TIMEOUT)
            except verdict.ANY as error:
                raise verdict.of_append(error) from error

        try:
            self._tried(pour, is_append=True)
        except verdict.WRONG_VERSION as error:
            raise WrongVersion(str(error)) from error

    def _check_contents(self, stream: str, expected_version: int, events: Sequence[NewEvent]) -> None:
        """Raises WrongVersion when other data is stored under these ids: the server compares only ids."""
        try:
            standing = self._part_of_stream(stream, expected_version + 1, len(events), backwards=False)
        except Unreachable as error:
            raise Unreachable(str(error), nothing_changed=False) from error
        if [each.data for each in standing] != [each.data for each in events]:
            raise WrongVersion(f"{stream} is not at version {expected_version}")

    def read_stream(
        self, stream: str, start: int | None = None, limit: int | None = None, *, backwards: bool = False
    ) -> list[RecordedEvent]:
        return list(islice(self._in_pages(stream, start, limit, backwards=backwards), limit))

    def _in_pages(
        self, stream: str, start: int | None, limit: int | None, *, backwards: bool
    ) -> Iterator[RecordedEvent]:
        """The events of a stream, so many in each call, as long as the caller takes them."""
        size = STREAM_PAGE if limit is None else min(limit, STREAM_PAGE)
        step = -1 if backwards else 1
        while size:
            try:
                page = self._part_of_stream(stream, start, size, backwards=backwards)
            except verdict.NOT_FOUND:
                return
            yield from page
            if len(page) < size or (backwards and not page[-1].version):
                return
            start = page[-1].version + step

    def _part_of_stream(
        self, stream: str, start: int | None, limit: int, *, backwards: bool
    ) -> list[RecordedEvent]:
        def read(client: Client) -> list[RecordedEvent]:
            name = self._prefix + stream
            with client.stream(name, start, limit=limit, timeout=timeout(), backwards=backwards) as found:
                return [self._recorded(each) for each in found]

        return self._tried(read)

    # --- Receipts: which id stands where, for the server has no index of them ---------------------------

    def place_of(self, stream: str, ids: Collection[UUID]) -> int | None:
        found = Receipt.objects.filter(stream=stream, event_id__in=ids)
        return min(found.values_list("version", flat=True), default=None)

    def note_places(self, stream: str, places: Sequence[tuple[UUID, int]]) -> None:
        receipts = (Receipt(stream=stream, event_id=each, version=version) for each, version in places)
        # The first place of an id counts, should it stand at several.
        Receipt.objects.bulk_create(receipts, batch_size=RECEIPTS, ignore_conflicts=True)

    def forget_places(self, stream: str) -> None:
        Receipt.objects.filter(stream=stream).delete()

    def read_all(self, after: int, limit: int, until: int | None = None) -> list[RecordedEvent]:
        events = self._read_after(after, limit, LONG_TIMEOUT)
        return events if until is None else [each for each in events if each.position <= until]

    def _read_after(
        self, after: int, limit: int, timeout: float, *, is_scan: bool = False
    ) -> list[RecordedEvent]:
        found: list[RecordedEvent] = []
        while True:
            # The event at `after` comes too, if it is ours.
            page = self._page(after, limit + 1, timeout, is_scan=is_scan)
            found += [
                self._recorded(each)
                for each in page
                if each.commit_position != after and not is_servers_own(each)
            ]
            if len(page) <= limit or len(found) >= limit:
                return found[:limit]
            after = _position(page[-1])

    def _page(
        self,
        position: int | None,
        limit: int,
        timeout: float,
        *,
        backwards: bool = False,
        is_scan: bool = False,
    ) -> list[client.RecordedEvent]:
        def read(client: Client) -> list[client.RecordedEvent]:
            with client.everything(
                position or None, filters=self._ours, limit=limit, timeout=timeout, backwards=backwards
            ) as found:
                return list(found)

        return self._tried(read, at=position, is_scan=is_scan)

    def subscribe(self, after: int) -> Subscription:
        # A client of its own: closing a client for a call also drops the subscriptions that it carries.
        client = self._connection.new_client()

        def received() -> Iterator[RecordedEvent | int]:
            # In the receiving thread, because a server that hangs never says that it has subscribed us.
            try:
                yield from self._received(
                    client.subscription(after or None, filters=self._ours, window=WINDOW, windows=WINDOWS)
                )
            except verdict.ANY as error:
                raise verdict.declined(error, at=after) or error from error

        return Receiving(received(), after=after, has_more=self._has_more, stop=client.close)

    def _received(self, source: Iterable[client.RecordedEvent]) -> Iterator[RecordedEvent | int]:
        position = 0
        for each in source:
            if each.is_checkpoint:
                if _position(each) > position:  # behind our own event it would tell nothing new
                    yield self._tried(partial(_last_before, position=each.commit_position))
            elif not each.is_caught_up:
                position = _position(each)
                yield position if is_servers_own(each) else self._recorded(each)

    def _has_more(self, after: int) -> bool:
        return bool(self._read_after(after, 1, timeout()))

    # --- Where it ends ---------------------------------------------------------------------------------

    def head(self) -> int:
        looked_to, newest = self._end
        end = self._tried(_last_before)
        if end == looked_to:
            return newest
        try:
            if not looked_to or self._read_after(looked_to, 1, SCAN, is_scan=True):
                newest = self._newest()
        except OutOfTime:
            newest = end
        self._end = max(end, newest), newest
        return newest

    def _newest(self) -> int:
        """The position of our newest event. Raises OutOfTime."""
        before, limit = None, 1
        while page := self._page(before, limit, SCAN, backwards=True, is_scan=True):
            for each in page:
                if not is_servers_own(each):
                    return _position(each)
            before, limit = _position(page[-1]), COUNTED
        return 0

    def now(self) -> int:
        return self.head()  # an append is in flight until it has its position

    def backlog(self, after: int) -> Backlog:
        try:
            events = self._read_after(after, COUNTED, SCAN, is_scan=True)
        except OutOfTime:
            self._end_of_log()
            return Backlog(0, is_exact=False, since=None)
        since = events[0].recorded_at if events else None
        return Backlog(len(events), is_exact=len(events) < COUNTED, since=since)

    # --- Looking back ----------------------------------------------------------------------------------

    def position_at(self, moment: datetime) -> int:
        # Page by page, because an answer with the whole store would not come in time.
        before: int | None = None
        found: int | None = None
        while page := self._page(before, SEARCHED, LONG_TIMEOUT, backwards=True):
            for each in map(self._recorded, page):
                if each.recorded_at >= moment:
                    found = None  # another one before it is needed
                    continue
                found = each.position if found is None else found
                if each.recorded_at < moment - CLOCKS:
                    return found
            before = _position(page[-1])
        return found or 0

    def browse(self, selection: Selection, *, limit: int, before: int | None = None) -> Found:
        if selection.stream is not None:
            is_newest = before is None and selection == Selection(stream=selection.stream)
            most = limit + 1 if is_newest else None
            newest_first = self._in_pages(selection.stream, None, most, backwards=True)
            older = (each for each in newest_first if before is None or each.position < before)
            return _found(older, selection, limit)
        met: list[RecordedEvent] = []

        def look(client: Client) -> Found:
            with client.everything(
                before, filters=self._ours, limit=sys.maxsize, timeout=SCAN, backwards=True
            ) as found:
                return _found(self._noted(found, met), selection, limit)

        try:
            return self._tried(look, at=before, is_scan=True)
        except OutOfTime:
            end = self._end_of_log()
            return _found_so_far(met, selection, limit, before or end)

    def _end_of_log(self) -> int:
        """The last position in the log, ours or not, at once. Raises OutOfTime, unless skipping foreign
        events took the time."""
        return self._tried(partial(_last_before, within=SCAN / 2), is_scan=True)

    def _noted(
        self, newest_first: Iterable[client.RecordedEvent], met: list[RecordedEvent]
    ) -> Iterator[RecordedEvent]:
        """Our events, noted as they come."""
        for each in newest_first:
            if not is_servers_own(each):
                met.append(self._recorded(each))
                yield met[-1]

    def close(self) -> None:
        self._connection.close()

    def projecting(self) -> AbstractContextManager[None]:
        return transaction.atomic()

    def _recorded(self, event: client.RecordedEvent) -> RecordedEvent:
        return from_kurrent(event, event.stream_name.removeprefix(self._prefix))


def _position(event: client.RecordedEvent) -> int:
    return event.commit_position or 0


def _last_before(client: Client, position: int | None = None, *, within: float | None = None) -> int:
    """The position of the last event, ours or not, before a place in the log, or at its end.

    A checkpoint may name the place of the next event; a subscription that resumed there would skip that
    event for good.
    """
    with client.everything(
        position, filters=None, limit=1, timeout=within or timeout(), backwards=True
    ) as found:
        return next((_position(each) for each in found), 0)


def _found(newest_first: Iterator[RecordedEvent], selection: Selection, limit: int) -> Found:
    """The selected events among the newest, and where to continue: after a full page or a long search."""
    events: list[RecordedEvent] = []
    for number, each in enumerate(newest_first, start=1):
        if len(events) == limit:
            return Found(events, events[-1].position)
        if _is_selected(each, selection):
            events.append(each)
        if number == SEARCHED:
            return Found(events, each.position)
    return Found(events, None)


def _found_so_far(met: list[RecordedEvent], selection: Selection, limit: int, otherwise: int) -> Found:
    """What was selected before the time was over; a search continues from there."""
    found = _found(iter(met), selection, limit)
    return Found(found.events, found.before or (met[-1].position if met else otherwise))


def _is_selected(each: RecordedEvent, selection: Selection) -> bool:
    return (
        (selection.types is None or each.type in selection.types)
        and (selection.actor is None or each.actor == selection.actor)
        and (selection.since is None or each.occurred_at >= selection.since)
        and (selection.until is None or each.occurred_at < selection.until)
    )
