"""Recorded events as people read them."""

from collections.abc import Sequence
from dataclasses import dataclass

from accounts.models import Token, User
from accounts.names import known_by
from eventlog.subjects import Subject, subjects_of
from eventstore.store import RecordedEvent
from pages.stored_data import indented


@dataclass(frozen=True)
class Entry:
    """An event with the names of what its ids stand for. A search for `find_actor` finds everything by the
    same actor."""

    recorded: RecordedEvent
    actor: str
    find_actor: str
    subject: Subject | None
    data: str


def entries(events: Sequence[RecordedEvent], reader: User) -> list[Entry]:
    """The events as entries, with a fixed number of queries."""
    known = known_by(each.actor for each in events)
    subjects = subjects_of({each.stream for each in events}, reader)
    return [
        Entry(
            recorded=each,
            actor=str(known.get(each.actor, each.actor)),
            find_actor=written(known.get(each.actor), each.actor),
            subject=subjects.get(each.stream),
            data=indented(each.data),
        )
        for each in events
    ]


def written(known: User | Token | None, actor: str) -> str:
    """The text to search for, to find everything by the same actor. Usernames are unique; names of tokens
    are not."""
    return known.username if isinstance(known, User) else actor


@dataclass(frozen=True)
class Group:
    """Events that are about the same thing."""

    stream: str
    subject: Subject | None
    entries: list[Entry]


def grouped(found: Sequence[Entry]) -> list[Group]:
    """The entries grouped by what they are about, in the order of each group's first entry."""
    groups: dict[str, Group] = {}
    for each in found:
        stream = each.recorded.stream
        groups.setdefault(stream, Group(stream, each.subject, [])).entries.append(each)
    return list(groups.values())
