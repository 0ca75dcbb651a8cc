"""Scratch databases, and steps run on them, each in a fresh process with the settings of production.

A fresh process because Django's connection is chosen at its start, and because memory is then its own. Each
database is a copy of one that is migrated once in a run.
"""

import atexit
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Lock
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

SERVER = os.environ.get("TEST_POSTGRES_URL") or "postgres://postgres@127.0.0.1:5432/postgres"
NAME = "callout_bench"
TEMPLATE = f"{NAME}_{os.getpid()}_migrated"

_collecting, _collected = Lock(), Event()


@dataclass(frozen=True)
class Database:
    """An empty, migrated database."""

    vendor: str
    url: str

    def run(self, step: str, *, projection: str = "inline", event_store: str = "", **arguments: Any) -> Any:
        """The answer of one step, named `module:function`, in a process of its own."""
        command = [sys.executable, "-m", "bench.step", step, json.dumps(arguments)]
        environment = self._environment(projection) | {"EVENT_STORE_URL": event_store}
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
        return json.loads(done.stdout.splitlines()[-1])

    def migrate(self) -> None:
        self._django("migrate")

    def collect_static(self) -> None:
        """Give static files the names that pages in production call them by; once for all databases."""
        with _collecting:
            if not _collected.is_set():
                self._django("collectstatic", "--noinput")
                _collected.set()

    def _django(self, *command: str) -> None:
        command = (sys.executable, "-m", "django", *command, "--skip-checks", "--verbosity", "0")
        subprocess.run(command, env=self._environment("inline"), check=True)

    def _environment(self, projection: str) -> dict[str, str]:
        """As in production; with DEBUG, Django would also keep a record of every query."""
        kept = {name: value for name, value in os.environ.items() if name != "DEBUG"}
        return kept | {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "PYTHONPATH": str(Path(__file__).resolve().parent.parent),
            "SECRET_KEY": "of a database that lives for minutes " * 2,
            "ALLOWED_HOSTS": "testserver",
            "DATABASE_URL": self.url,
            "PROJECTION": projection,
        }


@contextmanager
def postgresql(suffix: str = "") -> Iterator[Database]:
    """A database on the server that TEST_POSTGRES_URL names; dropped afterwards. Named after this process,
    for others may measure on the same server."""
    name, template = f"{NAME}_{os.getpid()}{suffix}", _migrated_on_server()
    _on_server("DROP DATABASE IF EXISTS {}", name)
    _on_server("CREATE DATABASE {} TEMPLATE {}", name, template)
    try:
        yield _of_server(name)
    finally:
        _on_server("DROP DATABASE IF EXISTS {}", name)


@cache
def _migrated_on_server() -> str:
    """The name of a database which others are copies of; gone when this process ends."""
    _on_server("DROP DATABASE IF EXISTS {}", TEMPLATE)
    _on_server("CREATE DATABASE {}", TEMPLATE)
    atexit.register(_on_server, "DROP DATABASE IF EXISTS {}", TEMPLATE)
    _of_server(TEMPLATE).migrate()
    return TEMPLATE


def _of_server(name: str) -> Database:
    return Database("PostgreSQL", urlunsplit(urlsplit(SERVER)._replace(path=f"/{name}")))


def _on_server(statement: str, *names: str) -> None:
    with psycopg.connect(SERVER, autocommit=True) as server:
        server.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


@contextmanager
def sqlite(suffix: str = "") -> Iterator[Database]:
    """A file in a temporary folder; TMPDIR says where, and should name a disk, not memory."""
    with TemporaryDirectory(prefix=NAME) as folder:
        path = Path(folder) / f"{NAME}{suffix}.sqlite3"
        shutil.copy(Path(_migrated_file().name) / TEMPLATE, path)
        yield Database("SQLite", f"sqlite:///{path}")


@cache
def _migrated_file() -> "TemporaryDirectory[str]":
    """The folder of a database which others are copies of; gone when this process ends."""
    folder = TemporaryDirectory(prefix=NAME)
    Database("SQLite", f"sqlite:///{Path(folder.name) / TEMPLATE}").migrate()
    return folder


@contextmanager
def protocol_server() -> Iterator[str]:
    """The URL of the tests' own KurrentDB, in a process of its own."""
    command = [sys.executable, "-m", "tests.kurrent"]
    folder = Path(__file__).resolve().parent.parent
    with subprocess.Popen(
        command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        yield server.stdout.readline().strip()
        server.terminate()


def why_no_postgresql() -> str:
    """Why the server cannot be used; empty when it can."""
    try:
        psycopg.connect(SERVER, connect_timeout=3).close()
    except psycopg.OperationalError as error:
        return str(error).splitlines()[0]
    return ""
