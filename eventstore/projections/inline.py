"""Read models that advance in the appending transaction, so that pages are never stale (docs/adr/0004)."""

from collections.abc import Sequence
from typing import Any

from eventstore.bell import LongWay, events_appended
from eventstore.codec import decode
from eventstore.database import sql
from eventstore.database.trouble import trouble_of
from eventstore.projections.advance import advance_here
from eventstore.projections.read_model import move_on, registry
from eventstore.projections.unit_of_work import Rows
from eventstore.store import RecordedEvent


def connect() -> None:
    """Project whenever the bell rings, from now on."""
    events_appended.connect(project, dispatch_uid="inline projection")


def disconnect() -> None:
    """Stop projecting here: a worker does it."""
    events_appended.disconnect(dispatch_uid="inline projection")


def project(events: Sequence[RecordedEvent] | None, **_: Any) -> None:
    """Take in just these events, or with None whatever comes after each checkpoint.

    All read models share one unit of work, written at once with their checkpoints. Raises LongWay if a read
    model does not stand just before the events (it is new, behind, stopped, or of other code), or if a
    handler fails. The long way finds out which, and stops that one alone.
    """
    read_models = registry.values()
    if events is None:
        advance_here(read_models)
        return
    rows = Rows()
    try:
        for recorded in events:
            takers = [each for each in read_models if recorded.type in each.types]
            event = decode(recorded.type, recorded.schema_version, recorded.data) if takers else None
            for each in takers:
                each.take([(recorded, event)], rows)
        checkpoints = move_on(read_models, events[0].position - 1, events[-1].position)
        moved = sql.write([*rows.writes(), checkpoints])
    except Exception as error:
        if trouble_of(error):
            raise  # the long way would fail in the same way
        raise LongWay from error
    if len(moved) < len(read_models):
        raise LongWay
