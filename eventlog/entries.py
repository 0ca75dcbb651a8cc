"""Recorded events as people read them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from accounts.models import User
from accounts.names import people_of
from eventlog.subjects import Subject, subjects_of
from eventstore.store import RecordedEvent


@dataclass(frozen=True)
class Entry:
    """An event with what its ids stand for. `find_actor` is what finds everything by the same actor."""

    recorded: RecordedEvent
    actor: str
    find_actor: str
    subject: Subject | None
    data: str


def entries(events: Sequence[RecordedEvent], reader: User) -> list[Entry]:
    """The events as entries; a fixed number of queries."""
    people = people_of(each.actor for each in events)
    subjects = subjects_of({each.stream for each in events}, reader)
    return [
        Entry(
            recorded=each,
            actor=str(people.get(each.actor, each.actor)),
            find_actor=people[each.actor].username if each.actor in people else each.actor,
            subject=subjects.get(each.stream),
            data=json.dumps(json.loads(each.data), indent=2, ensure_ascii=False),
        )
        for each in events
    ]
