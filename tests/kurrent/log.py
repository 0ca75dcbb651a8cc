"""The log, its streams, and who may append: the rules of the real server, kept in memory."""

import json
import threading
from collections.abc import Callable, Sequence
from typing import NamedTuple
from uuid import UUID, uuid4

from tests.kurrent.records import Position, Proposed, Record, record

NO_STREAM, ANY, STREAM_EXISTS = -1, -2, -4
"""Expected versions besides the revisions, as the real server numbers them."""

DELETED = 2**63 - 1
"""The revision of a tombstone, and the `$tb` of a soft-deleted stream."""

STATISTICS_EVERY = 25
"""Appends after which the server writes an event of its own."""


class WrongVersion(Exception):
    """The stream is at another version."""

    def __init__(self, current: int) -> None:
        super().__init__(f"the stream stands at {current}")
        self.current = current


class Deleted(Exception):
    """The stream has a tombstone; or it is soft-deleted and was expected to exist."""


class Written(NamedTuple):
    """The last event of an append. Position None: written before and no longer to be seen."""

    revision: int
    commit: int | None


class Log:
    """Every record in order. `changed` guards all of it and is notified of every append."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.records: list[Record] = []
        self.positions: list[int] = []
        self.end = 0
        self._streams: dict[str, list[Record]] = {}
        self._tombstones: set[str] = set()
        self._first_visible: dict[str, int] = {}
        self._most_visible: dict[str, int] = {}
        self._places: dict[UUID, tuple[str, int]] = {}
        self._appends = 0

    def open(self) -> None:
        """Begin, or begin again: the server writes its own first events and has forgotten which ids came
        lately, which is all that keeps an append with ANY from being written twice."""
        with self.changed:
            self._places.clear()
            if not self.records:
                self._write("$$$stats-127.0.0.1:2113", [_system("$metadata", {"$maxAge": 86400})])
            self._write("$epoch-information", [_system("$EpochInformation", {"epoch": len(self.records)})])

    def wake(self) -> None:
        """Make everybody who waits check again whether there is still a reason to wait."""
        with self.changed:
            self.changed.notify_all()

    def wait_beyond(self, count: int, over: Callable[[], bool]) -> None:
        """Until there are more than `count` records or it is over."""
        with self.changed:
            self.changed.wait_for(lambda: len(self.records) > count or over())

    def stream(self, name: str, start: int = 0) -> list[Record] | None:
        """Its records from revision `start` on that are still to be seen, oldest first; None when there is
        no such stream. Raises Deleted when there is a tombstone."""
        with self.changed:
            if self._is_tombstoned(name):
                raise Deleted
            records = self._streams.get(name)
            first = self._first_visible.get(name, 0)
            if records is None or first == DELETED:
                return None
            oldest = len(records) - self._most_visible.get(name, len(records))
            return records[max(first, start, oldest) :]

    def tombstone_of(self, name: str) -> Record:
        """The last record of a stream that was deleted for good."""
        with self.changed:
            deleted = (each for each in reversed(self.records) if each.revision == DELETED)
            return next(each for each in deleted if each.stream == name)

    def append(self, stream: str, expected: int, events: Sequence[Proposed]) -> Written:
        """Append all the events, or none. If these ids are already at exactly the expected places, return
        those. Raises WrongVersion or Deleted."""
        with self.changed:
            before = self._written_before(stream, expected, [event.id for event in events])
            if before is not None:
                return before
            undelete = self._is_soft_deleted(stream)
            current = self._current(stream)
            commit = self._write(stream, events)
            if undelete:
                self._write_metadata(stream, {"$tb": current + 1})
            self._appends += 1
            if self._appends % STATISTICS_EVERY == 0:
                self._write("$stats-127.0.0.1:2113", [_system("$statsCollected", {"appends": self._appends})])
            self.changed.notify_all()
            return Written(current + len(events), commit)

    def delete(self, stream: str, expected: int) -> int:
        """Soft-delete; answers the position. Raises WrongVersion or Deleted."""
        with self.changed:
            self._written_before(stream, expected, [uuid4()])
            if self._current(stream) < 0 and self._current(f"$${stream}") < 0:
                raise WrongVersion(NO_STREAM)
            commit = self._write_metadata(stream, {"$tb": DELETED})
            self.changed.notify_all()
            return commit

    def tombstone(self, stream: str, expected: int) -> int:
        """Delete for good; answers the position. Raises WrongVersion or Deleted."""
        with self.changed:
            self._written_before(stream, expected, [uuid4()])
            last = record(_system("$streamDeleted", {}), stream=stream, revision=DELETED, at=self.end)
            self._add(last)
            self._tombstones.add(stream)
            self.changed.notify_all()
            return last.commit

    def _written_before(self, stream: str, expected: int, ids: Sequence[UUID]) -> Written | None:
        """None if the stream is at the expected version. Otherwise the earlier write of these events;
        raises if there is none."""
        if self._is_tombstoned(stream):
            raise Deleted
        if expected == STREAM_EXISTS:
            self._check_existence(stream)
        if expected in (ANY, STREAM_EXISTS):
            return self._written_lately(stream, ids)
        current = self._current(stream)
        if expected == current:
            return None
        if expected < current:
            there = [place.id for place in self._streams[stream][expected + 1 : expected + 1 + len(ids)]]
            if ids and there == list(ids):
                return self._standing(stream, expected + len(ids))
            if expected == NO_STREAM and self._is_soft_deleted(stream) and there[:1] != list(ids[:1]):
                return None
        raise WrongVersion(current)

    def _check_existence(self, stream: str) -> None:
        if self._is_soft_deleted(stream):
            raise Deleted
        if self._current(stream) < 0 and self._current(f"$${stream}") < 0:
            raise WrongVersion(NO_STREAM)

    def _written_lately(self, stream: str, ids: Sequence[UUID]) -> Written | None:
        known = [self._places.get(each) for each in ids]
        if not known or known[0] is None or known[0][0] != stream:
            return None
        for place in known:
            if place is None or place[0] != stream:
                raise WrongVersion(self._current(stream))
        assert known[-1] is not None
        return self._standing(stream, known[-1][1])

    def _standing(self, stream: str, revision: int) -> Written:
        hidden = revision < self._first_visible.get(stream, 0)
        return Written(revision, None if hidden else self._streams[stream][revision].commit)

    def _is_tombstoned(self, stream: str) -> bool:
        return stream in self._tombstones or stream.removeprefix("$$") in self._tombstones

    def _is_soft_deleted(self, stream: str) -> bool:
        return self._first_visible.get(stream) == DELETED

    def _current(self, stream: str) -> int:
        return len(self._streams.get(stream, ())) - 1

    def _write(self, stream: str, events: Sequence[Proposed]) -> int:
        """Answers the position of the last one."""
        records = self._streams.setdefault(stream, []) if events else []
        commit = self.end
        for event in events:
            commit = self.end
            new = record(event, stream=stream, revision=len(records), at=commit)
            records.append(new)
            self._places[event.id] = (stream, new.revision)
            self._add(new)
            if stream.startswith("$$"):
                self._obey(stream.removeprefix("$$"), event.data)
        return commit

    def _obey(self, stream: str, metadata: bytes) -> None:
        self._first_visible[stream] = _number(metadata, "$tb") or 0
        if most := _number(metadata, "$maxCount"):
            self._most_visible[stream] = most

    def _add(self, new: Record) -> None:
        self.records.append(new)
        self.positions.append(new.commit)
        self.end = new.end

    def _write_metadata(self, stream: str, metadata: dict[str, object]) -> int:
        return self._write(f"$${stream}", [_system("$metadata", metadata)])

    @property
    def last(self) -> Position:
        """The position of the newest record."""
        return self.records[-1].position


def _system(event_type: str, data: dict[str, object]) -> Proposed:
    return Proposed(uuid4(), event_type, is_json=True, data=json.dumps(data).encode(), metadata=b"")


def _number(metadata: bytes, name: str) -> int | None:
    try:
        return int(json.loads(metadata)[name])
    except (ValueError, TypeError, KeyError):
        return None
