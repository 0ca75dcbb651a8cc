"""Work beside the test, each piece with a database connection of its own."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from time import sleep
from types import TracebackType
from typing import ParamSpec, Self, TypeVar

from django.db import connection

P = ParamSpec("P")
T = TypeVar("T")

PATIENCE = 40
"""Seconds after which a test gives up on something that ought to have happened."""


class Beside:
    """Runs functions in threads; their connections are closed before it ends.

    `over` is set when the test has failed, for threads that wait for something that will not come now.
    """

    def __init__(self, threads: int = 8) -> None:
        self._pool = ThreadPoolExecutor(threads)
        self.over = Event()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self.over.set()
        self._pool.shutdown()

    def run(self, task: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Begin `task`; its result is the future's."""

        def work() -> T:
            try:
                return task(*args, **kwargs)
            finally:
                connection.close()

        return self._pool.submit(work)


def until_done_or(condition: Callable[[], bool], future: Future[T]) -> None:
    """Wait until the condition holds or the thread is done, whichever comes first."""
    for _ in range(PATIENCE * 100):
        if future.done() or condition():
            return
        sleep(0.01)
    raise AssertionError("neither happened")
