"""Busy, away, full, read-only, damaged, or a fault of the statement: each as the database itself reports
it."""

import gc
import sqlite3
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import Error, InterfaceError, OperationalError, connection, transaction
from psycopg_pool import PoolTimeout

from eventstore.database import sql, trouble
from eventstore.database.trouble import Busy, Trouble, trouble_of

pytestmark = pytest.mark.django_db(transaction=True)
Run = Callable[[str], Any]


def raised_by(act: Callable[[], object]) -> Error:
    with pytest.raises(Error) as caught:
        act()
    return caught.value


# --- PostgreSQL ----------------------------------------------------------------------------------------


@pytest.fixture
def other() -> Iterator["psycopg.Connection[tuple[object, ...]]"]:
    """Another session, in a transaction that holds the lock 7."""
    with sql.connect() as other, other.transaction():
        other.execute("SELECT pg_advisory_xact_lock(7)")
        yield other


def in_transaction(*statements: str) -> None:
    with transaction.atomic():
        for each in statements:
            sql.query(each)


@pytest.mark.postgresql
@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        (["SET LOCAL lock_timeout = 10", "SELECT pg_advisory_xact_lock(7)"], Trouble.BUSY),
        (["SET LOCAL statement_timeout = 10", "SELECT pg_sleep(5)"], Trouble.BUSY),
        (["SET LOCAL transaction_read_only = on", "CREATE TABLE nothing ()"], Trouble.READ_ONLY),
        (["SELECT pg_terminate_backend(pg_backend_pid())"], Trouble.AWAY),
        (["CREATE TABLE long (text text UNIQUE)", "INSERT INTO long VALUES (%s)"], None),
        (["SELECT 1 / 0"], None),
        (["SELECT missing"], None),
    ],
    ids=["lock", "statement", "read-only", "ended", "index row too long", "division", "no column"],
)
def test_postgresql(other: object, statements: list[str], expected: Trouble | None) -> None:
    # Random, because a text that repeats itself is compressed before it is measured.
    long = "(SELECT string_agg(md5(n::text), '') FROM generate_series(1, 1000) AS n)"
    error = raised_by(lambda: in_transaction(*(each.replace("%s", long) for each in statements)))
    assert trouble_of(error) is expected
    assert trouble_of(error.__cause__ or error) is expected, "as the driver raises it"


@pytest.mark.postgresql
def test_a_transaction_that_the_server_ended_because_it_stood_still() -> None:
    def stand_still() -> None:
        with transaction.atomic():
            sql.query("SET LOCAL idle_in_transaction_session_timeout = 10")
            with sql.connect() as other:
                other.execute("SELECT pg_sleep(0.3)")
            sql.query("SELECT 1")

    assert trouble_of(raised_by(stand_still)) is Trouble.BUSY


@pytest.mark.postgresql
def test_a_server_that_is_not_there() -> None:
    with pytest.raises(psycopg.OperationalError) as refused:
        psycopg.connect("host=127.0.0.1 port=1", connect_timeout=2)
    assert trouble_of(refused.value) is Trouble.AWAY


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (psycopg.errors.SerializationFailure, Trouble.BUSY),
        (psycopg.errors.DeadlockDetected, Trouble.BUSY),
        (psycopg.errors.TooManyConnections, Trouble.BUSY),
        (psycopg.errors.DiskFull, Trouble.FULL),
        (psycopg.errors.CannotConnectNow, Trouble.AWAY),
        (psycopg.errors.ConnectionFailure, Trouble.AWAY),
        (psycopg.errors.DataCorrupted, Trouble.DAMAGED),
        (psycopg.errors.StatementTooComplex, None),
        (psycopg.errors.NumericValueOutOfRange, None),
        (psycopg.errors.UniqueViolation, None),
    ],
)
def test_what_cannot_be_had_here_by_its_code(kind: type[psycopg.Error], expected: Trouble | None) -> None:
    assert trouble_of(kind()) is expected


# --- A pool that gives no connection --------------------------------------------------------------------


def test_a_pool_that_is_exhausted_while_the_server_answers() -> None:
    assert trouble_of(PoolTimeout()) is Trouble.BUSY


def test_a_pool_that_can_make_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trouble, "_not_connected_at", -trouble.SHORTLY)
    trouble.not_connected(None)
    assert trouble_of(PoolTimeout()) is Trouble.AWAY


# --- SQLite ---------------------------------------------------------------------------------------------


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "some.sqlite3"
    with sqlite3.connect(path) as made:
        made.execute("CREATE TABLE some (text)")
    made.close()
    return path


def busy(file: Path) -> None:
    with sqlite3.connect(file) as holder:
        holder.execute("BEGIN IMMEDIATE")
        sqlite3.connect(file, timeout=0).execute("BEGIN IMMEDIATE")


def full(file: Path) -> None:
    with sqlite3.connect(file) as database:
        database.execute("PRAGMA max_page_count = 3")
        database.execute("INSERT INTO some VALUES (?)", ["x" * 100_000])


def read_only(file: Path) -> None:
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as database:
        database.execute("INSERT INTO some VALUES (1)")


def nowhere(file: Path) -> None:
    sqlite3.connect(file / "nowhere").execute("SELECT 1")


def no_database(file: Path) -> None:
    file.write_bytes(b"something else entirely" * 1000)
    sqlite3.connect(file).execute("SELECT * FROM some")


def torn(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:4096] + b"\xff" * 4096)
    sqlite3.connect(file).execute("SELECT * FROM some")


def wrong(file: Path) -> None:
    sqlite3.connect(file).execute("SELECT missing")


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        (busy, Trouble.BUSY),
        (full, Trouble.FULL),
        (read_only, Trouble.READ_ONLY),
        (nowhere, Trouble.AWAY),
        (no_database, Trouble.DAMAGED),
        (torn, Trouble.DAMAGED),
        (wrong, None),
    ],
)
def test_sqlite(file: Path, act: Callable[[Path], object], expected: Trouble | None) -> None:
    with pytest.raises(sqlite3.Error) as caught:
        act(file)
    assert trouble_of(caught.value) is expected
    if connection.vendor == "sqlite":
        with pytest.raises(Error) as wrapped, connection.wrap_database_errors:
            raise caught.value
        assert trouble_of(wrapped.value) is expected, "as Django raises it"


def test_an_error_leaves_no_cursor_to_the_garbage_collector() -> None:
    """If it were collected in another thread, it would wait there for what its connection then waits for."""
    cursors: list[weakref.ref[object]] = []

    def fail() -> None:
        with connection.cursor() as cursor:
            cursors.append(weakref.ref(cursor.cursor))
            cursor.execute("SELECT 1 FROM nowhere")

    gc.disable()
    try:
        with pytest.raises(Error):
            fail()
        assert cursors[0]() is None
    finally:
        gc.enable()


# --- Others ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [OperationalError("gone"), InterfaceError("closed")])
def test_without_a_code_nobody_answered(error: Error) -> None:
    assert trouble_of(error) is Trouble.AWAY


def test_what_we_raise_ourselves() -> None:
    assert trouble_of(Busy("enough wait")) is Trouble.BUSY


@pytest.mark.parametrize("error", [ValueError(), LookupError(), OSError(28, "No space left on device")])
def test_what_does_not_come_from_the_database(error: Exception) -> None:
    assert trouble_of(error) is None
