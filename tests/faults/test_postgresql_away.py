"""PostgreSQL is away for a while: pages say so in time, and web, worker and feed are back soon after it
returns."""

import http.client
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest

from tests.eventstore.threads import Beside
from tests.faults.cluster import Cluster
from tests.faults.test_postgresql_restarted import projected, run
from tests.feed.stream_readers import Reader
from tests.feed.uvicorn_server import Server
from tests.worker.processes import PATIENCE, Worker, wait_for

OUTAGE = float(os.environ.get("OUTAGE", "4"))
AT_ONCE = 20
"""Pages that are asked for together while it is away: more than a pool has connections."""
TOLD, BACK = 5 * 2.0, 5 * 3.0
"""Seconds within which a page says that it is away, and within which everything is back: five times what
is promised, because the machine may be busy."""

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]  # one of its own


class Somebody:
    """A person who reads pages and acquires sites."""

    def __init__(self, port: int, session: str, secret: str) -> None:
        self._port = port
        self.cookies = {"Cookie": f"sessionid={session}"}
        self._bearer = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}

    def reads(self) -> tuple[int, float]:
        """The status of a page, and in how many seconds it came."""
        return self._ask("GET", "/control/", self.cookies)

    def acquires(self) -> bool:
        site = {"address_line_1": "1 Quay", "town": str(uuid4()), "post_code": "YO21 1AA"}
        body = json.dumps(site | {"telephone_number": "01947 600001"})
        return self._ask("POST", "/api/sites", self._bearer, body)[0] == 201

    def _ask(self, method: str, path: str, headers: dict[str, str], body: str = "") -> tuple[int, float]:
        asked = http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE)
        began = time.monotonic()
        try:
            asked.request(method, path, body or None, headers)
            answer = asked.getresponse()
            answer.read()
            return answer.status, time.monotonic() - began
        finally:
            asked.close()


def migrated(cluster: Cluster, here: dict[str, str]) -> tuple[str, str]:
    """A database with Callout's tables, and the keys of Somebody, who may use it."""
    assert run(here, "manage.py", "migrate", "--verbosity=0").wait(PATIENCE) == 0
    session, secret = run(here, "-m", "tests.faults.somebody").communicate(timeout=PATIENCE)[0].split()
    return session, secret


def since(began: float, what: Callable[[], bool]) -> float:
    """The seconds until it happened."""
    wait_for("what was away to be back", what)
    return time.monotonic() - began


def test_everything_is_back_within_seconds_of_the_server(tmp_path: Path) -> None:
    with Cluster() as cluster:
        here = {"DATABASE_URL": cluster.url, "PROJECTION": "worker"}
        keys = migrated(cluster, here)
        with (
            Worker(tmp_path, **here).started(),
            Server(tmp_path, **here) as server,
            Beside(AT_ONCE) as beside,
        ):
            somebody = Somebody(server.port, *keys)
            assert somebody.acquires()
            wait_for("the page", lambda: projected(cluster) == 1 and somebody.reads()[0] == 200)
            with Reader(server.port, "/api/events/stream", somebody.cookies) as reader:
                told = reader.told()
                next(told)
                cluster.stop()
                away = while_away(somebody, beside)
                cluster.start()
                began = time.monotonic()
                page = beside.run(since, began, lambda: somebody.reads()[0] == 200)
                acquired = since(began, somebody.acquires)
                next(told)
                feed = time.monotonic() - began
                worker = since(began, lambda: projected(cluster) == 2)
            back = {"page": page.result(), "command": acquired, "feed": feed, "worker": worker}
    print(f"away {OUTAGE:.0f} s: told within {max(away):.2f} s, {len(away)} times; back after {back}")
    assert max(away) < TOLD
    assert max(back.values()) < BACK


def while_away(somebody: Somebody, beside: Beside) -> list[float]:
    """How long each page took to say so: many at once, then one after the other."""
    began = time.monotonic()
    answers = [each.result() for each in [beside.run(somebody.reads) for _ in range(AT_ONCE)]]
    while time.monotonic() - began < OUTAGE:
        answers.append(somebody.reads())
        time.sleep(0.2)
    assert {status for status, _ in answers} == {503}
    return [seconds for _, seconds in answers]
