"""HTTP as uvicorn parses it, with limits on what comes before the application is called: a head may be too
large (431) or take too long (408). For bodies see config/body.py."""

import asyncio
import logging
import os
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD = 32 * 1024
"""Bytes of a request line and its headers. An address that ticks fifty sites has two thousand."""
WITHIN = float(os.environ.get("HEAD_WITHIN_SECONDS", "10"))
"""Seconds for a head to be complete, and for a new connection to send anything."""
LINGER = 1.0
"""Seconds for which we discard what is still sent, so that the answer is not lost with it."""
WRAPPING = 4 * 1024 * 1024
"""The most bytes besides the body itself, once the head is complete."""
PIECE = 16 * 1024
"""Bytes that are parsed between two checks of their number."""

log = logging.getLogger("callout.access")


class Protocol(HttpToolsProtocol):
    """Counts what is not body: first the head; then, with a far higher limit, the framing of chunks and
    their trailers."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._is_refused = self._is_between = False
        self._timer: asyncio.TimerHandle | None = None
        self._begin_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        for start in range(0, len(data), PIECE):
            if self._is_refused or self.transport.is_closing():
                return
            if self._is_between:
                self._begin_head()
            piece = data[start : start + PIECE]
            self._spent += len(piece)
            super().data_received(piece)
            if self._spent > self._most:
                self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    def on_headers_complete(self) -> None:
        self._end_timer()
        self._spent, self._most = 0, WRAPPING
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._spent -= len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._is_between = True
        super().on_message_complete()

    def _begin_head(self) -> None:
        self._is_between, self._spent, self._most = False, 0, HEAD
        self._end_timer()
        self._timer = self.loop.call_later(WITHIN, self._is_late)

    def _end_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _is_late(self) -> None:
        if self._spent:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT)
        else:
            self.transport.close()

    def _refuse(self, status: HTTPStatus) -> None:
        """Answer, read no more, and close. If an earlier request is still being answered, only close."""
        self._is_refused = True
        self._end_timer()
        if self.transport.is_closing():
            return
        log.info("%s before there was a request", status.value)
        cycle: Any = self.cycle  # None before the first request
        if cycle is not None and not cycle.response_complete:
            self.transport.close()
            return
        self.transport.write(answer_of(status))
        self.transport.write_eof()
        self.flow.resume_reading()
        self.loop.call_later(LINGER, self.transport.close)


def answer_of(status: HTTPStatus) -> bytes:
    """The whole answer, for people and programs alike."""
    text = status.phrase.encode()
    head: list[Any] = [
        f"HTTP/1.1 {status.value} {status.phrase}",
        "content-type: text/plain; charset=utf-8",
        f"content-length: {len(text)}",
        "cache-control: no-store",
        "connection: close",
        "",
        "",
    ]
    return "\r\n".join(head).encode() + text
