"""The Read call: one stream or $all, forwards or backwards, once or as a subscription."""

import sys
from collections.abc import Iterable, Iterator

from esdbclient.protos.Grpc import shared_pb2, streams_pb2

from tests.kurrent.calls import Call
from tests.kurrent.filters import everything, requested
from tests.kurrent.log import Deleted, Log
from tests.kurrent.pages import BeyondEnd, Filter, InvalidPosition, backwards, forwards
from tests.kurrent.records import Position, Record, encoded
from tests.kurrent.subscriptions import AllSubscription, stream_subscription

Options = streams_pb2.ReadReq.Options


def read(log: Log, options: Options, call: Call) -> Iterator[bytes]:
    """The answers, encoded."""
    is_subscription = options.WhichOneof("count_option") == "subscription"
    if options.WhichOneof("stream_option") == "all":
        return _subscribe_to_all(log, options, call) if is_subscription else _read_all(log, options, call)
    return _subscribe_to_stream(log, options, call) if is_subscription else _read_stream(log, options, call)


def _read_all(log: Log, options: Options, call: Call) -> Iterator[bytes]:
    has_filter = options.HasField("filter")
    allowed = requested(options.filter) if has_filter else everything
    direction = forwards if options.read_direction == Options.Forwards else backwards
    result, position = f"Unexpected {'Filtered' * has_filter}ReadAllResult", _position(options)
    if not options.count:
        call.unknown(f"{result}: Error")
    try:
        records = direction(log, position, _slowly(allowed, call), _limit(options))
    except InvalidPosition:
        call.unknown(f"{result}: InvalidPosition")
    except BeyondEnd:
        call.unknown(f"{result}: Error >> Position {position} is beyond the end of the log")
    return _messages(records)


def _slowly(allowed: Filter, call: Call) -> Filter:
    """The filter, which takes as long as the test wants for what it leaves out."""

    def looked_at(record: Record) -> bool:
        if allowed(record):
            return True
        call.pass_over()
        return False

    return looked_at


def _subscribe_to_all(log: Log, options: Options, call: Call) -> Iterator[bytes]:
    after = log.last if options.all.WhichOneof("all_option") == "end" else _position(options)
    if options.HasField("filter"):
        allowed, window = requested(options.filter), options.filter.max or 32
        interval = window * options.filter.checkpointIntervalMultiplier
        subscription = AllSubscription(log, after, allowed, window=window, interval=interval)
    else:
        subscription = AllSubscription(log, after, None, window=0, interval=1)
    try:
        yield from subscription.messages(lambda: call.over)
    except InvalidPosition:
        call.invalid("Trying to read from an invalid position.")


def _read_stream(log: Log, options: Options, call: Call) -> Iterator[bytes]:
    name = options.stream.stream_identifier.stream_name.decode()
    if not options.count:
        call.unknown("Unexpected ReadStreamResult: Error")
    which = options.stream.WhichOneof("revision_option")
    revision = {"start": 0, "end": sys.maxsize}.get(str(which), options.stream.revision)
    try:
        if options.read_direction == Options.Forwards:
            # From the end of a stream forwards there is nothing, but the answer still says whether the
            # stream exists.
            records = log.stream(name, revision)
        else:
            records = log.stream(name)
    except Deleted:
        call.stream_deleted(name)
    if records is None:
        identifier = shared_pb2.StreamIdentifier(stream_name=name.encode())
        missing = streams_pb2.ReadResp.StreamNotFound(stream_identifier=identifier)
        return iter([encoded(streams_pb2.ReadResp(stream_not_found=missing))])
    if options.read_direction == Options.Backwards:
        records = [record for record in reversed(records) if record.revision <= revision]
    return _messages(records[: _limit(options)])


def _subscribe_to_stream(log: Log, options: Options, call: Call) -> Iterator[bytes]:
    name = options.stream.stream_identifier.stream_name.decode()
    try:
        match options.stream.WhichOneof("revision_option"):
            case "start":
                after = -1
            case "end":
                after = max((record.revision for record in log.stream(name) or ()), default=-1)
            case _:
                after = options.stream.revision
        yield from stream_subscription(log, name, after, lambda: call.over)
    except Deleted:
        call.stream_deleted(name)


def _messages(records: Iterable[Record]) -> Iterator[bytes]:
    return (record.message for record in records)


def _position(options: Options) -> Position | None:
    if options.all.WhichOneof("all_option") != "position":
        return None
    return Position(options.all.position.commit_position, options.all.position.prepare_position)


def _limit(options: Options) -> int:
    return min(options.count, sys.maxsize)
