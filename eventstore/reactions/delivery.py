"""Delivering events to reactions: once each if all goes well, again later if not.

An event that fails is tried again after longer and longer pauses, then parked until somebody looks. Later
events of its stream wait behind it, so that a reaction sees a stream in order; other streams go on.
"""

import logging
import time
from collections.abc import Collection
from contextlib import nullcontext
from datetime import datetime, timedelta
from itertools import islice
from threading import Event
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from eventstore.current import current_store
from eventstore.database.trouble import Busy, in_words, trouble_of
from eventstore.models import Checkpoint, ParkedEvent
from eventstore.projections.advance import BATCH
from eventstore.projections.start import position_of
from eventstore.reactions.parked import forget
from eventstore.reactions.reaction import Away, NotNow, Reaction
from eventstore.store import Batch, RecordedEvent, Unreachable

logger = logging.getLogger(__name__)

ATTEMPTS = 8
FIRST_PAUSE = timedelta(seconds=1)
"""Before the second attempt; doubled before each further one, so that the last comes after two minutes."""
LOOK = 1.0
"""Seconds after which due events are tried again, however many new events are still to be answered."""
ROUND = 1.0
"""Seconds after which the new events get their turn, however many parked ones are due."""
ATTEMPTS_LATER = 37
FIRST_PAUSE_LATER, LONGEST_PAUSE_LATER = timedelta(minutes=1), timedelta(hours=4)
"""The same for an event that is refused for now: the last attempt comes after nearly five days, as RFC
5321, 4.5.4.1, says for mail."""
SOME = 500
"""The number of rows that one query asks about."""


def followers(reactions: Collection[Reaction], stop: Event) -> list["Reactions"]:
    """One follower for each reaction, so that none waits for another."""
    return [Reactions([each], stop) for each in reactions]


class Turn:
    """How long this thread may work: until it is told to stop, or until its session ends, and its locks
    with it."""

    def __init__(self, stop: Event) -> None:
        self._stop = stop
        self._session = connection.connection

    def is_over(self) -> bool:
        """Whether to stop. Raises Busy if the session has ended, so that another may have the locks."""
        self._session = self._session or connection.connection
        if connection.connection is not self._session:
            raise Busy("The session that held the locks has ended")
        return self._stop.is_set()


class Reactions:
    """Follows with reactions, each from where it stands."""

    def __init__(self, reactions: Collection[Reaction], stop: Event) -> None:
        self._stop = stop
        self._reactions = {each.checkpoint: each for each in reactions}
        self.names = sorted(self._reactions)

    def catch_up(self, held: Collection[str]) -> int:
        turn = Turn(self._stop)
        while not turn.is_over():
            stand = {name: position(self._reactions[name]) for name in held}
            batches = {name: current_store().read_all(after, BATCH) for name, after in stand.items()}
            if not any(batches.values()):
                return min(stand.values())
            for name, events in batches.items():
                try_again(self._reactions[name], turn)
                if events:
                    take(self._reactions[name], stand[name], Batch(events, events[-1].position), turn)
        return 0

    def take(self, held: Collection[str], after: int, batch: Batch | None) -> bool:
        turn = Turn(self._stop)
        for reaction in (self._reactions[name] for name in sorted(held)):
            try_again(reaction, turn)
            stands = position(reaction)
            if stands < after:
                return False
            if batch is not None and stands < batch.position:
                take(reaction, stands, batch, turn)
        return True


def position(reaction: Reaction) -> int:
    """Where the reaction stands; one without a position is put at its start."""
    found = Checkpoint.objects.filter(name=reaction.checkpoint).values_list("position", flat=True).first()
    if found is not None:
        return found
    start = position_of(reaction.start, current_store())
    Checkpoint.objects.get_or_create(
        name=reaction.checkpoint, defaults={"version": 1, "start": start, "position": start}
    )
    return position(reaction)


def put_at(reactions: Collection[Reaction], position: int) -> None:
    """Let reactions continue from a position, for example after their store was moved. What they had
    parked is forgotten, because its positions are those of the other store. No worker may run meanwhile."""
    with transaction.atomic():
        for each in reactions:
            Checkpoint.objects.update_or_create(
                name=each.checkpoint, defaults={"version": 1, "start": position, "position": position}
            )
            ParkedEvent.objects.filter(reaction=each.name).delete()


def take(reaction: Reaction, after: int, batch: Batch, turn: Turn) -> None:
    """Answer the events after `after`, where the reaction stands. It moves on at once after an event that
    had an effect or was parked, and in one step over those that caused nothing. Parked events that become
    due meanwhile are tried again. Raises Busy if somebody else has moved the reaction."""
    mine = [each for each in batch.events if each.position > after and reaction.handles(each)]
    if mine and not reaction.is_wanted():
        mine = []
    blocked = streams_blocked(reaction, {each.stream for each in mine})
    looked = time.monotonic()
    for recorded in mine:
        if turn.is_over():
            return
        if time.monotonic() - looked >= LOOK:
            try_again(reaction, turn)
            looked = time.monotonic()
        after = _take(reaction, recorded, blocked, after)
    if after < batch.position:
        _move_on(reaction, after, batch.position)


def _take(reaction: Reaction, recorded: RecordedEvent, blocked: set[str], after: int) -> int:
    """Answer one event, or park it; returns where the reaction then stands."""
    due = reaction.due(recorded)
    is_behind = recorded.stream in blocked
    answered = Answered() if due or is_behind else answer(reaction, recorded)
    if not answered.has_effect:
        return after
    with transaction.atomic() if due or is_behind or answered.error else nullcontext():
        if due:
            park(reaction, recorded, due_at=due, is_timer=True)
        elif is_behind:
            waits = is_blocked(reaction, recorded.stream)
            park(reaction, recorded, due_at=None if waits else timezone.now())
        elif answered.error:
            blocked.add(recorded.stream)
            park(reaction, recorded, error=answered.error, due_at=next_attempt(answered, 1))
        _move_on(reaction, after, recorded.position)
    return recorded.position


def streams_blocked(reaction: Reaction, streams: Collection[str]) -> set[str]:
    """Those of the streams that have a parked event; later events wait behind it."""
    blocked, rest = set[str](), iter(streams)
    while some := list(islice(rest, SOME)):
        parked = _parked(reaction).filter(is_timer=False, stream__in=some)
        blocked.update(parked.values_list("stream", flat=True).distinct())
    return blocked


def is_blocked(reaction: Reaction, stream: str) -> bool:
    """Whether an event of the stream is parked. It then stays parked until our transaction ends: a process
    that removes it afterwards sees what was put behind it."""
    parked = _parked(reaction).select_for_update().filter(stream=stream, is_timer=False)
    return parked.order_by("position").first() is not None


class Answered(NamedTuple):
    """How an attempt to answer an event went: what went wrong, whether it is refused only for now, and
    whether there may have been an effect."""

    error: str = ""
    is_for_now: bool = False
    has_effect: bool = True


def answer(reaction: Reaction, recorded: RecordedEvent) -> Answered:
    """Try to answer the event. Raises errors that are not the event's fault."""
    try:
        return Answered(has_effect=reaction.handle(recorded))
    except Unreachable:
        raise
    except Away as error:
        _wait_for(reaction, recorded, error)
        raise
    except Exception as error:
        if trouble_of(error):
            raise
        logger.warning(
            "Reaction %s failed at position %s: %s", reaction.name, recorded.position, type(error).__name__
        )
        return Answered(f"{type(error).__name__}: {in_words(error)}", isinstance(error, NotNow))


def next_attempt(answered: Answered, attempts: int) -> datetime | None:
    """When to try an event again after so many attempts, the last with this outcome; None if somebody has
    to look."""
    if answered.is_for_now:
        pause = min(FIRST_PAUSE_LATER * 2 ** min(attempts - 1, 10), LONGEST_PAUSE_LATER)
        return timezone.now() + pause if attempts < ATTEMPTS_LATER else None
    return timezone.now() + FIRST_PAUSE * 2 ** (attempts - 1) if attempts < ATTEMPTS else None


def _wait_for(reaction: Reaction, recorded: RecordedEvent, error: Away) -> None:
    """Note what the reaction waits for, until it goes on."""
    words = in_words(error)
    waiting = Checkpoint.objects.filter(name=reaction.checkpoint).exclude(error=words)
    waiting.update(error=words, failed_position=recorded.position)


def _wait_no_more(reaction: Reaction) -> None:
    Checkpoint.objects.filter(name=reaction.checkpoint).exclude(error="").update(
        error="", failed_position=None
    )


def park(
    reaction: Reaction,
    recorded: RecordedEvent,
    *,
    due_at: datetime | None,
    error: str = "",
    is_timer: bool = False,
) -> None:
    """Keep an event for later: one that failed now, that waits behind another, or whose time will come."""
    ParkedEvent.objects.get_or_create(
        reaction=reaction.name,
        position=recorded.position,
        defaults={
            "stream": recorded.stream,
            "version": recorded.version,
            "type": recorded.type,
            "attempts": 1 if error else 0,
            "error": error,
            "due_at": due_at,
            "is_timer": is_timer,
        },
    )


def try_again(reaction: Reaction, turn: Turn) -> None:
    """Answer the parked events that are due, of each stream the earliest first. If that takes long, it
    continues at its next turn."""
    until = time.monotonic() + ROUND
    while due := _due(reaction):
        for parked in due:
            if turn.is_over() or time.monotonic() > until:
                return
            if claim := _claim(parked):
                _try_again(reaction, parked, claim)


def _claim(parked: ParkedEvent) -> QuerySet[ParkedEvent] | None:
    """Claim the event, so that it is ours to answer until somebody else begins an attempt; None if
    somebody has since it was read. An attempt whose maker is gone blocks nobody."""
    as_read = ParkedEvent.objects.filter(pk=parked.pk, attempts=parked.attempts, claimed_at=parked.claimed_at)
    parked.claimed_at = timezone.now()
    is_ours = as_read.update(claimed_at=parked.claimed_at)
    return ParkedEvent.objects.filter(pk=parked.pk, claimed_at=parked.claimed_at) if is_ours else None


def _try_again(reaction: Reaction, parked: ParkedEvent, claim: QuerySet[ParkedEvent]) -> None:
    found = current_store().read_stream(parked.stream, parked.version, 1)
    answered = answer(reaction, found[0]) if found else Answered("The store does not hold this event")
    if not answered.error:
        forget(claim, parked)
        _wait_no_more(reaction)
        return
    attempts = parked.attempts + 1
    due_at = next_attempt(answered, attempts)
    # Not save(), which would restore an event that somebody has dismissed meanwhile.
    claim.update(attempts=attempts, error=answered.error, due_at=due_at, claimed_at=None)


def _due(reaction: Reaction) -> list[ParkedEvent]:
    """Some of the events that are due: of each stream the earliest, and any timer."""
    earlier = _parked(reaction).filter(
        stream=OuterRef("stream"), position__lt=OuterRef("position"), is_timer=False
    )
    due = _parked(reaction).filter(due_at__lte=timezone.now())
    return list(due.filter(Q(is_timer=True) | ~Exists(earlier)).order_by("due_at", "position")[:SOME])


def _parked(reaction: Reaction) -> QuerySet[ParkedEvent]:
    return ParkedEvent.objects.filter(reaction=reaction.name)


def _move_on(reaction: Reaction, after: int, to: int) -> None:
    """Move the reaction on. Raises Busy if it no longer stands at `after`, because then somebody else is
    at work on it."""
    standing = Checkpoint.objects.filter(name=reaction.checkpoint, position=after)
    if not standing.update(position=to, advanced_at=timezone.now(), error="", failed_position=None):
        raise Busy(f"Somebody else has moved the reaction {reaction.name}")
