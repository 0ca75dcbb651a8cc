"""Columns and indexes that Django does not have."""

from typing import Any

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


class ByteOrderedText(models.TextField):  # type: ignore[type-arg]
    """A text that is compared by its code points, on every database and as Python does, not by the
    database's collation."""

    def db_parameters(self, connection: BaseDatabaseWrapper) -> Any:
        given = super().db_parameters(connection)
        return {**given, "collation": "C"} if connection.vendor == "postgresql" else given


class TrigramIndex(GinIndex):
    """Finds any part of a text, on PostgreSQL with the extension pg_trgm. Elsewhere it is not made, and
    the same queries read the whole table."""

    def __init__(self, field: str = "", *, name: str, **_: Any) -> None:
        super().__init__(fields=[field or "text"], name=name, opclasses=["gin_trgm_ops"])

    def deconstruct(self) -> Any:
        path, _, _ = super().deconstruct()
        return path, (self.fields[0],), {"name": self.name}

    def create_sql(
        self, model: type[models.Model], schema_editor: BaseDatabaseSchemaEditor, using: str = "", **more: Any
    ) -> Any:
        if not has_trigrams(schema_editor.connection):
            return "-- no trigrams here"
        return super().create_sql(model, schema_editor, using=using, **more)


def has_trigrams(connection: BaseDatabaseWrapper) -> bool:
    """Whether the database can index parts of a text."""
    if connection.vendor != "postgresql":
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_opclass WHERE opcname = 'gin_trgm_ops'")
        return cursor.fetchone() is not None
