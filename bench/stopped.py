"""Figure 9, an append that does not end: what others wait for meanwhile.

Inline its process is stopped, and people write and read pages through a server of their own. With a worker
its transaction stays open, and readers meet the hole that it leaves beside others who write.
"""

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager, nullcontext
from http.client import HTTPConnection
from threading import Event
from time import perf_counter, sleep, time_ns
from types import FrameType

from django.db import connection, transaction

from bench.contested import hired
from bench.streams import serving, session
from eventstore.current import current_store

AT_MOST = 60
"""Seconds after which a step is given up."""
PATIENCE = 15.0
"""Seconds for which an answer is waited for."""
READERS = 2
PAGE = 100


def beside_a_stopped_process(writers: int) -> dict[str, float]:
    """A step: seconds of the slowest of as many writers, and of the slowest board that is read meanwhile; and
    those of a board before."""
    cookie, bearer = {"Cookie": session()}, token()
    with alarm(), serving() as (port, _):

        def board() -> float:
            return took(port, 200, "GET", "/control/", cookie)

        def write() -> float:
            return took(port, 503, "POST", "/api/operatives", bearer, {"forename": "Ada", "surname": "King"})

        board()
        before = max(board() for _ in range(5))
        with stopped_appender(), ThreadPoolExecutor(writers) as threads:
            waiting = [threads.submit(write) for _ in range(writers)]
            boards = [board()]
            while wait(waiting, timeout=0.05).not_done:
                boards.append(board())
        return {"writer": max(each.result() for each in waiting), "board": max(boards), "before": before}


def token() -> dict[str, str]:
    """Headers of a program that may hire operatives."""
    from accounts.features import Feature
    from accounts.models import User
    from accounts.tokens import make

    _, secret = make(
        f"Bench {time_ns()}", [Feature.MANAGE_OPERATIVES], by=User.objects.get(username="reader")
    )
    return {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}


def took(port: int, status: int, method: str, path: str, headers: dict[str, str], body: object = "") -> float:
    """Seconds until the server has answered, with this status."""
    asked, began = HTTPConnection("127.0.0.1", port, timeout=PATIENCE), perf_counter()
    try:
        asked.request(method, path, json.dumps(body) if body else None, {"Host": "testserver", **headers})
        answer = asked.getresponse()
        said = answer.read()
    finally:
        asked.close()
    if answer.status != status:
        raise RuntimeError(f"{method} {path} answered {answer.status} {said[:200]!r}")
    return perf_counter() - began


@contextmanager
def stopped_appender() -> Iterator[None]:
    """A process that stands still between its append and its commit."""
    command = [sys.executable, "-m", "bench.step", "bench.stopped:hang", "{}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            if process.stdout.readline().strip() != "in the middle":
                raise RuntimeError("The appender has ended")
            process.send_signal(signal.SIGSTOP)
            yield
        finally:
            process.kill()


def hang() -> None:
    """A step of its own: append, say so, and never commit."""
    with transaction.atomic():
        hired()
        print("in the middle", flush=True)
        sleep(AT_MOST)


def beside_a_hole(writers: int, seconds: float, is_open: bool) -> dict[str, float]:
    """A step: commands a second of as many writers, and the slowest, while others read what lies behind an
    append that stays open; or, to compare, behind none."""
    hired()
    head, over = current_store().head(), Event()

    def write() -> list[float]:
        return list(repeated(hired, over))

    def read() -> list[float]:
        return list(repeated(lambda: current_store().read_all(head, PAGE), over))

    held = open_append() if is_open else nullcontext()
    with alarm(over.set), held, ThreadPoolExecutor(writers + READERS) as threads:
        for _ in range(READERS):
            threads.submit(read)
        found = [threads.submit(write) for _ in range(writers)]
        sleep(seconds)
        over.set()
        times = [each for one in found for each in one.result()]
    return {"rate": len(times) / seconds, "worst": max(times)}


@contextmanager
def open_append() -> Iterator[None]:
    """An append of this thread that is not committed, and in the end rolled back."""
    with transaction.atomic():
        hired()
        yield
        transaction.set_rollback(True)


def repeated(deed: Callable[[], object], over: Event) -> Iterator[float]:
    """Seconds that it took each time."""
    try:
        while not over.is_set():
            began = perf_counter()
            deed()
            yield perf_counter() - began
    finally:
        connection.close()


@contextmanager
def alarm(ring: Callable[[], object] = bool) -> Iterator[None]:
    """Raises TimeoutError in what takes too long, after telling whoever else is at it."""

    def stop(_: int, __: FrameType | None) -> None:
        ring()
        raise TimeoutError(f"Still not done after {AT_MOST} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(AT_MOST)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
