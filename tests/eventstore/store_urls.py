"""Stores to move events between, each reached by its URL: what `--from` and `--to` name."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote
from uuid import uuid4

import psycopg
import pytest
from django.db import connection, connections

from eventstore.database.url import parse as parse_database_url
from eventstore.models import StoredEvent
from eventstore.transfer.copy import events_of
from eventstore.transfer.open_store import Opened, opened
from eventstore.transfer.portable import PortableEvent

SQLITE, POSTGRESQL, KURRENT = "SQLite", "PostgreSQL", "KurrentDB"
KINDS = [SQLITE, pytest.param(POSTGRESQL, marks=pytest.mark.postgresql), KURRENT]


class Place(NamedTuple):
    """Where a store is."""

    url: str
    prefix: str

    def opened(self) -> AbstractContextManager[Opened]:
        return opened(self.url, prefix=self.prefix)

    def events(self) -> list[PortableEvent]:
        """All that it holds, in order."""
        with self.opened() as store:
            return list(events_of(store.store, lambda *_: None))


NewPlace = Callable[[str], Place]


@contextmanager
def places(folder: Path, kurrent_url: str) -> Iterator[NewPlace]:
    """Makes empty stores of a kind, which are gone at the end."""
    with ExitStack() as stack:

        def new_place(kind: str) -> Place:
            if kind == KURRENT:
                return Place(kurrent_url, f"test{uuid4().hex}")
            if kind == SQLITE:
                url = f"sqlite:///{folder / f'{uuid4().hex}.sqlite3'}"
            else:
                url = stack.enter_context(database_on_server())
            make_table(url)
            return Place(url, "none")

        yield new_place


def make_table(url: str) -> None:
    """Only the table of events; migrating would take seconds."""
    connections.databases["new"] = connections.configure_settings(
        {**connections.databases, "new": parse_database_url(url)}
    )["new"]
    with connections["new"].schema_editor() as editor:
        editor.create_model(StoredEvent)
    connections["new"].close()
    del connections["new"], connections.databases["new"]


@contextmanager
def database_on_server() -> Iterator[str]:
    """The URL of an empty database beside that of the tests, on the same PostgreSQL server."""
    name = f"moving_{uuid4().hex}"
    with psycopg.connect(server_url("postgres"), autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
        try:
            yield server_url(name)
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def server_url(name: str) -> str:
    """The URL of a database on the server of the tests."""
    configured = connection.settings_dict
    user, password = quote(configured["USER"]), quote(configured["PASSWORD"])
    host, port = configured["HOST"] or "127.0.0.1", configured["PORT"] or 5432
    return f"postgres://{user}{':' * bool(password)}{password}@{host}:{port}/{name}"


def current_url() -> str:
    """The URL of the database of the tests."""
    name = str(connection.settings_dict["NAME"])
    return server_url(name) if connection.vendor == "postgresql" else f"sqlite:///{name}"
