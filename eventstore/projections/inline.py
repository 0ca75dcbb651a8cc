"""Read models that advance in the appending transaction, so that pages are never stale (docs/adr/0004)."""

from collections.abc import Sequence
from typing import Any

from eventstore.bell import LongWay, events_appended
from eventstore.database.trouble import trouble_of
from eventstore.projections.advance import advance_here, take_in_at_once
from eventstore.projections.read_model import registry
from eventstore.store import RecordedEvent


def connect() -> None:
    """Project whenever the bell rings, from now on."""
    events_appended.connect(project, dispatch_uid="inline projection")


def disconnect() -> None:
    """Stop projecting here: a worker does it."""
    events_appended.disconnect(dispatch_uid="inline projection")


def project(events: Sequence[RecordedEvent] | None, **_: Any) -> None:
    """Take in just these events, or with None whatever comes after each checkpoint.

    Raises LongWay if a read model does not stand just before the events (it is new, behind, stopped, or of
    other code), or if a handler fails. The long way finds out which, and stops that one alone.
    """
    if events is None:
        advance_here(registry.values())
        return
    try:
        all_took = take_in_at_once(registry.values(), events)
    except Exception as error:
        if trouble_of(error):
            raise  # the long way would fail in the same way
        raise LongWay from error
    if not all_took:
        raise LongWay
