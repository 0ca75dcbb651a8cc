"""The events of the store as programs read them: page by page, or waiting for what comes."""

import time
from collections.abc import Collection

import msgspec
from asgiref.sync import async_to_sync
from django.db import connection

from api.failures import Unacceptable
from api.problems import Fault
from api.shapes.events import LONGEST_WAIT, MOST, Event
from eventstore.codec import json_of
from eventstore.current import current_store
from eventstore.feed.broadcast import broadcast
from eventstore.store import NoSuchPosition, RecordedEvent, Selection

READ = 500
"""Events read from the store at once."""
SCANNED = 10_000
"""Events looked at for one page at most, however few of them are of the wanted types."""
NO_SUCH = "This store has not come to this position: it was restored from a copy, or is another. Begin again"


class Page(msgspec.Struct, kw_only=True, frozen=True):
    """Events in order; the position to go on from, which may lie beyond the last; and whether there is `more`
    to read at once. Without more, whoever goes on waits for what comes."""

    events: list[Event]
    position: int
    more: bool


def page(*, after: int = 0, types: Collection[str] = (), limit: int = 100, wait: float = 0) -> Page:
    """`GET /api/events?after=<position>&types=A,B&limit=<1..1000>&wait=<seconds, up to 30>`.

    Up to `limit` events beyond the position `after`, oldest first; with `types`, of these types alone. Ask
    again with `after` set to the answered `position`: nothing is skipped, also not what commits late, and
    filters never stall, for the position moves over what they leave out. Where there is nothing, the answer
    is held back until there is, for `wait` seconds at most.

    Blocks its thread, but holds no connection to the database while it waits. Raises what the store raises,
    and Unacceptable at a position that it has not come to.
    """
    limit = min(max(limit, 1), MOST)
    deadline = time.monotonic() + min(wait, LONGEST_WAIT)
    try:
        found = read(after, types, limit)
    except NoSuchPosition:
        raise Unacceptable([Fault(field="after", message=NO_SUCH)]) from None
    if found.position == after:  # there is nothing beyond it
        must_have_come_to(after)
    while not found.events and not found.more and (left := deadline - time.monotonic()) > 0:
        if not connection.in_atomic_block:
            connection.close()
        if not async_to_sync(heard)(found.position, left):
            break
        found = read(found.position, types, limit)
    return found


def must_have_come_to(after: int) -> None:
    """Raises Unacceptable at a position beyond the newest event: whoever waited there would hear of nothing,
    and in the end miss what had happened meanwhile; and where the store can tell that it has never named it.
    Every position that a page or a stream has named is that of an event, also where a store counts those of
    others in between."""
    store = current_store()
    try:
        if after:
            store.browse(Selection(), limit=1, before=after)  # a look at the place itself
        has_come = after <= store.head()
    except NoSuchPosition:
        has_come = False
    if not has_come:
        raise Unacceptable([Fault(field="after", message=NO_SUCH)])


async def heard(after: int, within: float) -> bool:
    """Whether anything comes beyond the position in time."""
    return await broadcast().heard(after, within)


def read(after: int, types: Collection[str], limit: int) -> Page:
    """What is there now."""
    events: list[Event] = []
    position, scanned = after, 0
    while scanned < SCANNED:
        found = current_store().read_all(position, READ)
        for each in found:
            position = each.position
            if not types or each.type in types:
                events.append(event(each))
            if len(events) == limit:
                return Page(events=events, position=position, more=True)
        if len(found) < READ:
            return Page(events=events, position=position, more=False)
        scanned += READ
    return Page(events=events, position=position, more=True)


def event(recorded: RecordedEvent) -> Event:
    """The event as it is told."""
    return Event(
        id=recorded.id,
        stream=recorded.stream,
        version=recorded.version,
        position=recorded.position,
        type=recorded.type,
        schema_version=recorded.schema_version,
        data=json_of(recorded.data),
        actor=recorded.actor,
        correlation_id=recorded.correlation_id,
        causation_id=recorded.causation_id,
        occurred_at=recorded.occurred_at.isoformat(),
        recorded_at=recorded.recorded_at.isoformat(),
    )
