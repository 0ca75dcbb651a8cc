"""Given events, when a command, then events or a refusal: a rule as a sentence, without a database."""

from dataclasses import dataclass
from typing import Generic

import pytest

from eventstore.decider import C, Decider, E, Refused, S


@dataclass(frozen=True)
class When(Generic[C, S, E]):
    """A command about to be decided."""

    decider: Decider[C, S, E]
    history: tuple[E, ...]
    command: C

    def then(self, *expected: E) -> None:
        """The command causes exactly these events (none: it changes nothing), and the state accepts them."""
        state = self.decider.fold(self.history)
        events = tuple(self.decider.decide(self.command, state))
        assert events == expected
        for event in events:
            state = self.decider.evolve(state, event)

    def then_refused(self, sentence: str) -> None:
        """The command is refused with this sentence, word for word."""
        with pytest.raises(Refused) as refusal:
            self.decider.decide(self.command, self.decider.fold(self.history))
        assert str(refusal.value) == sentence


@dataclass(frozen=True)
class Given(Generic[C, S, E]):
    """What has happened to one aggregate."""

    decider: Decider[C, S, E]
    history: tuple[E, ...]

    def when(self, command: C) -> When[C, S, E]:
        return When(self.decider, self.history, command)


def given(decider: Decider[C, S, E], *history: E) -> Given[C, S, E]:
    """Begin a scenario with the aggregate's events, oldest first."""
    return Given(decider, history)
