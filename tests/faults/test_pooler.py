"""A pooler that gives sessions away leaks locks: nothing starts behind one, unless it is vouched for."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from eventstore.database.pooler import NO_SESSIONS
from tests.faults.cluster import Cluster
from tests.faults.pooler import Pooler

PROCESSES = {
    "a command": ["manage.py", "migrate", "--verbosity=0"],
    "the worker": ["manage.py", "project", "--follow"],
    "gunicorn": ["-m", "gunicorn", "--config", "config/gunicorn.py", "--bind", "127.0.0.1:0"],
    "uvicorn": ["-m", "uvicorn", "config.asgi:application", "--port", "0"],
    "WSGI": ["-c", "import config.wsgi"],
}
SESSION = """
import config.wsgi
from django.db import connection
from eventstore.database import sql
from eventstore.embedded.subscription import Listener, wake
for row in sql.query("SHOW lock_timeout") + sql.connect().execute("SHOW lock_timeout").fetchall():
    print(row[0])
listener = Listener()
wake()
print(listener.rings_within(10))
"""


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with Cluster() as cluster:
        yield cluster


def python(*arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    """Python as on a production machine, with these variables."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=settings.BASE_DIR,
        env={"PATH": os.environ["PATH"], "SECRET_KEY": "x" * 50, **variables},
        text=True,
        capture_output=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("process", PROCESSES)
def test_nothing_starts_behind_a_pooler_that_gives_sessions_away(process: str, cluster: Cluster) -> None:
    with Pooler(cluster.url, "transaction", ignoring_options=process != "a command") as pooler:
        ended = python(*PROCESSES[process], DATABASE_URL=pooler.url)
    assert ended.returncode != 0
    assert ended.stderr.splitlines()[-1] == f"DATABASE_URL{NO_SESSIONS}"
    assert "Traceback" not in ended.stderr


def test_a_pooler_that_keeps_sessions_is_distinguished_by_the_setting(cluster: Cluster) -> None:
    with Pooler(cluster.url, "session", ignoring_options=False) as pooler:
        refused = python("-c", SESSION, DATABASE_URL=pooler.url)
        assert refused.stderr.splitlines()[-1] == f"DATABASE_URL{NO_SESSIONS}"
        kept = python("-c", SESSION, DATABASE_URL=pooler.url, DATABASE_POOLER="session")
    assert kept.stdout.split() == ["2s", "2s", "True"], kept.stderr


def test_events_are_copied_through_a_pooler_only_if_it_keeps_sessions(
    cluster: Cluster, tmp_path: Path
) -> None:
    here = f"sqlite:///{tmp_path / 'callout.sqlite3'}"
    for place in (here, cluster.url):
        made = python("manage.py", "migrate", "--verbosity=0", DATABASE_URL=place)
        assert made.returncode == 0, made.stderr

    def copied(pooler: Pooler, direction: tuple[str, str], **setting: str) -> tuple[int, str]:
        urls = dict(zip(direction, (pooler.url, here), strict=True))
        given = [word for name, url in urls.items() for word in (f"--{name}", url)]
        ended = python("manage.py", "copy_events", *given, DATABASE_URL=here, **setting)
        return ended.returncode, ended.stdout + ended.stderr

    for direction in (("from", "to"), ("to", "from")):
        with Pooler(cluster.url, "transaction", ignoring_options=True) as pooler:
            status, told = copied(pooler, direction)
        assert status == 1
        assert f"{pooler.url.replace('callout@', '')}{NO_SESSIONS}" in told
        with Pooler(cluster.url, "session", ignoring_options=False) as pooler:
            assert copied(pooler, direction)[0] == 1
            status, told = copied(pooler, direction, DATABASE_POOLER="session")
        assert status == 0, told


def test_without_a_pooler_nothing_is_asked(cluster: Cluster) -> None:
    direct = python("-c", SESSION, DATABASE_URL=cluster.url)
    assert direct.stdout.split() == ["2s", "2s", "True"], direct.stderr
