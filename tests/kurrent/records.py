"""What the log is made of."""

import time
from typing import NamedTuple
from uuid import UUID

from esdbclient.protos.Grpc import shared_pb2, streams_pb2

OVERHEAD = 120
"""Bytes that a record takes besides its stream, type, data and metadata."""


class Position(NamedTuple):
    """A place in the log. A record is at (p, p); `(end of a record, 0)` is the place just before the next
    one, whether or not that is written yet."""

    commit: int
    prepare: int


class Proposed(NamedTuple):
    """An event that a client asks to append."""

    id: UUID
    type: str
    is_json: bool
    data: bytes
    metadata: bytes

    @property
    def size(self) -> int:
        """Bytes, as the real server counts them against the largest append."""
        return len(self.data) + len(self.metadata) + 2 * len(self.type)


class Record(NamedTuple):
    """An event in the log. `message` is the answer that carries it to readers, encoded once."""

    commit: int
    end: int
    stream: str
    revision: int
    type: str
    id: UUID
    message: bytes

    @property
    def position(self) -> Position:
        return Position(self.commit, self.commit)


def record(event: Proposed, *, stream: str, revision: int, at: int) -> Record:
    """The event as it is recorded now, `at` bytes from the start of the log."""
    end = at + OVERHEAD + len(stream) + event.size
    return Record(at, end, stream, revision, event.type, event.id, _message(event, stream, revision, at))


def encoded(message: streams_pb2.ReadResp) -> bytes:
    """The message in the form in which it is sent."""
    return bytes(message.SerializeToString())


def _message(event: Proposed, stream: str, revision: int, at: int) -> bytes:
    content_type = "application/json" if event.is_json else "application/octet-stream"
    recorded = streams_pb2.ReadResp.ReadEvent.RecordedEvent(
        id=shared_pb2.UUID(string=str(event.id)),
        stream_identifier=shared_pb2.StreamIdentifier(stream_name=stream.encode()),
        stream_revision=revision,
        commit_position=at,
        prepare_position=at,
        # The server's time in ticks of 100 nanoseconds.
        metadata={"type": event.type, "created": str(time.time_ns() // 100), "content-type": content_type},
        custom_metadata=event.metadata,
        data=event.data,
    )
    read = streams_pb2.ReadResp.ReadEvent(event=recorded, commit_position=at)
    return encoded(streams_pb2.ReadResp(event=read))
