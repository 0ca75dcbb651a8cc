"""Statements that run for every command, in the shortest way on Django's own connection.

Django's cursor rewrites each statement. On PostgreSQL it also puts the parameters into the text, so that
the server parses and plans it again, and it reads times through Python. Prepared statements with binary
results cost about half (docs/performance.md), and less when the plan too is made once. These run on the
same connection, so inside the same transactions. A pooler must keep sessions (pooler.py).
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from traceback import clear_frames
from typing import Any, NamedTuple

import psycopg
from django.db import DEFAULT_DB_ALIAS, Error, OperationalError, connections, transaction
from psycopg.errors import DeadlockDetected

from eventstore.database.pooler import make_settings

Rows = list[tuple[Any, ...]]


@cache
def is_postgresql(alias: str = DEFAULT_DB_ALIAS) -> bool:
    """Whether the database is PostgreSQL and not SQLite; this does not change during the life of the
    process."""
    return bool(connections[alias].vendor == "postgresql")


def query(statement: str, params: Sequence[Any] = (), *, alias: str = DEFAULT_DB_ALIAS) -> Rows:
    """Run a statement. Returns its rows, if it is of a kind that has rows."""
    database = _database(alias)
    if not is_postgresql(alias):
        with database.wrap_database_errors:
            rows: Rows = database.connection.execute(_question_marks(statement), params).fetchall()
            return rows
    try:
        return _answered(database, statement, params)
    except OperationalError as error:
        if not may_send_again(database, error):
            raise
        return _answered(database, statement, params)


def _answered(database: Any, statement: str, params: Sequence[Any]) -> Rows:
    with database.wrap_database_errors, psycopg.Cursor(database.connection) as cursor:
        cursor.execute(statement, params, prepare=True, binary=True)
        # Not `cursor.description`, which makes an object for each column only to be looked at.
        return cursor.fetchall() if cursor.pgresult and cursor.pgresult.nfields else []


def script(statements: str, params: Sequence[str], *, alias: str = DEFAULT_DB_ALIAS) -> Rows:
    """Run several statements of PostgreSQL in one round trip; each sees what was committed when it begins.
    Returns the rows of the first. They cannot be prepared: the parameters are put into the text."""
    database = _database(alias)
    with database.wrap_database_errors, psycopg.ClientCursor(database.connection) as cursor:
        return cursor.execute(statements, params, prepare=False).fetchall()


@contextmanager
def not_waiting(alias: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """A transaction for what is not worth waiting for: on SQLite it fails at once if somebody else writes.
    PostgreSQL locks rows, not the file: there `select_for_update(skip_locked=True)` skips them."""
    if is_postgresql(alias):
        with transaction.atomic(using=alias):
            yield
        return
    before = query("PRAGMA busy_timeout", alias=alias)[0][0]
    query("PRAGMA busy_timeout = 0", alias=alias)
    try:
        with transaction.atomic(using=alias):
            yield
    finally:
        query(f"PRAGMA busy_timeout = {before}", alias=alias)


def may_send_again(database: Any, error: Error) -> bool:
    """Whether the server ended this statement because it and others waited for each other, and the
    statement was a whole transaction by itself. Then nothing of it is left, and the others can go on."""
    return isinstance(error.__cause__, DeadlockDetected) and not database.in_atomic_block


def once_more(
    execute: Callable[..., Any], statement: str, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    """Wraps Django's own statements (`connection.execute_wrappers`), so that no reader of a page sees an
    error because of a deadlock."""
    try:
        return execute(statement, params, many, context)
    except Error as error:
        # Django's frames refer to the error, which refers to them, and to SQLite's cursor. If another
        # thread's garbage collector finds the cursor, it waits for what this connection waits for.
        clear_frames(error.__traceback__)
        if many or not may_send_again(context["connection"], error):
            raise
        return execute(statement, params, many, context)


def _database(alias: str = DEFAULT_DB_ALIAS) -> Any:
    """Django's connection, open and not in a transaction that an error has broken."""
    database = connections[alias]
    if database.connection is None:
        with database.wrap_database_errors:
            database.connect()
    database.validate_no_broken_transaction()
    return database


def connect() -> "psycopg.Connection[tuple[object, ...]]":
    """A connection of our own to Django's PostgreSQL database, in which each statement commits by itself."""
    database = connections[DEFAULT_DB_ALIAS]
    with database.wrap_database_errors:
        found = psycopg.connect(**database.get_connection_params(), autocommit=True)
        make_settings(found, database.settings_dict.get("SET", {}))
        return found


@cache
def _question_marks(statement: str) -> str:
    """The statement with SQLite's own placeholders; our statements contain no other percent sign."""
    return statement.replace("%s", "?")


def naive_text(moment: datetime) -> str:
    """The time as Django writes it into SQLite: in UTC, without naming the zone."""
    return str(moment.astimezone(UTC))[:-6]


class Write(NamedTuple):
    """A statement that changes data, and the parameters for each time that it runs."""

    statement: str
    many: Sequence[Sequence[Any]]


def write(writes: Sequence[Write]) -> Rows:
    """Run several writes of different tables; returns the rows of the last.

    On PostgreSQL they make one statement, so one round trip. None sees what another writes.
    """
    *before, last = writes
    if is_postgresql():
        heads = ", ".join(f"w{index} AS ({each.statement})" for index, each in enumerate(before))
        params = [value for each in writes for row in each.many for value in row]
        return query(f"WITH {heads} {last.statement}" if heads else last.statement, params)
    database = _database()
    with database.wrap_database_errors:
        *_, answer = [
            database.connection.executemany(_question_marks(each.statement), each.many)
            if len(each.many) > 1
            else database.connection.execute(_question_marks(each.statement), each.many[0])
            for each in writes
        ]
        return list(answer.fetchall())
