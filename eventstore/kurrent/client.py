"""The client of KurrentDB as this package uses it. Only this module imports it.

Upstream has renamed esdbclient to kurrentdbclient. We install the former; if it is missing, we use the
latter, which has other names for some things.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, NamedTuple, TypedDict
from uuid import UUID, uuid4

import grpc  # type: ignore[import-untyped]

try:
    import esdbclient as package
    from esdbclient import EventStoreDBClient as _Client
    from esdbclient import NewEvent, RecordedEvent, StreamState, exceptions
    from esdbclient.common import handle_rpc_error
    from esdbclient.connection_spec import ConnectionSpec
except ModuleNotFoundError:  # pragma: no cover  one of the two is installed
    import kurrentdbclient as package  # type: ignore[import-not-found, no-redef]
    from kurrentdbclient import KurrentDBClient as _Client  # type: ignore[no-redef]
    from kurrentdbclient import NewEvent, RecordedEvent, StreamState, exceptions  # type: ignore[no-redef]
    from kurrentdbclient.common import handle_rpc_error  # type: ignore[import-not-found, no-redef]
    from kurrentdbclient.connection_spec import (  # type: ignore[import-not-found, no-redef]
        ConnectionSpec,
    )

__all__ = ["NAME", "Client", "Filter", "NewEvent", "RecordedEvent", "StreamState", "error", "is_for_leaders"]

NAME: str = package.__name__

OPTIONS = (
    # gRPC lets channels to one address share a connection, and with it the pause before it connects again,
    # which grows to two minutes. A channel of our own begins without a pause, and we make a new one for
    # each try.
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 1000),
    ("grpc.max_reconnect_backoff_ms", 1000),
)
WINDOW = 500
"""Records that the server looks at for one page of a filtered read. The client's own default is 30, which
makes many pages."""


class Append(NamedTuple):
    """One append of many."""

    stream: str
    version: int | StreamState
    events: Sequence[NewEvent]


class Filter(TypedDict):
    """The filter of reads and subscriptions."""

    filter_include: Sequence[str]
    filter_exclude: Sequence[str]
    filter_by_stream_name: bool


def error(name: str) -> type[Exception]:
    """The client's exception of this name; in the renamed package each ends in Error."""
    found: type[Exception] = getattr(exceptions, name, None) or getattr(exceptions, f"{name}Error")
    return found


def option(spec: ConnectionSpec, name: str) -> str:
    """An option of the URL; the renamed package spells it in lower case."""
    found: str = getattr(spec.options, name, None) or getattr(
        spec.options, re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower()
    )
    return found


def is_for_leaders(url: str) -> bool:
    """Whether the URL asks for the leader. Raises ValueError when it cannot be read."""
    return option(ConnectionSpec(url), "NodePreference") == "leader"


class Client(_Client):
    """One channel to one node.

    It calls the services below the client's own methods, because those reconnect by themselves: reads in
    other threads would then end as if there were no more events.
    """

    _grpc_options: tuple[tuple[str, Any], ...] = ()

    def __init__(self, url: str) -> None:
        super().__init__(url)
        spec = self.connection_spec
        self._sign_in: dict[str, Any] = {
            "metadata": (("connection-name", option(spec, "ConnectionName")),),
            "credentials": self.construct_call_credentials(spec.username, spec.password),
        }

    @property
    def grpc_options(self) -> Any:
        """The package's options, and ours."""
        return self._grpc_options + OPTIONS

    @grpc_options.setter
    def grpc_options(self, options: Any) -> None:
        self._grpc_options = tuple(each for each in options if each not in OPTIONS)

    def batch_append(
        self, stream: str, version: int | StreamState, events: Sequence[NewEvent], *, timeout: float
    ) -> int:
        """Append all or none; returns the commit position of the last."""
        return self.streams.batch_append(
            stream_name=stream, current_version=version, events=events, timeout=timeout, **self._sign_in
        )

    def batch_appends(self, appends: Iterable[Append], *, timeout: float) -> None:
        """Send many appends one after another without waiting for the answers; the server takes them in
        this order. Raises the error of the first that the server refuses; it may have taken those after
        it.

        The client has this method commented out, so it is built from its parts here (docs/adr/0035).
        """
        service, waiting = self.streams, {uuid4(): each for each in appends}
        requests = [
            service._construct_batch_append_req(
                stream_name=each.stream,
                current_version=each.version,
                events=each.events,
                correlation_id=number,
                timeout=timeout,
            )
            for number, each in waiting.items()
        ]
        try:
            answers = service._stub.BatchAppend(
                iter(requests),
                timeout=timeout,
                metadata=service._metadata(self._sign_in["metadata"], requires_leader=True),
                credentials=self._sign_in["credentials"],
            )
            for answer in answers:
                append = waiting.pop(UUID(answer.correlation_id.string))
                try:
                    service._convert_batch_append_resp(answer, append.stream, append.version)
                except error("WrongCurrentVersion") as wrong:
                    wrong.args = (f"{append.stream}: {wrong}",)
                    raise
                if not waiting:
                    return
        except grpc.RpcError as broken:
            raise handle_rpc_error(broken) from None
        raise error("GrpcError").__mro__[1]("An answer is missing")

    def stream(
        self, name: str, start: int | None, *, limit: int, timeout: float, backwards: bool = False
    ) -> AbstractContextManager[Iterator[RecordedEvent]]:
        """Part of one stream, oldest first, or backwards; None is its beginning or end."""
        return self.streams.read(
            stream_name=name,
            stream_position=start,
            backwards=backwards,
            limit=limit,
            timeout=timeout,
            **self._sign_in,
        )

    def everything(
        self,
        position: int | None,
        *,
        filters: Filter | None,
        limit: int,
        timeout: float,
        backwards: bool = False,
    ) -> AbstractContextManager[Iterator[RecordedEvent]]:
        """All events from a position on (itself included), or backwards from before it. None is the
        beginning or the end."""
        options: dict[str, Any] = {**filters, "window_size": WINDOW} if filters else {}
        return self.streams.read(
            commit_position=position,
            backwards=backwards,
            limit=limit,
            timeout=timeout,
            **options,
            **self._sign_in,
        )

    def subscription(
        self, position: int | None, *, filters: Filter, window: int, windows: int
    ) -> Iterable[RecordedEvent]:
        """What comes after a position, and checkpoints, without end."""
        return self.streams.read(
            commit_position=position,
            **filters,
            subscribe=True,
            include_checkpoints=True,
            window_size=window,
            checkpoint_interval_multiplier=windows,
            **self._sign_in,
        )
