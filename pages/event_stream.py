"""Server-sent events: an answer that goes on, as long as there is somebody to read it (docs/adr/0018)."""

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
"""Seconds, about, after which a stream ends. Whoever reads it comes back."""

# However many streams are open, it is looked whether their readers still may in these few threads.
_looks = ThreadPoolExecutor(max_workers=2, thread_name_prefix="rights of readers")

Frames = AsyncIterator[bytes]


def can_stream(request: HttpRequest) -> bool:
    """Whether the server speaks ASGI."""
    return isinstance(request, ASGIRequest)


def begins_after(request: HttpRequest) -> int | None:
    """The position that the reader has come to, 0 where they do not say; None when it is no position."""
    asked = request.headers.get("Last-Event-ID") or request.GET.get("after") or "0"
    return int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 19 else None


def streaming(frames: Frames) -> StreamingHttpResponse:
    """An endless answer, which nobody on the way shall keep or gather."""
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingHttpResponse(begun(frames), content_type="text/event-stream", headers=headers)


async def begun(frames: Frames) -> Frames:
    """The frames, once what the request needed before them is given back."""
    await let_go()
    async with aclosing(frames) as each:  # type: ignore[type-var]
        async for frame in each:
            yield frame


async def let_go() -> None:
    """Give back what the request has needed so far, its connections to the database and its thread: a stream
    needs neither, and lasts."""
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
    """What is sent of the feed, until the stream has had its time, whoever reads may no more, which is looked
    at as often as silence is broken, or the server stops.

    A part may come to nothing. After something was sent, what comes within the `pause` is left together.
    """
    now = asyncio.get_running_loop().time
    # Not all at once: neither coming back after a restart, nor when their time is over.
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
    """Whether they still may. A database that is away says nothing against them."""
    try:
        return still_may()
    except Error as error:
        if not trouble_of(error):
            raise
        return True
    finally:
        connections.close_all()


def person_now(request: HttpRequest) -> User | None:
    """Who is signed in by now where the request came from; nobody once they have signed out."""
    request.session = type(request.session)(request.session.session_key)
    user = get_user(request)
    return user if isinstance(user, User) else None


def heartbeat(position: int) -> bytes:
    """Nothing has happened. The id makes no event, but whoever leaves out much need not begin far back."""
    return b": nothing new\nid: %d\n\n" % position
