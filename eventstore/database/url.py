"""A database from its URL, with what the embedded store asks of a connection."""

from dataclasses import dataclass
from typing import Any

import dj_database_url

SQLITE = {
    # One writer at a time, from the start of the transaction: no write is lost to a late lock.
    "transaction_mode": "IMMEDIATE",
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-32000;",
}
POSTGRESQL = {
    # The statements of every command are prepared, and planned, once a connection (sql.py).
    "prepare_threshold": 0,
    # Nobody waits without bound (docs/reliability.md): not for a server that does not answer, ...
    "connect_timeout": 2,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,  # milliseconds
}


@dataclass(frozen=True)
class Waits:
    """How many seconds the database lets somebody wait; 0 for ever. `lock` for what another holds,
    `statement` for one statement, `idle` between two statements of one transaction, after which the server
    ends it: so what a process held that has stopped in its middle is free again."""

    lock: float
    statement: float
    idle: float


BY_PEOPLE = Waits(lock=2, statement=10, idle=5)
"""Somebody waits for a page."""
BY_PROGRAMS = Waits(lock=20, statement=0, idle=30)
"""Workers and commands: a statement over all of history takes as long as it takes."""


def parse(url: str, waits: Waits = BY_PROGRAMS, *, is_pooled: bool = False) -> dict[str, Any]:
    """An entry of Django's DATABASES from sqlite:///path or postgres://user:password@host:port/name.

    Where it leads to a pooler, which passes no settings on when it connects, they are kept under SET and made
    in each session (pooler.py). Raises ValueError with the rest of a sentence that begins with a
    name for the URL.
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
    if scheme == "sqlite":
        parsed["OPTIONS"] = {**SQLITE, "timeout": waits.lock}
    else:
        given = parsed.get("OPTIONS", {})
        parsed["OPTIONS"] = {**POSTGRESQL, **given}
        if is_pooled:
            parsed["SET"] = _settings(waits)
        else:
            settings = " ".join(f"-c {name}={value}" for name, value in _settings(waits).items())
            # What the URL gives comes after them, and wins.
            parsed["OPTIONS"]["options"] = f"{settings} {given.get('options', '')}".strip()
    return parsed


def _settings(waits: Waits) -> dict[str, int | str]:
    """PostgreSQL's settings of the session."""
    return {
        "plan_cache_mode": "force_generic_plan",
        "lock_timeout": int(waits.lock * 1000),
        "statement_timeout": int(waits.statement * 1000),
        "idle_in_transaction_session_timeout": int(waits.idle * 1000),
        # ... and the server not for us: what a machine held that has lost its power is free again.
        "tcp_keepalives_idle": 10,
        "tcp_keepalives_interval": 5,
        "tcp_keepalives_count": 3,
        "tcp_user_timeout": POSTGRESQL["tcp_user_timeout"],
    }
