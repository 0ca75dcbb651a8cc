"""PostgreSQL is restarted under the worker and the writers, in mid-stream: nothing is lost or comes twice.

On a cluster of the test's own; the worker and everybody else are processes, with that cluster as theirs.
"""

import subprocess
import sys
from collections import Counter
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from django.conf import settings

from tests.faults.cluster import Cluster
from tests.worker.extras import caretaker_of
from tests.worker.processes import PATIENCE, Worker, environment, project, wait_for

SITES = 300
RESTARTS = 2


def run(variables: dict[str, str], *command: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, *command],
        cwd=settings.BASE_DIR,
        env=environment() | variables,
        stdout=subprocess.PIPE,
        text=True,
    )


def rows(cluster: Cluster, query: str) -> list[tuple[object, ...]]:
    """The rows of a query, on a connection of its own."""
    with psycopg.connect(cluster.url) as connection:
        return connection.execute(query.encode()).fetchall()


def projected(cluster: Cluster) -> int:
    try:
        return len(rows(cluster, "SELECT site_id FROM readmodels_siterow"))
    except psycopg.OperationalError:
        return 0


def stand(cluster: Cluster) -> bool:
    """Whether all read models are at the end of the store."""
    query = (
        "SELECT (SELECT max(position) FROM eventstore_storedevent) - min(position) FROM eventstore_checkpoint"
    )
    return rows(cluster, query) == [(0,)]


@pytest.mark.anywhere
@pytest.mark.django_db
def test_a_restart_in_mid_stream_loses_nothing_and_repeats_nothing(tmp_path: Path) -> None:
    with Cluster() as cluster:
        here = {"DATABASE_URL": cluster.url, "PROJECTION": "worker"}
        assert run(here, "manage.py", "migrate", "--verbosity=0").wait(PATIENCE) == 0
        with Worker(tmp_path, **here).started() as worker:
            acquirer = run(here, "-m", "tests.faults.acquirer", str(SITES))
            for number in range(1, RESTARTS + 1):
                so_far = number * SITES // (RESTARTS + 2)
                wait_for("some sites", lambda: projected(cluster) >= so_far)  # noqa: B023
                assert acquirer.poll() is None, "too late: everything was acquired before the restart"
                cluster.restart()
            said = acquirer.communicate(timeout=PATIENCE)[0]
            acknowledged = {UUID(line) for line in said.split()}
            assert len(acknowledged) == SITES
            wait_for("all of them", lambda: projected(cluster) == SITES and stand(cluster))
            assert worker.terminate() == 0
        assert "Cannot go on (OperationalError" in worker.log
        check(cluster, here, acknowledged)


def check(cluster: Cluster, here: dict[str, str], acknowledged: set[UUID]) -> None:
    """Each site and each caretaker is there once, nothing is parked, and the read models are as a replay."""
    assert {row[0] for row in rows(cluster, "SELECT site_id FROM readmodels_siterow")} == acknowledged
    streams = [row[0] for row in rows(cluster, "SELECT stream FROM eventstore_storedevent")]
    expected = {f"site-{each}" for each in acknowledged}
    expected |= {f"operative-{caretaker_of(each)}" for each in acknowledged}
    assert Counter(streams) == Counter(expected)
    assert rows(cluster, "SELECT error FROM eventstore_parkedevent") == []
    verified = run(here, "manage.py", "verify")
    told = verified.communicate(timeout=PATIENCE)[0]
    assert verified.returncode == 0, told
    status = project("--status", **here)
    assert status.returncode == 0, status.stderr
