"""Statements that run for every command, by the shortest way on Django's own connection.

Django's cursor on PostgreSQL writes parameters into the text, so the server parses and plans each
statement anew, and reads times through Python. Prepared statements with binary results cost about half
(docs/performance.md). They run on the same connection, so inside the same transactions; with a pooler that
cannot keep prepared statements, put `prepare_threshold=None` into the database's OPTIONS.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections

Rows = list[tuple[Any, ...]]


@cache
def is_postgresql() -> bool:
    """Which of the two databases this is; settled for the life of the process."""
    return bool(connections[DEFAULT_DB_ALIAS].vendor == "postgresql")


def query(statement: str, params: Sequence[Any] = ()) -> Rows:
    """Run a statement; the rows that it answers, if it is of a kind that does."""
    database = connections[DEFAULT_DB_ALIAS]
    if not is_postgresql():
        with database.cursor() as cursor:
            cursor.execute(statement, params)
            rows: Rows = cursor.fetchall()
            return rows
    database.ensure_connection()
    database.validate_no_broken_transaction()
    with database.wrap_database_errors, psycopg.Cursor(database.connection) as cursor:
        cursor.execute(statement, params, prepare=True, binary=True)
        return cursor.fetchall() if cursor.description else []


class Write(NamedTuple):
    """A statement that changes data, and the parameters of each time that it is to run."""

    statement: str
    many: Sequence[Sequence[Any]]


def write(writes: Sequence[Write]) -> Rows:
    """Run several writes of different tables; the rows that the last one answers.

    On PostgreSQL they make one statement, so one round trip. None sees what another writes.
    """
    if is_postgresql():
        *before, last = writes
        heads = ", ".join(f"w{index} AS ({each.statement})" for index, each in enumerate(before))
        params = [value for each in writes for row in each.many for value in row]
        return query(f"WITH {heads} {last.statement}" if heads else last.statement, params)
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        for each in writes[:-1]:
            cursor.executemany(each.statement, each.many)
        last = writes[-1]
        if "RETURNING" not in last.statement:
            cursor.executemany(last.statement, last.many)
            return []
        cursor.execute(last.statement, last.many[0])
        rows: Rows = cursor.fetchall()
        return rows
