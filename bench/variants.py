"""Other ways of doing things, each against the one that was chosen; bench/experiments.py runs them."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from itertools import islice
from statistics import median
from typing import Any
from unittest.mock import patch
from uuid import uuid4

from django.db import connection, connections, transaction

from bench import append
from bench.command import our_job
from bench.history import of_events, replay
from bench.rounds import Work, seconds
from eventstore.current import current_store
from eventstore.database import sql
from eventstore.models import StoredEvent
from eventstore.projections.unit_of_work import table_of
from eventstore.store import NewEvent
from readmodels.models import WorkRow

Taken = dict[str, float]


def in_turn(ways: Mapping[str, Work], *, rounds: int, times: int) -> Taken:
    """The median seconds of one call of each way, after one round that does not count."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds + 1):
        for name, work in ways.items():
            taken[name].append(seconds(work, times))
    return {name: median(each[1:]) for name, each in taken.items()}


def by_django(statement: str, params: Iterable[Any] = ()) -> sql.Rows:
    """What sql.query would be with Django's own cursor, which writes parameters into the text."""
    with connection.cursor() as cursor:
        cursor.execute(statement, list(params))
        rows: sql.Rows = cursor.fetchall() if cursor.description else []
        return rows


def through_django(work: Work) -> None:
    with patch.object(sql, "query", by_django):
        work()


def against_django(name: str, work: Work, times: int) -> dict[str, Taken]:
    """Prepared statements with binary results, against Django's cursor."""
    ways: dict[str, Work] = {"prepared": work, "Django's cursor": partial(through_django, work)}
    return {name: in_turn(ways, rounds=15, times=times)}


def appends() -> dict[str, Taken]:
    """A step, without projection."""
    return against_django("five appends", append.ours(), 20)


def commands() -> dict[str, Taken]:
    """A step, and reading what commands left."""
    of_events(5000)
    replay()
    read = partial(current_store().read_all, 0, 5000)
    return against_django("five commands", our_job, 10) | against_django("reading 5,000 events", read, 2)


def rows() -> dict[str, Taken]:
    """A step: 2,000 rows put in, and 2,000 rows changed in every column."""
    of_events(20_000)
    replay()
    jobs = list(islice(WorkRow.objects.all(), 2000))
    putting: dict[str, Work] = {
        "ours": partial(insert, jobs),
        "bulk_create": lambda: WorkRow.objects.bulk_create(renewed(jobs)),
    }
    if connection.vendor == "postgresql":
        putting["COPY"] = partial(copy, jobs)
    changing: dict[str, Work] = {"ours": partial(update, jobs), "bulk_update": partial(bulk_update, jobs)}
    return {
        "2,000 rows changed": in_turn(changing, rounds=5, times=1),
        "2,000 rows put in": in_turn(putting, rounds=9, times=1),
    }


def renewed(jobs: list[WorkRow]) -> list[WorkRow]:
    """The same under other keys."""
    for job in jobs:
        job.work_id = uuid4()
    return jobs


def insert(jobs: list[WorkRow]) -> None:
    table = table_of(WorkRow)
    with transaction.atomic():
        sql.write([table.insertion([table.values(job) for job in renewed(jobs)])])


def update(jobs: list[WorkRow]) -> None:
    table = table_of(WorkRow)
    changed = tuple(index for index in range(len(table.columns)) if index not in table.keys)
    with transaction.atomic():
        sql.write([table.update(changed, [table.values(job) for job in jobs])])


def bulk_update(jobs: list[WorkRow]) -> None:
    changing = [field.name for field in WorkRow._meta.concrete_fields if not field.primary_key]
    WorkRow.objects.bulk_update(jobs, changing, batch_size=100)


def copy(jobs: list[WorkRow]) -> None:
    """Straight into the table, as only new rows can go."""
    table = table_of(WorkRow)
    statement = f"COPY {table.name} ({', '.join(table.quoted)}) FROM STDIN"
    with transaction.atomic(), connection.cursor() as cursor, cursor.copy(statement) as lines:
        for job in renewed(jobs):
            lines.write_row(table.values(job))


class Behind:
    """The store, but each append in a transaction that begins with another statement."""

    def __init__(self, statement: str) -> None:
        self._statement = statement

    def append(self, stream: str, expected_version: int, events: Sequence[NewEvent]) -> int:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(self._statement)
            return current_store().append(stream, expected_version, events)


def locks(clients: int = 8) -> dict[str, Taken]:
    """A step: seconds per append of 8 processes together; the same round trips, another lock first."""
    lock = f"LOCK TABLE {StoredEvent._meta.db_table} IN EXCLUSIVE MODE"
    behind = {"shared lock alone": "SELECT 1", "LOCK TABLE EXCLUSIVE first": lock}
    connections.close_all()
    crews = {
        name: append.Crew(partial(append.ours, Behind(statement)), clients, 1.0)
        for name, statement in behind.items()
    }
    rates: dict[str, list[float]] = {name: [] for name in crews}
    for _ in range(8):
        for name, crew in crews.items():
            rates[name].append(crew.rate())
    for crew in crews.values():
        crew.dismiss()
    return {"append, 8 processes": {name: 1 / median(each[1:]) for name, each in rates.items()}}


def wal() -> dict[str, Taken]:
    """A step, SQLite: how many pages the write-ahead log grows by before it is folded into the file. A round
    is long enough for two such foldings of the longest."""

    def jobs_with(pages: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA wal_autocheckpoint = {pages}")
        for _ in range(300):
            our_job()

    of_events(5000)
    replay()
    ways = {f"{pages:,} pages": partial(jobs_with, pages) for pages in (1000, 4000, 10_000)}
    return {"1,500 commands": in_turn(ways, rounds=3, times=1)}
