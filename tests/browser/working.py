"""A worker as in production: `manage.py project --follow`, a process of its own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

from django.conf import settings
from django.db import connection

PATIENCE = 30
"""Seconds for it to finish what it is doing once it is told to stop."""


@contextmanager
def worker_process() -> Iterator[None]:
    """It runs as long as this block."""
    environment = os.environ | {"DATABASE_URL": database_url(), "PROJECTION": "worker", "DEBUG": "1"}
    process = subprocess.Popen(
        [sys.executable, "manage.py", "project", "--follow"], cwd=settings.BASE_DIR, env=environment
    )
    try:
        yield
    finally:
        process.terminate()
        assert process.wait(PATIENCE) == 0


def database_url() -> str:
    """The test database, as DATABASE_URL names it to a child process."""
    configured = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{configured['NAME']}"
    user, password = quote(configured["USER"]), quote(configured["PASSWORD"])
    host, port = configured["HOST"] or "127.0.0.1", configured["PORT"] or 5432
    return f"postgres://{user}{':' * bool(password)}{password}@{host}:{port}/{configured['NAME']}"
