"""Dispatch: one command to one aggregate; it takes effect once."""

import logging
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from time import monotonic
from typing import Any
from uuid import UUID, uuid4, uuid5

from django.conf import settings
from django.utils import timezone

from eventstore import codec
from eventstore.codec import Undecodable
from eventstore.command_digest import digest_of, is_same
from eventstore.current import current_store
from eventstore.database.trouble import Busy
from eventstore.decider import C, Decider, E, Refused, S
from eventstore.events import UnknownEvent
from eventstore.store import NO_STREAM, Metadata, NewEvent, RecordedEvent, WrongVersion

logger = logging.getLogger(__name__)

ATTEMPTS = 5
PEOPLES_PATIENCE = 2.0
"""Seconds after which no other attempt begins when somebody waits for a page. Together with the time that
one attempt may take (eventstore/embedded/turn.py), they get an answer within five."""


class CommandIdReused(Refused):
    """The command's id was dispatched before, for a command that said something else."""


class CommandIdOfAnother(CommandIdReused):
    """The command's id was dispatched before by somebody else, and the outcome belongs to them."""


class Unreadable(Refused):
    """The aggregate's history cannot be used to decide: this code cannot read one of its events."""

    def __init__(self, recorded: RecordedEvent) -> None:
        super().__init__(
            f"Nothing was changed: this program cannot read version {recorded.version} of its history "
            f"({recorded.type}). Whoever looks after the program has to mend that first"
        )


# An escaped NUL, not a backslash that somebody typed before "u0000". PostgreSQL cannot keep it in text.
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The result of a command: the aggregate's version and the store's position after it, and its events
    (none when the command changed nothing)."""

    aggregate_id: UUID
    version: int
    position: int
    events: tuple[Any, ...]


def dispatch(  # noqa: PLR0913  the envelope's fields, each with its default
    command: C,
    *,
    to: Decider[C, S, E],
    by: str,
    command_id: UUID | None = None,
    expected_version: int | None = None,
    occurred_at: datetime | None = None,
    correlation_id: UUID | None = None,
    causation_id: UUID | None = None,
    source: str = "web",
) -> Outcome:
    """Decide `command` against the aggregate's history and append the events that it causes.

    A command whose id was dispatched before changes nothing and returns the first outcome. After a
    conflict with another writer the command is decided again, a few times; but never against another
    version than `expected_version`, if that is given. Raises Refused when a rule forbids the command or
    the history cannot be read (nothing is stored then), and WrongVersion when the conflict remains.
    """
    if occurred_at is not None and timezone.is_naive(occurred_at):
        raise ValueError("occurred_at needs a time zone")
    command_id = command_id or uuid4()
    metadata = Metadata(
        actor=by,
        correlation_id=correlation_id or command_id,
        causation_id=causation_id or command_id,
        source=source,
        command_digest=digest_of(command),
    )
    # One attempt more if a version is expected: it finds the events of this very command, if another
    # attempt at it was first.
    attempts = ATTEMPTS if expected_version is None else 2

    def attempt() -> Outcome:
        return _attempt(command, to, command_id, expected_version, metadata, occurred_at or timezone.now())

    return _in_turns(to.stream(to.identify(command)), attempts, attempt)


def _in_turns(stream: str, attempts: int, attempt: Callable[[], Outcome]) -> Outcome:
    """The result of the first attempt without a conflict. Raises WrongVersion when there is none, and Busy
    when people would wait too long."""
    began = monotonic()
    for conflicts in count():
        try:
            with current_store().turn(stream, conflicts):
                return attempt()
        except WrongVersion as conflict:
            if conflicts + 1 == attempts:
                raise
            if settings.SERVES_PEOPLE and monotonic() - began > PEOPLES_PATIENCE:
                raise Busy(f"Many append to {stream}") from conflict
    raise AssertionError  # for mypy: a count does not end


def _attempt(
    command: C,
    to: Decider[C, S, E],
    command_id: UUID,
    expected_version: int | None,
    metadata: Metadata,
    occurred_at: datetime,
) -> Outcome:
    store = current_store()
    aggregate_id = to.identify(command)
    stream = to.stream(aggregate_id)
    recorded = store.read_stream(stream)
    first_id = event_id_of(command_id, 0)
    if any(each.id == first_id for each in recorded):
        return _first_outcome(aggregate_id, command_id, metadata, recorded)
    version = _last_version(recorded)
    # An event that somebody else put into the stream is no change that the reader of the aggregate has
    # missed.
    if expected_version not in (
        None,
        version,
        _last_version([each for each in recorded if not each.is_foreign]),
    ):
        raise WrongVersion(f"{stream} is at version {version}, not {expected_version}")
    events = to.decide(command, state_of(to, recorded))
    if events:
        new = _new_events(events, command_id, metadata, occurred_at)
        position = store.append(stream, version, new, waits=False)
    else:
        position = recorded[-1].position if recorded else 0
    return Outcome(
        aggregate_id=aggregate_id, version=version + len(events), position=position, events=tuple(events)
    )


def _last_version(recorded: Sequence[RecordedEvent]) -> int:
    return recorded[-1].version if recorded else NO_STREAM


def _first_outcome(
    aggregate_id: UUID, command_id: UUID, metadata: Metadata, recorded: Sequence[RecordedEvent]
) -> Outcome:
    """The outcome of the command that had this id, if it was this very command. Facts that travel in it
    may have changed since, so that it would be refused now.

    If a form is sent again with other contents (after Back and a change), it must not look as if that had
    worked.
    """
    first = next(each.version for each in recorded if each.id == event_id_of(command_id, 0))
    if recorded[first].actor != metadata.actor:
        raise CommandIdOfAnother("Somebody else has sent this form before. Start from a fresh form")
    if not is_same(recorded[first].command_digest, metadata.command_digest):
        raise CommandIdReused(
            "This form was sent before with other contents. Start from a fresh form to send these"
        )
    events = []
    for index, each in enumerate(recorded[first:]):
        if each.id != event_id_of(command_id, index):
            break
        events.append(each)
    return Outcome(
        aggregate_id=aggregate_id,
        version=events[-1].version,
        position=events[-1].position,
        events=tuple(map(event_of, events)),
    )


def state_of(to: Decider[Any, S, Any], recorded: Iterable[RecordedEvent]) -> S:
    """The state after these events, without those of other programs in the stream. Raises Refused at an
    event that this code cannot read, or that does not belong in such a history: other code wrote it, or it
    came from elsewhere."""
    state = to.initial
    for each in recorded:
        if each.is_foreign:
            continue
        event = event_of(each)
        try:
            state = to.evolve(state, event)
        except Exception as error:
            logger.exception("%s@%s, %s, has no place there", each.stream, each.version, each.type)
            raise Unreadable(each) from error
    return state


def event_of(recorded: RecordedEvent) -> Any:
    """The event itself. Raises Refused if this code cannot read it."""
    try:
        return recorded.event
    except (Undecodable, UnknownEvent) as error:
        raise Unreadable(recorded) from error


def _new_events(
    events: Sequence[object], command_id: UUID, metadata: Metadata, occurred_at: datetime
) -> list[NewEvent]:
    return [
        _new_event(event, event_id_of(command_id, index), metadata, occurred_at)
        for index, event in enumerate(events)
    ]


def _new_event(event: object, event_id: UUID, metadata: Metadata, occurred_at: datetime) -> NewEvent:
    name, schema_version = codec.registered(event)
    try:
        data = codec.encode(event)
    except UnicodeEncodeError:
        raise Refused("Text must not contain half a character") from None
    if _NUL.search(data):
        raise Refused("Text must not contain NUL characters")
    return NewEvent(
        id=event_id,
        type=name,
        schema_version=schema_version,
        data=data,
        metadata=metadata,
        occurred_at=occurred_at,
    )


def event_id_of(command_id: UUID, index: int) -> UUID:
    """The id of an event of a command. It is deterministic, so that the store itself refuses a second
    effect."""
    return uuid5(command_id, str(index))
