"""The unit of work of a read model: rows loaded once, changed in memory, written together.

Several rows are fetched by primary key in one query, and any number is written in one statement. Django's own
ways (`in_bulk`, `bulk_create`, `bulk_update`) do the same and take several times as long, and a
rebuild does little else (docs/performance.md, docs/adr/0006).
"""

from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, cached_property, partial
from operator import attrgetter
from typing import Any, TypeVar, cast
from uuid import UUID

import msgspec
from django.db import DEFAULT_DB_ALIAS, connection, models
from psycopg.adapt import PyFormat, Transformer
from psycopg.types.json import Jsonb

from eventstore.database import sql

M = TypeVar("M", bound=models.Model)
Convert = Callable[[Any], Any]
Values = Sequence[Any]

PLAIN = {
    *("TextField", "CharField", "BooleanField", "IntegerField", "SmallIntegerField", "BigIntegerField"),
    *("PositiveIntegerField", "PositiveSmallIntegerField", "PositiveBigIntegerField"),
}
"""Fields whose Python values both databases take, and return, as they are."""
QUICK = PLAIN | {"UUIDField", "DateTimeField"}
"""Fields that are converted here, in a fraction of the time. Django itself prepares and reads all others."""


class Rows:
    """The rows that one batch of events changes.

    Handlers find, add and change rows here. Nothing is written before the end of the batch, and then only
    what has changed.
    """

    def __init__(self) -> None:
        self._tables = TouchedTables()

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
        """Add a new row. Its key must not exist yet: the database would refuse it."""
        self._tables[type(row)].rows[row.pk] = row

    def get_or_add(self, new: M) -> M:
        """The row with the primary key of this one; if there is none, this one, added."""
        row = self.find(type(new), new.pk)
        if row is None:
            self.add(new)
            return new
        return row

    def remove(self, table: type[models.Model], key: Hashable) -> None:
        """Remove the row with this primary key, if there is one."""
        self._tables[table].remove(key)

    def writes(self) -> list[sql.Write]:
        """The statements that remove rows, and write new and changed ones."""
        return [write for tracked in self._tables.values() for write in tracked.writes()]


class TouchedTables(dict[type[models.Model], "TrackedRows"]):
    """The tables that a batch touches; each is added when it is first asked for."""

    def __missing__(self, table: type[models.Model]) -> "TrackedRows":
        tracked = self[table] = TrackedRows(table_of(table))
        return tracked


@dataclass
class TrackedRows:
    """The rows of one table, and the values that fetched rows had at first."""

    table: "Table"
    rows: dict[Hashable, models.Model | None] = field(default_factory=dict)
    _before: dict[Hashable, Values] = field(default_factory=dict)
    _removed: set[Hashable] = field(default_factory=set)

    def fetch(self, keys: Collection[Hashable]) -> None:
        """The rows with these primary keys; None for those that are not there."""
        self.rows.update(dict.fromkeys(keys))
        for row in self.table.fetch(keys):
            self.rows[row.pk] = row
            self._before[row.pk] = self.table.values(row)

    def remove(self, key: Hashable) -> None:
        is_new = self.rows.get(key) is not None and key not in self._before
        if not is_new:
            self._removed.add(key)
        self.rows[key] = None

    def writes(self) -> list[sql.Write]:
        """One write for the rows that were removed, one for the new ones, and one for each set of columns
        that has changed in some rows."""
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
        # A row that was added in the place of one that had been fetched overwrites it.
        gone = [key for key in self._removed if self.rows[key] is None or key not in self._before]
        removal = [self.table.removal(gone)] if gone else []
        return [*removal, *([self.table.insertion(new)] if new else []), *updates]


class Table:
    """A read table's columns, by index, and the statements over them."""

    def __init__(self, model: type[models.Model]) -> None:
        quote = connection.ops.quote_name
        fields = model._meta.concrete_fields
        self.model = model
        self.name = quote(model._meta.db_table)
        self.names = [field.attname for field in fields]
        self.columns = [field.column for field in fields]
        self.quoted = [quote(column) for column in self.columns]
        self.keys = tuple(fields.index(field) for field in model._meta.pk_fields)
        self.to_database = [_to_database(field) for field in fields]
        self.from_database = [
            (index, _from_database(field)) for index, field in enumerate(fields) if self.to_database[index]
        ]
        self.is_quick = all(_kind(field) in QUICK for field in fields)
        self.values: Callable[[models.Model], Values] = attrgetter(*self.names)

    def fetch(self, keys: Collection[Hashable]) -> Iterable[models.Model]:
        """The rows with these primary keys, in no order; keys without a row are left out."""
        if len(self.keys) > 1 or not self.is_quick:
            yield from self.model._default_manager.filter(pk__in=keys)
            return
        for values in self._select(list(keys)):
            columns = list(values)
            for index, convert in self.from_database:
                if columns[index] is not None:
                    columns[index] = convert(columns[index])
            yield self.model.from_db(DEFAULT_DB_ALIAS, self.names, columns)

    def insertion(self, rows: Sequence[Values]) -> sql.Write:
        """The statement that inserts new rows."""
        which = tuple(range(len(self.columns)))
        if sql.is_postgresql():
            return sql.Write(self._insert, [[self._as_json(which, rows)]])
        return sql.Write(self._insert, [self._as_parameters(which, row) for row in rows])

    def update(self, changed: tuple[int, ...], rows: Sequence[Values]) -> sql.Write:
        """The statement that overwrites the changed columns of existing rows. Indexes on other columns are
        not touched."""
        which = (*changed, *self.keys)
        if sql.is_postgresql() and len(rows) > 1:
            return sql.Write(self._update_many(changed), [[self._as_json(which, rows)]])
        # A single row has its own statement: joined to JSON, the planner would read the whole table to
        # find it.
        return sql.Write(self._update_each(changed), [self._as_parameters(which, row) for row in rows])

    def removal(self, keys: Sequence[Hashable]) -> sql.Write:
        """The statement that deletes the rows with these primary keys, where they exist."""
        rows: list[Any] = [[None] * len(self.columns) for _ in keys]
        for row, key in zip(rows, keys, strict=True):
            for index, value in zip(self.keys, key if isinstance(key, tuple) else (key,), strict=True):
                row[index] = value
        if sql.is_postgresql() and len(rows) > 1:
            return sql.Write(self._delete_many, [[self._as_json(self.keys, rows)]])
        each = f"DELETE FROM {self.name} WHERE {self._is_row}"
        return sql.Write(each, [self._as_parameters(self.keys, row) for row in rows])

    def _as_json(self, which: tuple[int, ...], rows: Sequence[Values]) -> str:
        """All rows as one parameter: a single round trip and a single plan for any number of rows."""
        if not self.is_quick:
            every = tuple(range(len(self.columns)))
            rows = [list(map(_as_json_value, self._as_parameters(every, row))) for row in rows]
        records = [{self.columns[index]: row[index] for index in which} for row in rows]
        return msgspec.json.encode(records).decode()

    def _as_parameters(self, which: tuple[int, ...], row: Values) -> list[Any]:
        found = []
        for index in which:
            value, convert = row[index], self.to_database[index]
            found.append(value if value is None or convert is None else convert(value))
        return found

    @cached_property
    def _insert(self) -> str:
        columns = ", ".join(self.quoted)
        if sql.is_postgresql():
            return f"INSERT INTO {self.name} ({columns}) SELECT {columns} FROM {self._records}"
        return f"INSERT INTO {self.name} ({columns}) VALUES ({', '.join(['%s'] * len(self.columns))})"

    @cache  # noqa: B019  one Table per model lives as long as the process
    def _update_each(self, changed: tuple[int, ...]) -> str:
        columns = ", ".join(f"{self.quoted[index]} = %s" for index in changed)
        return f"UPDATE {self.name} SET {columns} WHERE {self._is_row}"

    @cache  # noqa: B019  one Table per model lives as long as the process
    def _update_many(self, changed: tuple[int, ...]) -> str:
        quoted, name = self.quoted, self.name
        columns = ", ".join(f"{quoted[index]} = record.{quoted[index]}" for index in changed)
        return f"UPDATE {name} SET {columns} FROM {self._records} AS record WHERE {self._is_record}"

    @property
    def _delete_many(self) -> str:
        return f"DELETE FROM {self.name} USING {self._records} AS record WHERE {self._is_record}"

    @property
    def _is_row(self) -> str:
        return " AND ".join(f"{self.quoted[index]} = %s" for index in self.keys)

    @property
    def _is_record(self) -> str:
        same = "{0}.{1} = record.{1}".format
        return " AND ".join(same(self.name, self.quoted[index]) for index in self.keys)

    @property
    def _records(self) -> str:
        return f"json_populate_recordset(NULL::{self.name}, %s)"

    def _select(self, keys: list[Any]) -> sql.Rows:
        columns, key = ", ".join(self.quoted), self.quoted[self.keys[0]]
        found = f"SELECT {columns} FROM {self.name} WHERE {key}"
        if sql.is_postgresql():
            return sql.query(f"{found} = ANY(%s)", [keys])
        convert = self.to_database[self.keys[0]]
        rows: sql.Rows = []
        for start in range(0, len(keys), 500):
            some = [convert(each) if convert else each for each in keys[start : start + 500]]
            rows += sql.query(f"{found} IN ({', '.join(['%s'] * len(some))})", some)
        return rows


table_of = cache(Table)


def _kind(field: "models.Field[Any, Any]") -> str:
    return (field.target_field if isinstance(field, models.ForeignKey) else field).get_internal_type()


def _to_database(field: "models.Field[Any, Any]") -> Convert | None:
    """The conversion of Python's value into the database's, where the types differ."""
    kind = _kind(field)
    if kind in PLAIN or (sql.is_postgresql() and kind in QUICK):
        return None
    if kind == "UUIDField":
        return attrgetter("hex")
    return (
        sql.naive_text if kind == "DateTimeField" else partial(field.get_db_prep_save, connection=connection)
    )


def _from_database(field: "models.Field[Any, Any]") -> Convert:
    """The conversion back, for the quick fields."""
    return UUID if _kind(field) == "UUIDField" else partial(datetime.replace, tzinfo=UTC)


def _as_json_value(value: Any) -> Any:
    """A value that Django prepared for PostgreSQL, as JSON, in which PostgreSQL reads text as the column's
    type."""
    if value is None or isinstance(value, bool | int | float | str | list):
        return value
    text = bytes(Transformer().get_dumper(value, PyFormat.TEXT).dump(value) or b"")
    return msgspec.Raw(text) if isinstance(value, Jsonb) else text.decode()
