"""Connection poolers, such as PgBouncer, between us and PostgreSQL.

LISTEN, the locks of workers and prepared statements belong to a session. A pooler that gives a session to
another client after each transaction (pool_mode = transaction) mixes them up, and corrupts read models. So
we refuse a pooler unless DATABASE_POOLER says that it keeps sessions.
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
"""The rest of a sentence that begins with the name of the URL."""


def refuse_pooler() -> None:
    """Raises ImproperlyConfigured if the settings' database does not keep sessions."""
    if gives_no_sessions(DEFAULT_DB_ALIAS):
        raise ImproperlyConfigured(f"DATABASE_URL{NO_SESSIONS}")


def gives_no_sessions(alias: str) -> bool:
    """Whether the database is behind a pooler, without a setting that says it keeps sessions.

    A pooler answers in PostgreSQL's place, and cannot name the number of a server process that it has yet
    to choose. A database that is away is not judged.
    """
    database = connections[alias]
    if database.vendor != "postgresql" or "SET" in database.settings_dict:
        return False
    params = database.get_connection_params()
    params.pop("options", None)  # a pooler might refuse these, and so stay undetected
    try:
        with psycopg.connect(**params, autocommit=True) as connection:
            row = connection.execute("SELECT pg_backend_pid()", prepare=False).fetchone()
            return row != (connection.info.backend_pid,)
    except psycopg.Error:
        return False


def make_settings(connection: Any, settings: dict[str, Any]) -> None:
    """Make the settings that are otherwise sent with the connection; a pooler does not pass those on."""
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
