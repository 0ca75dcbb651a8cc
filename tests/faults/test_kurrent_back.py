"""How soon all goes on when KurrentDB is back, or another node leads; how soon a page says that it is away.

The servers are processes of their own, which are killed or stopped. Each test prints what it measured.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from time import monotonic, sleep
from typing import Any
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.test import Client as Browser

from eventstore.current import current_store
from eventstore.kurrent import connection
from eventstore.kurrent.client import Client
from eventstore.kurrent.store import KurrentStore
from eventstore.projections.advance import advance
from eventstore.store import NO_STREAM, Unreachable
from tests import factories
from tests.eventstore.new_events import new_stream, notes
from tests.eventstore.threads import Beside
from tests.kurrent import Server
from tests.kurrent.gossip import Cluster

AWAY = 12
"""Seconds; by then gRPC's own pauses are longer than the promised time."""
BACK = 3.0
"""Seconds within which all goes on, which is promised."""
GENEROUS = 3
"""How many times longer a busy machine may take."""


class ServerProcess:
    """A KurrentDB in a process of its own, at one port."""

    def __init__(self) -> None:
        self._process = self._started()
        assert self._process.stdout
        self.url = self._process.stdout.readline().strip()
        self._port = self.url.partition("?")[0].rpartition(":")[2]

    def _started(self, *arguments: str) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "tests.kurrent", *arguments]
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def kill(self) -> None:
        self._process.kill()
        self._process.communicate()

    def start(self) -> None:
        """Again, when it answers; with an empty log."""
        self._process = self._started("--port", self._port)
        assert self._process.stdout
        self._process.stdout.readline()

    def stop(self) -> None:
        os.kill(self._process.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        os.kill(self._process.pid, signal.SIGCONT)


@pytest.fixture
def process() -> Iterator[ServerProcess]:
    process = ServerProcess()
    yield process
    process.kill()


def test_all_threads_are_back_soon_after_the_server(process: ServerProcess) -> None:
    """They tried all the while, as people do."""
    store, threads = KurrentStore(process.url, prefix="test"), 8
    store.append(new_stream(), NO_STREAM, notes(1))
    process.kill()
    is_back = [False]

    def appended() -> float:
        while True:
            before = is_back[0]
            try:
                store.append(new_stream(), NO_STREAM, notes(1))
            except Unreachable:
                continue
            assert before or is_back[0]
            return monotonic()

    with Beside(threads) as beside:
        waiting = [beside.run(appended) for _ in range(threads)]
        sleep(AWAY)
        is_back[0] = True
        process.start()
        began = monotonic()
        took = [each.result(60) - began for each in waiting]
    print(f"after {AWAY} s away {threads} threads were back after {min(took):.1f} to {max(took):.1f} s")
    assert max(took) < BACK * GENEROUS
    store.close()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("stopped", [False, True], ids=["killed", "stopped"])
def test_a_page_says_soon_that_the_store_is_away(
    process: ServerProcess,
    worker: None,
    settings: LazySettings,
    response_client: Browser,
    administration_client: Browser,
    stopped: bool,
) -> None:
    settings.SERVES_PEOPLE = True
    settings.EVENT_STORE_URL, settings.EVENT_STORE_PREFIX = process.url, f"test{uuid4().hex}"
    current_store.cache_clear()
    site_id = factories.acquire()
    advance()
    call = {"command_id": str(uuid4()), "title": "Lifts", "description": "Stuck", "sites": [str(site_id)]}
    asked: tuple[Callable[[], Any], ...] = (
        lambda: response_client.post("/response/", call),
        lambda: administration_client.get("/events/"),
        lambda: administration_client.get("/health/alarms/"),
    )
    for ask in asked:  # like a server that has been up for a while
        ask()
    while advance():  # the writes while it was away: nobody has to wait for them
        pass
    process.stop() if stopped else process.kill()
    took = []
    for ask in asked:
        began = monotonic()
        assert ask().status_code == 503
        took.append(monotonic() - began)
    print(
        f"while it was {'stopped' if stopped else 'dead'}, pages said so after", *(f"{s:.1f}" for s in took)
    )
    assert max(took) < 2 * GENEROUS
    process.go_on() if stopped else process.start()
    current_store.cache_clear()


def test_where_people_wait_no_try_is_begun_that_would_end_too_late(
    process: ServerProcess, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SERVES_PEOPLE, tries = True, []

    def counted(url: str) -> Any:
        tries.append(url)
        return Client(url)

    monkeypatch.setattr(connection, "Client", counted)
    process.stop()
    with pytest.raises(Unreachable):
        KurrentStore(process.url, prefix="test").read_stream("work-1")
    process.go_on()
    assert len(tries) == 1


def test_when_a_leader_hangs_another_is_used_as_soon_as_it_leads() -> None:
    cluster = Cluster()
    with Server(cluster=cluster) as first, Server(cluster=cluster) as second:
        hosts = ",".join(f"127.0.0.1:{each.port}" for each in (first, second))
        store, stream = KurrentStore(f"esdb://{hosts}?Tls=false", prefix="test"), new_stream()
        store.append(stream, NO_STREAM, notes(1))
        assert (first.appends, second.appends) == (1, 0)
        first.hang(120)

        def appended() -> float:
            while True:
                try:
                    store.append(stream, 0, notes(1))
                    return monotonic()
                except Unreachable:
                    continue

        with Beside(1) as beside:
            waiting = beside.run(appended)
            sleep(2)
            second.lead()
            began = monotonic()
            took = waiting.result(60) - began
        print(f"a second leader was used {took:.1f} s after it led, the first of which hangs")
        assert second.appends >= 1
        assert took < BACK * GENEROUS
        assert len(store.read_stream(stream)) == 2
        first.hang(0)
        store.close()


def test_the_node_that_hung_is_asked_last() -> None:
    from eventstore.kurrent.connection import Nodes

    nodes = Nodes("esdb://me:secret@a:1,b:2,c:3/?Tls=false")
    assert nodes.url == "esdb://me:secret@a:1,b:2,c:3?Tls=false"
    nodes.fail("a:1", leader=None)
    assert nodes.url == "esdb://me:secret@b:2,c:3,a:1?Tls=false"
    nodes.fail("b:2", leader="d:4")
    assert nodes.url == "esdb://me:secret@d:4?Tls=false"
    nodes.fail("d:4", leader=None)
    assert nodes.url == "esdb://me:secret@c:3,a:1,b:2?Tls=false"
    nodes.fail(None, leader=None)
    assert nodes.url == "esdb://me:secret@a:1,b:2,c:3?Tls=false"
