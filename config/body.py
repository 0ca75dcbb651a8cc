"""How large a body may be, and how long it may take, before any of it is kept.

Django spools a body before it asks who sends it. Here the answer is 413 or 408.
"""

import asyncio
import os
from http import HTTPStatus
from typing import Any

from django.conf import settings

from api.problems import MEDIA_TYPE, PREFIX, text_of

MOST: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 2_621_440
"""Bytes. No form and no operation takes a file."""
WITHIN = float(os.environ.get("BODY_WITHIN_SECONDS", "30"))
"""Seconds for the whole body: the largest may be as slow as 90 kB/s, a long form as slow as 1 kB/s."""
LINGER = 2.0
"""Seconds for which we discard what is still sent, so that the answer is not lost with it."""
SENTENCES = {413: "The body is too large", 408: "The body took too long to come"}


class RefusedBody(Exception):
    """The body is refused."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status.phrase)
        self.status = status


class Body:
    """What has still to come of one request."""

    def __init__(self, scope: Any, receive: Any) -> None:
        self._receive, self._left, self.is_whole = receive, MOST, False
        self._until = asyncio.get_running_loop().time() + WITHIN
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if declared.isdigit() and int(declared[:20]) > MOST:
            raise RefusedBody(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)

    async def receive(self) -> Any:
        """The next message. Once the body is whole, the next is that the client disconnects, which may be
        long after."""
        if self.is_whole:
            return await self._receive()
        try:
            async with asyncio.timeout_at(self._until):
                message = await self._receive()
        except TimeoutError:
            raise RefusedBody(HTTPStatus.REQUEST_TIMEOUT) from None
        self._left -= len(message.get("body", b""))
        self.is_whole = not message.get("more_body", False)
        if self._left < 0:
            raise RefusedBody(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        return message


async def refuse(status: int, scope: Any, receive: Any, send: Any) -> None:
    """Send the refusal, and close the connection."""
    is_for_programs = scope["path"].startswith(PREFIX)
    text = text_of(status, SENTENCES[status]) if is_for_programs else SENTENCES[status].encode()
    kind = MEDIA_TYPE if is_for_programs else "text/plain; charset=utf-8"
    headers = {
        "content-type": kind,
        "content-length": str(len(text)),
        "cache-control": "no-store",
        "connection": "close",
    }
    encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": encoded})
    await send({"type": "http.response.body", "body": text, "more_body": True})
    await drain(receive)
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def drain(receive: Any) -> None:
    """Discard what is on its way."""
    try:
        async with asyncio.timeout(LINGER):
            while (await receive()).get("more_body", False):
                pass
    except TimeoutError:
        pass
