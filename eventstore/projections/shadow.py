"""Shadow tables: empty twins of read tables, under the same names, which only this connection sees.

Handlers, rows and queries therefore need not know that they work on a shadow (docs/adr/0005).
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, Self

from django.db import connection, models

from eventstore.database import sql

Params = Sequence[Any] | Mapping[str, Any] | None


class Busy(Exception):
    """Another process is rebuilding or verifying, or somebody holds what is needed."""


class Barred(Exception):
    """Something is in the way that only a person can remove."""


class Shadow(Protocol):
    """Shadows of some tables, from `with` to its end. To be used outside of any transaction.

    Entering raises Busy, and Barred where shadows may not be made.
    """

    live: str
    schema: str
    """Where the live tables are, and where their shadows are."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...

    def in_front(self) -> AbstractContextManager[None]:
        """While this lasts, the tables' names mean the shadows."""
        ...

    def check_swap(self) -> None:
        """Raise Barred where the shadows could not be put in the live tables' place."""
        ...

    def index(self) -> None:
        """Build the indexes. Building them earlier would make each row more expensive to write."""
        ...

    def swapping(self) -> AbstractContextManager[None]:
        """A transaction that will swap. It does not wait for those who only read."""
        ...

    def swap(self) -> None:
        """Put the shadows in place of the live tables, in the caller's transaction. Raises the database's
        error, without waiting, when somebody holds any of them."""
        ...

    def holders(self) -> list[str]:
        """Who prevents the swap of the tables now."""
        ...

    def snapshot(self) -> AbstractContextManager[None]:
        """A transaction that sees live tables and events as they are at its first query, and holds up
        nobody."""
        ...


def shadow_of(tables: Sequence[type[models.Model]]) -> Shadow:
    """Shadows of these tables, in the database that the settings name."""
    from eventstore.projections.shadow_postgresql import OnPostgreSQL
    from eventstore.projections.shadow_sqlite import OnSQLite

    return OnPostgreSQL(tables) if sql.is_postgresql() else OnSQLite(tables)


def definition(table: type[models.Model]) -> list[str]:
    """The statements that make the table, then its indexes, as migrations would write them."""
    with connection.schema_editor(collect_sql=True) as editor:
        editor.create_model(table)
    return [statement for statement in editor.collected_sql if not statement.startswith("--")]


def run(statement: str, params: Params = None) -> None:
    """Run a statement that returns nothing."""
    with connection.cursor() as cursor:
        cursor.execute(statement, params)


def rows_of(statement: str, params: Params = None) -> sql.Rows:
    """The rows that a statement returns."""
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        rows: sql.Rows = cursor.fetchall()
        return rows


def value_of(statement: str, params: Params = None) -> Any:
    """The one value that a statement returns."""
    return rows_of(statement, params)[0][0]
