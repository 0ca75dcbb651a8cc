"""The ASGI entry point: Django, a log line for each answer, and an end to clients that read nothing.

The server reports start-up and end (lifespan); Django does not listen for them.
"""

import asyncio
import logging
import os
import signal
import time
from types import FrameType
from typing import Any
from urllib.parse import quote

from django.core.asgi import get_asgi_application

from config.environment import exit_on_bad_setting

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# Each request has a thread of its own, so a connection that belongs to a thread would serve one request
# only.
os.environ.setdefault("DATABASE_POOL", "16")
os.environ.setdefault("SERVES_PEOPLE", "1")  # people do not wait for a database as long as a command does
with exit_on_bad_setting():
    django = get_asgi_application()

from config.body import Body, RefusedBody, refuse
from eventstore.feed.broadcast import end_all
from pages.open_streams import open_request

PATIENCE = float(os.environ.get("STALLED_AFTER_SECONDS", "30"))
"""Seconds for which an answer waits for a client that reads nothing of it."""
GRACE = 1.0
"""The same, once the server stops."""

log = logging.getLogger("callout.access")
_stalled: set[Any] = set()


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Serve HTTP."""
    if scope["type"] == "lifespan":
        await lifespan(receive, send)
    else:
        sending = Sending(scope, send)
        try:
            body = Body(scope, receive)
            with open_request():
                await django(scope, body.receive, sending.send)
        except RefusedBody as refused:
            await refuse(refused.status, scope, receive, sending.send)
        finally:
            sending.note()


class Sending:
    """One answer on its way."""

    def __init__(self, scope: Any, send: Any) -> None:
        self._scope, self._send = scope, send
        self._began, self._status, self._bytes = time.perf_counter(), 0, 0
        # Uvicorn's own. Closing it would wait for what the client never reads.
        self._transport = getattr(getattr(send, "__self__", None), "transport", None)

    async def send(self, message: Any) -> None:
        """Send on, unless the client has read nothing for so long that it must be gone, or asleep."""
        self._status = message.get("status", self._status)
        self._bytes += len(message.get("body", b""))
        if self._transport is None:
            await self._send(message)
            return
        watchdog = asyncio.get_running_loop().call_later(PATIENCE, self._transport.abort)
        _stalled.add(self._transport)
        try:
            await self._send(message)
        finally:
            _stalled.discard(self._transport)
            watchdog.cancel()

    def note(self) -> None:
        """Log method, path, status, bytes and milliseconds. Not the query string, which holds what people
        searched for; no address, no referrer, no browser."""
        took = (time.perf_counter() - self._began) * 1000
        path = quote(self._scope["path"])  # so that a log line stays one line
        log.info("%s %s %s %s %.0fms", self._scope["method"], path, self._status, self._bytes, took)


async def lifespan(receive: Any, send: Any) -> None:
    """Let the signal that stops the server also end the streams; otherwise the server would wait for them."""
    while (await receive())["type"] != "lifespan.shutdown":
        end_streams_on(signal.SIGTERM, asyncio.get_running_loop())
        end_streams_on(signal.SIGINT, asyncio.get_running_loop())
        await send({"type": "lifespan.startup.complete"})
    await send({"type": "lifespan.shutdown.complete"})


def end_streams_on(number: int, loop: asyncio.AbstractEventLoop) -> None:
    """Runs before anything else that the signal does."""
    others = signal.getsignal(number)

    def end(number: int, frame: FrameType | None) -> None:
        end_all()
        loop.call_soon_threadsafe(loop.call_later, GRACE, end_stalled)
        if callable(others):
            others(number, frame)

    signal.signal(number, end)


def end_stalled() -> None:
    """Clients that read nothing do not read the end of their stream either."""
    for transport in list(_stalled):
        transport.abort()
