"""Shadows on PostgreSQL: a schema of their own, which comes first on the search path."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Self

from django.db import Error, connection, models, transaction

from eventstore.database import lock
from eventstore.database.name import NAME
from eventstore.database.trouble import trouble_of
from eventstore.embedded.in_flight import APPENDERS
from eventstore.models import Checkpoint
from eventstore.projections.shadow import Barred, Busy, definition, rows_of, run, value_of
from eventstore.projections.unit_of_work import table_of

logger = logging.getLogger(__name__)

SCHEMA = f"{NAME}_shadow"
_KEY = 0x5AD0  # one rebuild at a time: the schema is shared

# A session that waits, or only looks where others have come, is no holder; a prepared transaction has no
# process.
_HOLDERS = """
    SELECT DISTINCT held.pid, application_name, usename, extract(epoch FROM now() - xact_start)
    FROM pg_locks held LEFT JOIN pg_stat_activity USING (pid)
    WHERE granted AND held.pid IS DISTINCT FROM pg_backend_pid()
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND (
        relation = ANY(%s::oid[])
        OR relation = %s::regclass AND mode <> 'AccessShareLock'
        OR locktype = 'advisory' AND objsubid = 1 AND classid = 0 AND objid = %s
    )
    ORDER BY 1
"""
# What prevents dropping a table: a view (by its rule), a foreign key, a table that inherits, a function of
# its rows; not what belongs to tables that are dropped with it.
_DEPENDENTS = """
    SELECT DISTINCT coalesce(
        (SELECT pg_describe_object('pg_class'::regclass, ev_class, 0) FROM pg_rewrite WHERE oid = d.objid),
        pg_describe_object(d.classid, d.objid, d.objsubid)
    )
    FROM pg_depend d
    WHERE d.deptype = 'n' AND (
        (d.refclassid = 'pg_class'::regclass AND d.refobjid = ANY(%(tables)s::oid[]))
        OR (d.refclassid = 'pg_type'::regclass AND d.refobjid IN (
            SELECT unnest(ARRAY[oid, typarray]) FROM pg_type WHERE typrelid = ANY(%(tables)s::oid[])
        ))
    )
    AND NOT (d.classid = 'pg_constraint'::regclass AND d.objid IN (
        SELECT oid FROM pg_constraint WHERE conrelid = ANY(%(tables)s::oid[])
    ))
    ORDER BY 1
"""


class OnPostgreSQL:
    """A Shadow in a schema of its own."""

    schema = SCHEMA

    def __init__(self, tables: Sequence[type[models.Model]]) -> None:
        self._tables = tables
        self._names = [table_of(table).name for table in tables]
        self._indexes: list[str] = []
        self.live = ""

    def __enter__(self) -> Self:
        self.live = connection.ops.quote_name(value_of("SELECT current_schema()"))
        self._path = value_of("SHOW search_path")
        _check_may_create("database", value_of("SELECT current_database()"))
        if not value_of("SELECT pg_try_advisory_lock(%s)", [_KEY]):
            raise Busy("Another process is rebuilding or verifying read models")
        lock.end_session_after(lock.SILENCE)
        try:
            self._make()
        except BaseException:
            _let_go()
            raise
        return self

    def _make(self) -> None:
        if not _is_dropped():  # left by a rebuild that was killed
            raise Busy(f"Somebody reads schema {SCHEMA}, which an earlier rebuild has left behind")
        run(f"CREATE SCHEMA {SCHEMA}")
        for table in self._tables:
            create, *indexes = definition(table)
            self._indexes += indexes
            with self.in_front():
                run(create)

    def __exit__(self, *_: object) -> None:
        if not _is_dropped():
            logger.warning("Somebody reads schema %s; the next rebuild or verify drops it", SCHEMA)
        _let_go()

    @contextmanager
    def in_front(self) -> Iterator[None]:
        run(f"SET search_path TO {SCHEMA}, {self._path}")
        try:
            yield
        finally:
            if not connection.needs_rollback:
                run(f"SET search_path TO {self._path}")

    def check_swap(self) -> None:
        _check_may_create("schema", value_of("SELECT current_schema()"))
        tables = self._oids()
        owned = (
            "SELECT relname FROM pg_class WHERE oid = ANY(%s::oid[]) AND NOT pg_has_role(relowner, 'USAGE')"
        )
        if foreign := [name for (name,) in rows_of(owned, [tables])]:
            raise Barred(f"The database's user {_user()} does not own {', '.join(foreign)}")
        if dependents := [name for (name,) in rows_of(_DEPENDENTS, {"tables": tables})]:
            raise Barred(
                f"Read tables cannot be replaced under what is made from them: {', '.join(dependents)}"
            )

    def index(self) -> None:
        """Also tell the planner what the tables hold: nothing else does before the first query."""
        with self.in_front():
            for statement in self._indexes:
                run(statement)
        for name in self._names:
            run(f"ANALYZE {SCHEMA}.{name}")

    @contextmanager
    def swapping(self) -> Iterator[None]:
        """Autovacuum gives way to a session that waits for a second, but not to one that asks for a lock
        without waiting. So this waits first, for a lock that no reader and no writer notices."""
        with transaction.atomic():
            run(f"LOCK TABLE {self._all} IN SHARE UPDATE EXCLUSIVE MODE")
            yield

    def swap(self) -> None:
        run(f"LOCK TABLE {self._all} IN ACCESS EXCLUSIVE MODE NOWAIT")
        for name in self._names:
            run(f"DROP TABLE {self.live}.{name}")
            run(f"ALTER TABLE {SCHEMA}.{name} SET SCHEMA {self.live}")

    def holders(self) -> list[str]:
        held = rows_of(_HOLDERS, [self._oids(SCHEMA), Checkpoint._meta.db_table, APPENDERS])
        return [_described(*each) for each in held]

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        with transaction.atomic():
            run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            yield

    @property
    def _all(self) -> str:
        """The live tables and their shadows, which pg_dump reads too."""
        return ", ".join(f"{schema}.{name}" for schema in (self.live, SCHEMA) for name in self._names)

    def _oids(self, *schemas: str) -> list[int]:
        """The ids of the live tables, and of those in these schemas, as far as they exist."""
        names = [f"{schema}.{name}" for schema in (self.live, *schemas) for name in self._names]
        found = rows_of("SELECT to_regclass(name)::oid FROM unnest(%s::text[]) AS name", [names])
        return [oid for (oid,) in found if oid is not None]


def _let_go() -> None:
    run("SELECT pg_advisory_unlock(%s)", [_KEY])
    lock.bear_silence()


def _is_dropped() -> bool:
    """Whether the schema is gone now; False when somebody holds a table in it for longer than we may wait."""
    try:
        run(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
    except Error as error:
        if trouble_of(error) is None:
            raise
        return False
    return True


def _check_may_create(kind: str, name: str) -> None:
    """Raise Barred where we may not create a schema in the database, or tables in a schema."""
    if not value_of(f"SELECT has_{kind}_privilege(%s, 'CREATE')", [name]):
        quoted, user = connection.ops.quote_name(name), connection.ops.quote_name(_user())
        raise Barred(
            f"The database's user {_user()} may not create anything in {kind} {name}, as a rebuild or "
            f"verify must: GRANT CREATE ON {kind.upper()} {quoted} TO {user}"
        )


def _user() -> str:
    return str(value_of("SELECT current_user"))


def _described(pid: int | None, application: str | None, user: str | None, seconds: Any) -> str:
    if pid is None:
        return "a prepared transaction"
    begun = "" if seconds is None else f", in a transaction for {float(seconds):,.0f} s"
    return f"process {pid} ({application or 'without a name'}, user {user}{begun})"
