"""A diary of commands, noted in any order and dispatched in the order in which things happened."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from eventstore.decider import C, Decider, E, S
from eventstore.dispatch import Outcome, dispatch

SOURCE = "demo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """The event that made a reaction send a command, and the event that began the chain."""

    event_id: UUID
    correlation_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A command that somebody gave at a time; or one that a reaction gave `because` of an event. Its id
    follows from its place in the diary, unless it has one of its own."""

    at: datetime
    command: Any
    to: Decider[Any, Any, Any]
    by: str
    command_id: UUID | None = None
    because: Cause | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """An event that a reaction will answer when its time has come, which is after the diary's end."""

    reaction: str
    stream: str
    version: int
    due_at: datetime


class Diary:
    """Commands of all aggregates together."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self.pending: list[Pending] = []

    def note(self, at: datetime, command: C, to: Decider[C, S, E], by: str) -> None:
        """Enter a command; the types make sure that it goes to its own aggregate."""
        self.add(Entry(at=at, command=command, to=to, by=by))

    def add(self, entry: Entry) -> None:
        """Enter what was put together elsewhere."""
        self._entries.append(entry)

    @property
    def entries(self) -> list[Entry]:
        """Oldest first; for the same moment, in the order of noting."""
        return sorted(self._entries, key=lambda entry: entry.at)

    def __len__(self) -> int:
        return len(self._entries)

    def play(self, command_id: Callable[[int], UUID]) -> Iterator[Outcome]:
        """Dispatch everything in order, one command for each step of the iteration."""
        for number, entry in enumerate(self.entries):
            yield dispatch(
                entry.command,
                to=entry.to,
                by=entry.by,
                command_id=entry.command_id or command_id(number),
                correlation_id=entry.because.correlation_id if entry.because else None,
                causation_id=entry.because.event_id if entry.because else None,
                occurred_at=entry.at,
                source="reaction" if entry.because else SOURCE,
            )
