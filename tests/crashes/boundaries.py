"""Every place at which this process speaks to the outside, numbered, and a SIGKILL at one of them.

Installed in a child process only. It knows nothing of what the process is about: it stands between
Python and the three libraries through which anything leaves, psycopg, sqlite3 and grpc.

psycopg: before each statement, when it has been sent (its answer is then never read, though the server
carries it out), and when it is answered; BEGIN, PREPARE and COMMIT are statements like any other. sqlite3:
before and after each statement, after each row of an executemany, and when the rows of a statement that
writes have been fetched, for only then is it done. grpc: before each call, when it has been sent but for
some of its messages, when all are sent, and after each answer received.

After one statement and before the next is one place, not two: nothing has left the process in between.
CRASH_TESTS=every counts both nevertheless. Connecting is none: nothing outside is changed by it.
"""

import os
import signal
import sqlite3
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import cache, wraps
from pathlib import Path
from threading import Event, Lock
from typing import Any

import grpc  # type: ignore[import-untyped]
import psycopg
import psycopg.generators

ROOT = str(Path(__file__).parents[2])
NEVER = 0


class Boundaries:
    """Counts the places that are passed, and kills the process at the wanted one after saying which it is."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._lock = Lock()  # a subscription is received in a thread of its own
        self._kill_at = NEVER
        self._counts_every_before = os.environ.get("CRASH_TESTS") == "every"
        self._is_answered = False
        self.passed = 0
        self.statements = 0  # that psycopg sent

    def begin(self, kill_at: int) -> None:
        """Count from here on, from 1, and kill at this number; at NEVER none is killed."""
        self._kill_at = kill_at
        self._is_answered = False
        self.passed = 0
        self.statements = 0

    def before(self, what: str) -> None:
        """Something is about to leave the process; a boundary, unless this is the same place as the one
        before."""
        if self._counts_every_before or not self._is_answered:
            self._pass(f"before {what}", is_answered=False)

    def sent(self, what: str) -> None:
        """Something has left, and there is no answer yet."""
        self._pass(f"sent {what}", is_answered=False)

    def after(self, what: str) -> None:
        """It is done, and this process knows."""
        self._pass(f"after {what}", is_answered=True)

    def _pass(self, what: str, *, is_answered: bool) -> None:
        with self._lock:
            self.passed += 1
            self._is_answered = is_answered
            if self.passed == self._kill_at:
                self._tell(f"{what}, {_whence()}")
                os.kill(os.getpid(), signal.SIGKILL)
                signal.pause()  # never to be left: the signal may need a moment to arrive


def install(tell: Callable[[str], None]) -> Boundaries:
    """Watch this process from now on."""
    passed = Boundaries(tell)
    _watch_psycopg(passed)
    _watch_sqlite3(passed)
    _watch_grpc(passed)
    return passed


def _whence() -> str:
    """The line of the application that is being carried out."""
    frame = sys._getframe()
    while frame.f_back is not None:
        name = frame.f_code.co_filename
        if name.startswith(ROOT) and "site-packages" not in name and name != __file__:
            return f"{Path(name).name}:{frame.f_lineno} {frame.f_code.co_name}"
        frame = frame.f_back
    return "in a thread of a library"


# --- psycopg ------------------------------------------------------------------------------------------


def _watch_psycopg(passed: Boundaries) -> None:
    """All that a connection does goes through `wait`; each statement in it, once sent, through `execute`."""
    wait, execute = psycopg.Connection.wait, psycopg.generators.execute

    @wraps(wait)
    def watched_wait(self: Any, *args: Any, **options: Any) -> Any:
        passed.before("a statement")
        return wait(self, *args, **options)

    def watched_execute(pgconn: Any) -> Any:
        passed.statements += 1
        passed.sent("a statement")
        results = yield from execute(pgconn)
        passed.after("a statement")
        return results

    psycopg.Connection.wait = watched_wait  # type: ignore[method-assign]
    for name, module in list(sys.modules.items()):
        if name.startswith("psycopg.") and getattr(module, "execute", None) is execute:
            module.execute = watched_execute  # type: ignore[attr-defined]


# --- sqlite3 ------------------------------------------------------------------------------------------


def _watch_sqlite3(passed: Boundaries) -> None:
    """By way of the connections that `connect` makes and the cursors that these make."""
    connect, connection = sqlite3.connect, _sqlite3_connection(passed)

    def watched_connect(*args: Any, **options: Any) -> Any:
        return connect(*args, **options, factory=connection)

    sqlite3.connect = sqlite3.dbapi2.connect = watched_connect


def _sqlite3_connection(passed: Boundaries) -> type[sqlite3.Connection]:
    base = _sqlite3_cursor(passed)

    @cache
    def watched(cursor: type[sqlite3.Cursor]) -> type[sqlite3.Cursor]:
        """The same cursor, with ours between it and sqlite3's own."""
        return type(f"Watched{cursor.__name__}", (cursor, base), {}) if cursor is not sqlite3.Cursor else base

    class Connection(sqlite3.Connection):
        def cursor(self, factory: Any = sqlite3.Cursor) -> Any:
            return super().cursor(watched(factory))

        def execute(self, *args: Any) -> Any:
            return self.cursor().execute(*args)

        def executemany(self, *args: Any) -> Any:
            return self.cursor().executemany(*args)

        def executescript(self, *args: Any) -> Any:
            return self.cursor().executescript(*args)

        def commit(self) -> None:
            passed.before("COMMIT")
            super().commit()
            passed.after("COMMIT")

        def rollback(self) -> None:
            passed.before("ROLLBACK")
            super().rollback()
            passed.after("ROLLBACK")

    return Connection


def _sqlite3_cursor(passed: Boundaries) -> type[sqlite3.Cursor]:
    def rows(name: str, many: Iterable[Any]) -> Iterator[Any]:
        passed.before(name)
        for number, each in enumerate(many, start=1):
            yield each
            passed.sent(f"row {number} of {name}")

    class Cursor(sqlite3.Cursor):
        _writes = ""

        def execute(self, statement: str, *args: Any) -> Any:
            name = statement[:40]
            passed.before(name)
            super().execute(statement, *args)
            self._writes = "" if name.startswith(("SELECT", "PRAGMA")) else name
            passed.after(name)
            return self

        def executemany(self, statement: str, many: Iterable[Any]) -> Any:
            super().executemany(statement, rows(statement[:40], many))
            passed.after(statement[:40])
            return self

        def executescript(self, script: str) -> Any:
            raise NotImplementedError("Watch what executescript does first")

        def fetchall(self) -> Any:
            found = super().fetchall()
            if self._writes:
                passed.after(f"the rows of {self._writes}")
            return found

    return Cursor


# --- grpc ---------------------------------------------------------------------------------------------


def _watch_grpc(passed: Boundaries) -> None:
    """By way of the channels that are opened."""

    def watched(connect: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *args, **options: _Channel(connect(*args, **options), passed)

    grpc.insecure_channel = watched(grpc.insecure_channel)
    grpc.secure_channel = watched(grpc.secure_channel)


class _Channel:
    """A channel whose calls are watched."""

    def __init__(self, channel: Any, passed: Boundaries) -> None:
        self._channel = channel
        self._passed = passed

    def __getattr__(self, name: str) -> Any:
        asked, _, answered = name.partition("_")
        if not {asked, answered} <= {"unary", "stream"}:
            return getattr(self._channel, name)
        sends, receives = asked == "stream", answered == "stream"

        def make(method: str, *args: Any, **options: Any) -> Callable[..., Any]:
            call = getattr(self._channel, name)(method, *args, **options)
            return self._watched(call, method.rpartition("/")[2], sends=sends, receives=receives)

        return make

    def _watched(
        self, call: Callable[..., Any], method: str, *, sends: bool, receives: bool
    ) -> Callable[..., Any]:
        def watched(request: Any, *args: Any, **options: Any) -> Any:
            self._passed.before(method)
            sent = Event()
            if sends:
                request = self._requests(request, method, sent)
            else:
                sent.set()
            answer = call(request, *args, **options)
            (self._passed.sent if receives else self._passed.after)(method)
            return _Answers(answer, method, self._passed, sent) if receives else answer

        return watched

    def _requests(self, requests: Iterable[Any], method: str, sent: Event) -> Iterator[Any]:
        """Run through by a thread of the library."""
        for number, each in enumerate(requests, start=1):
            self._passed.sent(f"{method}, but not message {number}")
            yield each
        self._passed.sent(f"{method} to the end")
        sent.set()


class _Answers:
    """The answers to a call, message by message."""

    def __init__(self, answers: Any, method: str, passed: Boundaries, sent: Event) -> None:
        self._answers = answers
        self._method = method
        self._passed = passed
        self._sent = sent

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        each = next(self._answers)
        self._sent.wait(1)  # so that the boundaries of both threads come in one order, and all of them
        self._passed.after(f"an answer to {self._method}")
        return each

    def __getattr__(self, name: str) -> Any:
        return getattr(self._answers, name)
