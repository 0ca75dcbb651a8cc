"""A database from its URL, with the connection settings that the embedded store needs."""

from dataclasses import dataclass
from typing import Any

import dj_database_url

SQLITE = {
    # One writer at a time, from the start of the transaction: no write fails because of a late lock.
    "transaction_mode": "IMMEDIATE",
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-32000;",
}
POSTGRESQL = {
    # The statements of every command are prepared and planned once for each connection (sql.py).
    "prepare_threshold": 0,
    # Every wait has a limit (docs/reliability.md): we do not wait long for a server that does not answer,
    # ...
    "connect_timeout": 2,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,  # milliseconds
}


@dataclass(frozen=True)
class Waits:
    """How many seconds the database lets somebody wait; 0 means for ever. `lock` is for what another
    holds, `statement` for one statement, `idle` for the time between two statements of one transaction.
    After that the server ends the session, so that the locks of a process that hangs are free again."""

    lock: float
    statement: float
    idle: float


BY_PEOPLE = Waits(lock=2, statement=10, idle=5)
"""Somebody waits for a page."""
BY_PROGRAMS = Waits(lock=20, statement=0, idle=30)
"""For workers and commands: a statement over all of history takes as long as it needs."""


def parse(url: str, waits: Waits = BY_PROGRAMS, *, is_pooled: bool = False) -> dict[str, Any]:
    """An entry of Django's DATABASES from sqlite:///path or postgres://user:password@host:port/name.

    If it leads to a pooler, which passes no settings on when it connects, they are kept under SET and made
    in each session (pooler.py). Raises ValueError; its text is the rest of a sentence that begins with a
    name for the URL.
    """
    scheme = url.partition("://")[0]
    if scheme not in {"sqlite", "postgres", "postgresql"}:
        raise ValueError(f"must begin with sqlite:// or postgres://, not with {scheme[:20]!r}")
    try:
        parsed: dict[str, Any] = dict(dj_database_url.parse(url, conn_max_age=600, conn_health_checks=True))
    except ValueError:  # the error's text may contain the password
        raise ValueError("must look like postgres://user:password@host:port/name") from None
    if not parsed.get("NAME"):
        raise ValueError("must name a database after the last slash")
    if scheme == "sqlite":
        parsed["OPTIONS"] = {**SQLITE, "timeout": waits.lock}
    else:
        given = parsed.get("OPTIONS", {})
        parsed["OPTIONS"] = {**POSTGRESQL, **given}
        if is_pooled:
            parsed["SET"] = _settings(waits)
        else:
            settings = " ".join(f"-c {name}={value}" for name, value in _settings(waits).items())
            # What the URL says comes after these, and wins.
            parsed["OPTIONS"]["options"] = f"{settings} {given.get('options', '')}".strip()
    return parsed


def _settings(waits: Waits) -> dict[str, int | str]:
    """PostgreSQL's settings of the session."""
    return {
        "plan_cache_mode": "force_generic_plan",
        "lock_timeout": int(waits.lock * 1000),
        "statement_timeout": int(waits.statement * 1000),
        "idle_in_transaction_session_timeout": int(waits.idle * 1000),
        # ... and the server does not wait long for us: what a machine without power held is free again.
        "tcp_keepalives_idle": 10,
        "tcp_keepalives_interval": 5,
        "tcp_keepalives_count": 3,
        "tcp_user_timeout": POSTGRESQL["tcp_user_timeout"],
    }
