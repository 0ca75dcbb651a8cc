"""The requests of calls that write, and their answers."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from esdbclient.protos.Grpc import code_pb2, shared_pb2, status_pb2, streams_pb2

from tests.kurrent import log
from tests.kurrent.records import Proposed

LARGEST_APPEND, LARGEST_EVENT = 256 * 1024 * 1024, 16 * 1024 * 1024
"""Bytes, all events of one append together, and one of them; defaults of KurrentDB 26.1. Up to 24.10 an
append was 1 MiB at most."""


def expected(options: Any, kind: str = "expected_stream_revision") -> int:
    """The version that the stream is expected to have."""
    match options.WhichOneof(kind):
        case "no_stream":
            return log.NO_STREAM
        case "any":
            return log.ANY
        case "stream_exists":
            return log.STREAM_EXISTS
        case revision:
            return int(getattr(options, revision))


def proposed(messages: Iterable[Any]) -> list[Proposed]:
    """The events, from either kind of append."""
    return [
        Proposed(
            id=UUID(message.id.string),
            type=message.metadata["type"],
            is_json=message.metadata["content-type"] == "application/json",
            data=message.data,
            metadata=message.custom_metadata,
        )
        for message in messages
    ]


def size(events: Iterable[Proposed]) -> int:
    """Bytes of one append."""
    return sum(event.size for event in events)


def has_name(options: Any, events: Iterable[Proposed]) -> bool:
    """Whether the stream has a name, and each event a type."""
    return bool(options.stream_identifier.stream_name) and all(event.type for event in events)


def is_past(options: Any) -> bool:
    """Whether the time of a batch was over before it came."""
    deadline = options.deadline
    return options.HasField("deadline") and (deadline.seconds, deadline.nanos) <= (0, 0)


def appended(written: log.Written) -> streams_pb2.AppendResp:
    """To Append: done."""
    answer = streams_pb2.AppendResp()
    _tell(answer.success, written)
    return answer


def wrong_version(expected: int, current: int) -> streams_pb2.AppendResp:
    """To Append: refused."""
    answer = streams_pb2.AppendResp()
    refused = answer.wrong_expected_version
    match expected:
        case log.NO_STREAM:
            refused.expected_no_stream.SetInParent()
        case log.ANY:
            refused.expected_any.SetInParent()
        case log.STREAM_EXISTS:
            refused.expected_stream_exists.SetInParent()
        case revision:
            refused.expected_revision = revision
    if current == log.NO_STREAM:
        refused.current_no_stream.SetInParent()
    else:
        refused.current_revision = current
    return answer


def batch_appended(written: log.Written) -> streams_pb2.BatchAppendResp:
    """To BatchAppend: done."""
    answer = streams_pb2.BatchAppendResp()
    _tell(answer.success, written)
    return answer


def _tell(success: Any, written: log.Written) -> None:
    if written.revision == log.NO_STREAM:
        success.no_stream.SetInParent()
    else:
        success.current_revision = written.revision
    if written.commit is None:
        success.no_position.SetInParent()
    else:
        success.position.commit_position = written.commit
        success.position.prepare_position = written.commit


def batch_refused(code: code_pb2.Code.ValueType, details: Any) -> streams_pb2.BatchAppendResp:
    """To BatchAppend: refused, as `details` say."""
    status = status_pb2.Status(code=code, message=type(details).__name__)
    status.details.Pack(details)
    return streams_pb2.BatchAppendResp(error=status)


def batch_too_large(events: list[Proposed], largest: int) -> streams_pb2.BatchAppendResp | None:
    """For BatchAppend: a refusal if it is too large; for a single event, with details that are newer than
    the client."""
    if size(events) > largest:
        return batch_refused(
            code_pb2.INVALID_ARGUMENT, shared_pb2.MaximumAppendSizeExceeded(maxAppendSize=largest)
        )
    if all(event.size <= LARGEST_EVENT for event in events):
        return None
    status = status_pb2.Status(code=code_pb2.INVALID_ARGUMENT, message="Maximum Append Event Size Exceeded")
    status.details.type_url = "type.googleapis.com/event_store.client.MaximumAppendEventSizeExceeded"
    return streams_pb2.BatchAppendResp(error=status)


def batch_wrong_version(expected: int, current: int) -> streams_pb2.BatchAppendResp:
    """For BatchAppend: the stream is not at the expected version."""
    details = shared_pb2.WrongExpectedVersion()
    match expected:
        case log.NO_STREAM:
            details.expected_no_stream.SetInParent()
        case log.ANY:
            details.expected_any.SetInParent()
        case log.STREAM_EXISTS:
            details.expected_stream_exists.SetInParent()
        case revision:
            details.expected_stream_position = revision
    if current == log.NO_STREAM:
        details.current_no_stream.SetInParent()
    else:
        details.current_stream_revision = current
    return batch_refused(code_pb2.ALREADY_EXISTS, details)
