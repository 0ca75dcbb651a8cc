"""Moving events into a store: in their order, from where an earlier try ended, and verified.

The target may hold the first events of the source, and no others. So each try begins by comparing what is
there, event by event, and appends what comes after it. A copy that was interrupted continues; a complete
one can be run again for what the source has taken since; and a foreign event is named before anything is
appended.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from django.db import DataError

from eventstore.embedded.in_flight import pages_of
from eventstore.store import Declined, EventStore, WrongVersion
from eventstore.transfer.open_store import Opened
from eventstore.transfer.portable import EMPTY, CannotMove, PortableEvent, Tally, portable

BATCH = 2000
"""Events that are read at once, and appended in one transaction if the target has transactions."""
RUN = 500
"""The most events in one append; PostgreSQL takes 65,535 parameters in a statement, thirteen for each
event."""
RUN_BYTES = 600_000
"""The most data in one append, unless a single event has more; KurrentDB takes 1 MiB including all
metadata."""
NAMED = 10
"""Streams that are named when a verification fails."""

Progress = Callable[[int, int], None]
"""Called with the number of events read, and the position reached."""


class Moved(NamedTuple):
    """The result of a move: how many events it appended, and all that the target holds now."""

    appended: int
    tally: Tally


def events_of(store: EventStore, progress: Progress) -> Iterator[PortableEvent]:
    """All events up to the present head, oldest first; others may append meanwhile."""
    for page in pages_of(store, BATCH):
        yield from (portable(each) for each in page)
        progress(len(page), page[-1].position)


def move(source: Iterable[PortableEvent], target: Opened) -> Moved:
    """Append to the target what it does not hold yet. Raises CannotMove; what was appended stays, and the
    same call continues from there."""
    tally, appended = Tally(), 0
    standing = events_of(target.store, lambda *_: None)
    due = beyond(standing, counted(source, tally))
    while batch := list(islice(due, BATCH)):
        append_all(list(runs(batch)), target)
        appended += len(batch)
    return Moved(appended, tally)


def counted(events: Iterable[PortableEvent], tally: Tally) -> Iterator[PortableEvent]:
    """The same events, each counted as it passes."""
    for each in events:
        tally.add(each)
        yield each


def beyond(standing: Iterable[PortableEvent], events: Iterator[PortableEvent]) -> Iterator[PortableEvent]:
    """The events that are not in the target yet. Raises CannotMove when the target has others."""
    for number, there in enumerate(standing, start=1):
        here = next(events, None)
        if here is None:
            raise CannotMove(
                f"The target holds {there}, its event {number:,}; the source ends before.{REMEDY}"
            )
        if here != there:
            what = "in other words" if (here.stream, here.id) == (there.stream, there.id) else f"not {there}"
            raise CannotMove(f"Event {number:,} of the source is {here}; the target has it {what}.{REMEDY}")
    yield from events


REMEDY = " Move into an empty store, or into one that holds the first events of the source and no others."


def runs(events: Iterable[PortableEvent]) -> Iterator[list[PortableEvent]]:
    """Consecutive events of one stream, as many as fit into one append."""
    run: list[PortableEvent] = []
    size = 0
    for each in events:
        added = len(each.data.encode())
        if run and (each.stream != run[0].stream or len(run) == RUN or size + added > RUN_BYTES):
            yield run
            run, size = [], 0
        run.append(each)
        size += added
    if run:
        yield run


REFUSED = (
    "somebody else appends there, an event before it was left out, or the id of one of them stands elsewhere"
)


def append_all(found: list[list[PortableEvent]], target: Opened) -> None:
    """Append all of these, in order. Raises CannotMove when the target refuses one."""
    if target.pour is None:
        with target.together():
            for run in found:
                append(run, target)
        return
    try:
        target.pour([(run[0].stream, run[0].version - 1, [each.new for each in run]) for run in found])
    except WrongVersion as error:
        raise CannotMove(f"The target refuses an append ({error}): {REFUSED}.") from error
    except (Declined, OverflowError, UnicodeError):
        for run in found:  # to name the one that is refused
            append(run, target)


def append(run: list[PortableEvent], target: Opened) -> None:
    """One append. Raises CannotMove when the target refuses it."""
    first = run[0]
    try:
        target.store.append(first.stream, first.version - 1, [each.new for each in run])
    except WrongVersion as error:
        raise CannotMove(f"The target refuses {first} and the {len(run) - 1} after it: {REFUSED}.") from error
    except (DataError, Declined, OverflowError, UnicodeError) as error:
        if len(run) > 1:
            # to name the one that is refused; what is appended here is rolled back with the transaction
            for each in run:
                append([each], target)
        raise CannotMove(f"The target cannot keep {first}: {str(error).partition(chr(10))[0]}.") from error


def verify(expected: Tally, events: Iterable[PortableEvent]) -> None:
    """Raises CannotMove, naming streams, unless exactly the expected events are there in the same order."""
    found = Tally()
    for each in events:
        found.add(each)
    differing = [
        f"{name} ({there.events} events, should be {here.events})"
        for name in sorted(expected.streams.keys() | found.streams.keys())
        if (here := expected.streams.get(name, EMPTY)) != (there := found.streams.get(name, EMPTY))
    ]
    if differing:
        more = f" and {len(differing) - NAMED:,} more" if len(differing) > NAMED else ""
        raise CannotMove(f"The target's streams differ: {', '.join(differing[:NAMED])}{more}.")
    if found.digest != expected.digest:
        raise CannotMove("The target has every stream as it should be, but not in the source's order.")
