"""A store opened by its URL, beside the one that the settings name."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections, transaction

from eventstore.database.pooler import NO_SESSIONS, gives_no_sessions
from eventstore.database.url import parse as parse_database_url
from eventstore.embedded.store import EmbeddedStore
from eventstore.kurrent.store import KurrentStore
from eventstore.models import StoredEvent
from eventstore.store import EventStore, NewEvent
from eventstore.transfer.portable import CannotMove

_numbers = count(1)


@dataclass(frozen=True)
class Opened:
    """A store, its name without the password, and whether it is the one that the settings name.

    `together` makes one transaction of many appends, and `pour` one call, if the store has that: a commit
    for each would wait for the disk each time. Appends ring no bell and project nothing.
    """

    store: EventStore
    name: str
    is_current: bool = False
    together: Callable[[], AbstractContextManager[Any]] = field(default=nullcontext)
    pour: Callable[[Sequence[tuple[str, int, Sequence[NewEvent]]]], None] | None = None


@contextmanager
def opened(url: str, *, prefix: str) -> Iterator[Opened]:
    """The store at sqlite:///path, postgres://... or esdb://...; there its streams are under `prefix`.

    Raises CannotMove if the URL cannot be read, if it leads to a pooler that does not keep sessions
    (DATABASE_POOLER applies to it too), or if there is no table of events.
    """
    if url.partition("://")[0] in {"esdb", "esdb+discover"}:
        with _kurrent(url, prefix) as store:
            yield store
        return
    try:
        configured = parse_database_url(url, is_pooled=settings.DATABASE_POOLER == "session")
    except ValueError:  # the error's text may contain the password
        raise CannotMove(f"{without_password(url)} is none of {KINDS}. {QUOTE}") from None
    with _embedded(configured, without_password(url)) as store:
        yield store


KINDS = "sqlite:///path, postgres://user:password@host:port/name, esdb://host:port?Tls=true"
QUOTE = "Unusual characters in a password are written as %XX."


@contextmanager
def opened_current() -> Iterator[Opened]:
    """The store that the settings name, to be filled."""
    if settings.EVENT_STORE_URL:
        with _kurrent(settings.EVENT_STORE_URL, settings.EVENT_STORE_PREFIX) as store:
            yield store
        return
    with _embedded(connections[DEFAULT_DB_ALIAS].settings_dict, "The database") as store:
        yield store


def without_password(url: str) -> str:
    """The URL without user, password and options."""
    return re.sub(r"^([\w+]*://)?.*@", r"\1", url, flags=re.DOTALL).partition("?")[0]


@contextmanager
def _kurrent(url: str, prefix: str) -> Iterator[Opened]:
    name = f"{without_password(url)} under {prefix}"
    try:
        store = KurrentStore(url, prefix=prefix)
    except ValueError:  # the error's text may contain the password
        raise CannotMove(f"{name} cannot be read as the URL of a KurrentDB server. {QUOTE}") from None
    is_current = (url, prefix) == (settings.EVENT_STORE_URL, settings.EVENT_STORE_PREFIX)
    try:
        yield Opened(store, name, is_current, pour=store.pour)
    finally:
        store.close()


@contextmanager
def _embedded(configured: dict[str, Any], name: str) -> Iterator[Opened]:
    """On a connection of its own, also for the current store: only the default connection projects."""
    alias = f"moving {next(_numbers)}"
    connections.databases[alias] = connections.configure_settings(
        {**connections.databases, alias: configured.copy()}
    )[alias]
    try:
        _check(alias, name)
        together = partial(transaction.atomic, using=alias)
        yield Opened(EmbeddedStore(alias), name, _is_current(alias), together)
    finally:
        connections[alias].close()
        del connections[alias], connections.databases[alias]


def _check(alias: str, name: str) -> None:
    """Raises CannotMove unless the database exists, has a table of events, and keeps sessions."""
    if gives_no_sessions(alias):
        raise CannotMove(f"{name}{NO_SESSIONS}")
    database = connections[alias]
    path = Path(database.settings_dict["NAME"])
    if database.vendor == "sqlite" and not path.is_file():  # SQLite would make an empty one
        raise CannotMove(f"{name}: there is no such file. {MIGRATE}")
    table = StoredEvent._meta.db_table
    if table not in database.introspection.table_names():
        raise CannotMove(f"{name} has no table of events. {MIGRATE}")
    with database.cursor() as cursor:
        columns = {each.name for each in database.introspection.get_table_description(cursor, table)}
    if not {each.column for each in StoredEvent._meta.fields} <= columns:
        raise CannotMove(f"{name} has the table of events of another version. {MIGRATE}")


MIGRATE = "DATABASE_URL=<that URL> manage.py migrate prepares a database."


def _is_current(alias: str) -> bool:
    return not settings.EVENT_STORE_URL and _place(alias) == _place(DEFAULT_DB_ALIAS)


def _place(alias: str) -> tuple[str, ...]:
    """What distinguishes a database from others."""
    configured = connections[alias].settings_dict
    if connections[alias].vendor == "sqlite":
        return (str(Path(configured["NAME"]).resolve()),)
    return str(configured["NAME"]), configured["HOST"], str(configured["PORT"] or 5432)
