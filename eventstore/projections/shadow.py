"""Shadow tables: empty twins of read tables, under the same names, that only this connection sees.

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
    """Something stands in the way that only a person can take out of it."""


class Shadow(Protocol):
    """Shadows of some tables, from `with` to its end. Outside of any transaction.

    To enter raises Busy, and Barred where shadows may not be made.
    """

    live: str
    schema: str
    """Where the live tables stand, and where their shadows."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...

    def in_front(self) -> AbstractContextManager[None]:
        """While this lasts, the tables' names mean the shadows."""
        ...

    def check_swap(self) -> None:
        """Raise Barred where the shadows could not be put in the live tables' place."""
        ...

    def index(self) -> None:
        """Build the indexes; sooner would make each row dearer to write."""
        ...

    def swapping(self) -> AbstractContextManager[None]:
        """A transaction that will swap. It waits for nobody who only reads."""
        ...

    def swap(self) -> None:
        """Put the shadows in the live tables' place, in the caller's transaction. Raises the database's
        error, without waiting, when somebody holds any of them."""
        ...

    def holders(self) -> list[str]:
        """Who keeps the tables from being swapped now."""
        ...

    def snapshot(self) -> AbstractContextManager[None]:
        """A transaction that sees live tables and events as they are at its first question, and holds up
        nobody."""
        ...


def shadow_of(tables: Sequence[type[models.Model]]) -> Shadow:
    """Shadows of these tables, in the database that is in force."""
    from eventstore.projections.shadow_postgresql import OnPostgreSQL
    from eventstore.projections.shadow_sqlite import OnSQLite

    return OnPostgreSQL(tables) if sql.is_postgresql() else OnSQLite(tables)


def definition(table: type[models.Model]) -> list[str]:
    """The statements that make the table, then its indexes, as migrations would write them."""
    with connection.schema_editor(collect_sql=True) as editor:
        editor.create_model(table)
    return [statement for statement in editor.collected_sql if not statement.startswith("--")]


def run(statement: str, params: Params = None) -> None:
    """A statement that answers nothing."""
    with connection.cursor() as cursor:
        cursor.execute(statement, params)


def rows_of(statement: str, params: Params = None) -> sql.Rows:
    """What a statement answers."""
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        rows: sql.Rows = cursor.fetchall()
        return rows


def value_of(statement: str, params: Params = None) -> Any:
    """The one value that a statement answers."""
    return rows_of(statement, params)[0][0]
