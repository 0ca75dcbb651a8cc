"""The Streams service: Append, BatchAppend, Delete, Tombstone, Read."""

from collections.abc import Callable, Iterator
from typing import Any

import grpc  # type: ignore[import-untyped]
from esdbclient.protos.Grpc import code_pb2, shared_pb2, streams_pb2
from google.protobuf import empty_pb2  # type: ignore[import-untyped]

from tests.kurrent import append_calls
from tests.kurrent.calls import Call, Credentials
from tests.kurrent.faults import Cut, Faults
from tests.kurrent.log import Deleted, Log, Written, WrongVersion
from tests.kurrent.read_calls import read
from tests.kurrent.records import Proposed

NAME = "event_store.client.streams.Streams"


class Streams:
    """Answers the calls of one server. `appends` counts the appends that were asked for, broken ones too, and
    `reads` what was read but for subscriptions, `batches` the calls that appended batches. `windows` are the
    records that each filtered read wants looked at for a page."""

    def __init__(
        self, log: Log, faults: Faults, credentials: Credentials | None, *, largest_append: int
    ) -> None:
        self._largest_append = largest_append
        self._log = log
        self._faults = faults
        self._credentials = credentials
        self.leader: Callable[[], tuple[str, int] | None] = lambda: None
        self.appends = 0
        self.reads = 0
        self.batches = 0
        self.subscriptions = 0
        self.windows: list[int] = []

    def handlers(self) -> Any:
        """The handlers for gRPC. What Read returns is encoded already."""
        pb = streams_pb2
        return grpc.method_handlers_generic_handler(
            NAME,
            {
                "Read": grpc.unary_stream_rpc_method_handler(self.read, pb.ReadReq.FromString, None),
                "Append": grpc.stream_unary_rpc_method_handler(
                    self.append, pb.AppendReq.FromString, pb.AppendResp.SerializeToString
                ),
                "BatchAppend": grpc.stream_stream_rpc_method_handler(
                    self.batch_append, pb.BatchAppendReq.FromString, pb.BatchAppendResp.SerializeToString
                ),
                "Delete": grpc.unary_unary_rpc_method_handler(
                    self.delete, pb.DeleteReq.FromString, pb.DeleteResp.SerializeToString
                ),
                "Tombstone": grpc.unary_unary_rpc_method_handler(
                    self.tombstone, pb.TombstoneReq.FromString, pb.TombstoneResp.SerializeToString
                ),
            },
        )

    def read(self, request: streams_pb2.ReadReq, context: Any) -> Iterator[bytes]:
        """One message for each event, and those that say where the reader is."""
        call = self._call(context)
        is_subscription = request.options.HasField("subscription")
        self.reads += not is_subscription
        if request.options.HasField("filter"):
            self.windows.append(request.options.filter.max)
        self._count(is_subscription)
        try:
            for message in read(self._log, request.options, call):
                call.hold()
                yield message
            call.check()
        finally:
            self._count(-is_subscription)

    def append(self, requests: Iterator[streams_pb2.AppendReq], context: Any) -> streams_pb2.AppendResp:
        """The first request tells where, each further one holds an event."""
        call = self._call(context)
        options = next(requests).options
        events = append_calls.proposed(request.proposed_message for request in requests)
        if not append_calls.has_name(options, events):
            call.unknown("BadRequest")
        if append_calls.size(events) > self._largest_append:
            call.too_large(self._largest_append)
        stream, expected = options.stream_identifier.stream_name.decode(), append_calls.expected(options)
        try:
            return append_calls.appended(self._append(call, stream, expected, events))
        except WrongVersion as error:
            return append_calls.wrong_version(expected, error.current)
        except Deleted:
            call.stream_deleted(stream)

    def batch_append(
        self, requests: Iterator[streams_pb2.BatchAppendReq], context: Any
    ) -> Iterator[streams_pb2.BatchAppendResp]:
        """Requests of the same correlation id belong together until one is final."""
        call = self._call(context, refuse=False)
        self.batches += 1
        begun: dict[str, tuple[Any, list[Proposed]]] = {}
        for request in requests:
            batch = request.correlation_id.string
            options, events = begun.setdefault(batch, (request.options, []))
            events += append_calls.proposed(request.proposed_messages)
            if request.is_final:
                answer = self._answer_batch(call, *begun.pop(batch))
                answer.correlation_id.CopyFrom(request.correlation_id)
                answer.stream_identifier.CopyFrom(options.stream_identifier)
                yield answer

    def _answer_batch(self, call: Call, options: Any, events: list[Proposed]) -> streams_pb2.BatchAppendResp:
        if (refusal := self._refusal(call, options, events)) is not None:
            return refusal
        stream = options.stream_identifier.stream_name.decode()
        expected = append_calls.expected(options, "expected_stream_position")
        try:
            if self._faults.meets(Cut.TIMED_OUT):
                self._append(call, stream, expected, events)
                return append_calls.batch_refused(code_pb2.DEADLINE_EXCEEDED, shared_pb2.Timeout())
            return append_calls.batch_appended(self._append(call, stream, expected, events))
        except WrongVersion as error:
            return append_calls.batch_wrong_version(expected, error.current)
        except Deleted:
            deleted = shared_pb2.StreamDeleted(stream_identifier=options.stream_identifier)
            return append_calls.batch_refused(code_pb2.NOT_FOUND, deleted)

    def _refusal(
        self, call: Call, options: Any, events: list[Proposed]
    ) -> streams_pb2.BatchAppendResp | None:
        """The reasons against an append that do not depend on its stream."""
        if not call.authenticate(self._credentials):
            return append_calls.batch_refused(code_pb2.PERMISSION_DENIED, shared_pb2.AccessDenied())
        if append_calls.is_past(options):
            return append_calls.batch_refused(code_pb2.DEADLINE_EXCEEDED, shared_pb2.Timeout())
        if not append_calls.has_name(options, events):
            return append_calls.batch_refused(code_pb2.UNKNOWN, shared_pb2.BadRequest(message="BadRequest"))
        if self._faults.meets(Cut.NOT_READY):
            return append_calls.batch_refused(code_pb2.UNAVAILABLE, empty_pb2.Empty())
        return append_calls.batch_too_large(events, self._largest_append)

    def delete(self, request: streams_pb2.DeleteReq, context: Any) -> streams_pb2.DeleteResp:
        """Until somebody appends again."""
        commit = self._delete(self._log.delete, "Delete", request.options, self._call(context))
        position = streams_pb2.DeleteResp.Position(commit_position=commit, prepare_position=commit)
        return streams_pb2.DeleteResp(position=position)

    def tombstone(self, request: streams_pb2.TombstoneReq, context: Any) -> streams_pb2.TombstoneResp:
        """For good."""
        commit = self._delete(self._log.tombstone, "Delete", request.options, self._call(context))
        position = streams_pb2.TombstoneResp.Position(commit_position=commit, prepare_position=commit)
        return streams_pb2.TombstoneResp(position=position)

    def _count(self, subscriptions: int) -> None:
        with self._log.changed:
            self.subscriptions += subscriptions

    def _call(self, context: Any, *, refuse: bool = True) -> Call:
        call = Call(context, self._log, self._faults)
        call.hold()
        if refuse and not call.authenticate(self._credentials):
            call.access_denied()
        call.require_leader(self.leader())
        return call

    def _append(self, call: Call, stream: str, expected: int, events: list[Proposed]) -> Written:
        self.appends += 1
        call.meet(Cut.BEFORE_APPEND)
        call.meet(Cut.NOT_LEADER)
        written = self._log.append(stream, expected, events)
        call.meet(Cut.AFTER_APPEND)
        call.hold(written=True)
        return written

    def _delete(self, delete: Any, operation: str, options: Any, call: Call) -> int:
        stream, expected = options.stream_identifier.stream_name.decode(), append_calls.expected(options)
        try:
            return int(delete(stream, expected))
        except WrongVersion as error:
            call.wrong_version(operation, stream, expected, error.current)
        except Deleted:
            call.stream_deleted(stream)
