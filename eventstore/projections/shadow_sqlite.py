"""Shadows on SQLite: temporary tables, which hide others of the same name. To swap them in, there are
twins of the live tables in the same file (docs/adr/0033).

Filling the temporary tables keeps nobody from writing. Their rows are copied into the twins in portions,
and others write between the portions. In the swap, twins and live tables exchange their contents under
their names.
"""

import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Self

from django.db import connection, models, transaction

from eventstore.database.lock import Exclusive, exclusive
from eventstore.projections.shadow import Barred, Busy, definition, rows_of, run, value_of
from eventstore.projections.unit_of_work import table_of

TWIN = "__shadow"
"""The suffix of a twin's table or index name."""
_PAGES = "SELECT name, tbl_name, rootpage FROM main.sqlite_master WHERE type IN ('table', 'index')"
PORTION = 2000
"""Rows that are copied at once."""


class OnSQLite:
    """A Shadow of temporary tables."""

    live, schema = "main", "temp"

    def __init__(self, tables: Sequence[type[models.Model]]) -> None:
        self._tables = tables
        self._names = [table._meta.db_table for table in tables]
        self._lock: Exclusive | None = None

    def __enter__(self) -> Self:
        for table in self._tables:
            run(definition(table)[0].replace("CREATE TABLE", "CREATE TEMP TABLE", 1))
        return self

    def __exit__(self, *_: object) -> None:
        for name in self._names:
            for table in (f"temp.{_quoted(name)}", f"temp.{_quoted(name + '__touched')}"):
                run(f"DROP TABLE IF EXISTS {table}")
        if self._lock:
            self._drop_twins()
            self._lock.close()

    @contextmanager
    def in_front(self) -> Iterator[None]:
        with deferred():
            yield

    def check_swap(self) -> None:
        """Nothing can prevent it, but there can be only one rebuild at a time."""
        if self._lock:
            return
        lock = exclusive()
        if not lock.take({"rebuild"}):
            lock.close()
            raise Busy("Another process is rebuilding read models")
        self._lock = lock

    def index(self) -> None:
        """Copy all rows into twins with indexes, and note which rows change from then on."""
        self._drop_twins()  # left by a rebuild that was killed
        for table, name in zip(self._tables, self._names, strict=True):
            for statement in _definition(name, TWIN):
                run(statement)
            _note_touched(name)
            last = value_of(f"SELECT coalesce(max(rowid), 0) FROM temp.{_quoted(name)}")
            for start in range(0, last, PORTION):
                with pause_after():
                    _carry(table, f"rowid > {start} AND rowid <= {min(start + PORTION, last)}")

    @contextmanager
    def swapping(self) -> Iterator[None]:
        with transaction.atomic():
            yield

    def swap(self) -> None:
        for table, name in zip(self._tables, self._names, strict=True):
            _carry(table, f"rowid IN (SELECT row FROM {_quoted(name + '__touched')})")
        _exchange(self._names)

    def holders(self) -> list[str]:
        return ["a process that writes"]  # SQLite does not say which one

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        with deferred(), transaction.atomic():
            yield

    def _drop_twins(self) -> None:
        """Drop them without writing zeros over each page that becomes free. Some builds of SQLite do that,
        and take five times as long; here it protects nothing, because the events still say what the pages
        held."""
        secure = value_of("PRAGMA secure_delete")
        value_of("PRAGMA secure_delete = FAST")
        there = {name for (name,) in rows_of("SELECT name FROM main.sqlite_master WHERE type = 'table'")}
        for name in there & {each + TWIN for each in self._names}:
            with pause_after():
                run(f"DROP TABLE main.{_quoted(name)}")
        value_of(f"PRAGMA secure_delete = {secure}")


@contextmanager
def pause_after() -> Iterator[None]:
    """Let others write for as long as this has taken."""
    began = time.monotonic()
    yield
    time.sleep(time.monotonic() - began)


@contextmanager
def deferred() -> Iterator[None]:
    """Transactions that become the one writer only when they write to what others see."""
    database: Any = connection
    mode, database.transaction_mode = database.transaction_mode, "DEFERRED"
    try:
        yield
    finally:
        database.transaction_mode = mode


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def _definition(name: str, behind: str = "") -> list[str]:
    """The statements that made a table of the file and its indexes, with `behind` added to each of their
    names."""
    made = "SELECT name, sql FROM main.sqlite_master WHERE tbl_name = %s AND type IN ('table', 'index')"
    statements = []
    for each, statement in rows_of(f"{made} AND sql IS NOT NULL ORDER BY type DESC, name", [name]):
        for old in {each, name}:
            statement = re.sub(rf'"?\b{re.escape(old)}\b"?', _quoted(old + behind), statement, count=1)
        statements.append(statement)
    return statements


def _note_touched(name: str) -> None:
    """Note changed rows from now on, by triggers that only this connection has."""
    touched = _quoted(name + "__touched")
    run(f"CREATE TEMP TABLE {touched} (row INTEGER PRIMARY KEY)")
    for event in ("INSERT", "UPDATE"):
        run(
            f"CREATE TEMP TRIGGER {_quoted(f'{name}__{event}')} AFTER {event} ON temp.{_quoted(name)} "
            f"BEGIN INSERT OR IGNORE INTO {touched} VALUES (new.rowid); END"
        )


def _carry(table: type[models.Model], which: str) -> None:
    """Copy rows of the temporary table into its twin, in place of those with the same key."""
    columns, name = ", ".join(table_of(table).quoted), table._meta.db_table
    run(
        f"INSERT OR REPLACE INTO main.{_quoted(name + TWIN)} ({columns}) "
        f"SELECT {columns} FROM temp.{_quoted(name)} WHERE {which}"
    )


def _exchange(names: Sequence[str]) -> None:
    """Exchange each table and index with its twin in the file: the schema holds the page at which each
    begins. Others read the schema again, as after any change to it."""
    if any(sorted(_definition(name, TWIN)) != sorted(_definition(name + TWIN)) for name in names):
        raise Barred("The tables have been changed since the rebuild began")
    pages = {name: (table, page) for name, table, page in rows_of(_PAGES)}
    pairs = [(each, _twin_of(each, table)) for each, (table, _) in pages.items() if table in names]
    found = [(name, pages[other][1]) for pair in pairs for name, other in (pair, pair[::-1])]
    run("PRAGMA writable_schema = ON")
    try:
        run(
            f"WITH found (name, page) AS (VALUES {', '.join(['(%s, %s)'] * len(found))}) "
            "UPDATE main.sqlite_master SET rootpage = "
            "(SELECT page FROM found WHERE found.name = sqlite_master.name) "
            "WHERE name IN (SELECT name FROM found)",
            [value for each in found for value in each],
        )
        run(f"PRAGMA main.schema_version = {value_of('PRAGMA main.schema_version') + 1}")
    finally:
        run("PRAGMA writable_schema = RESET")


def _twin_of(each: str, name: str) -> str:
    """The name of the twin; SQLite names the index of a primary key after its table."""
    automatic = f"sqlite_autoindex_{name}_"
    return (
        each.replace(automatic, f"sqlite_autoindex_{name}{TWIN}_")
        if each.startswith(automatic)
        else each + TWIN
    )
