"""The decider: an aggregate as two pure functions and its first state.

`decide(command, state)` returns the events that the command causes, or raises Refused. `evolve(state,
event)` returns the state after the event. Neither reads a clock or does I/O, so the same history always
gives the same answer. Facts from elsewhere travel in the command.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

C = TypeVar("C")
S = TypeVar("S")
E = TypeVar("E")
T = TypeVar("T")

FACT = "a fact from elsewhere"
Fact = Annotated[T, FACT]
"""A field of a command, or of what travels in one, that whoever sends it has not said: what was looked up,
who asks, and when. A command that comes again is the same, whatever such a field holds by then."""


class Refused(Exception):
    """A rule forbids the command. The text is a full sentence, which the user reads word for word."""


deciders: dict[str, "Decider[Any, Any, Any]"] = {}
"""Those of the application, by category."""


def its_senders(_command: object) -> None:
    """No id: whoever sends the command gives it one."""


@dataclass(frozen=True, kw_only=True)
class Decider(Generic[C, S, E]):
    """One kind of aggregate: commands C, state S, events E. `own_id` is the id that a command has whoever
    sends it, if it has one: what it did once is not done again, though the state has forgotten it.
    `state_version` is counted up with each change of what `evolve` makes of the same events."""

    category: str
    identify: Callable[[C], UUID]
    initial: S
    decide: Callable[[C, S], Sequence[E]]
    evolve: Callable[[S, E], S]
    own_id: Callable[[C], UUID | None] = its_senders
    state_version: int = 1

    def __post_init__(self) -> None:
        deciders.setdefault(self.category, self)

    def stream(self, aggregate_id: UUID) -> str:
        """The name of the stream that holds one aggregate's events: `work-<uuid>`."""
        return f"{self.category}-{aggregate_id}"

    def fold(self, events: Iterable[E]) -> S:
        """The state after `events`, oldest first."""
        state = self.initial
        for event in events:
            state = self.evolve(state, event)
        return state
