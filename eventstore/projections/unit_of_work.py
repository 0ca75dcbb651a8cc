"""The unit of work of a read model: rows loaded once, changed in memory, written together."""

from collections.abc import Collection, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from django.db import models

from eventstore.database import sql
from eventstore.projections.table import Table, Values, table_of

M = TypeVar("M", bound=models.Model)


class Rows:
    """The rows that one batch of events changes.

    Handlers find, add and change rows here. Nothing is written before the end of the batch, and then only
    what has changed.
    """

    def __init__(self) -> None:
        self._tables = Tables()

    def load(self, table: type[M], keys: Collection[Hashable]) -> None:
        """Fetch several rows in one query, so that `get` need not fetch each."""
        tracked = self._tables[table]
        missing = [key for key in keys if key not in tracked.rows]
        if missing:
            tracked.fetch(missing)

    def find(self, table: type[M], key: Hashable) -> M | None:
        """The row with this primary key, or None."""
        tracked = self._tables[table]
        if key not in tracked.rows:
            tracked.fetch([key])
        return cast("M | None", tracked.rows[key])

    def get(self, table: type[M], key: Hashable) -> M:
        """The row with this primary key; raises the table's DoesNotExist."""
        row = self.find(table, key)
        if row is None:
            raise table.DoesNotExist(f"{table.__name__} {key}")  # type: ignore[attr-defined]
        return row

    def add(self, row: models.Model) -> None:
        """Put in a new row. Its key must not be there yet: the database would refuse it."""
        self._tables[type(row)].rows[row.pk] = row

    def get_or_add(self, new: M) -> M:
        """The row with the primary key of this one; if there is none, this one, added."""
        row = self.find(type(new), new.pk)
        if row is None:
            self.add(new)
            return new
        return row

    def writes(self) -> list[sql.Write]:
        """What writes new and changed rows."""
        return [write for tracked in self._tables.values() for write in tracked.writes()]


class Tables(dict[type[models.Model], "TrackedRows"]):
    """Those that are touched, each from the first time that it is asked for."""

    def __missing__(self, table: type[models.Model]) -> "TrackedRows":
        tracked = self[table] = TrackedRows(table_of(table))
        return tracked


@dataclass
class TrackedRows:
    """The rows of one table, and the values that fetched rows had at first."""

    table: Table
    rows: dict[Hashable, models.Model | None] = field(default_factory=dict)
    _before: dict[Hashable, Values] = field(default_factory=dict)

    def fetch(self, keys: Collection[Hashable]) -> None:
        """The rows with these primary keys; None for those that are not there."""
        self.rows.update(dict.fromkeys(keys))
        for row in self.table.fetch(keys):
            self.rows[row.pk] = row
            self._before[row.pk] = self.table.values(row)

    def writes(self) -> list[sql.Write]:
        """One write for the new rows, and one for each set of columns that has changed in some rows."""
        new: list[Values] = []
        changed: dict[tuple[int, ...], list[Values]] = {}
        for key, row in self.rows.items():
            if row is None:
                continue
            values, before = self.table.values(row), self._before.get(key)
            if before is None:
                new.append(values)
            elif values != before:
                pairs: Any = zip(values, before, strict=True)
                which = tuple(index for index, (now, then) in enumerate(pairs) if now != then)
                changed.setdefault(which, []).append(values)
        updates = [self.table.update(which, rows) for which, rows in changed.items()]
        return [*([self.table.insertion(new)] if new else []), *updates]
