"""A rebuild replaces tables that others read, and blocks nobody: PostgreSQL, with readers that hold what
pg_dump holds."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from functools import partial
from io import StringIO
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection, transaction

from eventstore.current import current_store
from eventstore.database import sql
from eventstore.embedded.in_flight import APPENDERS
from eventstore.models import Checkpoint
from eventstore.projections import rebuild as rebuilding
from eventstore.projections.rebuild import rebuild, verify
from eventstore.projections.shadow import Barred, Busy
from eventstore.projections.shadow_postgresql import OnPostgreSQL
from readmodels.models import SiteRow, WorkRow, WorkSiteRow
from readmodels.sites import sites
from tests import factories
from tests.eventstore.threads import PATIENCE, Beside, until_done_or
from tests.readmodels.tables import EVERYTHING, a_busy_day, contents, quietly

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

WORK, WORK_SITE = WorkRow._meta.db_table, WorkSiteRow._meta.db_table


@contextmanager
def holding(*statements: str) -> Iterator["psycopg.Connection[tuple[object, ...]]"]:
    """Somebody in a transaction that has done this and stays open."""
    with sql.connect() as somebody, somebody.transaction():
        somebody.execute("SET application_name TO 'backup'")
        for statement in statements:
            somebody.execute(statement)
        yield somebody


def reading(table: str) -> str:
    """What pg_dump does first."""
    return f"LOCK TABLE {table} IN ACCESS SHARE MODE"


@pytest.fixture
def refusals(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows each time that a rebuild has released everything, because somebody holds what it needs."""
    found: list[int] = []
    holders = OnPostgreSQL.holders

    def counted(shadow: OnPostgreSQL) -> list[str]:
        found.append(1)
        return holders(shadow)

    monkeypatch.setattr(OnPostgreSQL, "holders", counted)
    return found


def refused(refusals: list[int], done: Future[int]) -> None:
    """Wait until a rebuild has been refused once more."""
    seen = len(refusals)
    until_done_or(lambda: len(refusals) > seen, done)
    assert not done.done(), done.result()


def test_a_rebuild_that_waits_for_a_reader_holds_up_no_command_and_no_reader(refusals: list[int]) -> None:
    a_busy_day()
    with Beside(1) as beside:
        with holding(reading(WORK_SITE)):
            done = beside.run(rebuild, EVERYTHING, progress=quietly)
            for _ in range(3):
                refused(refusals, done)
                work_id = factories.raise_work("Raised meanwhile")
                assert WorkRow.objects.get(work_id=work_id).title == "Raised meanwhile"
        assert done.result(PATIENCE) == current_store().head()
    assert WorkRow.objects.filter(title="Raised meanwhile").count() == 3
    assert [verify(each, progress=quietly).count for each in EVERYTHING] == [0] * len(EVERYTHING)


def test_what_was_taken_in_before_a_refusal_is_taken_in_again(
    refusals: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was rolled back with the rest."""
    a_busy_day()
    swapping, jobs = OnPostgreSQL.swapping, list[Any]()

    def somebody_calls(shadow: OnPostgreSQL) -> Any:
        if not jobs:
            jobs.append(beside.run(factories.raise_work, "Raised meanwhile").result(PATIENCE))
        return swapping(shadow)

    monkeypatch.setattr(OnPostgreSQL, "swapping", somebody_calls)
    with Beside(2) as beside:
        with holding(reading(WORK)):
            done = beside.run(rebuild, EVERYTHING, progress=quietly)
            refused(refusals, done)
        done.result(PATIENCE)
    assert WorkRow.objects.filter(title="Raised meanwhile").count() == 1
    assert [verify(each, progress=quietly).count for each in EVERYTHING] == [0] * len(EVERYTHING)


def test_a_backup_that_began_meanwhile_and_reads_the_shadows_too_is_waited_for(refusals: list[int]) -> None:
    a_busy_day()
    shadow, backups = f"callout_shadow.{WORK}", list[Any]()

    def somebody_backs_up(*_: int) -> None:
        if not backups:
            backups.append(holding(reading(shadow)))
            backups.append(backups[0].__enter__())

    def waits() -> bool:
        waiting = "SELECT true FROM pg_locks WHERE relation = %s::regclass AND NOT granted"
        return bool(backups[1:] and backups[1].execute(waiting, [shadow]).fetchall())

    with Beside(1) as beside:
        done = beside.run(rebuild, EVERYTHING, progress=somebody_backs_up)
        until_done_or(lambda: bool(refusals) or waits(), done)
        assert not waits(), "with the appenders' lock in hand"
        factories.raise_work("Raised meanwhile")
        backups[0].__exit__(None, None, None)
        done.result(PATIENCE)
    assert WorkRow.objects.filter(title="Raised meanwhile").count() == 1


def test_what_keeps_autovacuum_off_is_waited_for_before_anything_else_is_held() -> None:
    """Here somebody holds the table as autovacuum does, which would give way."""
    a_busy_day()
    with Beside(1) as beside:
        with holding(f"LOCK TABLE {WORK} IN SHARE UPDATE EXCLUSIVE MODE") as somebody:
            done = beside.run(rebuild, EVERYTHING, progress=quietly)
            waits = "SELECT true FROM pg_locks WHERE relation = %s::regclass AND NOT granted"
            until_done_or(lambda: bool(somebody.execute(waits, [WORK]).fetchall()), done)
            assert not done.done(), done.result()
            factories.raise_work("Raised meanwhile")
        done.result(PATIENCE)
    assert WorkRow.objects.filter(title="Raised meanwhile").count() == 1


def test_after_ten_minutes_it_ends_and_names_who_holds_the_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    assert rebuilding.PATIENCE == 600
    monkeypatch.setattr(rebuilding, "PATIENCE", 0.5)
    a_busy_day()
    WorkRow.objects.update(title="As it was")
    live, stood = contents(), list(Checkpoint.objects.values())
    with holding(reading(WORK)) as backup:
        named = rf"process {backup.info.backend_pid} \(backup, user \w+, in a transaction for \d+ s\)"
        with pytest.raises(Busy, match=f"cannot be replaced while they are held by {named}$"):
            rebuild(EVERYTHING, progress=quietly)
        with pytest.raises(CommandError, match=r"held by process .*The live tables are as they were\."):
            call_command("rebuild", "work", stdout=StringIO())
        factories.acquire()
    assert (contents()[WORK], stood[0]["version"]) == (live[WORK], Checkpoint.objects.all()[0].version)
    rebuild(EVERYTHING, progress=quietly)
    assert not WorkRow.objects.filter(title="As it was").exists()


def test_somebody_who_holds_the_appenders_lock_is_named_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rebuilding, "PATIENCE", 0.5)
    a_busy_day()
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout TO '200ms'")
    try:
        with (
            holding(f"SELECT pg_advisory_xact_lock_shared({APPENDERS})") as stopped,
            pytest.raises(Busy, match=f"held by process {stopped.info.backend_pid} "),
        ):
            rebuild([sites], progress=quietly)
    finally:
        connection.close()


def test_verify_ends_although_somebody_reads_its_shadows(caplog: pytest.LogCaptureFixture) -> None:
    a_busy_day()
    backups: list[Any] = []

    def somebody_backs_up(*_: int) -> None:
        if not backups:
            backups.append(holding(reading(f"callout_shadow.{SiteRow._meta.db_table}")))
            backups[0].__enter__()

    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout TO '200ms'")
    try:
        assert verify(sites, progress=somebody_backs_up).count == 0
        assert "the next rebuild or verify drops it" in caplog.text
        with pytest.raises(Busy, match="which an earlier rebuild has left behind"):
            verify(sites, progress=quietly)
        backups[0].__exit__(None, None, None)
        assert verify(sites, progress=quietly).count == 0
    finally:
        connection.close()


def test_the_planner_knows_what_the_new_tables_hold() -> None:
    """Nobody else tells it before the first page is read; here, autovacuum is often off."""
    a_busy_day()
    rebuild(EVERYTHING, progress=quietly)
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE oid = %s::regclass", [WORK])
        assert cursor.fetchone() == (WorkRow.objects.count(),)
        cursor.execute("SELECT count(*) > 0 FROM pg_stats WHERE tablename = %s", [WORK])
        assert cursor.fetchone() == (True,)


# --- What bars it is said before the work begins -----------------------------------------------------


def never(*_: int) -> None:
    raise AssertionError("the work has begun")


DEPENDENTS = {
    "a view": "CREATE VIEW dependent AS SELECT title FROM {table}",
    "a materialised view": "CREATE MATERIALIZED VIEW dependent AS SELECT title FROM {table}",
    "a foreign key": "CREATE TABLE dependent (work_id uuid REFERENCES {table})",
    "a table that inherits": "CREATE TABLE dependent () INHERITS ({table})",
    "a function of its rows": "CREATE FUNCTION dependent({table}) RETURNS text LANGUAGE sql RETURN 'x'",
}


@pytest.mark.parametrize("made", DEPENDENTS)
def test_what_depends_on_a_read_table(made: str) -> None:
    a_busy_day()
    with connection.cursor() as cursor:
        cursor.execute(DEPENDENTS[made].format(table=WORK))
    try:
        with pytest.raises(Barred, match=r"what is made from them: .*dependent"):
            rebuild(EVERYTHING, progress=never)
        with pytest.raises(CommandError, match=r"dependent.*The live tables are as they were\."):
            call_command("rebuild", "work", stdout=StringIO())
        assert verify(sites, progress=quietly).count == 0, "which replaces nothing"
    finally:
        with connection.cursor() as cursor:
            cursor.execute(
                f"DROP {DEPENDENTS[made].partition(' dependent')[0].removeprefix('CREATE ')} dependent"
            )


def test_a_view_that_is_made_meanwhile() -> None:
    a_busy_day()

    def somebody_makes_a_view(*_: int) -> None:
        with sql.connect() as somebody:
            somebody.execute(f"CREATE OR REPLACE VIEW dependent AS SELECT title FROM {WORK}")

    try:
        with pytest.raises(Barred, match="made from them: view dependent"):
            rebuild(EVERYTHING, progress=somebody_makes_a_view)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP VIEW dependent")


MAY_CREATE_SCHEMAS = """
    DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO callout_limited', current_database()); END $$;
"""


@pytest.fixture
def limited() -> Iterator[Callable[[str], None]]:
    """Makes a user with only these rights, and has the database treat us as that user."""
    with connection.cursor() as cursor:

        def become(grants: str) -> None:
            cursor.execute("DROP ROLE IF EXISTS callout_limited")
            cursor.execute("CREATE ROLE callout_limited")
            cursor.execute("GRANT ALL ON ALL TABLES IN SCHEMA public TO callout_limited")
            cursor.execute(grants)
            cursor.execute("SET ROLE callout_limited")

        yield become
        cursor.execute("RESET ROLE")
        cursor.execute("DROP OWNED BY callout_limited")
        cursor.execute("DROP ROLE callout_limited")


def test_a_user_who_may_not_create_a_schema(limited: Callable[[str], None]) -> None:
    a_busy_day()
    limited("SELECT 1")
    for work in (partial(rebuild, [sites]), partial(verify, sites)):
        with pytest.raises(
            Barred, match=r"callout_limited may not create .*: GRANT CREATE ON DATABASE \"test_"
        ):
            work(progress=never)


def test_a_user_who_may_not_create_a_table_where_the_live_ones_stand(limited: Callable[[str], None]) -> None:
    a_busy_day()
    limited(MAY_CREATE_SCHEMAS)
    with pytest.raises(Barred, match=r'GRANT CREATE ON SCHEMA "public" TO "callout_limited"'):
        rebuild([sites], progress=never)


def test_a_user_who_does_not_own_the_live_tables(limited: Callable[[str], None]) -> None:
    a_busy_day()
    limited(MAY_CREATE_SCHEMAS + "GRANT CREATE ON SCHEMA public TO callout_limited")
    with pytest.raises(Barred, match=r"callout_limited does not own .*readmodels_siterow"):
        rebuild([sites], progress=never)


# --- A reader that the server ends, so that others can go on -------------------------------------------


@contextmanager
def deadlocked(read: Callable[[], Any], beside: Beside) -> Iterator[Future[Any]]:
    """A reader whose statement the server ends: it and another session wait for each other's tables."""
    with holding("SET deadlock_timeout TO '1min'", f"LOCK TABLE {WORK} IN ACCESS EXCLUSIVE MODE") as somebody:
        reader = beside.run(read)
        held: list[Any] = []

        def waits() -> bool:
            held[:] = somebody.execute(
                "SELECT DISTINCT relation::regclass::text FROM pg_locks "
                "WHERE relation::regclass::text ~ '^readmodels_[a-z]+$' "
                "AND mode = 'AccessShareLock' AND granted "
                "AND pid IN (SELECT pid FROM pg_locks WHERE relation = %s::regclass AND NOT granted)",
                [WORK],
            ).fetchall()
            return bool(held)

        until_done_or(waits, reader)
        assert held, "it has nothing in hand"
        somebody.execute(
            f"LOCK TABLE {held[0][0]} IN ACCESS EXCLUSIVE MODE"
        )  # goes on when the reader is ended
        yield reader


def places() -> list[Any]:
    return list(WorkSiteRow.objects.values_list("site_id", "work__title"))


def places_by_the_shortest_way() -> list[tuple[Any, ...]]:
    return sql.query(f"SELECT site_id, title FROM {WORK_SITE} JOIN {WORK} USING (work_id)")


@pytest.mark.parametrize("read", [places, places_by_the_shortest_way])
def test_a_reader_that_is_a_deadlocks_victim_reads_once_more(read: Callable[[], Any]) -> None:
    factories.raise_work("Leak")
    with Beside(1) as beside:
        with deadlocked(read, beside) as reader:
            pass
        assert [title for _, title in reader.result(PATIENCE)] == ["Leak"]


def test_within_a_transaction_the_whole_of_it_would_have_to_be_done_again() -> None:
    factories.raise_work("Leak")

    def read() -> Any:
        with transaction.atomic():
            return places()

    with Beside(1) as beside:
        with deadlocked(read, beside) as reader:
            pass
        with pytest.raises(OperationalError, match="deadlock detected"):
            reader.result(PATIENCE)
