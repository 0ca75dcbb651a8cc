"""The place of a stream, in this process: also that of an answer of which nothing was ever sent."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.asgi import get_asgi_application
from django.test import AsyncRequestFactory

from accounts.models import User
from pages import live
from pages.event_stream import streaming
from pages.open_streams import Place, TooMany, held_by, take
from tests.eventstore.threads import Beside
from tests.feed.reading import cookies_of
from tests.worker.processes import PATIENCE, wait_for

HINTS = "/live/?topics=work"
Headers = dict[str, str]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def one_place(settings: LazySettings) -> None:
    settings.STREAMS_AT_ONCE = 1


def opened(user: User) -> Any:
    """The answer to a page that wants to hear of news."""
    request: Any = AsyncRequestFactory().get(HINTS)
    request.user = user
    return live.live(request)


def dropped(_: Any) -> None:
    """Nothing refers to it any more."""


def closed(answer: Any) -> None:
    answer.close()


@pytest.mark.parametrize("ended", [dropped, closed])
def test_an_answer_that_nobody_begins(ended: Callable[[Any], None], one_place: None, stranger: User) -> None:
    kept = []
    for _ in range(3):
        answer = opened(stranger)
        assert answer.status_code == 200
        assert opened(stranger).status_code == 429
        ended(answer)
        if ended is closed:
            kept.append(answer)
        del answer
    assert held_by(stranger.actor) == 0


def test_frames_that_fail(one_place: None) -> None:
    async def failing() -> Any:
        yield b""
        raise LookupError

    answer = streaming(failing(), take("somebody"))
    with pytest.raises(LookupError):
        asyncio.run(read_all_of(answer))
    assert held_by("somebody") == 0
    answer.close()


async def read_all_of(answer: Any) -> list[bytes]:
    return [each async for each in answer]


def test_a_reader_that_leaves_while_it_is_looked_who_it_is(
    one_place: None, stranger: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The view goes on in its thread, and nobody takes its answer."""
    begun, go_on, answered = threading.Event(), threading.Event(), threading.Event()

    def take_slowly(whose: str) -> Any:
        place = take(whose)
        begun.set()
        assert go_on.wait(PATIENCE)
        answered.set()
        return place

    monkeypatch.setattr(live, "take", take_slowly)
    sent: list[Any] = []
    asyncio.run(asked_and_left(cookies_of(stranger), begun, go_on, sent))
    assert answered.wait(PATIENCE)
    wait_for("the place to be given back", lambda: held_by(stranger.actor) == 0)
    assert sent == []


async def asked_and_left(
    headers: Headers, begun: threading.Event, go_on: threading.Event, sent: list[Any]
) -> None:
    """A request whose client goes once the view has begun."""
    arrived = False

    async def receive() -> Any:
        nonlocal arrived
        if not arrived:
            arrived = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await asyncio.to_thread(begun.wait, PATIENCE)
        asyncio.get_running_loop().call_soon(go_on.set)
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    path, _, query = HINTS.partition("?")
    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [(b"host", b"localhost"), (b"cookie", headers["Cookie"].encode())],
        "server": ("localhost", 80),
        "client": ("127.0.0.1", 1),
        "scheme": "http",
    }
    # Not that of config/asgi.py, which changes the environment: of the tests after it and their children too.
    await get_asgi_application()(scope, receive, send)


def test_many_at_the_same_moment_get_no_more_than_there_are(settings: LazySettings) -> None:
    settings.STREAMS_AT_ONCE = 5
    places: list[Place] = []

    def try_one() -> None:
        try:
            places.append(take("somebody"))
        except TooMany:
            return

    with Beside() as beside:
        for tried in [beside.run(try_one) for _ in range(50)]:
            tried.result(PATIENCE)
    assert len(places) == held_by("somebody") == 5
    for each in places:
        each.give_back()
        each.give_back()
    assert held_by("somebody") == 0
