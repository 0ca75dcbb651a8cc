"""Read models: tables that are kept current from events, and the single code path that does it.

Live, catch-up and rebuild all send events, in order, on the read model's own Django signal with
`sender=type(event)`. Only the place of the rows differs.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, TypeVar

from django.db import models
from django.dispatch import Signal

from eventstore.database import sql
from eventstore.events import type_of
from eventstore.models import Checkpoint
from eventstore.projections.start import FROM_BEGINNING, Start
from eventstore.projections.unit_of_work import Rows
from eventstore.store import RecordedEvent

E = TypeVar("E")
Handler = Callable[[E, RecordedEvent, Rows], None]

registry: dict[str, "ReadModel"] = {}


class ReadModel:
    """Tables, and a handler for each event that changes them.

    Raise `version` with every change to what the handlers write; the tables then need a rebuild. `start`
    says with which event the read model begins.
    """

    def __init__(
        self, name: str, *, version: int, tables: Sequence[type[models.Model]], start: Start = FROM_BEGINNING
    ) -> None:
        if name in registry:
            raise ValueError(f"Two read models are named {name!r}")
        self.name = name
        self.version = version
        self.start = start
        self.tables = tuple(tables)
        self.signal = Signal(use_caching=True)
        self._loads: dict[str, Mapping[type[models.Model], str]] = {}
        self.types: Collection[str] = self._loads.keys()
        """The names of the events that have a handler."""
        registry[name] = self

    def on(
        self, event: type[E], *, loads: Mapping[type[models.Model], str] | None = None
    ) -> Callable[[Handler[E]], Handler[E]]:
        """Connect the handler of an event class.

        `loads` names, for each table, the event's field that holds the key of the row that the handler
        will get, so that a batch fetches its rows together. Raises ValueError for a second handler of the
        same event.
        """
        name = type_of(event).name

        def connect(handler: Handler[E]) -> Handler[E]:
            if name in self._loads:
                raise ValueError(f"{self.name} has two handlers for {name}")
            self._loads[name] = loads or {}

            def receive(sender: type[E], event: E, recorded: RecordedEvent, rows: Rows, **_: Any) -> None:
                handler(event, recorded, rows)

            # A strong reference: nothing else holds this inner function.
            self.signal.connect(receive, sender=event, weak=False)
            return handler

        return connect

    def take(self, batch: Sequence[tuple[RecordedEvent, Any]], rows: Rows) -> None:
        """Send each event to its handler, after fetching the rows that the handlers will need."""
        wanted: dict[type[models.Model], set[Any]] = {}
        for recorded, event in batch:
            for table, field in self._loads[recorded.type].items():
                wanted.setdefault(table, set()).add(getattr(event, field))
        for table, keys in wanted.items():
            rows.load(table, keys)
        for recorded, event in batch:
            self.signal.send(type(event), event=event, recorded=recorded, rows=rows)


def move_on(read_models: Collection[ReadModel], after: int, to: int) -> sql.Write:
    """The statement that moves the read models that stand at `after`, and are able, on to `to`; it returns
    their names."""
    able = ", ".join(["(%s, %s)"] * len(read_models))
    statement = (
        f"UPDATE {Checkpoint._meta.db_table} SET position = %s, advanced_at = CURRENT_TIMESTAMP "
        f"WHERE position = %s AND error = '' AND (name, version) IN (VALUES {able}) RETURNING name"
    )
    params = [to, after, *[value for each in read_models for value in (each.name, each.version)]]
    return sql.Write(statement, [params])
