"""Dispatch: one command to one aggregate; it takes effect once."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import count
from time import monotonic
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from eventstore import codec, snapshots
from eventstore.command_digest import digest_of, is_same
from eventstore.current import current_store
from eventstore.database.trouble import Busy
from eventstore.decider import C, Decider, E, Refused, S
from eventstore.snapshots import Unreadable, event_id_of, event_of, state_of
from eventstore.store import NO_STREAM, Metadata, NewEvent, RecordedEvent, WrongVersion

__all__ = [
    "CommandIdOfAnother",
    "CommandIdReused",
    "Outcome",
    "Unreadable",
    "dispatch",
    "event_id_of",
    "event_of",
    "state_of",
]

ATTEMPTS = 5
PEOPLES_PATIENCE = 2.0
"""Seconds after which no other attempt begins when somebody waits for a page. Together with the time that
one attempt may take (eventstore/embedded/turn.py), they get an answer within five."""


class CommandIdReused(Refused):
    """The command's id was dispatched before, for a command that said something else."""


class CommandIdOfAnother(CommandIdReused):
    """The command's id was dispatched before by somebody else, and the outcome belongs to them."""


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
    own_id = to.own_id(command)
    # Under its own, and before it had one under its sender's: either makes it known.
    ids = [each for each in (own_id, command_id) if each is not None] or [uuid4()]
    metadata = Metadata(
        actor=by,
        correlation_id=correlation_id or ids[-1],
        causation_id=causation_id or ids[-1],
        source=source,
        command_digest=digest_of(command),
    )
    # One attempt more if a version is expected: it finds the events of this very command, if another
    # attempt at it was first.
    attempts = ATTEMPTS if expected_version is None else 2

    def attempt() -> Outcome:
        return _attempt(command, to, ids, expected_version, metadata, occurred_at or timezone.now())

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
    ids: Sequence[UUID],
    expected_version: int | None,
    metadata: Metadata,
    occurred_at: datetime,
) -> Outcome:
    aggregate_id = to.identify(command)
    past = snapshots.read(to, aggregate_id, ids)
    if past.sent:
        own_id = to.own_id(command)
        is_own = own_id is not None and past.sent[0].id == event_id_of(own_id, 0)
        return _first_outcome(aggregate_id, past.sent, metadata, is_own=is_own)
    recorded = past.recorded
    version = _last_version(recorded)
    # An event that somebody else put into the stream is no change that the reader of the aggregate has
    # missed.
    if expected_version not in (
        None,
        version,
        _last_version([each for each in recorded if not each.is_foreign]),
    ):
        raise WrongVersion(f"{past.stream} is at version {version}, not {expected_version}")
    events = to.decide(command, past.state)
    if events:
        new = _new_events(events, ids[0], metadata, occurred_at)
        position = current_store().append(past.stream, version, new, waits=False)
        if len(recorded) + len(new) >= snapshots.EVERY:
            new_ids = [each.id for each in new]
            transaction.on_commit(partial(snapshots.keep, past, events, new_ids), robust=True)
    else:
        position = recorded[-1].position if recorded else 0
    return Outcome(
        aggregate_id=aggregate_id, version=version + len(events), position=position, events=tuple(events)
    )


def _last_version(recorded: Sequence[RecordedEvent]) -> int:
    return recorded[-1].version if recorded else NO_STREAM


def _first_outcome(
    aggregate_id: UUID, sent: Sequence[RecordedEvent], metadata: Metadata, *, is_own: bool
) -> Outcome:
    """The outcome of the command that appended these events, when it was this very command. Facts that travel
    in it may have changed since, so that it would be refused now. One that was known by an id of its own is
    the same, whoever sends it and whatever else it says: an order's step is taken once.

    If a form is sent again with other contents (after Back and a change), it must not look as if that had
    worked.
    """
    if not is_own and sent[0].actor != metadata.actor:
        raise CommandIdOfAnother("Somebody else has sent this form before. Start from a fresh form")
    if not is_own and not is_same(sent[0].command_digest, metadata.command_digest):
        raise CommandIdReused(
            "This form was sent before with other contents. Start from a fresh form to send these"
        )
    return Outcome(
        aggregate_id=aggregate_id,
        version=sent[-1].version,
        position=sent[-1].position,
        events=tuple(map(event_of, sent)),
    )


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
