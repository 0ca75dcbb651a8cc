"""Rows of one table out and in: several by primary key in one query, any number written in one statement.

Django's own ways (`in_bulk`, `bulk_create`) do the same at several times the price, and a rebuild does
little else (docs/performance.md). What they know of fields is used here all the same.
"""

from collections.abc import Callable, Collection, Hashable, Sequence
from datetime import UTC, datetime
from functools import cache, partial
from operator import attrgetter
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from django.db import DEFAULT_DB_ALIAS, connection, models

from eventstore import sql

M = TypeVar("M", bound=models.Model)
Convert = Callable[[Any], Any]

PLAIN = {"TextField", "CharField", "BooleanField", "IntegerField", "SmallIntegerField", "BigIntegerField"}
"""Fields whose Python values both databases take, and give, as they are."""


def fetch(table: type[M], keys: Collection[Hashable]) -> list[M]:
    """The rows with these primary keys, in no order; those that are not there are left out."""
    if len(table._meta.pk_fields) > 1:
        return list(table._default_manager.filter(pk__in=keys))
    names = [field.attname for field in table._meta.concrete_fields]
    converted = _conversions(table).from_database
    rows = []
    for values in _select(table, list(keys)):
        columns = list(values)
        for index, convert in converted:
            if columns[index] is not None:
                columns[index] = convert(columns[index])
        rows.append(table.from_db(DEFAULT_DB_ALIAS, names, columns))
    return rows


def upsertion(table: type[models.Model], rows: Sequence[models.Model]) -> sql.Write:
    """What inserts the rows, or overwrites those whose primary key is already there."""
    values = _values(table, rows)
    if sql.is_postgresql():
        # All rows as one JSON parameter: a single round trip and a single plan for any number of them.
        names = [field.column for field in table._meta.concrete_fields]
        records = msgspec.json.encode([dict(zip(names, row, strict=True)) for row in values])
        return sql.Write(_statement(table), [[records.decode()]])
    return sql.Write(_statement(table), values)


def _select(table: type[models.Model], keys: list[Any]) -> sql.Rows:
    [key] = table._meta.pk_fields
    found = _selection(table)
    if sql.is_postgresql():
        return sql.query(f"{found} = ANY(%s)", [keys])
    rows: sql.Rows = []
    for start in range(0, len(keys), 500):
        some = [key.get_db_prep_value(each, connection) for each in keys[start : start + 500]]
        rows += sql.query(f"{found} IN ({', '.join(['%s'] * len(some))})", some)
    return rows


@cache
def _selection(table: type[models.Model]) -> str:
    [key] = table._meta.pk_fields
    columns = ", ".join(_columns(table))
    return f"SELECT {columns} FROM {_name(table)} WHERE {connection.ops.quote_name(key.column)}"


def _values(table: type[models.Model], rows: Sequence[models.Model]) -> list[list[Any]]:
    """The column values of each row, as the database wants them."""
    read = attrgetter(*[field.attname for field in table._meta.concrete_fields])
    converted = _conversions(table).to_database
    values = []
    for row in rows:
        columns = list(read(row))
        for index, convert in converted:
            if columns[index] is not None:
                columns[index] = convert(columns[index])
        values.append(columns)
    return values


class Conversions:
    """The columns, by index, whose values are not the same in Python and in the database."""

    def __init__(self, table: type[models.Model]) -> None:
        found = [_conversion(field) for field in table._meta.concrete_fields]
        self.to_database = [(index, each[0]) for index, each in enumerate(found) if each]
        self.from_database = [(index, each[1]) for index, each in enumerate(found) if each]


_conversions = cache(Conversions)


def _conversion(field: "models.Field[Any, Any]") -> tuple[Convert, Convert] | None:
    kind = (field.target_field if isinstance(field, models.ForeignKey) else field).get_internal_type()
    if kind in PLAIN or (sql.is_postgresql() and kind in {"UUIDField", "DateTimeField"}):
        return None
    if kind == "UUIDField":
        return attrgetter("hex"), UUID
    if kind == "DateTimeField":
        return naive_text, partial(datetime.replace, tzinfo=UTC)
    raise NotImplementedError(f"{field}: say here how a {kind} is written and read")


def naive_text(moment: datetime) -> str:
    """As Django writes times into SQLite: in UTC, without saying so."""
    return str(moment.astimezone(UTC))[:-6]


@cache
def _statement(table: type[models.Model]) -> str:
    columns, name = ", ".join(_columns(table)), _name(table)
    quote = connection.ops.quote_name
    keys = ", ".join(quote(field.column) for field in table._meta.pk_fields)
    update = ", ".join(f"{column} = excluded.{column}" for column in _columns(table) if column not in keys)
    if sql.is_postgresql():
        source = f"SELECT {columns} FROM json_populate_recordset(NULL::{name}, %s)"
    else:
        source = f"VALUES ({', '.join(['%s'] * len(_columns(table)))})"
    return f"INSERT INTO {name} ({columns}) {source} ON CONFLICT ({keys}) DO UPDATE SET {update}"


def _columns(table: type[models.Model]) -> list[str]:
    return [connection.ops.quote_name(field.column) for field in table._meta.concrete_fields]


def _name(table: type[models.Model]) -> str:
    return connection.ops.quote_name(table._meta.db_table)
