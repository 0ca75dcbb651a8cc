"""A job's events as its page shows them, with the names that belong to them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from accounts.names import known_by
from eventstore.store import RecordedEvent
from pages.stored_data import indented
from readmodels.queries import operatives
from readmodels.queries.jobs import Job
from readmodels.queries.names import Names
from support.parts import Parts
from support.reporters import Known, reporters, speaks_for
from support.story import Entry, tell


@dataclass(frozen=True)
class Told:
    """An entry with the names that belong to it; `operative` is distinct from all namesakes. `is_own` says
    that the operative reported it themselves; otherwise `actor` reported it."""

    entry: Entry
    actor: str
    operative: str
    is_own: bool
    data: str


def story_of(
    history: Sequence[RecordedEvent], job: Job | None, parts: Sequence[Parts], now: datetime
) -> dict[str, Any]:
    """A job's events and the parts ordered for it, as the page shows them."""
    story = tell(history, now)
    known = known_by(each.actor for each in history)
    people = operatives.with_namesakes(entry.operative_id for entry in story.entries if entry.operative_id)
    names = Names.of_namesakes(people.values())
    called = {key: names.whole(row) for key, row in people.items()}
    return {
        "story": story,
        "told": interleaved([told(entry, known, called) for entry in story.entries], parts),
        "reporters": reporters([job] if job else [], known),
        "title": getattr(story.entries[0].event, "title", ""),
        "raised_by": str(known.get(history[0].actor, history[0].actor)),
    }


def interleaved(entries: Sequence[Told], parts: Sequence[Parts]) -> list[Told | Parts]:
    """The entries in their order; each of the parts stands before the first entry that happened after it."""
    found: list[Told | Parts] = list(entries)
    for each in sorted(parts, key=lambda each: each.at):
        later = (
            place
            for place, other in enumerate(found)
            if isinstance(other, Told) and other.entry.recorded.occurred_at > each.at
        )
        found.insert(next(later, len(found)), each)
    return found


def told(entry: Entry, known: Known, called: Mapping[UUID, str]) -> Told:
    """The entry as the page shows it."""
    operative = called.get(entry.operative_id, "") if entry.operative_id else ""
    actor = entry.recorded.actor
    by = known.get(actor)
    is_own = speaks_for(by, entry.operative_id)
    return Told(entry, str(by or actor), operative, is_own, indented(entry.recorded.data))
