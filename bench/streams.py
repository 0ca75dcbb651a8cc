"""Figure 6, streams: how long after an append everybody who reads the feed has the event, and what a stream
costs the process that serves it. Server and readers are processes of their own, on the same machine."""

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles
from time import monotonic

from bench.lag import Times, write


def read_together(streams: int, events: int, rate: int) -> dict[str, float]:
    """A step: seconds from just before an append until a reader has it, over all readers and events; and
    kilobytes of memory and threads for each stream."""
    cookie = session()
    with serving() as (port, pid), ThreadPoolExecutor(1) as beside:
        asyncio.run(everybody(port, cookie, 1, beside, 1, rate))  # warm
        before = memory_and_threads(pid)
        found = asyncio.run(everybody(port, cookie, streams, beside, events, rate, pid=pid))
        memory, threads = (after - was for after, was in zip(found[1], before, strict=True))
        lags = quantiles(found[0], n=100)
    return {
        "p50": lags[49],
        "p99": lags[98],
        "most": max(found[0]),
        "kilobytes": memory / streams,
        "threads": threads,
    }


def session() -> str:
    """The cookie of a superuser who has signed in."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from accounts.models import User

    user, _ = User.objects.get_or_create(username="reader", defaults={"is_superuser": True})
    made = SessionStore()
    made[SESSION_KEY] = str(user.pk)
    made[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
    made[HASH_SESSION_KEY] = user.get_session_auth_hash()
    made.save()
    return f"{settings.SESSION_COOKIE_NAME}={made.session_key}"


@contextmanager
def serving() -> Iterator[tuple[int, int]]:
    """The port and the process of uvicorn on this step's database."""
    command = ["-m", "uvicorn", "config.asgi:application", "--port", "0", "--no-access-log", "--ws", "none"]
    unbounded = {"API_RATE": "100000/s", "STREAMS_AT_ONCE": "100000"}
    environment = os.environ | unbounded | {"SECURE_SSL_REDIRECT": "0"}
    server = subprocess.Popen([sys.executable, *command], env=environment, stderr=subprocess.PIPE, text=True)
    try:
        assert server.stderr is not None
        listening = next(line for line in server.stderr if "running on" in line)
        found = re.search(r":(\d+) ", listening)
        assert found, listening
        with ThreadPoolExecutor(1) as beside:  # or the pipe fills
            beside.submit(server.stderr.read)
            try:
                yield int(found[1]), server.pid
            finally:
                server.kill()  # also after an error, or nobody ends the reading
    finally:
        server.kill()
        server.wait()


async def everybody(
    port: int, cookie: str, streams: int, beside: ThreadPoolExecutor, events: int, rate: int, pid: int = 0
) -> tuple[list[float], tuple[float, float]]:
    """What each reader of each event waited, and what the server takes while all are open."""
    head = await asyncio.to_thread(newest)
    opened = [await open_stream(port, cookie, head) for _ in range(streams)]
    readers = [asyncio.create_task(hear(reader, events)) for reader, _ in opened]
    writing = beside.submit(write, events, rate)
    heard = await asyncio.gather(*readers)
    taken = memory_and_threads(pid) if pid else (0.0, 0.0)
    written = await asyncio.to_thread(writing.result)
    for _, writer in opened:
        writer.close()
    return [each[at] - moment for each in heard for at, moment in written.items() if at in each], taken


def newest() -> int:
    """The head of the store."""
    from django.db import connection

    from eventstore.current import current_store

    try:
        return current_store().head()
    finally:
        connection.close()


async def open_stream(
    port: int, cookie: str, after: int
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    address = f"GET /api/events/stream?after={after} HTTP/1.1\r\nHost: testserver\r\nCookie: {cookie}\r\n\r\n"
    writer.write(address.encode())
    head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200"), head
    return reader, writer


async def hear(reader: asyncio.StreamReader, events: int) -> Times:
    """When this reader had each event; the last, which nobody measures, included."""
    times = Times()
    while len(times) <= events:
        line = await reader.readuntil(b"\n")
        if line.startswith(b"id: "):
            times.setdefault(line[4:].strip().decode(), monotonic())
    return times


def memory_and_threads(pid: int) -> tuple[float, float]:
    """Kilobytes and threads of a process, as Linux counts them."""
    status = Path(f"/proc/{pid}/status").read_text()
    kilobytes, threads = (re.search(rf"{name}:\s+(\d+)", status) for name in ("VmRSS", "Threads"))
    return (float(kilobytes[1]), float(threads[1])) if kilobytes and threads else (0.0, 0.0)
