"""One call: who makes it, whether it is over, and how it is refused.

Status codes, texts and trailing metadata are those of the real server: the client depends on them.
"""

import time
from base64 import b64decode
from typing import Any, NoReturn

import grpc  # type: ignore[import-untyped]

from tests.kurrent.faults import Cut, Faults
from tests.kurrent.log import Log

Credentials = tuple[str, str]
Trailers = tuple[tuple[str, str], ...]


class Call:
    """Wraps the context that gRPC hands in."""

    def __init__(self, context: Any, log: Log, faults: Faults) -> None:
        self._context = context
        self._log = log
        self._faults = faults
        self._dropped = faults.dropped
        # Called at once when the client has gone already.
        if not context.add_callback(log.wake):
            log.wake()

    @property
    def over(self) -> bool:
        """Whether nobody waits for the answer any more, or nobody is to get one."""
        return self._is_cut or not self._context.is_active()

    @property
    def _is_cut(self) -> bool:
        return self._faults.stopping or self._faults.dropped != self._dropped

    def hold(self, *, written: bool = False) -> None:
        """Wait while the server hangs."""
        if self._faults.held(written=written):
            with self._log.changed:
                self._faults.calls_held += 1
        while (seconds := self._faults.held(written=written)) and not self.over:
            with self._log.changed:
                self._log.changed.wait(seconds)
        self.check()

    def check(self) -> None:
        """Break off when the server stops or drops its connections."""
        if self._is_cut:
            self.cut()

    def authenticate(self, credentials: Credentials | None) -> bool:
        """Whether the caller may do as he likes. Wrong credentials end the call; none at all are
        refused by each kind of call in its own way."""
        if credentials is None:
            return True
        header = dict(self._context.invocation_metadata()).get("authorization")
        if header is None:
            return False
        if b64decode(header.removeprefix("Basic ")).decode() != ":".join(credentials):
            self._abort(grpc.StatusCode.UNAUTHENTICATED, "Unauthenticated")
        return True

    def meet(self, cut: Cut) -> None:
        """Break off if a test wants this."""
        if self._faults.meets(cut):
            self.not_leader() if cut is Cut.NOT_LEADER else self.cut()

    def cut(self) -> NoReturn:
        """As the client sees a connection that breaks."""
        self._abort(grpc.StatusCode.UNAVAILABLE, "Socket closed")

    def require_leader(self, leader: tuple[str, int] | None) -> None:
        """Refer callers who want the leader to it, if this server is not the leader."""
        wanted = dict(self._context.invocation_metadata()).get("requires-leader")
        if leader is not None and wanted == "true":
            self.not_leader(leader)

    def pass_over(self) -> None:
        """Take the time for an event that a filter leaves out."""
        if self._faults.scanning:
            time.sleep(self._faults.scanning)
            if not self._context.is_active():
                self.cut()

    def not_leader(self, leader: tuple[str, int] | None = None) -> NoReturn:
        host, port = leader or self._faults.leader
        trailers = (("leader-endpoint-host", host), ("leader-endpoint-port", str(port)))
        self._abort(grpc.StatusCode.NOT_FOUND, "Leader info available", "not-leader", trailers)

    def access_denied(self) -> NoReturn:
        self._abort(grpc.StatusCode.PERMISSION_DENIED, "Access Denied", "access-denied")

    def stream_deleted(self, stream: str) -> NoReturn:
        details = f"Event stream '{stream}' is deleted."
        self._abort(
            grpc.StatusCode.FAILED_PRECONDITION, details, "stream-deleted", (("stream-name", stream),)
        )

    def wrong_version(self, operation: str, stream: str, expected: int, current: int) -> NoReturn:
        details = (
            f"{operation} failed due to WrongExpectedVersion. Stream: {stream}, "
            f"Expected version: {expected}, Actual version: {current}"
        )
        trailers = (
            ("stream-name", stream),
            ("expected-version", str(expected)),
            ("actual-version", str(current)),
        )
        self._abort(grpc.StatusCode.FAILED_PRECONDITION, details, "wrong-expected-version", trailers)

    def too_large(self, largest: int) -> NoReturn:
        details = f"Maximum Append Size of {largest} Exceeded."
        trailers = (("maximum-append-size", str(largest)),)
        self._abort(grpc.StatusCode.INVALID_ARGUMENT, details, "maximum-append-size-exceeded", trailers)

    def invalid(self, details: str) -> NoReturn:
        self._abort(grpc.StatusCode.INVALID_ARGUMENT, details)

    def unknown(self, details: str) -> NoReturn:
        self._abort(grpc.StatusCode.UNKNOWN, details)

    def _abort(self, code: Any, details: str, exception: str = "", trailers: Trailers = ()) -> NoReturn:
        if exception:
            self._context.set_trailing_metadata((("exception", exception), *trailers))
        self._context.abort(code, details)
        raise AssertionError("abort raises")
