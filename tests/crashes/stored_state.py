"""What is in the store and in the read models."""

import json
import os
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.db import connection, models, transaction

from eventstore.current import current_store
from eventstore.database import sql
from eventstore.models import Checkpoint, ParkedEvent, StoredEvent
from eventstore.projections.advance import advance
from eventstore.projections.differences import Difference
from eventstore.projections.read_model import registry
from eventstore.projections.rebuild import verify
from eventstore.projections.shadow import Busy
from eventstore.store import RecordedEvent
from tests.crashes.child import MAIL, Standing


def look(known: Mapping[str, list[str]]) -> Standing:
    """Read the state without changing it. `known` are the differences in states that were met before."""
    while True:
        standing = snapshot()
        if standing["state"] in known:
            return standing | {"differences": known[standing["state"]]}
        found = [f"{name}: {each}" for name in registry for each in differences(name)]
        # A server may still be at the last statement of a process that was killed.
        if snapshot()["state"] == standing["state"]:
            return standing | {"differences": found}


def snapshot() -> Standing:
    """The state at one moment."""
    with transaction.atomic():
        if sql.is_postgresql():
            sql.query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        events = current_store().read_all(0, 10_000)
        head = events[-1].position if events else 0
        stand = {each.name: each.position for each in Checkpoint.objects.filter(name__in=registry)}
        post = Path(os.environ[MAIL])
        return {
            "events": [f"{each.id} {each.type} {each.stream}@{each.version}" for each in events],
            "state": state_of(events),
            "differences": [],
            "behind": sorted(name for name in registry if stand.get(name) != head),
            "parked": ParkedEvent.objects.count(),
            "mail": post.read_text().splitlines() if post.exists() else [],
        }


def differences(name: str) -> list[Difference]:
    """`verify`; on PostgreSQL again while the server has yet to notice that a rebuild was killed."""
    while True:
        try:
            return verify(registry[name], progress=lambda *_: None).first
        except Busy:
            continue


def state_of(events: list[RecordedEvent]) -> str:
    """A digest of everything that `verify` compares. A position differs in every run, so it counts as the
    place of its event; everything else is the same in every run."""
    places: dict[object, object] = {each.position: f"event {n}" for n, each in enumerate(events)}

    def values(row: models.Model) -> list[Any]:
        return [
            places.get(value, value) if isinstance(field, models.BigIntegerField) else value
            for field in row._meta.concrete_fields
            if (value := getattr(row, field.attname)) is not None and field.name != "advanced_at"
        ]

    tables: list[type[models.Model]] = [
        Checkpoint,
        *(table for name in sorted(registry) for table in registry[name].tables),
    ]
    rows = [values(row) for table in tables for row in table._default_manager.order_by("pk")]
    history = [[each.id, each.stream, each.version, each.data, each.occurred_at] for each in events]
    return sha256(json.dumps([history, rows], default=str).encode()).hexdigest()


def catch_up() -> None:
    """Take in everything, as a worker would in time."""
    while advance():
        pass


def clear() -> None:
    """Leave nothing: as good as a new database, and faster. A KurrentDB gets a new prefix instead."""
    Path(os.environ[MAIL]).unlink(missing_ok=True)
    tables: list[type[models.Model]] = [StoredEvent, Checkpoint, ParkedEvent]
    tables += [table for read_model in registry.values() for table in read_model.tables]
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(table._meta.db_table)}")
