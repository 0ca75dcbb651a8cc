"""A rebuild on SQLite, where one writes at a time: others get their turn, and names stay as they are."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from eventstore.projections import shadow_sqlite
from eventstore.projections.rebuild import rebuild
from eventstore.projections.shadow import Barred
from eventstore.projections.shadow_sqlite import OnSQLite
from readmodels.models import WorkCounter, WorkRow
from readmodels.sites import sites
from readmodels.work import work
from tests import factories
from tests.eventstore.threads import PATIENCE, Beside
from tests.readmodels.tables import EVERYTHING, a_busy_day, contents, differences, quietly

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "sqlite", reason="How SQLite swaps"),
]


def run(statement: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


@pytest.fixture(autouse=True)
def _sound() -> Iterator[None]:
    """Whatever a rebuild does, the file is sound, and nothing is left in it."""
    yield
    assert run("PRAGMA integrity_check") == [("ok",)]
    assert run("SELECT name FROM sqlite_master WHERE name LIKE '%shadow%'") == []


def test_between_two_portions_others_write_and_what_they_write_is_not_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    a_busy_day()
    monkeypatch.setattr(shadow_sqlite, "PORTION", 2)
    carry, portions = shadow_sqlite._carry, []

    def somebody_calls(*args: Any) -> None:
        carry(*args)
        if not connection.in_atomic_block:
            portions.append(beside.run(factories.raise_work, "Raised meanwhile").result(PATIENCE))

    monkeypatch.setattr(shadow_sqlite, "_carry", somebody_calls)
    with Beside(1) as beside:
        rebuild([work], progress=quietly)
    assert len(portions) > 3
    assert WorkRow.objects.filter(title="Raised meanwhile").count() == len(portions)
    assert differences() == []


def test_rows_that_change_after_they_were_carried_over_are_carried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    a_busy_day()
    work_id = factories.raise_work("Assigned meanwhile")
    index = OnSQLite.index

    def somebody_assigns(shadow: OnSQLite) -> None:
        index(shadow)
        beside.run(factories.assign, work_id, operative_id).result(PATIENCE)

    operative_id = factories.hire("Ada", "King")
    monkeypatch.setattr(OnSQLite, "index", somebody_assigns)
    with Beside(1) as beside:
        rebuild(EVERYTHING, progress=quietly)
    assert WorkRow.objects.get(work_id=work_id).stage == "assigned"
    assert differences() == []


def test_what_fails_at_the_end_leaves_the_live_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    a_busy_day()
    WorkRow.objects.update(title="As it was")
    live, exchange = contents(), shadow_sqlite._exchange

    def fails(names: Any) -> None:
        exchange(names)
        raise LookupError

    monkeypatch.setattr(shadow_sqlite, "_exchange", fails)
    with pytest.raises(LookupError):
        rebuild(EVERYTHING, progress=quietly)
    assert contents() == live
    monkeypatch.undo()
    rebuild(EVERYTHING, progress=quietly)
    assert not WorkRow.objects.filter(title="As it was").exists()


def test_columns_that_stand_in_another_order_than_in_a_new_table() -> None:
    """As after a migration that has added one."""
    a_busy_day()
    name = WorkCounter._meta.db_table
    ((made,),) = run(f"SELECT sql FROM sqlite_master WHERE name = '{name}'")
    head, _, columns = made.rstrip(")").partition("(")
    try:
        run(f"DROP TABLE {name}")
        run(f"{head}({', '.join(reversed(columns.split(', ')))})")
        rebuild(EVERYTHING, progress=quietly)
        assert WorkCounter.objects.get().jobs == WorkRow.objects.count()
        assert differences() == []
    finally:
        run(f"DROP TABLE {name}")
        run(made)


def test_a_table_that_is_changed_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    """By a migration, for example. The tables then no longer have the same shape."""
    a_busy_day()
    live, index = contents(), OnSQLite.index

    def somebody_migrates(shadow: OnSQLite) -> None:
        index(shadow)
        run("CREATE INDEX main.made_meanwhile ON readmodels_siterow (town)")

    monkeypatch.setattr(OnSQLite, "index", somebody_migrates)
    try:
        with pytest.raises(Barred, match="have been changed since"):
            rebuild([sites], progress=quietly)
        assert contents() == live
    finally:
        run("DROP INDEX made_meanwhile")
