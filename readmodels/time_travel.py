"""Any aggregate as it was at a version or a time, and its whole history (docs/adr/0020-as-it-was.md).

One stream is replayed in memory through the same handlers that run live, so that there is one way from
events to rows. Two things come from elsewhere: the number that a counter gave, and how many of a product
were shipped with orders. They are taken from the live row.
"""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Model, QuerySet
from django.utils import timezone

from eventstore.current import current_store
from eventstore.projections.history import InMemory, replayed, until
from eventstore.projections.read_model import ReadModel
from eventstore.store import RecordedEvent
from readmodels.buyers import buyers
from readmodels.models import (
    BuyerRow,
    OperativeRow,
    OrderLineRow,
    OrderRow,
    PaymentMethodRow,
    PriceRow,
    ProductRow,
    SiteRow,
    WorkRow,
    WorkSiteRow,
)
from readmodels.operatives import operatives
from readmodels.orders import orders
from readmodels.products import products
from readmodels.sites import sites
from readmodels.work import work


@dataclass(frozen=True, kw_only=True)
class Kind:
    """How the read model keeps one kind of aggregate: a row, the rows that belong to it with the name by
    which it knows them ("" if they only carry its id), and the columns that come from elsewhere."""

    read_model: ReadModel
    table: type[Model]
    parts: Mapping[type[Model], str] = field(default_factory=dict)
    elsewhere: Sequence[str] = ()


KINDS = {
    "work": Kind(read_model=work, table=WorkRow, parts={WorkSiteRow: "places"}, elsewhere=["number"]),
    "operative": Kind(read_model=operatives, table=OperativeRow),
    "site": Kind(read_model=sites, table=SiteRow),
    "product": Kind(read_model=products, table=ProductRow, parts={PriceRow: ""}, elsewhere=["shipped"]),
    "order": Kind(read_model=orders, table=OrderRow, parts={OrderLineRow: "lines"}, elsewhere=["number"]),
    "buyer": Kind(read_model=buyers, table=BuyerRow, parts={PaymentMethodRow: ""}),
}
"""Every category of streams."""


@dataclass(frozen=True)
class Moment:
    """An aggregate after one of its events. `row` and `parts` are ordinary instances of the read tables,
    never saved. If the row has a relation to its parts (`order.lines`, `work.places`), that relation
    returns them."""

    recorded: RecordedEvent
    row: Model
    parts: Mapping[type[Model], Sequence[Model]]


def as_it_was(
    category: str, aggregate_id: UUID, *, version: int | None = None, at: datetime | None = None
) -> Moment | None:
    """The aggregate as it was after the event of this version, or at this time; None when it did not exist
    yet, or never. As it is now, as far as the store knows, when neither is given.

    A version after the last does not exist yet: None. At a time, everything counts that had happened by
    then, in the order of the stream (projections/history.py). Raises ValueError for both at once and for a
    time without a zone, KeyError for an unknown category.
    """
    if at is not None and timezone.is_naive(at):
        raise ValueError("A time needs a zone")
    kind, history = KINDS[category], current_store().read_stream(f"{category}-{aggregate_id}")
    if version is not None and not 0 <= version < len(history):
        return None
    past = until(history, version=version, at=at)
    if not past:
        return None
    *_, (recorded, rows) = replayed(kind.read_model, past)
    return moment(kind, recorded, rows, from_elsewhere(kind, aggregate_id)) if rows.of(kind.table) else None


def history_of(
    category: str, aggregate_id: UUID, *, before: int | None = None, limit: int | None = None
) -> list[Moment]:
    """Every event of the aggregate with its rows after it, newest first; with `before` and `limit`, the
    newest so many before a version. One pass over the stream, and copies only of what is wanted. While
    this code cannot read the event that began it, there is nothing to show. Raises KeyError for an unknown
    category."""
    kind, history = KINDS[category], current_store().read_stream(f"{category}-{aggregate_id}")[:before]
    first = 0 if limit is None else len(history) - limit
    known = from_elsewhere(kind, aggregate_id)
    found = [
        moment(kind, recorded, rows, known)
        for recorded, rows in replayed(kind.read_model, history)
        if recorded.version >= first and rows.of(kind.table)
    ]
    return found[::-1]


def from_elsewhere(kind: Kind, aggregate_id: UUID) -> dict[str, Any]:
    """What the stream does not contain, from the live row; None if there is no live row yet."""
    if not kind.elsewhere:
        return {}
    live = kind.table._default_manager.filter(pk=aggregate_id).values(*kind.elsewhere).first()
    return live or dict.fromkeys(kind.elsewhere)


def moment(kind: Kind, recorded: RecordedEvent, rows: InMemory, known: dict[str, Any]) -> Moment:
    """Copies of the rows as they are at this event: the next one changes them."""
    (row,) = (copy.copy(each) for each in rows.of(kind.table))
    for name, value in known.items():
        setattr(row, name, value)
    parts = {table: [copy.copy(each) for each in rows.of(table)] for table in kind.parts}
    related = {name: fetched(table, parts[table]) for table, name in kind.parts.items() if name}
    row._prefetched_objects_cache = related  # type: ignore[attr-defined]
    return Moment(recorded, row, parts)


def fetched(table: type[Model], rows: Sequence[Model]) -> QuerySet[Model]:
    """A query that has these rows already, as `prefetch_related` would leave it."""
    query = table._default_manager.all()
    query._result_cache = list(rows)
    query._prefetch_done = True  # type: ignore[attr-defined]
    return query
