"""Which records a reader of $all asks for."""

import re
from functools import lru_cache

from esdbclient.protos.Grpc import streams_pb2

from tests.kurrent.pages import Filter
from tests.kurrent.records import Record


def everything(_: Record) -> bool:
    """No filter."""
    return True


def requested(options: streams_pb2.ReadReq.Options.FilterOptions) -> Filter:
    """By stream name or by event type; by a regular expression, found anywhere, or by prefixes."""
    by_type = options.WhichOneof("filter") == "event_type"
    expression = options.event_type if by_type else options.stream_identifier
    pattern, prefixes = re.compile(expression.regex), tuple(expression.prefix)

    @lru_cache(maxsize=4096)
    def matches(name: str) -> bool:
        return pattern.search(name) is not None if pattern.pattern else name.startswith(prefixes)

    return lambda record: matches(record.type if by_type else record.stream)
