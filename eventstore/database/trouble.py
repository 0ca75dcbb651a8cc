"""What an error of the database says about the database: busy, away, full, read-only, damaged; or nothing,
if the fault is in the statement.

For PostgreSQL the SQLSTATE decides, for SQLite the error code, and not Python's class: both raise
"operational" for a lock that came too late, for a server that is gone, and for an index row that is too
long.
"""

from enum import Enum
from time import monotonic

import psycopg
import psycopg_pool
from django.db import Error, InterfaceError, OperationalError


class Trouble(Enum):
    """Why the database cannot serve now. It is not the fault of the statement, or of the event that led to
    it: the same may succeed later."""

    BUSY = "The database is busy"
    AWAY = "The database cannot be reached"
    FULL = "The disk of the database is full"
    READ_ONLY = "The database takes no changes"
    DAMAGED = "The database cannot read its own files"


# https://www.postgresql.org/docs/current/errcodes-appendix.html; two characters stand for a whole class.
_SQLSTATES = {
    "40001": Trouble.BUSY,  # serialization failure
    "40P01": Trouble.BUSY,  # deadlock
    "55P03": Trouble.BUSY,  # lock not available, also by lock_timeout
    "57014": Trouble.BUSY,  # cancelled, also by statement_timeout
    "53200": Trouble.BUSY,  # out of memory
    "53300": Trouble.BUSY,  # too many connections
    # The server ended our session because it had been in a transaction for too long.
    "25P03": Trouble.BUSY,
    "25P04": Trouble.BUSY,
    "57P05": Trouble.BUSY,  # or because it was idle
    "57P01": Trouble.AWAY,  # shut down by an administrator
    "57P02": Trouble.AWAY,  # crashed
    "57P03": Trouble.AWAY,  # starting up, or shutting down
    "08": Trouble.AWAY,  # connection exception
    "28": Trouble.AWAY,  # we may not sign in
    "3D000": Trouble.AWAY,  # there is no such database
    "53100": Trouble.FULL,
    "25006": Trouble.READ_ONLY,  # also a primary that has become a standby
    "58030": Trouble.DAMAGED,  # I/O error
    "XX001": Trouble.DAMAGED,
    "XX002": Trouble.DAMAGED,
}
# https://www.sqlite.org/rescode.html; extended codes begin with the name of the primary one.
_SQLITE_CODES = {
    "SQLITE_BUSY": Trouble.BUSY,
    "SQLITE_LOCKED": Trouble.BUSY,
    "SQLITE_CANTOPEN": Trouble.AWAY,
    "SQLITE_FULL": Trouble.FULL,
    "SQLITE_READONLY": Trouble.READ_ONLY,
    "SQLITE_IOERR": Trouble.DAMAGED,
    "SQLITE_CORRUPT": Trouble.DAMAGED,
    "SQLITE_NOTADB": Trouble.DAMAGED,
}


LONGEST_WORDS = 2000
"""The most characters of an error that are kept."""


def in_words(error: BaseException) -> str:
    """The text of an error, as every database can keep it: without NUL or half a surrogate pair, and
    limited in length. It may quote an event from elsewhere."""
    words = str(error) or type(error).__name__
    return words[:LONGEST_WORDS].replace("\0", "\\0").encode(errors="backslashreplace").decode()


class Busy(OperationalError):
    """We ourselves do not let this one wait: enough do already."""


class Standby(OperationalError):
    """This server follows another, and cannot answer what only that one knows."""


SHORTLY = 5.0
"""Seconds for which a server that could not be connected to counts as away."""
_not_connected_at = -SHORTLY


def not_connected(_pool: object) -> None:
    """A connection pool calls this when it could not connect. Who then waits in vain for a connection
    waits for the server, and not for others."""
    global _not_connected_at
    _not_connected_at = monotonic()


def trouble_of(error: BaseException) -> Trouble | None:
    """What the database's error, as Django or the driver raises it, says about the database; None when it
    says nothing about it, or is another kind of error."""
    if isinstance(error, Busy | Standby):
        return Trouble.BUSY if isinstance(error, Busy) else Trouble.READ_ONLY
    if not isinstance(error, Error | psycopg.Error) and not hasattr(error, "sqlite_errorname"):
        return None
    cause = error.__cause__ if isinstance(error, Error) and error.__cause__ else error
    if code := getattr(cause, "sqlite_errorname", None):
        return _SQLITE_CODES.get("_".join(code.split("_")[:2]))
    if isinstance(cause, psycopg_pool.PoolTimeout):
        return Trouble.AWAY if monotonic() - _not_connected_at < SHORTLY else Trouble.BUSY
    if state := getattr(cause, "sqlstate", None):
        return _SQLSTATES.get(state) or _SQLSTATES.get(state[:2])
    # No code means that nobody answered: the driver could not connect, or the connection is gone.
    no_answer = (OperationalError, InterfaceError, psycopg.OperationalError, psycopg.InterfaceError)
    return Trouble.AWAY if isinstance(error, no_answer) else None
