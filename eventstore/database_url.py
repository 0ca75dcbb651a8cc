"""A database from its URL, with what the embedded store asks of a connection."""

from typing import Any

import dj_database_url

SQLITE = {
    # One writer at a time, from the start of the transaction: no write is lost to a late lock.
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-32000;",
}
# The statements of every command are prepared, and planned, once a connection (eventstore/sql.py).
POSTGRESQL = {"prepare_threshold": 0, "options": "-c plan_cache_mode=force_generic_plan"}


def parse(url: str) -> dict[str, Any]:
    """An entry of Django's DATABASES from sqlite:///path or postgres://user:password@host:port/name.

    Raises ValueError with the rest of a sentence that begins with a name for the URL.
    """
    scheme = url.partition("://")[0]
    if scheme not in {"sqlite", "postgres", "postgresql"}:
        raise ValueError(f"must begin with sqlite:// or postgres://, not with {scheme[:20]!r}")
    try:
        parsed: dict[str, Any] = dict(dj_database_url.parse(url, conn_max_age=600, conn_health_checks=True))
    except ValueError:  # whose words may hold the password
        raise ValueError("must look like postgres://user:password@host:port/name") from None
    if not parsed.get("NAME"):
        raise ValueError("must name a database after the last slash")
    parsed["OPTIONS"] = SQLITE.copy() if scheme == "sqlite" else {**POSTGRESQL, **parsed.get("OPTIONS", {})}
    return parsed
