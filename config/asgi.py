"""The ASGI entry point: Django, a line of log for each answer, and an end to whoever takes nothing.

Start-up and end are told by the server (lifespan); Django does not listen for them.
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
# Each request has a thread of its own, so a connection that belongs to a thread would serve one request.
os.environ.setdefault("DATABASE_POOL", "16")
os.environ.setdefault("SERVES_PEOPLE", "1")  # who does not wait for a database as long as a command does
with exit_on_bad_setting():
    django = get_asgi_application()

from config.body import Body, RefusedBody, refuse
from eventstore.feed.broadcast import end_all
from pages.open_streams import open_request

PATIENCE = float(os.environ.get("STALLED_AFTER_SECONDS", "30"))
"""Seconds for which an answer waits for a client that takes nothing of it."""
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
        # Uvicorn's. Closing it would wait for what the client never takes.
        self._transport = getattr(getattr(send, "__self__", None), "transport", None)

    async def send(self, message: Any) -> None:
        """Send on, unless the client takes nothing for so long that it must be gone, or asleep."""
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
        """Method, path, status, bytes, milliseconds. Not the query string, which holds what people searched
        for; no address, no referrer, no browser."""
        took = (time.perf_counter() - self._began) * 1000
        path = quote(self._scope["path"])  # a line stays one line
        log.info("%s %s %s %s %.0fms", self._scope["method"], path, self._status, self._bytes, took)


async def lifespan(receive: Any, send: Any) -> None:
    """Have the signal that stops the server end the streams, for which it would wait."""
    while (await receive())["type"] != "lifespan.shutdown":
        end_streams_on(signal.SIGTERM, asyncio.get_running_loop())
        end_streams_on(signal.SIGINT, asyncio.get_running_loop())
        await send({"type": "lifespan.startup.complete"})
    await send({"type": "lifespan.shutdown.complete"})


def end_streams_on(number: int, loop: asyncio.AbstractEventLoop) -> None:
    """Before whatever else the signal does."""
    others = signal.getsignal(number)

    def end(number: int, frame: FrameType | None) -> None:
        end_all()
        loop.call_soon_threadsafe(loop.call_later, GRACE, end_stalled)
        if callable(others):
            others(number, frame)

    signal.signal(number, end)


def end_stalled() -> None:
    """Those who take nothing do not take the end of their stream either."""
    for transport in list(_stalled):
        transport.abort()
