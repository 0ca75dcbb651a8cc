"""The contents of the read tables, to compare."""

from typing import Any

from django.db import models

from eventstore.models import Checkpoint, StoredEvent
from eventstore.projections.differences import Difference
from eventstore.projections.read_model import registry
from eventstore.projections.rebuild import verify
from orders.order import Status as OrderStatus
from support.work import Stage
from tests import factories

Table = list[dict[str, Any]]
EVERYTHING = list(registry.values())


def quietly(*_: int) -> None:
    """No progress bar."""


def all_tables() -> list[type[models.Model]]:
    return [table for read_model in EVERYTHING for table in read_model.tables]


def contents() -> dict[str, Table]:
    """Every row of every read table, in the order of primary keys."""
    return {
        table._meta.db_table: list(
            table._default_manager.order_by(*[field.name for field in table._meta.pk_fields]).values()
        )
        for table in all_tables()
    }


def differences() -> list[Difference]:
    """What `verify` finds, over all read models."""
    return [each for read_model in EVERYTHING for each in verify(read_model, progress=quietly).first]


def forget_everything() -> None:
    """An empty store, and read models at its beginning."""
    forget_rows()
    StoredEvent.objects.all().delete()


def forget_rows() -> None:
    """Empty read tables, and no checkpoints."""
    for table in all_tables():
        table._default_manager.all().delete()
    Checkpoint.objects.all().delete()


def a_busy_day() -> None:
    """Something in every table, and work and orders at every stage."""
    for stage in Stage:
        if stage is not Stage.NONE:
            factories.work_at(stage)
    for status in OrderStatus:
        if status is not OrderStatus.NONE:
            factories.order_at(status, work_id=factories.raise_work())
    factories.release(factories.hire("Len", "Gone"))
    factories.relinquish(factories.acquire("9 Cliff Road"))
    factories.rename(factories.hire("Ada"), "Augusta", "King")
    factories.correct(factories.acquire("The Old Mill"), "The New Mill")
