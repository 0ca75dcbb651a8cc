"""Reactions: events that cause commands, mail or messages.

A reaction runs after the commit, from a checkpoint of its own, at least once for each event and never in a
rebuild. The ids of the commands that it sends follow from the event, so that they take effect once.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import uuid5

from eventstore.decider import C, Decider, E, S
from eventstore.dispatch import CommandIdReused, Outcome, dispatch
from eventstore.events import type_of
from eventstore.projections.start import FROM_BEGINNING, Start
from eventstore.store import RecordedEvent

registry: dict[str, "Reaction"] = {}

F = TypeVar("F")


class Away(Exception):
    """What a reaction talks to, such as a broker, does not answer. It is not the event's fault: the event
    is kept and tried again for as long as it takes."""


class NotNow(Exception):
    """What a reaction talks to refuses this event for now, as a mail server with greylisting does. The
    event is tried again for days, and other streams do not wait."""


class Cause:
    """The event that a reaction is handling, and the way to send commands because of it."""

    def __init__(self, recorded: RecordedEvent, reaction: "Reaction") -> None:
        self.recorded = recorded
        self.has_effect = True
        self._reaction = reaction
        self._sent = 0

    def dispatch(self, command: C, *, to: Decider[C, S, E]) -> Outcome | None:
        """Send a command. It takes effect once, however often the event is handled; returns None when it
        took effect before, with the facts of that time. Raises Refused like any dispatch."""
        self._sent += 1
        try:
            return dispatch(
                command,
                to=to,
                by=f"reaction {self._reaction.name}",
                command_id=uuid5(self.recorded.id, f"{self._reaction.name} {self._sent}"),
                correlation_id=self.recorded.correlation_id,
                causation_id=self.recorded.id,
                source="reaction",
            )
        except CommandIdReused:
            return None

    def nothing(self) -> None:
        """Say that the event caused nothing: the reaction then need not store its position at once."""
        self.has_effect = False

    def once(self, effect: Callable[[], object]) -> None:
        """Run an effect that has no id of its own, such as a mail, and do not repeat it when the event is
        handled again. It is claimed before and marked after. If a process dies, or loses the reaction's
        lock, between the two, the effect is run again."""
        from eventstore.reactions import claims  # reactions are imported before the tables exist

        claim = uuid5(self.recorded.id, f"{self._reaction.name} once")
        if claims.make(claim):
            effect()
            claims.mark_done(claim)


Handler = Callable[[F, Cause], None]
Delay = Callable[[], timedelta]
"""How long after the store took an event it is answered; asked when the event comes."""


class Reaction:
    """A handler for each event that it answers, under one checkpoint. `start` says where it begins.

    A worker follows each reaction in a thread of its own: what one talks to may be slow, or away for hours
    (Away), and no other waits for it. `wanted` is asked once for many events: while it says no, no event
    is answered.
    """

    def __init__(
        self, name: str, *, start: Start = FROM_BEGINNING, wanted: Callable[[], bool] | None = None
    ) -> None:
        if name in registry:
            raise ValueError(f"Two reactions are named {name!r}")
        self.name = name
        self.start = start
        self._wanted = wanted
        self._handlers: dict[str, Handler[Any]] = {}
        self._delays: dict[str, Delay] = {}
        registry[name] = self

    def on(self, event: type[F], *, after: Delay | None = None) -> Callable[[Handler[F]], Handler[F]]:
        """Connect the handler of an event class. Raises ValueError for a second one.

        With `after`, the event is answered that much later, by a timer that survives restarts; the events
        that follow it are answered meanwhile.
        """
        name = type_of(event).name

        def connect(handler: Handler[F]) -> Handler[F]:
            if name in self._handlers:
                raise ValueError(f"{self.name} has two handlers for {name}")
            self._handlers[name] = handler
            if after is not None:
                self._delays[name] = after
            return handler

        return connect

    def handles(self, recorded: RecordedEvent) -> bool:
        """Whether this reaction answers the event."""
        return recorded.type in self._handlers

    def is_wanted(self) -> bool:
        """Whether anybody wants its answers now."""
        return self._wanted is None or self._wanted()

    def due(self, recorded: RecordedEvent) -> datetime | None:
        """When the event is to be answered; None for at once."""
        delay = self._delays.get(recorded.type)
        return recorded.recorded_at + delay() if delay is not None else None

    def handle(self, recorded: RecordedEvent) -> bool:
        """Answer the event. Returns whether that may have had an effect; raises what the handler raises."""
        cause = Cause(recorded, self)
        self._handlers[recorded.type](recorded.event, cause)
        return cause.has_effect

    @property
    def checkpoint(self) -> str:
        """The name of its checkpoint, which no read model can have."""
        return f"reaction {self.name}"
