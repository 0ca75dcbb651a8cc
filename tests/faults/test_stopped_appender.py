"""A process hangs while it holds what every appender needs: others are told so in time, and pages can be
read meanwhile."""

import http.client
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import pytest
from django.db import connection

from accounts.features import Feature
from accounts.models import User
from accounts.tokens import make
from eventstore.database.trouble import Trouble
from eventstore.models import StoredEvent
from operatives.operative import OPERATIVE
from pages.unavailable import DATABASE
from tests import factories
from tests.eventstore.new_events import new_stream
from tests.eventstore.processes import Child
from tests.eventstore.threads import PATIENCE, Beside
from tests.feed.stream_readers import cookies_of
from tests.feed.uvicorn_server import Server
from tests.worker.processes import wait_for

WRITERS, READERS = 32, 20

pytestmark = pytest.mark.django_db(transaction=True)


class Answer(NamedTuple):
    status: int
    body: str
    seconds: float


def ask(port: int, method: str, path: str, headers: dict[str, str], body: object = None) -> Answer:
    began = time.monotonic()
    asked = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        sent = json.dumps(body) if body is not None else None
        asked.request(method, path, sent, {"Content-Type": "application/json", **headers})
        answer = asked.getresponse()
        return Answer(answer.status, answer.read().decode(), time.monotonic() - began)
    finally:
        asked.close()


@pytest.fixture
def site_id() -> UUID:
    return factories.acquire()


@pytest.fixture
def program(root: User) -> dict[str, str]:
    """Headers of a program that may raise work."""
    _, secret = make("Wall board", [Feature.RAISE_WORK], by=root)
    return {"Authorization": f"Bearer {secret}"}


@pytest.fixture
def cookies(control: User) -> dict[str, str]:
    """Headers of a person who reads pages, and had signed in before anything hung."""
    return cookies_of(control)


@pytest.fixture
def stopped() -> Iterator[Child]:
    """A process that hangs in the middle of an append: after its insert, before its commit."""
    with Child("tests.eventstore.child", "append", new_stream()) as child:
        assert child.hear() == "in the middle"
        child.stop()
        yield child


def test_others_are_told_that_it_is_busy_while_pages_are_read(
    site_id: UUID, program: dict[str, str], cookies: dict[str, str], tmp_path: Path, stopped: Child
) -> None:
    body = {"site_ids": [str(site_id)], "title": "Leak", "description": "Tap"}
    before = StoredEvent.objects.count()
    with Server(tmp_path) as server, Beside(WRITERS + 1) as beside:
        writes = [beside.run(ask, server.port, "POST", "/api/work", program, body) for _ in range(WRITERS)]
        pages = [ask(server.port, "GET", "/control/", cookies) for _ in range(READERS)]
        written = [each.result(PATIENCE) for each in writes]
    slowest, longest = (max(each.seconds for each in answers) for answers in (pages, written))
    print(f"the slowest page took {slowest:.2f} s, who was told to try again waited {longest:.2f} s")
    assert {each.status for each in pages} == {200}
    assert {each.status for each in written} == {503}
    assert {json.loads(each.body)["detail"] for each in written} == {DATABASE[Trouble.BUSY].title}
    assert StoredEvent.objects.count() == before


def test_somebody_who_wants_the_stream_of_one_that_stopped_is_told_so_in_time(
    root: User, cookies: dict[str, str], tmp_path: Path
) -> None:
    """It has the turn at a contested stream. Other streams are free, except on SQLite."""
    operative_id = factories.hire()
    _, secret = make("Staff", [Feature.MANAGE_OPERATIVES], by=root)
    program, body = {"Authorization": f"Bearer {secret}"}, {"forename": "Ada", "surname": "King"}
    with Child("tests.eventstore.child", "turn", OPERATIVE.stream(operative_id)) as child:
        assert child.hear() == "in the middle"
        child.stop()
        path = f"/api/operatives/{operative_id}/rename"
        with Server(tmp_path) as server, Beside(WRITERS) as beside:
            writes = [beside.run(ask, server.port, "POST", path, program, body) for _ in range(WRITERS)]
            pages = [ask(server.port, "GET", "/control/", cookies) for _ in range(READERS)]
            written = [each.result(PATIENCE) for each in writes]
            another = ask(server.port, "POST", "/api/operatives", program, body)
    slowest, longest = (max(each.seconds for each in answers) for answers in (pages, written))
    print(f"the slowest page took {slowest:.2f} s, who was told to try again waited {longest:.2f} s")
    assert {each.status for each in pages} == {200}
    assert {each.status for each in written} == {503}
    assert {json.loads(each.body)["detail"] for each in written} == {DATABASE[Trouble.BUSY].title}
    assert another.status == (201 if connection.vendor == "postgresql" else 503)


@pytest.mark.postgresql
def test_the_server_ends_its_transaction_and_others_go_on(
    site_id: UUID, program: dict[str, str], tmp_path: Path, stopped: Child
) -> None:
    """Its session is idle in a transaction for longer than its settings allow; here an impatient
    administrator ends it instead."""
    body = {"site_ids": [str(site_id)], "title": "Leak", "description": "Tap"}
    with connection.cursor() as cursor:
        cursor.execute("SHOW idle_in_transaction_session_timeout")
        assert cursor.fetchone() == ("30s",), "the settings of a command, as the child's"
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND state = 'idle in transaction'"
        )
        assert cursor.fetchall() == [(True,)]
    with Server(tmp_path) as server:

        def goes_on() -> bool:
            return ask(server.port, "POST", "/api/work", program, body).status == 201

        wait_for("others to go on", goes_on)
