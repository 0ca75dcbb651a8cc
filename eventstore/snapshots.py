"""Snapshots: a state kept, so that a long stream need not be read whole (docs/adr/0040-snapshots.md).

A snapshot names the event at its version, and reading begins at that event: where another stands there, or
none, the store is not the one that it was taken of, and it goes. It is never more than a hint; the stream is
the truth.
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple
from uuid import UUID, uuid5

from django.db import transaction

from eventstore.codec import Undecodable
from eventstore.current import current_store
from eventstore.database import sql
from eventstore.decider import Decider, E, Refused, S, deciders
from eventstore.events import UnknownEvent
from eventstore.state import from_plain, plain, state_version
from eventstore.store import MOST_EVENTS, NO_STREAM, RecordedEvent

logger = logging.getLogger(__name__)

EVERY = 100
"""A stream of fewer events has no snapshot, and is read whole in one query; a longer one has a new one after
so many."""
_MOST = 1000
_long: set[str] = set()
"""Streams that are known to be long: their first events are not read to find that out."""


class Unreadable(Refused):
    """The aggregate's history cannot be used to decide: this code cannot read one of its events."""

    def __init__(self, recorded: RecordedEvent) -> None:
        super().__init__(
            f"Nothing was changed: this program cannot read version {recorded.version} of its history "
            f"({recorded.type}). Whoever looks after the program has to mend that first"
        )


class Kept(NamedTuple):
    """A snapshot: the state after the event of this version and id, as JSON."""

    version: int
    event_id: UUID
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Past(Generic[S, E]):
    """What was read of one aggregate: its whole stream or, after a snapshot, the events from that one's on.
    `sent` are the events of the command that was asked for, wherever in the stream they stand."""

    to: Decider[Any, S, E]
    stream: str
    recorded: Sequence[RecordedEvent]
    kept: Kept | None = None
    sent: Sequence[RecordedEvent] = ()

    @property
    def state(self) -> S:
        """The state now. Raises Unreadable."""
        if self.kept is None:
            return state_of(self.to, self.recorded)
        return state_of(self.to, self.recorded[1:], after=from_plain(type(self.to.initial), self.kept.state))


def read(to: Decider[Any, S, E], aggregate_id: UUID, command_ids: Sequence[UUID] = ()) -> Past[S, E]:
    """The aggregate as the store knows it now, and what was appended under the first of these ids that was
    ever dispatched to it."""
    stream = to.stream(aggregate_id)
    if stream not in _long:
        recorded = current_store().read_stream(stream, limit=EVERY)
        if len(recorded) < EVERY:
            return Past(to=to, stream=stream, recorded=recorded, sent=sent_in(recorded, command_ids))
        _note_long(stream)
    return _read_long(to, stream, command_ids)


def _note_long(stream: str) -> None:
    if len(_long) >= _MOST:
        _long.clear()  # it is only a hint
    _long.add(stream)


def _read_long(to: Decider[Any, S, E], stream: str, command_ids: Sequence[UUID]) -> Past[S, E]:
    """In the order snapshot, place of the ids, tail: what comes in between is in the tail, or makes the
    append a conflict."""
    store, kept = current_store(), _kept(to, stream)
    if kept is None:
        recorded = store.read_stream(stream)
        return Past(to=to, stream=stream, recorded=recorded, sent=sent_in(recorded, command_ids))
    place = store.place_of(stream, [event_id_of(each, 0) for each in command_ids]) if command_ids else None
    recorded = store.read_stream(stream, kept.version)
    sent = sent_in(recorded, command_ids)
    if place is not None and not sent:
        sent = _sent_at(stream, place, command_ids)
    if not recorded or recorded[0].id != kept.event_id or (place is not None and not sent):
        forget(stream)
        return _read_long(to, stream, command_ids)
    return Past(to=to, stream=stream, recorded=recorded, kept=kept, sent=sent)


def _sent_at(stream: str, place: int, command_ids: Sequence[UUID]) -> Sequence[RecordedEvent]:
    """The command's events from this version on; none where others stand there."""
    store = current_store()
    sent = sent_in(store.read_stream(stream, place, EVERY), command_ids)
    return sent if len(sent) < EVERY else sent_in(store.read_stream(stream, place, MOST_EVENTS), command_ids)


def sent_in(recorded: Sequence[RecordedEvent], command_ids: Iterable[UUID]) -> Sequence[RecordedEvent]:
    """The events among these of the first of the commands that has any here."""
    firsts = {event_id_of(each, 0): each for each in command_ids}
    for place, each in enumerate(recorded):
        if each.id in firsts:
            command_id, end = firsts[each.id], place + 1
            while end < len(recorded) and recorded[end].id == event_id_of(command_id, end - place):
                end += 1
            return recorded[place:end]
    return ()


def event_id_of(command_id: UUID, index: int) -> UUID:
    """The id of an event of a command: deterministic, so that the store itself refuses its second effect."""
    return uuid5(command_id, str(index))


def state_of(to: Decider[Any, S, Any], recorded: Iterable[RecordedEvent], *, after: S | None = None) -> S:
    """The state after these events, but for those that others put into the stream beside us; they follow on
    the state `after`, if that is given. Raises Unreadable at one that this code cannot read, or that has no
    place in such a history: it was written by other code, or came from elsewhere."""
    state = to.initial if after is None else after
    for each in recorded:
        if each.is_foreign:
            continue
        event = event_of(each)
        try:
            state = to.evolve(state, event)
        except Exception as error:
            logger.exception("%s@%s, %s, has no place there", each.stream, each.version, each.type)
            raise Unreadable(each) from error
    return state


def event_of(recorded: RecordedEvent) -> Any:
    """The event itself; raises Refused where this code cannot read it."""
    try:
        return recorded.event
    except (Undecodable, UnknownEvent) as error:
        raise Unreadable(recorded) from error


# --- Keeping ---------------------------------------------------------------------------------------


def keep(past: Past[Any, Any], events: Sequence[object], ids: Sequence[UUID]) -> None:
    """Keep the state after these events, which were appended under these ids to what had been read. Raises
    nothing: a snapshot that fails costs time alone."""
    try:
        state = past.state
        for each in events:
            state = past.to.evolve(state, each)
        version = (past.recorded[-1].version if past.recorded else NO_STREAM) + len(ids)
        places = [(each.id, each.version) for each in past.recorded]
        places += [(each, version - len(ids) + number) for number, each in enumerate(ids, start=1)]
        _write(past, Kept(version, ids[-1], plain(state)), places)
        _note_long(past.stream)
    except Exception:
        logger.exception("No snapshot of %s", past.stream)


def _write(past: Past[Any, Any], new: Kept, places: Sequence[tuple[UUID, int]]) -> None:
    """In one transaction with the places of all ids up to its version, for a store that has no index of them.
    After a snapshot these are complete only as long as that one stands."""
    from eventstore.models import Snapshot  # who dispatches is imported before there are any tables

    mine = Snapshot.objects.filter(stream=past.stream, state_version=state_version(past.to))
    fields = new._asdict()
    with transaction.atomic():
        if past.kept is None:
            mine.update_or_create(stream=past.stream, state_version=state_version(past.to), defaults=fields)
        elif not mine.filter(version=past.kept.version, event_id=past.kept.event_id).update(**fields):
            return  # another command has kept one, or it has gone
        current_store().note_places(past.stream, places)


def forget(stream: str) -> None:
    """Drop what is kept of a stream, with the places of its ids: it was of another store."""
    from eventstore.models import Snapshot

    logger.warning("The snapshots of %s are of another history, and go", stream)
    with transaction.atomic():
        Snapshot.objects.filter(stream=stream).delete()
        current_store().forget_places(stream)


def _kept(to: Decider[Any, Any, Any], stream: str) -> Kept | None:
    """The snapshot of this code's own version of the state."""
    rows = sql.query(
        "SELECT version, event_id, state FROM eventstore_snapshot WHERE stream = %s AND state_version = %s",
        [stream, state_version(to)],
    )
    if not rows:
        return None
    version, event_id, state = rows[0]
    return Kept(version, event_id if isinstance(event_id, UUID) else UUID(event_id), state)


def wrong() -> Iterator[str]:
    """A sentence for each snapshot of this code's versions that is not what its events come to."""
    from eventstore.models import Snapshot

    for row in Snapshot.objects.order_by("stream").iterator():
        to = deciders.get(row.stream.partition("-")[0])
        if to is None or row.state_version != state_version(to):
            continue
        recorded = current_store().read_stream(row.stream, limit=row.version + 1)
        if [each.id for each in recorded[row.version :]] != [row.event_id]:
            yield f"{row}: kept of another history; it goes when the stream is read"
        elif from_plain(type(to.initial), row.state) != state_of(to, recorded):
            yield f"{row}: the kept state is not what its events come to"
