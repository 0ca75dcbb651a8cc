"""Settings from the environment. A bad value stops the start with one sentence that names the variable."""

import os
import zoneinfo
from typing import Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

_YES, _NO = ("1", "true", "yes", "on"), ("0", "false", "no", "off")


def flag(name: str, *, default: bool) -> bool:
    """A yes or no."""
    value = os.environ.get(name, "").strip().lower()
    if not value:
        return default
    if value not in _YES + _NO:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(_YES + _NO)}, not {value!r}.")
    return value in _YES


def choice(name: str, *choices: str) -> str:
    """One of several words; the first is the default."""
    value = os.environ.get(name, "").strip() or choices[0]
    if value not in choices:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(choices)}, not {value!r}.")
    return value


def only(name: str, value: str, *, because: str) -> None:
    """Refuse any other value than the one that is supported."""
    if os.environ.get(name, "").strip() != value:
        raise ImproperlyConfigured(f"{name} must be {value or 'unset'}: {because}.")


def words(name: str, *, default: str) -> list[str]:
    """Words separated by commas."""
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


def time_zone(name: str, *, default: str) -> str:
    """The name of a time zone, such as Europe/London."""
    value = os.environ.get(name, "").strip() or default
    if value not in zoneinfo.available_timezones():
        raise ImproperlyConfigured(f"{name} must name a time zone such as Europe/London, not {value!r}.")
    return value


def secret(name: str, *, fallback: str | None) -> str:
    """Required, unless there is something to fall back on."""
    value = os.environ.get(name) or fallback
    if not value:
        raise ImproperlyConfigured(f"{name} must be set to a long random text, unless DEBUG=1.")
    return value


def database(name: str, *, default: str) -> dict[str, Any]:
    """A database from its URL: sqlite:///path or postgres://user:password@host:port/name."""
    url = os.environ.get(name, "").strip() or default
    scheme = url.partition("://")[0]
    if scheme not in {"sqlite", "postgres", "postgresql"}:
        raise ImproperlyConfigured(
            f"{name} must begin with sqlite:// or postgres://, not with {scheme[:20]!r}."
        )
    try:
        parsed: dict[str, Any] = dict(dj_database_url.parse(url, conn_max_age=600, conn_health_checks=True))
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} cannot be read: {error}.") from None
    if not parsed.get("NAME"):
        raise ImproperlyConfigured(f"{name} must name a database after the last slash.")
    if scheme == "sqlite":
        parsed["OPTIONS"] = {
            # One writer at a time, from the start of the transaction: no write is lost to a late lock.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-32000;",
        }
    else:
        # The statements of every command are prepared, and planned, once a connection (eventstore/sql.py).
        prepared = {"prepare_threshold": 0, "options": "-c plan_cache_mode=force_generic_plan"}
        parsed["OPTIONS"] = {**prepared, **parsed.get("OPTIONS", {})}
    return parsed
