"""Readers of streams, on sockets of their own."""

import asyncio
import http.client
import json
import socket
from collections.abc import Iterator
from typing import Any, NamedTuple

from accounts.models import User
from tests.conftest import browser_of
from tests.worker.processes import PATIENCE


class Told(NamedTuple):
    """One event as the stream sends it; `type` is empty if it only gives the reader's position."""

    id: int
    type: str
    data: Any


def cookies_of(user: User) -> dict[str, str]:
    """What the browser of a person who has signed in sends."""
    return {"Cookie": f"sessionid={browser_of(user).cookies['sessionid'].value}"}


def told_in(block: str) -> Told | None:
    """The event of a block of lines; None if there is none."""
    fields = dict(line.split(": ", 1) for line in block.splitlines() if line and not line.startswith(":"))
    if "id" not in fields:
        return None
    return Told(int(fields["id"]), fields.get("event", ""), json.loads(fields.get("data", "null")))


class Reader:
    """Reads one stream, as long as the block lasts."""

    def __init__(
        self, port: int, path: str, headers: dict[str, str], *, after: int | None = None, buffer: int = 0
    ) -> None:
        self._asking = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        self._asking.sock = connected(port, buffer)
        resumed = {} if after is None else {"Last-Event-ID": str(after)}
        self._asking.request("GET", path, headers=headers | resumed)
        self._answer = self._asking.getresponse()
        self.status, self.headers = self._answer.status, self._answer.headers

    def __enter__(self) -> "Reader":
        assert self.status == 200, self._answer.read()
        return self

    def __exit__(self, *_: object) -> None:
        self._asking.close()
        self._answer.close()

    def problem(self) -> Any:
        """The problem, if there is no stream."""
        return json.loads(self._answer.read())

    def lines(self) -> Iterator[str]:
        """Line by line, to the end."""
        while line := self._answer.readline():
            yield line.decode()

    def told(self) -> Iterator[Told]:
        """Event by event, to the end."""
        block = ""
        for line in self.lines():
            block += line
            if line == "\n":
                if (found := told_in(block)) and found.type:
                    yield found
                block = ""


def connected(port: int, buffer: int) -> socket.socket:
    """A connection that receives no more than (about) so many unread bytes."""
    made = socket.socket()
    made.settimeout(PATIENCE)
    if buffer:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    made.connect(("127.0.0.1", port))
    return made


async def positions(
    port: int, path: str, headers: dict[str, str], *, count: int, opened: asyncio.Event
) -> list[int]:
    """The positions of the first so many events that one of many readers hears of."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    named = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{named}\r\n".encode())
    found: list[int] = []
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head
        opened.set()
        position = 0
        while len(found) < count:
            line = await reader.readuntil(b"\n")
            if line.startswith(b"id: "):
                position = int(line[4:])
            elif line.startswith(b"event: "):
                found.append(position)
    finally:
        writer.close()
    return found
