"""One aggregate through time: its own stream, replayed in memory through the handlers of its read model.

The handlers are those that run live; only the place of the rows differs. No read table is touched.
"""

from collections.abc import Collection, Hashable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from itertools import takewhile
from typing import Any, TypeVar, cast

from django.core.exceptions import ObjectDoesNotExist
from django.db import models

from eventstore.codec import Undecodable
from eventstore.events import UnknownEvent
from eventstore.projections.read_model import ReadModel
from eventstore.projections.unit_of_work import Rows
from eventstore.store import RecordedEvent

M = TypeVar("M", bound=models.Model)


class InMemory(Rows):
    """The rows that one stream made. A row that the stream did not add does not exist here."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: dict[tuple[type[models.Model], Hashable], models.Model] = {}

    def load(self, table: type[M], keys: Collection[Hashable]) -> None:
        """Does nothing: there is nowhere to fetch from."""

    def find(self, table: type[M], key: Hashable) -> M | None:
        return cast("M | None", self._rows.get((table, key)))

    def add(self, row: models.Model) -> None:
        self._rows[type(row), row.pk] = row

    def remove(self, table: type[models.Model], key: Hashable) -> None:
        self._rows.pop((table, key), None)

    def of(self, table: type[M]) -> list[M]:
        """The rows of a table, in the order in which they were added."""
        return [cast(M, row) for (held, _), row in self._rows.items() if held is table]


def replayed(
    read_model: ReadModel, history: Sequence[RecordedEvent]
) -> Iterator[tuple[RecordedEvent, InMemory]]:
    """Each event of a stream with the rows after it. The rows are one and the same object, which changes
    from event to event.

    An event that this code cannot read, or that is about a row which does not exist, changes nothing.
    """
    rows = InMemory()
    for recorded in history:
        if recorded.type in read_model.types:
            with suppress(UnknownEvent, Undecodable, ObjectDoesNotExist):
                read_model.take([(recorded, cast(Any, recorded.event))], rows)
        yield recorded, rows


def until(
    history: Sequence[RecordedEvent], *, version: int | None = None, at: datetime | None = None
) -> list[RecordedEvent]:
    """The events of a stream up to a version, or up to a time; all of them when neither is given.

    Up to a time means as far as everything had happened by then, in the order of the stream. An event that
    was told late (its time lies before that of one recorded earlier) counts from when the one before it had
    happened too: it can have had no effect on what was not there yet.
    """
    if version is not None and at is not None:
        raise ValueError("Ask for a version or for a time, not for both")
    if at is not None:
        moment = at
        return list(takewhile(lambda each: each.occurred_at <= moment, history))
    return [each for each in history if version is None or each.version <= version]
