"""The unit of work of a read model: rows loaded once, changed in memory, written together."""

from collections.abc import Collection, Hashable
from typing import TypeVar, cast

from django.db import models

from eventstore import sql
from eventstore.tables import fetch, upsertion

M = TypeVar("M", bound=models.Model)


class Rows:
    """The rows that one batch of events touches.

    Handlers get, add and change rows here; nothing is written yet. Every row that was taken
    out is written back, whole.
    """

    def __init__(self) -> None:
        self._held: dict[type[models.Model], dict[Hashable, models.Model | None]] = {}

    def load(self, table: type[M], keys: Collection[Hashable]) -> None:
        """Fetch several rows in one query, so that `get` need not fetch each."""
        held = self._held.setdefault(table, {})
        missing = [key for key in keys if key not in held]
        if not missing:
            return
        held.update(dict.fromkeys(missing))
        for row in fetch(table, missing):
            held[row.pk] = row

    def find(self, table: type[M], key: Hashable) -> M | None:
        """The row with this primary key, or None."""
        held = self._held.setdefault(table, {})
        if key not in held:
            self.load(table, [key])
        return cast("M | None", held[key])

    def get(self, table: type[M], key: Hashable) -> M:
        """The row with this primary key; raises the table's DoesNotExist."""
        row = self.find(table, key)
        if row is None:
            raise table.DoesNotExist(f"{table.__name__} {key}")  # type: ignore[attr-defined]
        return row

    def add(self, row: models.Model) -> None:
        """Put in a new row."""
        self._held.setdefault(type(row), {})[row.pk] = row

    def writes(self) -> list[sql.Write]:
        """What writes every row back, one write per table."""
        held = [(table, [row for row in rows.values() if row]) for table, rows in self._held.items()]
        return [upsertion(table, rows) for table, rows in held if rows]
