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
class Entry:
    """A command that was given at a time by somebody."""

    at: datetime
    command: Any
    to: Decider[Any, Any, Any]
    by: str


class Diary:
    """Commands of all aggregates together."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []

    def note(self, at: datetime, command: C, to: Decider[C, S, E], by: str) -> None:
        """Enter a command; the types see to it that it goes to its own aggregate."""
        self._entries.append(Entry(at=at, command=command, to=to, by=by))

    @property
    def entries(self) -> list[Entry]:
        """Oldest first; what was noted for the same moment, in the order of noting."""
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
                command_id=command_id(number),
                occurred_at=entry.at,
                source=SOURCE,
            )
