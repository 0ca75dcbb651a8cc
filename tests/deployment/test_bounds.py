"""What our server accepts from sockets that keep to no rule."""

import json
import socket
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.deployment.gunicorn_server import Place, Server, serve

SOON = 20.0
"""Seconds for an answer, on a machine that is busy; the bounds themselves are two seconds here."""
TOO_MUCH = 300_000_000


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    place = Place(tmp_path_factory.mktemp("bounds"))
    place.manage("migrate")
    hasty = {"HEAD_WITHIN_SECONDS": "2", "BODY_WITHIN_SECONDS": "2"}
    with serve(place, SECURE_SSL_REDIRECT="0", WEB_CONCURRENCY="1", **hasty) as server:
        yield server


def connected(server: Server) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=SOON)


def heard(open_socket: socket.socket) -> tuple[int, bytes]:
    """The status and body of the answer after which the server closes."""
    found = b""
    while part := open_socket.recv(65_536):
        found += part
    head, _, body = found.partition(b"\r\n\r\n")
    assert b"connection: close" in head.lower()
    return int(head.split()[1]), body


def one_of(open_socket: socket.socket) -> bytes:
    """One answer of several on this connection, which come in chunks."""
    found = b""
    while not found.endswith(b"0\r\n\r\n"):
        found += open_socket.recv(65_536)
    return found


def asked(server: Server, *parts: bytes) -> tuple[int, bytes]:
    """The answer to these bytes, though it may come before all are sent."""
    with closing(connected(server)) as asking:
        try:
            for each in parts:
                asking.sendall(each)
        except (BrokenPipeError, ConnectionResetError):
            pass
        return heard(asking)


def head(path: str, *headers: str, method: str = "POST") -> bytes:
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: localhost", *headers, "", ""]).encode()


@pytest.mark.parametrize("path", ["/sign-in/", "/api/work"])
def test_a_body_that_says_it_is_too_large_is_not_read(path: str, server: Server) -> None:
    status, body = asked(server, head(path, f"Content-Length: {TOO_MUCH}"), b"x" * 5_000_000)
    assert status == 413
    if path.startswith("/api/"):
        assert json.loads(body)["status"] == 413
    else:
        assert body == b"The body is too large"


def test_a_body_that_turns_out_to_be_too_large(server: Server) -> None:
    chunk = b"%x\r\n%s\r\n" % (500_000, b"x" * 500_000)
    assert asked(server, head("/sign-in/", "Transfer-Encoding: chunked"), *[chunk] * 10)[0] == 413


@pytest.mark.parametrize(
    "parts",
    [
        [head("/sign-in/", "Cookie: " + "x" * 100_000, method="GET")],
        [head("/sign-in/", *[f"X-{number}: {'x' * 100}" for number in range(1_000)], method="GET")],
        [head("/sign-in/?q=" + "x" * 100_000, method="GET")],
        [b"GET /sign-in/ HTTP/1.1\r\nX-Endless: ", *[b"x" * 1_000_000] * 32],
    ],
    ids=["a header", "many headers", "an address", "without an end"],
)
def test_a_head_that_is_too_large(parts: list[bytes], server: Server) -> None:
    assert asked(server, *parts)[0] == 431


@pytest.mark.parametrize(
    "part",
    [
        b"GET /sign-in/ HTTP/1.1\r\nHost: loc",
        b"\r\n",
        head("/sign-in/", "Content-Length: 100") + b"username=",
        head("/api/work", "Transfer-Encoding: chunked") + b"5\r\nab",
    ],
    ids=["a head", "an empty line", "a body", "a chunk"],
)
def test_what_is_sent_by_half_is_not_waited_for(part: bytes, server: Server) -> None:
    assert asked(server, part)[0] == 408


def test_somebody_who_says_nothing_is_not_waited_for(server: Server) -> None:
    with closing(connected(server)) as asking:
        assert asking.recv(1) == b""


def test_half_a_second_request_is_not_waited_for(server: Server) -> None:
    with closing(connected(server)) as asking:
        asking.sendall(head("/health/", method="GET"))
        assert b"200 OK" in one_of(asking)
        asking.sendall(b"GET /health/ HTTP/1.1\r\n")
        assert heard(asking)[0] == 408


def test_what_is_within_bounds_is_taken(server: Server) -> None:
    """Two requests on one connection, the second in pieces; and a large body from an unknown sender."""
    with closing(connected(server)) as asking:
        for parts in (
            [head("/health/", method="GET")],
            [b"GET /health/ HTTP/1.1\r\nHo", b"st: localhost\r\n\r\n"],
        ):
            for each in parts:
                asking.sendall(each)
            assert b"200 OK" in one_of(asking)
    large = b'"%s"' % (b"x" * 2_000_000)
    described = ["Content-Type: application/json", f"Content-Length: {len(large)}", "Connection: close"]
    assert asked(server, head("/api/work", *described), large)[0] == 401
