"""Shadow tables: empty twins of read tables, under the same names, that only this connection sees.

On PostgreSQL they stand in a schema of their own that is put first on the search path; on SQLite they
are temporary tables, which shadow others of the same name. Handlers, rows and queries therefore need
not know that they work on a shadow (docs/adr/0005).
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from django.db import connection, models

from eventstore import sql
from eventstore.tables import table_of

SCHEMA = "callout_shadow"
_KEY = 0x5AD0  # one rebuild at a time: the schema is shared


class Busy(Exception):
    """Another process is rebuilding or verifying."""


@dataclass(frozen=True)
class Difference:
    """A row that live and shadow do not share; None where it is missing."""

    table: str
    key: tuple[Any, ...]
    live: dict[str, Any] | None
    replayed: dict[str, Any] | None

    @property
    def columns(self) -> list[str]:
        """The columns whose values differ, when both have the row."""
        if self.live is None or self.replayed is None:
            return []
        return [name for name, value in self.live.items() if value != self.replayed[name]]


class Shadow:
    """Shadows of some tables, from `with` to its end. Outside of any transaction."""

    def __init__(self, tables: Sequence[type[models.Model]]) -> None:
        self._tables = tables
        self._postgresql = sql.is_postgresql()
        self._indexes: list[str] = []

    def __enter__(self) -> Self:
        if self._postgresql:
            self._live = connection.ops.quote_name(_value("SELECT current_schema()"))
            self._path = _value("SHOW search_path")
            if not _value("SELECT pg_try_advisory_lock(%s)", [_KEY]):
                raise Busy("Another process is rebuilding or verifying read models")
            _run(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")  # left behind by one that was killed
            _run(f"CREATE SCHEMA {SCHEMA}")
        else:
            self._live = "main"
        for table in self._tables:
            create, *indexes = _definition(table)
            self._indexes += indexes
            with self.in_front():
                _run(create if self._postgresql else create.replace("CREATE TABLE", "CREATE TEMP TABLE", 1))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._postgresql:
            _run(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
            _run("SELECT pg_advisory_unlock(%s)", [_KEY])
        else:
            for table in self._tables:
                _run(f"DROP TABLE IF EXISTS temp.{table_of(table).name}")

    @contextmanager
    def in_front(self) -> Iterator[None]:
        """While this lasts, the tables' names mean the shadows."""
        if self._postgresql:
            _run(f"SET search_path TO {SCHEMA}, {self._path}")
        try:
            yield
        finally:
            if self._postgresql and not connection.needs_rollback:
                _run(f"SET search_path TO {self._path}")

    def index(self) -> None:
        """Build the indexes; sooner would make each row dearer to write."""
        if self._postgresql:
            with self.in_front():
                for statement in self._indexes:
                    _run(statement)

    def swap(self) -> None:
        """Put the shadows in the live tables' place, in the caller's transaction."""
        for table in self._tables:
            name = table_of(table).name
            if self._postgresql:
                _run(f"DROP TABLE {self._live}.{name}")
                _run(f"ALTER TABLE {SCHEMA}.{name} SET SCHEMA {self._live}")
            else:
                columns = ", ".join(table_of(table).quoted)
                _run(f"DELETE FROM main.{name}")
                _run(f"INSERT INTO main.{name} ({columns}) SELECT {columns} FROM temp.{name}")

    def differences(self) -> Iterator[Difference]:
        """Every row that differs between the live tables and their shadows."""
        for table in self._tables:
            shadow = SCHEMA if self._postgresql else "temp"
            live_rows = _rows_only_in(table, self._live, shadow)
            replayed_rows = _rows_only_in(table, shadow, self._live)
            for key in sorted(live_rows.keys() | replayed_rows.keys(), key=str):
                yield Difference(table._meta.db_table, key, live_rows.get(key), replayed_rows.get(key))


def _definition(table: type[models.Model]) -> list[str]:
    """The statements that make the table, then its indexes, as migrations would write them."""
    with connection.schema_editor(collect_sql=True) as editor:
        editor.create_model(table)
    return [statement for statement in editor.collected_sql if not statement.startswith("--")]


def _rows_only_in(table: type[models.Model], one: str, other: str) -> dict[tuple[Any, ...], dict[str, Any]]:
    known = table_of(table)
    columns, name = ", ".join(known.quoted), known.name
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM {one}.{name} EXCEPT SELECT {columns} FROM {other}.{name}")
        rows = cursor.fetchall()
    return {tuple(row[key] for key in known.keys): dict(zip(known.columns, row, strict=True)) for row in rows}


def _run(statement: str, params: Sequence[Any] | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)


def _value(statement: str, params: Sequence[Any] | None = None) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return cursor.fetchone()[0]
