"""What there is to move, and a process that moves it until it is killed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from uuid import uuid4

from eventstore.models import Checkpoint, StoredEvent
from eventstore.projections.read_model import registry
from eventstore.store import NO_STREAM, EventStore, Metadata
from eventstore.transfer.portable import PortableEvent
from tests.eventstore.new_events import HAPPENED, new_stream, note, notes
from tests.eventstore.processes import Child
from tests.eventstore.store_urls import Place

UNUSUAL = (
    r'{"text":"a NUL, escaped: \u0000, and not: \\u0000"}',
    '{"text":"\N{FIRE ENGINE}\N{ZERO WIDTH JOINER} na\N{LATIN SMALL LETTER I WITH DIAERESIS}ve"}',
    r'{"text":"half of \ud83d alone"}',
    '{ "spaces" :  "kept",\t"line":\r\n1.0e+00, "twice":1, "twice":2 }',
    "no JSON at all \x7f \N{LINE SEPARATOR} {events}",
    "",
)
"""Data that somebody who decodes and encodes it again would change."""


def fill(store: EventStore) -> None:
    """Fourteen events of three streams that interleave, in batches and one by one, of types that nobody
    knows, at unusual times, some without a digest of their command."""
    streams = [new_stream() for _ in range(3)]
    in_nepal = timezone(timedelta(hours=5, minutes=45))
    store.append(streams[0], NO_STREAM, notes(3))
    store.append(streams[1], NO_STREAM, [note(event_type="OfNobody")])
    store.append(streams[0], 2, [note(occurred_at=datetime(1999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC))])
    of_before = Metadata(actor="user-1", correlation_id=uuid4(), causation_id=uuid4(), source="test")
    unusual = [replace(note(), data=data, schema_version=7, metadata=of_before) for data in UNUSUAL]
    store.append(streams[2], NO_STREAM, unusual)
    store.append(streams[1], 0, [note(actor="\N{FIRE ENGINE}", occurred_at=HAPPENED.astimezone(in_nepal))])
    store.append(streams[2], len(UNUSUAL) - 1, notes(2))


def filled(place: Place) -> list[PortableEvent]:
    """What is in the place now that it was filled."""
    with place.opened() as store:
        fill(store.store)
    return place.events()


def forget_everything() -> None:
    """Empty the database of the tests: no event, no row of a read model."""
    for read_model in registry.values():
        for table in read_model.tables:
            table._default_manager.all().delete()
    Checkpoint.objects.all().delete()
    StoredEvent.objects.all().delete()


def moving(source: Place, target: Place, *, batch: int, appends: int) -> Child:
    """A process that copies and hangs after some appends."""
    return Child("tests.eventstore.transfer_child", *source, *target, batch, appends)
