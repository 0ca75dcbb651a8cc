"""What the read tables hold, for comparing."""

from typing import Any

from django.db import models

from eventstore.models import Checkpoint, StoredEvent
from eventstore.read_models import registry

Table = list[dict[str, Any]]


def all_tables() -> list[type[models.Model]]:
    return [table for read_model in registry.values() for table in read_model.tables]


def contents() -> dict[str, Table]:
    """Every row of every read table, in the order of primary keys."""
    return {
        table._meta.db_table: list(
            table._default_manager.order_by(*[field.name for field in table._meta.pk_fields]).values()
        )
        for table in all_tables()
    }


def forget_everything() -> None:
    """An empty store, and read models at its beginning."""
    forget_rows()
    StoredEvent.objects.all().delete()


def forget_rows() -> None:
    """Empty read tables, and no checkpoints."""
    for table in all_tables():
        table._default_manager.all().delete()
    Checkpoint.objects.all().delete()
