"""One worker at a time for each read model and reaction, among all processes; a dead one lets go at once.

PostgreSQL: advisory locks on a connection of their own. SQLite: locks on bytes of a file beside it.
"""

import os
import zlib
from collections.abc import Collection
from pathlib import Path
from threading import Lock
from typing import ClassVar, Protocol

from django.db import connection

from eventstore import sql

_KEY = 0x10CC  # the first of the advisory lock's two numbers; the second tells the names apart


class Exclusive(Protocol):
    """What this process alone may advance."""

    def take(self, names: Collection[str]) -> set[str]:
        """Those of the names that are ours now, whether or not they were before. Raises the database's
        error when all are lost because it went away."""
        ...

    def close(self) -> None:
        """Let others have them."""
        ...


def exclusive() -> Exclusive:
    """Nothing held yet."""
    if sql.is_postgresql():
        return OnPostgreSQL()
    return OnFile(Path(f"{connection.settings_dict['NAME']}-worker"))


class OnPostgreSQL:
    """Advisory locks, which the server releases when the connection ends."""

    def __init__(self) -> None:
        self._connection = sql.connect()
        self._held: set[str] = set()

    def take(self, names: Collection[str]) -> set[str]:
        with connection.wrap_database_errors:
            self._connection.execute("SELECT 1")  # raises where the connection, and all we held, is gone
            for name in sorted(set(names) - self._held):
                statement = "SELECT pg_try_advisory_lock(%s, %s)"
                row = self._connection.execute(statement, [_KEY, _number(name)]).fetchone()
                if row and row[0]:
                    self._held.add(name)
        return self._held & set(names)

    def close(self) -> None:
        self._connection.close()


class OnFile:
    """Locks on single bytes of a file, which the system releases when the process ends.

    They belong to the process: all in it share one descriptor, for closing any would let go of every lock on
    the file, and what one of them holds is not there for another.
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
        import fcntl  # SQLite with a worker is for Unix alone

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
    """A number for the name, the same in every process, that PostgreSQL takes for an int."""
    return zlib.crc32(name.encode()) >> 1
