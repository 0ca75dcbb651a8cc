"""Poolers of connections, such as PgBouncer, between us and PostgreSQL.

LISTEN, the locks of workers and prepared statements belong to a session. A pooler that gives a session to
another after each transaction (pool_mode = transaction) leaks them, and corrupts read models. So none is used
unless DATABASE_POOLER says that it keeps sessions.
"""

from typing import Any

import psycopg
from django.core.exceptions import ImproperlyConfigured
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.signals import connection_created

NO_SESSIONS = (
    " leads to a pooler of connections, but Callout needs sessions of its own, for LISTEN and for"
    " locks: name PostgreSQL itself, or, if the pooler keeps sessions (PgBouncer's pool_mode = session), set"
    " DATABASE_POOLER=session."
)
"""After what names the database."""


def refuse_pooler() -> None:
    """Raises ImproperlyConfigured where the settings' database gives no sessions."""
    if gives_no_sessions(DEFAULT_DB_ALIAS):
        raise ImproperlyConfigured(f"DATABASE_URL{NO_SESSIONS}")


def gives_no_sessions(alias: str) -> bool:
    """Whether the database is behind a pooler that nobody vouches for.

    One connects in PostgreSQL's place, and cannot tell the number of a process that it has yet to choose. A
    database that is away is not judged.
    """
    database = connections[alias]
    if database.vendor != "postgresql" or "SET" in database.settings_dict:
        return False
    params = database.get_connection_params()
    params.pop("options", None)  # a pooler might refuse these, and so hide itself
    try:
        with psycopg.connect(**params, autocommit=True) as connection:
            row = connection.execute("SELECT pg_backend_pid()", prepare=False).fetchone()
            return row != (connection.info.backend_pid,)
    except psycopg.Error:
        return False


def make_settings(connection: Any, settings: dict[str, Any]) -> None:
    """What is otherwise said when connecting, which a pooler does not pass on."""
    if settings:
        made = ", ".join(["set_config(%s, %s, false)"] * len(settings))
        given = [str(each) for pair in settings.items() for each in pair]
        connection.execute(f"SELECT {made}", given)


def on_created(connection: Any, **_: Any) -> None:
    """For each session of Django's."""
    if settings := connection.settings_dict.get("SET"):
        with connection.cursor() as cursor:
            make_settings(cursor, settings)


connection_created.connect(on_created, dispatch_uid="settings of a session")
