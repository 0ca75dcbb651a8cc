"""`GET /live/`: that something has happened, for everybody who has signed in."""

from contextlib import ExitStack
from pathlib import Path

import pytest
from django.contrib.sessions.backends.db import SessionStore

from accounts.models import User
from eventstore.embedded.store import EmbeddedStore
from tests import factories
from tests.feed.stream_readers import Reader, cookies_of
from tests.feed.uvicorn_server import Server

pytestmark = pytest.mark.django_db(transaction=True)


def path(topics: str, after: int) -> str:
    return f"/live/?topics={topics}&after={after}"


def head() -> int:
    return EmbeddedStore().head()


def test_a_hint_says_that_something_has_happened_and_nothing_else(server: Server, stranger: User) -> None:
    factories.hire()
    with Reader(server.port, path("work", head()), cookies_of(stranger)) as reader:
        told = reader.told()
        factories.acquire()
        factories.raise_work()
        first = next(told)
    assert first == (first.id, "news", first.id)
    assert first.id == head()


def test_a_page_hears_of_what_happened_before_its_stream_was_open(server: Server, stranger: User) -> None:
    before = head()
    factories.raise_work()
    with Reader(server.port, path("work", before), cookies_of(stranger)) as reader:
        assert next(reader.told()).type == "news"


@pytest.mark.parametrize("is_followed", [False, True])
def test_somebody_who_looks_at_what_has_long_been_quiet_is_told_once_and_hears_what_comes(
    is_followed: bool, server: Server, stranger: User
) -> None:
    """Whether or not somebody has made the server follow the store before."""
    mine = factories.raise_work()
    quiet_since = head()
    ada = factories.hire()
    for _ in range(250):
        factories.hire()
    with ExitStack() as others:
        if is_followed:
            other = others.enter_context(
                Reader(server.port, path("operative", quiet_since), cookies_of(stranger))
            )
            assert next(other.told()).type == "news"
        with Reader(server.port, path(f"work-{mine}", quiet_since), cookies_of(stranger)) as reader:
            told = reader.told()
            assert next(told).type == "news"
            about_mine = factories.assign(mine, ada).position
            assert next(told).id == about_mine


def test_a_page_may_wait_for_one_stream_alone(server: Server, stranger: User) -> None:
    mine, other = factories.raise_work(), factories.raise_work()
    ada = factories.hire()
    with Reader(server.port, path(f"work-{mine}", head()), cookies_of(stranger)) as reader:
        told = reader.told()
        factories.assign(other, ada)
        about_mine = factories.assign(mine, ada).position
        assert next(told).id == about_mine


def test_somebody_who_has_signed_out_hears_no_more(stranger: User, tmp_path: Path) -> None:
    cookies = cookies_of(stranger)
    with (
        Server(tmp_path, SILENCE="0.2") as server,
        Reader(server.port, path("work", head()), cookies) as reader,
    ):
        SessionStore(cookies["Cookie"].partition("=")[2]).flush()
        assert list(reader.told()) == []


def test_somebody_who_has_not_signed_in_hears_nothing(server: Server) -> None:
    assert Reader(server.port, path("work", 0), {}).status == 302
