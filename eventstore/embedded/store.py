"""The embedded store: events in a table of Django's own database, SQLite or PostgreSQL.

Order (docs/adr/0003): on PostgreSQL a position is taken before its transaction commits, so a reader
may see 8 while 7 is still in flight. Appenders therefore hold an advisory lock in shared mode from
before they take a position until they commit; a reader that meets a hole waits until all who hold it at that
moment have ended (in_flight.py): what is still missing was rolled back. SQLite has one writer at a time.
"""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, IntegrityError, connections, transaction

from eventstore.bell import LongWay, events_appended
from eventstore.database import sql
from eventstore.embedded import in_flight, subscription
from eventstore.embedded.in_flight import APPENDERS
from eventstore.embedded.subscription import CHANNEL
from eventstore.embedded.turn import (
    TAKEN,
    TAKEN_IF_FREE,
    begin_again,
    is_contested,
    is_in_turn,
    note_conflict,
    place_in_queue,
    turn_at,
)
from eventstore.models import Checkpoint, StoredEvent
from eventstore.store import (
    MOST_EVENTS,
    NO_STREAM,
    Backlog,
    Found,
    NewEvent,
    RecordedEvent,
    Selection,
    Subscription,
    TooManyEvents,
    WrongVersion,
)

_COLUMNS = ", ".join(RecordedEvent._fields)
_COLUMNS_WITH_ZONE = re.sub(r"(\w+_at)", r"\1 || '+00:00'", _COLUMNS)
_WRITTEN = ", ".join(RecordedEvent._fields[1:])
_TABLE = StoredEvent._meta.db_table
_CHECKPOINTS = Checkpoint._meta.db_table


Insert = Callable[[str], list[RecordedEvent]]
"""An append; its argument says which of the appenders' locks to take."""


class NothingInserted(Exception):
    """The stream is not at the expected version, or another has the turn."""


class EmbeddedStore:
    """An EventStore on one of Django's connections: the default one, unless events are copied from or to
    another database. Appends to another database ring no bell."""

    def __init__(self, alias: str = DEFAULT_DB_ALIAS) -> None:
        self._alias = alias
        self._is_ours = alias == DEFAULT_DB_ALIAS
        self._query = partial(sql.query, alias=alias)

    @property
    def inline(self) -> bool:
        """Whether read models are advanced in the appending transaction."""
        return bool(settings.PROJECTION == "inline") and self._is_ours

    def append(
        self, stream: str, expected_version: int, events: Sequence[NewEvent], *, waits: bool = True
    ) -> int:
        if len(events) > MOST_EVENTS:
            raise TooManyEvents(len(events))
        # Not within a transaction, which may already hold the appenders' lock, or append to many streams.
        is_within = connections[self._alias].in_atomic_block
        turn = "" if is_within else TAKEN if waits else TAKEN_IF_FREE
        insert = partial(self._insert, stream, expected_version, events, turn)
        try:
            if not self.inline:
                return self._append_alone(insert)
            with place_in_queue(self._alias):
                try:
                    return self._append_inline(insert)
                except LongWay:
                    begin_again(self._alias)
                    return self._append_inline(insert, long_way=True)
        except (IntegrityError, NothingInserted) as conflict:
            if not waits:
                raise WrongVersion(f"{stream} is not at version {expected_version} alone") from conflict
            if self.inline:
                begin_again(self._alias)
            return self._position_of(stream, expected_version, events)

    @contextmanager
    def turn(self, stream: str, conflicts: int) -> Iterator[None]:
        is_within = connections[self._alias].in_atomic_block
        if conflicts:
            note_conflict(stream)
        elif is_within or not is_contested(stream):
            yield
            return
        if is_within:
            self._lock_appenders()  # as the append will do: it waits for no stream here
            yield
            return
        # Exclusively, if an append that waits for no stream came in between.
        with turn_at(stream, self._alias, inline=self.inline, alone=conflicts > 1):
            yield

    def _append_alone(self, insert: Insert) -> int:
        # One statement is a transaction by itself; BEGIN and COMMIT would be two more trips. Within
        # somebody else's transaction, a savepoint keeps a conflict from breaking that transaction.
        is_within = connections[self._alias].in_atomic_block and not is_in_turn(self._alias)
        with self._atomic() if is_within else nullcontext():
            recorded = insert("pg_advisory_xact_lock_shared")
        if self._is_ours:
            events_appended.send(sender=type(self), events=recorded)
            # Afterwards: a NOTIFY within the append would make these appends take turns at their commits.
            transaction.on_commit(subscription.wake)
        return recorded[-1].position

    def _append_inline(self, insert: Insert, *, long_way: bool = False) -> int:
        # In a turn there is a savepoint already, and an appender that keeps others waiting makes few round
        # trips.
        is_within = connections[self._alias].in_atomic_block and not long_way
        with nullcontext() if is_within and is_in_turn(self._alias) else transaction.atomic():
            recorded = insert("pg_advisory_xact_lock")
            events_appended.send(sender=type(self), events=None if long_way else recorded)
        return recorded[-1].position

    def _position_of(self, stream: str, expected_version: int, events: Sequence[NewEvent]) -> int:
        """The position of these very events, if they are stored already. Raises WrongVersion when others
        are in their place."""
        first = expected_version + 1
        standing = self.read_stream(stream, first, len(events))
        if [(each.id, each.data) for each in standing] != [(each.id, each.data) for each in events]:
            raise WrongVersion(f"{stream} is not at version {expected_version}")
        return standing[-1].position

    def read_stream(
        self, stream: str, start: int | None = None, limit: int | None = None, *, backwards: bool = False
    ) -> list[RecordedEvent]:
        where, params = "WHERE stream = %s", list[Any]([stream])
        if start is not None:
            where, params = f"{where} AND version {'<=' if backwards else '>='} %s", [*params, start]
        where += " ORDER BY version DESC" if backwards else " ORDER BY version"
        if limit is not None:
            where, params = f"{where} LIMIT %s", [*params, limit]
        return self._select(where, params)

    def place_of(self, stream: str, ids: Collection[UUID]) -> int | None:
        keys: list[Any] = list(ids) if sql.is_postgresql(self._alias) else [each.hex for each in ids]
        places = ", ".join(["%s"] * len(keys))
        found = self._query(f"SELECT stream, version FROM {_TABLE} WHERE id IN ({places})", keys)
        return min((version for name, version in found if name == stream), default=None)

    def note_places(self, stream: str, places: Sequence[tuple[UUID, int]]) -> None:
        """There is an index."""

    def forget_places(self, stream: str) -> None:
        """There is an index."""

    def read_all(self, after: int, limit: int, until: int | None = None) -> list[RecordedEvent]:
        events = self._read_after(after, limit, until)
        hole = _first_hole(after, events) if sql.is_postgresql(self._alias) else None
        if hole is None or self._was_read_over(hole, events[-1].position):
            return events
        if in_flight.is_over(self._query):
            return self._read_after(after, limit, until=events[-1].position)
        return [each for each in events if each.position < hole]

    def _was_read_over(self, hole: int, until: int) -> bool:
        """Whether a read model, which skips nothing, has passed from before the hole to `until` or beyond:
        then nothing was in flight there, whatever is in flight now."""
        if not self._is_ours:
            return False
        # Not a reaction: it may have been put somewhere without having read up to there.
        statement = (
            f"SELECT EXISTS (SELECT 1 FROM {_CHECKPOINTS} "
            "WHERE start < %s AND position >= %s AND name NOT LIKE %s)"
        )
        return bool(self._query(statement, [hole, until, "reaction %"])[0][0])

    def subscribe(self, after: int) -> Subscription:
        return subscription.Subscription(self, after)

    def head(self) -> int:
        return int(self._query(f"SELECT max(position) FROM {_TABLE}")[0][0] or 0)

    def now(self) -> int:
        head = self.head()
        if not sql.is_postgresql(self._alias):
            return head
        return in_flight.before_open(self._query, head, read_over=self._read_over(head))

    def _read_over(self, head: int) -> int:
        """How far a read model that began with the first event has come: up to there nothing is in flight."""
        if not self._is_ours:
            return 0
        statement = (
            f"SELECT max(position) FROM {_CHECKPOINTS} "
            "WHERE start = 0 AND position <= %s AND name NOT LIKE %s"
        )
        return int(self._query(statement, [head, "reaction %"])[0][0] or 0)

    def backlog(self, after: int) -> Backlog:
        beyond = StoredEvent.objects.using(self._alias).filter(position__gt=after)
        oldest = beyond.order_by("position").values_list("recorded_at", flat=True).first()
        events = beyond[:COUNTED].count() if oldest else 0
        return Backlog(events, is_exact=events < COUNTED, since=oldest)

    def position_at(self, moment: datetime) -> int:
        # Not after the last older event: a time is taken before the wait for the lock, so a later event
        # may have an earlier time than one before it.
        now = self.now()
        since = StoredEvent.objects.using(self._alias).filter(recorded_at__gte=moment)
        first = since.order_by("position").values_list("position", flat=True).first()
        return now if first is None else min(first - 1, now)

    def browse(self, selection: Selection, *, limit: int, before: int | None = None) -> Found:
        chosen = StoredEvent.objects.using(self._alias).order_by("-position")
        if before is not None:
            chosen = chosen.filter(position__lt=before)
        if selection.stream is not None:
            # By version, which has an index; within a stream the order is the same.
            chosen = chosen.filter(stream=selection.stream).order_by("-version")
        if selection.types is not None:
            chosen = chosen.filter(type__in=selection.types)
        if selection.actor is not None:
            chosen = chosen.filter(actor=selection.actor)
        if selection.since is not None:
            chosen = chosen.filter(occurred_at__gte=selection.since)
        if selection.until is not None:
            chosen = chosen.filter(occurred_at__lt=selection.until)
        # One more than wanted, to see whether there are older ones.
        rows = chosen.values_list(*RecordedEvent._fields)[: limit + 1]
        events = [RecordedEvent(*row) for row in rows]
        return Found(events[:limit], events[limit - 1].position if len(events) > limit else None)

    def close(self) -> None:
        """Does nothing: calls that wait here wait on Django's own connection."""

    @contextmanager
    def projecting(self) -> Iterator[None]:
        """A transaction for a reader that will lock a checkpoint.

        Inline appenders first lock out each other and then take checkpoints. Everybody else who takes a
        checkpoint must do the same, or the two could wait for each other.
        """
        with transaction.atomic():
            self._lock_appenders()
            yield

    def _lock_appenders(self) -> None:
        """If appends take turns anyway, let nobody else append until the transaction ends."""
        if self.inline and sql.is_postgresql():
            self._query("SELECT pg_advisory_xact_lock(%s)", [APPENDERS])

    def _insert(
        self, stream: str, expected_version: int, events: Sequence[NewEvent], turn: str, lock: str
    ) -> list[RecordedEvent]:
        """Append in one statement. Raises NothingInserted if the stream is not at this version, or another
        has the turn."""
        recorded_at = datetime.now(UTC)
        rows = [
            _row(each, stream, version, recorded_at)
            for version, each in enumerate(events, start=expected_version + 1)
        ]
        is_postgresql = sql.is_postgresql(self._alias)
        params: list[Any] = [stream] if is_postgresql and turn else []
        params += [value for row in rows for value in (row if is_postgresql else _to_text(row))]
        params += [stream, expected_version + 1]
        is_first = expected_version == NO_STREAM
        if not is_first:
            params += [stream, expected_version]
        locks = (turn, lock) if is_postgresql else None
        positions = sorted(row[0] for row in self._query(_insertion(len(events), locks, is_first), params))
        if not positions:
            raise NothingInserted
        return [RecordedEvent(position, *row) for position, row in zip(positions, rows, strict=True)]

    def _read_after(self, after: int, limit: int, until: int | None = None) -> list[RecordedEvent]:
        if until is None:
            return self._select("WHERE position > %s ORDER BY position LIMIT %s", [after, limit])
        return self._select(
            "WHERE position > %s AND position <= %s ORDER BY position LIMIT %s", [after, until, limit]
        )

    def _select(self, where: str, params: list[Any]) -> list[RecordedEvent]:
        if sql.is_postgresql(self._alias):
            rows = self._query(f"SELECT {_COLUMNS} FROM {_TABLE} {where}", params)
            return [RecordedEvent._make(row) for row in rows]
        rows = self._query(f"SELECT {_COLUMNS_WITH_ZONE} FROM {_TABLE} {where}", params)
        return [_from_text(row) for row in rows]

    def _atomic(self) -> AbstractContextManager[None]:
        return transaction.atomic(using=self._alias)


COUNTED = 10_000
"""The most events of a backlog that are counted; beyond that the number is a lower bound."""


def _row(each: NewEvent, stream: str, version: int, recorded_at: datetime) -> tuple[Any, ...]:
    metadata = each.metadata
    return (
        each.id,
        stream,
        version,
        each.type,
        each.schema_version,
        each.data,
        metadata.actor,
        metadata.correlation_id,
        metadata.causation_id,
        metadata.source,
        metadata.command_digest,
        each.occurred_at,
        recorded_at,
    )


@cache
def _insertion(count: int, locks: tuple[str, str] | None, is_first: bool) -> str:
    """The statement that appends `count` events, unless an event is already in their place or, if they are
    not the first, there is none before it. Its parameters: the stream, if a turn is taken at it; the
    events; and for each of the two conditions the stream and a version. PostgreSQL takes locks, SQLite
    none."""
    places = _TYPED_PLACES if locks else ", ".join(["%s"] * 13)
    values = ", ".join([f"({places})"] * count)
    stands = f"EXISTS (SELECT 1 FROM {_TABLE} WHERE stream = %s AND version = %s)"
    condition = f"NOT {stands}" if is_first else f"NOT {stands} AND {stands}"
    insert = f"INSERT INTO {_TABLE} ({_WRITTEN})"
    if not locks:
        return f"{insert} SELECT * FROM (VALUES {values}) WHERE {condition} RETURNING position"
    turn, lock = locks
    # An appender with the exclusive lock takes turns at commits already, so a NOTIFY within costs no
    # waiting.
    ring = "" if lock.endswith("_shared") else f", pg_notify('{CHANNEL}', '')"
    # Materialised, so that the locks are held, one after the other, before the first position is drawn.
    return (
        f"WITH turn AS MATERIALIZED (SELECT {turn or 'true'} AS is_ours), "
        f"lock AS MATERIALIZED (SELECT {lock}({APPENDERS}) FROM turn WHERE is_ours) "
        f"{insert} SELECT new.* FROM (VALUES {values}) AS new, lock WHERE {condition} "
        f"RETURNING position{ring}"
    )


_TYPED_PLACES = (
    "%s::uuid, %s, %s::int, %s, %s::smallint, %s, %s, %s::uuid, %s::uuid, %s, %s, "
    "%s::timestamptz, %s::timestamptz"
)


def _first_hole(after: int, events: list[RecordedEvent]) -> int | None:
    """The first position after `after` that is missing, and may be in flight; None if there is none."""
    if not events or events[-1].position - after == len(events):
        return None
    return next(due for due, each in enumerate(events, start=after + 1) if each.position != due)


# SQLite keeps UUIDs as text, and times in UTC without naming the zone.


def _to_text(row: tuple[Any, ...]) -> tuple[Any, ...]:
    id_, *middle, correlation, causation, source, command_digest, occurred, recorded = row
    return (
        id_.hex,
        *middle,
        correlation.hex,
        causation.hex,
        source,
        command_digest,
        sql.naive_text(occurred),
        sql.naive_text(recorded),
    )


def _from_text(row: tuple[Any, ...]) -> RecordedEvent:
    position, id_, *middle, correlation, causation, source, command_digest, occurred, recorded = row
    correlation_id = UUID(correlation)
    causation_id = correlation_id if causation == correlation else UUID(causation)
    times = datetime.fromisoformat(occurred), datetime.fromisoformat(recorded)
    return RecordedEvent._make(
        (position, UUID(id_), *middle, correlation_id, causation_id, source, command_digest, *times)
    )
