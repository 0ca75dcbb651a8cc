"""The differences between live tables and their shadows."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, models

from eventstore.database import sql
from eventstore.projections.shadow import Shadow
from eventstore.projections.unit_of_work import table_of

NAMED = 1000
"""The most differences that are named; the others are only counted."""


@dataclass(frozen=True)
class Difference:
    """A row that differs between live and shadow; None on the side where it is missing."""

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


@dataclass
class Differences:
    """The first differences, and how many there are in all."""

    first: list[Difference] = field(default_factory=list)
    count: int = 0


def differences(tables: Sequence[type[models.Model]], shadow: Shadow, *, most: int = NAMED) -> Differences:
    """Every row that differs, one after the other, in the caller's transaction; the first `most` are kept."""
    found = Differences()
    for table in tables:
        # A server-side cursor; otherwise PostgreSQL would send all rows before the first can be looked at.
        with connection.chunked_cursor() as cursor:
            cursor.execute(_comparison(table, shadow))
            for row in cursor:
                found.count += 1
                if len(found.first) < most:
                    found.first.append(_difference(table, row))
    return found


def _comparison(table: type[models.Model], shadow: Shadow) -> str:
    """A query for the rows that differ, side by side; all columns are NULL on the side where a row is
    missing."""
    known = table_of(table)
    live, replayed = ([f"{side}.{column}" for column in known.quoted] for side in ("live", "replayed"))
    columns = ", ".join(live + replayed)
    same_key = " AND ".join(f"{live[key]} = {replayed[key]}" for key in known.keys)
    differs = "IS DISTINCT FROM" if sql.is_postgresql() else "IS NOT"
    key = known.keys[0]
    return (
        f"SELECT {columns} FROM {shadow.live}.{known.name} AS live "
        f"LEFT JOIN {shadow.schema}.{known.name} AS replayed ON {same_key} "
        f"WHERE {replayed[key]} IS NULL OR ({', '.join(live)}) {differs} ({', '.join(replayed)}) "
        f"UNION ALL SELECT {columns} FROM {shadow.schema}.{known.name} AS replayed "
        f"LEFT JOIN {shadow.live}.{known.name} AS live ON {same_key} WHERE {live[key]} IS NULL"
    )


def _difference(table: type[models.Model], row: Sequence[Any]) -> Difference:
    known, half = table_of(table), len(row) // 2
    live, replayed = row[:half], row[half:]
    either = replayed if live[known.keys[0]] is None else live
    return Difference(
        table._meta.db_table,
        tuple(either[key] for key in known.keys),
        None if live[known.keys[0]] is None else dict(zip(known.columns, live, strict=True)),
        None if replayed[known.keys[0]] is None else dict(zip(known.columns, replayed, strict=True)),
    )
