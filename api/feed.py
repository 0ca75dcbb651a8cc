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
"""Events that are read from the store at once."""
SCANNED = 10_000
"""The most events that are looked at for one page, however few of them have a wanted type."""
NO_SUCH = "This store has not come to this position: it was restored from a copy, or is another. Begin again"


class Page(msgspec.Struct, kw_only=True, frozen=True):
    """Events in order; the position to continue from, which may be beyond the last; and whether there is
    `more` to read at once. If not, the next request waits for what comes."""

    events: list[Event]
    position: int
    more: bool


def page(*, after: int = 0, types: Collection[str] = (), limit: int = 100, wait: float = 0) -> Page:
    """`GET /api/events?after=<position>&types=A,B&limit=<1..1000>&wait=<seconds, up to 30>`.

    Returns up to `limit` events after the position `after`, oldest first; with `types`, only those types.
    Ask again with `after` set to the returned `position`. Nothing is skipped, not even events that commit
    late, and filters never stall, because the position moves over what they leave out. If there is
    nothing, the answer waits until there is, for at most `wait` seconds.

    Blocks its thread, but holds no database connection while it waits. Raises what the store raises, and
    Unacceptable at a position that the store has not reached.
    """
    limit = min(max(limit, 1), MOST)
    deadline = time.monotonic() + min(wait, LONGEST_WAIT)
    try:
        found = read(after, types, limit)
    except NoSuchPosition:
        raise Unacceptable([Fault(field="after", message=NO_SUCH)]) from None
    if found.position == after:  # there is nothing after it
        must_have_come_to(after)
    while not found.events and not found.more and (left := deadline - time.monotonic()) > 0:
        if not connection.in_atomic_block:
            connection.close()
        if not async_to_sync(heard)(found.position, left):
            break
        found = read(found.position, types, limit)
    return found


def must_have_come_to(after: int) -> None:
    """Raises Unacceptable at a position after the newest event: a reader that waited there would see
    nothing, and would later miss what happened meanwhile. Also raises it if the store can tell that it has
    never issued the position. Every position in a page or a stream is that of an event, also in a store
    that counts foreign events in between."""
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
    """Whether anything comes after the position in time."""
    return await broadcast().heard(after, within)


def read(after: int, types: Collection[str], limit: int) -> Page:
    """The events that are there now."""
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
    """The event in the shape that programs get."""
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
