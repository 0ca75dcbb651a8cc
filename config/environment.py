"""Settings from the environment. A bad value stops the start with one sentence that names the variable."""

import os
import re
import sys
import zoneinfo
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import dj_email_url
from django.core.exceptions import ImproperlyConfigured

from config.currencies import CURRENCIES
from eventstore.database.trouble import not_connected
from eventstore.database.url import BY_PEOPLE, BY_PROGRAMS
from eventstore.database.url import parse as parse_database_url

MAIL_TIMEOUT = 10  # seconds for which a mail server may say nothing

_YES, _NO = ("1", "true", "yes", "on"), ("0", "false", "no", "off")
_PERIODS = {"s": 1, "m": 60, "h": 3_600}  # seconds
_CACHES = {
    "memory://": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    "database://": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"},
}


@contextmanager
def exit_on_bad_setting() -> Iterator[None]:
    """End the process with the sentence alone; a traceback would hide it."""
    try:
        yield
    except ImproperlyConfigured as error:
        sys.exit(str(error))


@contextmanager
def exit_while_away() -> Iterator[None]:
    """End the process with a sentence while the database or the event store does not answer."""
    try:
        yield
    except Exception as error:
        from eventstore.management.command import sentence_of

        told = sentence_of(error)
        if told is None:
            raise
        sys.exit(told)


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


def event_store(name: str) -> str:
    """A KurrentDB server or cluster, esdb://host:port?options, or nothing: events stay in the database."""
    value = os.environ.get(name, "").strip()
    scheme, _, rest = value.partition("://")
    if value and (scheme not in {"esdb", "esdb+discover"} or not rest.partition("?")[0]):
        raise ImproperlyConfigured(f"{name} must be unset, or look like esdb://host:2113?Tls=true.")
    return value


def event_bus(name: str) -> str:
    """A message broker, amqp://user:password@host:port/virtual-host, or nothing: no messages are sent."""
    value = os.environ.get(name, "").strip()
    if value and not re.fullmatch(r"amqps?://[^/\s]+(/\S*)?", value):
        raise ImproperlyConfigured(f"{name} must be unset, or look like amqp://user:password@host:5672//.")
    return value


def cache(name: str) -> dict[str, Any]:
    """Where short-lived counts are kept: memory://, in each process for itself, or database://, for all
    processes, in the table `cache` that `manage.py createcachetable` makes."""
    value = os.environ.get(name, "").strip() or "memory://"
    if value not in _CACHES:
        raise ImproperlyConfigured(f"{name} must be unset, {' or '.join(_CACHES)}, not {value!r}.")
    return {**_CACHES[value], "TIMEOUT": max(_PERIODS.values()), "OPTIONS": {"MAX_ENTRIES": 10_000}}


def rate(name: str, *, default: str) -> tuple[int, int]:
    """A number of requests in a number of seconds, from a number for each second, minute or hour: 600/m."""
    value = os.environ.get(name, "").strip() or default
    found = re.fullmatch(r"([1-9][0-9]{0,8})/([smh])", value)
    if not found:
        raise ImproperlyConfigured(f"{name} must look like 10/s, 600/m or 5000/h, not {value!r}.")
    return int(found[1]), _PERIODS[found[2]]


def word(name: str, *, default: str) -> str:
    """Letters, digits and underscores, beginning with a letter."""
    value = os.environ.get(name, "").strip() or default
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", value):
        raise ImproperlyConfigured(f"{name} must be letters, digits and underscores alone, not {value!r}.")
    return value


def words(name: str, *, default: str) -> list[str]:
    """Words separated by commas."""
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


def time_zone(name: str, *, default: str) -> str:
    """The name of a time zone, such as Europe/London."""
    value = os.environ.get(name, "").strip() or default
    if value not in zoneinfo.available_timezones():
        raise ImproperlyConfigured(f"{name} must name a time zone such as Europe/London, not {value!r}.")
    return value


def currency(name: str, *, default: str) -> str:
    """The ISO code of a currency whose amounts have two decimal places, such as GBP."""
    value = os.environ.get(name, "").strip() or default
    if value not in CURRENCIES:
        raise ImproperlyConfigured(
            f"{name} must be the ISO code of a currency with two decimal places, such as GBP, not {value!r}."
        )
    return value


def whole_number(name: str, *, default: int) -> int:
    """A whole number, 0 or more."""
    value = os.environ.get(name, "").strip() or str(default)
    if not re.fullmatch(r"[0-9]{1,9}", value):
        raise ImproperlyConfigured(f"{name} must be a whole number from 0 up, not {value!r}.")
    return int(value)


def processes(name: str) -> int:
    """The number of processes that serve; 2 by default."""
    value = os.environ.get(name, "").strip() or "2"
    if not re.fullmatch(r"[1-9][0-9]?", value):
        raise ImproperlyConfigured(f"{name} must be a whole number from 1 to 99, not {value!r}.")
    return int(value)


def secret(name: str, *, fallback: str | None) -> str:
    """Required, unless there is a fallback."""
    value = os.environ.get(name) or fallback
    if not value:
        raise ImproperlyConfigured(f"{name} must be set to a long random text, unless DEBUG=1.")
    return value


def database(
    name: str, *, default: str, pool: int = 0, serves_people: bool = False, is_pooled: bool = False
) -> dict[str, Any]:
    """A database from its URL: sqlite:///path or postgres://user:password@host:port/name, perhaps through
    a pooler that keeps sessions.

    With a `pool`, threads that serve people keep no connection between requests; the pool holds that many
    for PostgreSQL. A worker's threads keep theirs, because its locks depend on them.
    """
    waits = BY_PEOPLE if serves_people else BY_PROGRAMS
    url = os.environ.get(name, "").strip() or default
    try:
        parsed = parse_database_url(url, waits, is_pooled=is_pooled)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} {error}.") from None
    if pool and serves_people:
        parsed["CONN_MAX_AGE"] = 0
        if parsed["ENGINE"].endswith("postgresql"):
            parsed["OPTIONS"]["pool"] = {
                "min_size": 1,
                "max_size": pool,
                # Seconds. After that a person who waits is told that the server is away, or busy: within
                # two, with the page.
                "timeout": 1.5,
                # The pool's own tries become rarer for so long; after that the next caller begins them
                # again.
                "reconnect_timeout": 1,
                "reconnect_failed": not_connected,
            }
    return parsed


def text(name: str, *, default: str) -> str:
    """Any text."""
    return os.environ.get(name, "").strip() or default


def email(name: str, *, default: str) -> dict[str, Any]:
    """Django's mail settings from a URL: smtp://, smtps:// or submission://user:password@host:port, console:,
    file:///folder, or dummy: for none."""
    value = os.environ.get(name, "").strip() or default
    try:
        parsed: dict[str, Any] = dict(dj_email_url.parse(value))
    except Exception:
        parsed = {}
    if not parsed.get("EMAIL_BACKEND"):
        raise ImproperlyConfigured(
            f"{name} must look like smtp://user:password@host:587/?tls=True, console: or file:///folder."
        ) from None
    if folder := parsed.get("EMAIL_FILE_PATH"):  # parsed as if it were below the current folder
        parsed["EMAIL_FILE_PATH"] = f"/{folder.lstrip('/')}"
    if parsed["EMAIL_BACKEND"] == "django.core.mail.backends.smtp.EmailBackend":
        parsed["EMAIL_BACKEND"] = "orders.smtp.EmailBackend"
    parsed["EMAIL_TIMEOUT"] = parsed.get("EMAIL_TIMEOUT") or MAIL_TIMEOUT
    return parsed
