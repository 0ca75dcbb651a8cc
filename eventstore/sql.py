"""Statements that run for every command, by the shortest way on Django's own connection.

Django's cursor on PostgreSQL writes parameters into the text, so the server parses and plans each
statement anew, and reads times through Python. Prepared statements with binary results cost about half
(docs/performance.md). They run on the same connection, so inside the same transactions; with a pooler that
cannot keep prepared statements, put `prepare_threshold=None` into the database's OPTIONS.
"""

from collections.abc import Sequence
from typing import Any

import psycopg
from django.db import connection

Rows = list[tuple[Any, ...]]


def query(sql: str, params: Sequence[Any] = ()) -> Rows:
    """Run a statement that answers rows."""
    if connection.vendor != "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            rows: Rows = cursor.fetchall()
            return rows
    connection.ensure_connection()
    connection.validate_no_broken_transaction()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        return cursor.execute(sql, params, prepare=True, binary=True).fetchall()


def run(sql: str, params: Sequence[Any] = ()) -> None:
    """Run a statement that answers nothing of interest."""
    if connection.vendor != "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            return
    connection.ensure_connection()
    connection.validate_no_broken_transaction()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(sql, params, prepare=True)
