"""The place of a stream, in this process: also that of an answer of which nothing was ever sent."""

import asyncio
import threading
from contextvars import copy_context
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.asgi import get_asgi_application
from django.test import AsyncRequestFactory

from accounts.models import User
from pages import live
from pages.open_streams import TooMany, held_by, open_request, take
from tests.eventstore.threads import Beside
from tests.feed.stream_readers import cookies_of
from tests.worker.processes import PATIENCE

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


def test_an_answer_that_nobody_begins(one_place: None, stranger: User) -> None:
    """The answer is kept, so that no garbage collector can have released the place."""
    kept = []
    for _ in range(3):
        with open_request():
            answer = opened(stranger)
            assert answer.status_code == 200
            with open_request():
                assert opened(stranger).status_code == 429
        kept.append(answer)
    assert held_by(stranger.actor) == 0


def test_a_request_that_fails(one_place: None) -> None:
    def fail() -> None:
        with open_request():
            take("somebody")
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert held_by("somebody") == 0


def test_a_reader_that_leaves_while_it_is_looked_who_it_is(
    one_place: None, stranger: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The view goes on in its thread, and nobody takes its answer."""
    begun, go_on, answered = threading.Event(), threading.Event(), threading.Event()

    def take_slowly(whose: str) -> None:
        begun.set()
        assert go_on.wait(PATIENCE)
        take(whose)
        answered.set()

    monkeypatch.setattr(live, "take", take_slowly)
    sent: list[Any] = []
    asyncio.run(asked_and_left(cookies_of(stranger), begun, go_on, sent))
    assert answered.wait(PATIENCE)
    assert held_by(stranger.actor) == 0
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
    with open_request():
        await get_asgi_application()(scope, receive, send)


def test_a_view_that_goes_on_after_its_request(one_place: None) -> None:
    with open_request():
        as_in_its_thread = copy_context()
    as_in_its_thread.run(take, "somebody")
    assert held_by("somebody") == 0


def test_many_at_the_same_moment_get_no_more_than_there_are(settings: LazySettings) -> None:
    settings.STREAMS_AT_ONCE = 5
    all_have_tried = threading.Barrier(50)

    def try_one() -> bool:
        with open_request():
            try:
                take("somebody")
            except TooMany:
                return False
            finally:
                all_have_tried.wait(PATIENCE)
            return True

    with Beside(50) as beside:
        tried = [beside.run(try_one) for _ in range(50)]
        assert sum(each.result(PATIENCE) for each in tried) == 5
    assert held_by("somebody") == 0
