"""One worker at a time for each read model and reaction, among all processes; a dead one lets go at once.

PostgreSQL: advisory locks on the connection that does the work, so that who has lost them writes nothing
more. One that stops, and does not die, loses them after a while (docs/adr/0014). SQLite: locks on bytes of a
file beside it, which go with the process alone.
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
"""Seconds for which who holds a lock may say nothing to PostgreSQL. Longer than any handler takes; who stands
by has the lock within half a minute."""

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
    """Advisory locks of this thread's own session, which the server releases when that ends."""

    def __init__(self) -> None:
        self._session: object = None
        self._held: set[str] = set()

    def take(self, names: Collection[str]) -> set[str]:
        end_session_after(SILENCE, in_transaction=True)  # also says that we are still there
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
            connection.close()  # with the session go the locks


def end_session_after(seconds: float, *, in_transaction: bool = False) -> None:
    """Have PostgreSQL end this session when it says nothing for so long, as where its process is stopped."""
    names = ["idle_session_timeout", *["idle_in_transaction_session_timeout"] * in_transaction]
    for name in names:
        sql.query("SELECT set_config(%s, %s, false)", [name, f"{int(seconds * 1000)}ms"])


def bear_silence() -> None:
    """Let this session be as patient again as it was."""
    sql.query("RESET idle_session_timeout")
    sql.query("RESET idle_in_transaction_session_timeout")


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
