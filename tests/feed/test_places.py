"""So many streams for each person and each program, and however one ends, its place is free again."""

from pathlib import Path

import pytest
from django.contrib.sessions.backends.db import SessionStore

from accounts.features import Feature
from accounts.models import Token, User
from accounts.tokens import make, revoke
from eventstore.embedded.store import EmbeddedStore
from tests.eventstore.new_events import new_stream, note
from tests.feed.stream_readers import Reader, cookies_of
from tests.feed.uvicorn_server import Server
from tests.worker.processes import wait_for

EVENTS, HINTS = "/api/events/stream", "/live/?topics=work"
Headers = dict[str, str]

pytestmark = pytest.mark.django_db(transaction=True)


def program(root: User, name: str = "Warehouse") -> Headers:
    _, secret = make(name, [Feature.SEE_EVENTS], by=root)
    return {"Authorization": f"Bearer {secret}"}


def append_large(times: int) -> None:
    """Events that soon fill the buffers between the server and a client that does not read."""
    for _ in range(times):
        EmbeddedStore().append(new_stream(), -1, [note("x" * 20_000)])


def is_free(server: Server, headers: Headers, path: str = EVENTS) -> bool:
    """Whether there is a place for another stream, which is left again at once."""
    reader = Reader(server.port, path, headers)
    reader.__exit__()
    return reader.status == 200


def next_reader(server: Server, headers: Headers, path: str) -> Reader:
    """The reader who gets the next place, as soon as there is one."""
    asked: list[Reader] = []

    def has_place() -> bool:
        asked.append(Reader(server.port, path, headers))
        return asked[-1].status == 200

    wait_for("a place", has_place)
    for each in asked[:-1]:
        each.__exit__()
    return asked[-1]


# --- So many -----------------------------------------------------------------------------------------


def test_a_program_has_so_many_streams_and_no_more(root: User, tmp_path: Path) -> None:
    headers = program(root)
    with (
        Server(tmp_path, STREAMS_AT_ONCE="2") as server,
        Reader(server.port, EVENTS, headers),
        Reader(server.port, EVENTS, headers),
    ):
        refused = Reader(server.port, EVENTS, headers)
        assert refused.status == 429
        assert refused.headers["Content-Type"] == "application/problem+json"
        assert int(refused.headers["Retry-After"]) > 0
        assert "as many streams open here as one may" in refused.problem()["detail"]
        assert is_free(server, program(root, "Wall board")), "another's"


@pytest.mark.parametrize(("first", "second"), [(EVENTS, HINTS), (HINTS, EVENTS), (HINTS, HINTS)])
def test_a_person_has_so_many_in_all_their_browsers_and_pages(
    first: str, second: str, administration: User, stranger: User, tmp_path: Path
) -> None:
    one, other = cookies_of(administration), cookies_of(administration)
    with Server(tmp_path, STREAMS_AT_ONCE="1") as server, Reader(server.port, first, one):
        refused = Reader(server.port, second, other)
        assert refused.status == 429
        assert int(refused.headers["Retry-After"]) > 0
        media_type = refused.headers["Content-Type"]
        assert media_type == ("text/plain" if second == HINTS else "application/problem+json")
        assert is_free(server, cookies_of(stranger), HINTS), "somebody else's"


def test_somebody_who_is_refused_for_another_reason_takes_no_place(may_see: Headers, tmp_path: Path) -> None:
    with Server(tmp_path, STREAMS_AT_ONCE="1") as server:
        for wrong in ("after=soon", "types=Nope"):
            assert Reader(server.port, f"{EVENTS}?{wrong}", may_see).status == 400
        assert is_free(server, may_see)


def test_pages_open_streams_no_more_often_than_operations_are_asked(
    stranger: User, administration: User, tmp_path: Path
) -> None:
    with Server(tmp_path, API_RATE="3/h") as server:
        opened = [Reader(server.port, HINTS, cookies_of(stranger)) for _ in range(6)]
        # The hour may end meanwhile: then three more fit.
        last = opened[-1] if opened[-1].status == 429 else Reader(server.port, HINTS, cookies_of(stranger))
        assert [each.status for each in opened[:3]] == [200] * 3
        assert (last.status, last.headers["Content-Type"]) == (429, "text/plain")
        assert int(last.headers["Retry-After"]) > 0
        assert is_free(server, cookies_of(administration), HINTS), "somebody else's"


# --- And free again ----------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [EVENTS, HINTS])
def test_when_its_reader_has_gone(path: str, may_see: Headers, tmp_path: Path) -> None:
    with Server(tmp_path, STREAMS_AT_ONCE="1") as server:
        for _ in range(3):
            with next_reader(server, may_see, path) as reader:
                next(reader.lines())
                assert not is_free(server, may_see, path)


def test_when_its_reader_was_cut_off(may_see: Headers, tmp_path: Path) -> None:
    with (
        Server(tmp_path, STREAMS_AT_ONCE="1", SIZE="20", PATIENCE="600") as server,
        Reader(server.port, EVENTS, may_see, buffer=4096) as slow,
    ):
        append_large(500)
        assert not is_free(server, may_see)
        assert [each.type for each in slow.told()][-1] == "cut-off"
        wait_for("a place", lambda: is_free(server, may_see))


def test_when_its_reader_takes_nothing(may_see: Headers, tmp_path: Path) -> None:
    with (
        Server(tmp_path, STREAMS_AT_ONCE="1", PATIENCE="0.5") as server,
        Reader(server.port, EVENTS, may_see, buffer=4096),
    ):
        append_large(500)
        wait_for("a place", lambda: is_free(server, may_see))


@pytest.mark.parametrize("path", [EVENTS, HINTS])
def test_when_its_time_is_over(path: str, may_see: Headers, tmp_path: Path) -> None:
    with (
        Server(tmp_path, STREAMS_AT_ONCE="1", LIFE="0.2", SILENCE="0.1") as server,
        Reader(server.port, path, may_see) as reader,
    ):
        list(reader.told())
        wait_for("a place", lambda: is_free(server, may_see, path))


def test_when_its_token_is_revoked(root: User, tmp_path: Path) -> None:
    token, secret = make("Warehouse", [Feature.SEE_EVENTS], by=root)
    headers = {"Authorization": f"Bearer {secret}"}
    with (
        Server(tmp_path, SILENCE="0.2", STREAMS_AT_ONCE="1") as server,
        Reader(server.port, EVENTS, headers) as reader,
    ):
        revoke(token, by=root)
        list(reader.told())
        Token.objects.update(revoked_at=None)  # otherwise nobody could ask for the place
        wait_for("a place", lambda: is_free(server, headers))


def test_when_a_right_is_taken_away(administration: User, tmp_path: Path) -> None:
    cookies = cookies_of(administration)
    with (
        Server(tmp_path, SILENCE="0.2", STREAMS_AT_ONCE="1") as server,
        Reader(server.port, EVENTS, cookies) as reader,
    ):
        administration.roles.clear()
        list(reader.told())
        wait_for("a place", lambda: is_free(server, cookies, HINTS))


def test_when_its_reader_has_signed_out(stranger: User, tmp_path: Path) -> None:
    gone, other = cookies_of(stranger), cookies_of(stranger)
    with (
        Server(tmp_path, SILENCE="0.2", STREAMS_AT_ONCE="1") as server,
        Reader(server.port, HINTS, gone) as reader,
    ):
        SessionStore(gone["Cookie"].partition("=")[2]).flush()
        list(reader.told())
        wait_for("a place", lambda: is_free(server, other, HINTS))
