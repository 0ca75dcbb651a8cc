"""Server-sent events: an answer that goes on as long as somebody reads it (docs/adr/0018)."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing

from asgiref.sync import SyncToAsync, sync_to_async
from django.contrib.auth import get_user
from django.core.handlers.asgi import ASGIRequest
from django.db import Error, connections
from django.http import HttpRequest, StreamingHttpResponse

from accounts.models import User
from eventstore.database.trouble import trouble_of
from eventstore.feed.broadcast import SILENCE, Part

LIFE = 300.0
"""Seconds after which a stream ends, approximately. Its reader connects again."""

# However many streams are open, these few threads check whether their readers are still allowed to read.
_looks = ThreadPoolExecutor(max_workers=2, thread_name_prefix="rights of readers")

Frames = AsyncIterator[bytes]


def can_stream(request: HttpRequest) -> bool:
    """Whether the server speaks ASGI."""
    return isinstance(request, ASGIRequest)


def begins_after(request: HttpRequest) -> int | None:
    """The position that the reader has reached, 0 if they do not say; None when the text is no position."""
    asked = request.headers.get("Last-Event-ID") or request.GET.get("after") or "0"
    return int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 19 else None


def streaming(frames: Frames) -> StreamingHttpResponse:
    """An endless answer, which nothing on the way may store or buffer."""
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingHttpResponse(begun(frames), content_type="text/event-stream", headers=headers)


async def begun(frames: Frames) -> Frames:
    """The frames, after the resources that the request needed have been released."""
    await let_go()
    async with aclosing(frames) as each:  # type: ignore[type-var]
        async for frame in each:
            yield frame


async def let_go() -> None:
    """Release what the request has used so far, its database connections and its thread: a stream needs
    neither, and lasts long."""
    await sync_to_async(connections.close_all)()
    context = SyncToAsync.thread_sensitive_context.get(None)
    if context is not None and (thread := SyncToAsync.context_to_thread_executor.pop(context, None)):
        thread.shutdown(wait=False)


async def frames_of(
    parts: AsyncIterator[Part],
    frame: Callable[[Part], bytes],
    still_may: Callable[[], bool],
    *,
    pause: float = 0,
) -> Frames:
    """The frames for the parts of the feed. They end when the stream has had its time, when the reader is
    no longer allowed to read (checked whenever silence is broken), or when the server stops.

    A part may produce nothing. After something was sent, all that comes within the `pause` is sent
    together.
    """
    now = asyncio.get_running_loop().time
    # The times differ, so that readers neither come back all at once after a restart, nor end all at once.
    until, spoken = now() + LIFE * random.uniform(0.8, 1.2), now()  # noqa: S311
    looked = spoken
    yield b"retry: %d\n\n" % random.randint(1000, 4000)  # noqa: S311
    async with aclosing(parts) as each:  # type: ignore[type-var]
        async for part in each:
            if now() - looked >= SILENCE:
                if not await asyncio.get_running_loop().run_in_executor(_looks, as_of_now, still_may):
                    return
                looked = now()
            sent = frame(part) or (heartbeat(part.position) if now() - spoken >= SILENCE else b"")
            if sent:
                yield sent
                spoken = now()
                await asyncio.sleep(pause)
            if now() > until:
                return


def as_of_now(still_may: Callable[[], bool]) -> bool:
    """Whether they are still allowed to read. A database that is away is no reason to stop."""
    try:
        return still_may()
    except Error as error:
        if not trouble_of(error):
            raise
        return True
    finally:
        connections.close_all()


def person_now(request: HttpRequest) -> User | None:
    """The person who is signed in now where the request came from; None once they have signed out."""
    request.session = type(request.session)(request.session.session_key)
    user = get_user(request)
    return user if isinstance(user, User) else None


def heartbeat(position: int) -> bytes:
    """Says that nothing has happened. Its id makes no event, but lets a reader that skips much begin later
    next time."""
    return b": nothing new\nid: %d\n\n" % position
