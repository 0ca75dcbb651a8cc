"""A worker as in production: `manage.py project --follow`, a process of its own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from tests.eventstore.places import current_url

PATIENCE = 30
"""Seconds for it to finish what it is doing once it is told to stop."""


@contextmanager
def worker_process() -> Iterator[None]:
    """It runs as long as this block."""
    environment = os.environ | {"DATABASE_URL": current_url(), "PROJECTION": "worker", "DEBUG": "1"}
    process = subprocess.Popen(
        [sys.executable, "manage.py", "project", "--follow"], cwd=settings.BASE_DIR, env=environment
    )
    try:
        yield
    finally:
        process.terminate()
        assert process.wait(PATIENCE) == 0
