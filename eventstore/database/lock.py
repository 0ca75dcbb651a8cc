"""One worker at a time for each read model and reaction, among all processes. A process that dies releases
its locks at once.

PostgreSQL: advisory locks on the connection that does the work, so that a worker which has lost them can
write nothing more. A worker that hangs loses them after a while (docs/adr/0014). SQLite: locks on bytes of
a file beside the database; only the end of the process releases them.
"""

import os
import zlib
from collections.abc import Collection
from pathlib import Path
from threading import Lock
from typing import ClassVar, Protocol

from django.db import Error, connection

from eventstore.database import sql
from eventstore.database.trouble import Busy

SILENCE = 25.0
"""Seconds for which the holder of a lock may send nothing to PostgreSQL. It is longer than any handler
takes; a worker that stands by has the lock within half a minute."""

_KEY = 0x10CC  # the first of the advisory lock's two numbers; the second tells the names apart


class Exclusive(Protocol):
    """The names that only this process may advance."""

    def take(self, names: Collection[str]) -> set[str]:
        """Take the locks that are free. Returns the names that are ours now, whether or not they were
        before. Raises the database's error when all are lost because it went away."""
        ...

    def close(self) -> None:
        """Release all."""
        ...


def exclusive() -> Exclusive:
    """A new set of locks, none held yet."""
    if sql.is_postgresql():
        return OnPostgreSQL()
    return OnFile(Path(f"{connection.settings_dict['NAME']}-worker"))


class OnPostgreSQL:
    """Advisory locks of this thread's own session; the server releases them when the session ends."""

    def __init__(self) -> None:
        self._session: object = None
        self._held: set[str] = set()

    def take(self, names: Collection[str]) -> set[str]:
        end_session_after(SILENCE, in_transaction=True)  # also tells the server that we are still there
        if self._session is None:
            self._session = connection.connection
        if connection.connection is not self._session:
            raise Busy("The session that held the locks has ended")
        for name in sorted(set(names) - self._held):
            statement = "SELECT pg_try_advisory_lock(%s::int, %s::int)"
            if sql.query(statement, [_KEY, _number(name)])[0][0]:
                self._held.add(name)
        return self._held & set(names)

    def close(self) -> None:
        held, self._held = self._held, set()
        if connection.connection is None or connection.connection is not self._session:
            return
        try:
            for name in held:
                sql.query("SELECT pg_advisory_unlock(%s::int, %s::int)", [_KEY, _number(name)])
            bear_silence()
        except Error:
            connection.close()  # the locks end with the session


def end_session_after(seconds: float, *, in_transaction: bool = False) -> None:
    """Have PostgreSQL end this session when it is silent for so long, for example because its process is
    stopped."""
    names = ["idle_session_timeout", *["idle_in_transaction_session_timeout"] * in_transaction]
    for name in names:
        sql.query("SELECT set_config(%s, %s, false)", [name, f"{int(seconds * 1000)}ms"])


def bear_silence() -> None:
    """Give this session its usual limit of silence again."""
    sql.query("RESET idle_session_timeout")
    sql.query("RESET idle_in_transaction_session_timeout")


class OnFile:
    """Locks on single bytes of a file, which the system releases when the process ends.

    They belong to the process. All threads share one descriptor, because closing any descriptor would
    release every lock on the file. What one object holds, no other in the process gets.
    """

    _guard: ClassVar = Lock()
    _descriptors: ClassVar[dict[Path, int]] = {}
    _taken: ClassVar[set[tuple[Path, str]]] = set()

    def __init__(self, path: Path) -> None:
        self._path = path
        self._held: set[str] = set()
        with self._guard:
            if path not in self._descriptors:
                self._descriptors[path] = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
            self._file = self._descriptors[path]

    def take(self, names: Collection[str]) -> set[str]:
        with self._guard:
            for name in sorted(set(names) - self._held):
                if (self._path, name) not in self._taken and self._lock(name):
                    self._taken.add((self._path, name))
                    self._held.add(name)
        return self._held & set(names)

    def _lock(self, name: str) -> bool:
        import fcntl  # SQLite with a worker works on Unix only

        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, _number(name))
        except OSError:
            return False
        return True

    def close(self) -> None:
        import fcntl

        with self._guard:
            for name in self._held:
                fcntl.lockf(self._file, fcntl.LOCK_UN, 1, _number(name))
                self._taken.discard((self._path, name))
            self._held.clear()


def _number(name: str) -> int:
    """A number for the name, the same in every process, that fits PostgreSQL's int."""
    return zlib.crc32(name.encode()) >> 1
