"""The decider: an aggregate as two pure functions and its first state.

`decide(command, state)` returns the events that the command causes, or raises Refused. `evolve(state,
event)` returns the state after the event. Neither reads a clock or does I/O, so the same history always
gives the same answer. Facts from elsewhere travel in the command.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

C = TypeVar("C")
S = TypeVar("S")
E = TypeVar("E")


class Refused(Exception):
    """A rule forbids the command. The text is a full sentence, which the user reads word for word."""


def unchanged(command: C) -> C:
    """Returns the command itself, for commands that carry no fact from elsewhere."""
    return command


@dataclass(frozen=True, kw_only=True)
class Decider(Generic[C, S, E]):
    """One kind of aggregate: commands C, state S, events E. `granted` returns a command that says the
    same, with facts from elsewhere for which no rule refuses it."""

    category: str
    identify: Callable[[C], UUID]
    initial: S
    decide: Callable[[C, S], Sequence[E]]
    evolve: Callable[[S, E], S]
    granted: Callable[[C], C] = unchanged

    def stream(self, aggregate_id: UUID) -> str:
        """The name of the stream that holds one aggregate's events: `work-<uuid>`."""
        return f"{self.category}-{aggregate_id}"

    def fold(self, events: Iterable[E]) -> S:
        """The state after `events`, oldest first."""
        state = self.initial
        for event in events:
            state = self.evolve(state, event)
        return state
