"""Every event by position: all of them, once and in order, whoever writes meanwhile."""

import asyncio
import http.client
import json
import random
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test import Client

from accounts.models import User
from api.api import api
from api.reads import FARTHEST
from eventstore.embedded.store import EmbeddedStore
from eventstore.feed import broadcast
from eventstore.kurrent.store import WINDOW, WINDOWS, KurrentStore
from eventstore.store import EventStore, RecordedEvent
from tests import factories
from tests.api.calls import ask, faults_of, problem_of
from tests.eventstore.new_events import new_stream, note, notes
from tests.eventstore.threads import PATIENCE, Beside, until_done_or
from tests.feed.conftest import may_see, server
from tests.feed.uvicorn_server import Server
from tests.worker.processes import wait_for

__all__ = ["may_see", "server"]

TYPES = ["OperativeHired", "SiteAcquired", "WorkRaised"]
Headers = dict[str, str]


def stored() -> list[RecordedEvent]:
    return EmbeddedStore().read_all(0, 100_000)


def read(browser: Client, **asked: Any) -> Any:
    answer = ask(browser, f"/events?{urlencode(asked)}")
    assert answer.status_code == 200, answer.content
    return answer.json()


# --- What is there -----------------------------------------------------------------------------------


@pytest.mark.django_db
def test_an_event_is_told_with_all_that_is_known_of_it(administration_client: Client) -> None:
    ada = factories.hire()
    (event,) = stored()
    told = read(administration_client)
    assert told == {
        "items": [
            {
                "id": str(event.id),
                "stream": f"operative-{ada}",
                "version": 0,
                "position": event.position,
                "type": "OperativeHired",
                "schema_version": 1,
                "data": {"operative_id": str(ada), "forename": "Ada", "surname": "Lovelace"},
                "actor": "user-0",
                "correlation_id": str(event.correlation_id),
                "causation_id": str(event.causation_id),
                "occurred_at": event.occurred_at.isoformat(),
                "recorded_at": event.recorded_at.isoformat(),
            }
        ],
        "position": event.position,
        "more": False,
        "next": f"/api/events?after={event.position}",
    }


@pytest.mark.django_db
@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_pages_follow_each_other_to_the_end_and_wait_there(limit: int, administration_client: Client) -> None:
    for _ in range(3):
        factories.raise_work()
    address, found, more = f"/api/events?limit={limit}&types=WorkRaised,SiteAcquired", [], True
    while more:
        answer = ask(administration_client, address)
        told = answer.json()
        assert answer.headers["Link"] == f'<{told["next"]}>; rel="next"'
        assert len(told["items"]) <= limit
        found += [each["position"] for each in told["items"]]
        address, more = told["next"], told["more"]
    assert found == [each.position for each in stored()]
    assert ask(administration_client, address).json()["items"] == []
    factories.acquire()
    assert [each["type"] for each in ask(administration_client, address).json()["items"]] == ["SiteAcquired"]


@pytest.mark.django_db
def test_a_filter_moves_on_over_what_it_leaves_out(administration_client: Client) -> None:
    factories.hire()
    factories.acquire()
    told = read(administration_client, types="WorkRaised")
    assert (told["items"], told["position"]) == ([], stored()[-1].position)
    assert told["next"] == f"/api/events?types=WorkRaised&after={told['position']}"


@pytest.mark.django_db
def test_a_page_that_is_the_same_is_not_sent_again(administration_client: Client) -> None:
    factories.hire()
    tag = ask(administration_client, "/events").headers["ETag"]
    assert ask(administration_client, "/events", If_None_Match=tag).status_code == 304
    factories.hire()
    assert ask(administration_client, "/events", If_None_Match=tag).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/events", "/events/stream"])
@pytest.mark.parametrize("after", ["one more", FARTHEST])
def test_a_position_that_the_store_has_not_come_to_is_refused(
    path: str, after: str | int, administration_client: Client
) -> None:
    """A reader that waited there would miss all that happened until the store reached the position."""
    factories.hire()
    beyond = stored()[-1].position + 1 if after == "one more" else after
    faults = faults_of(ask(administration_client, f"{path}?after={beyond}&wait=30"))
    assert list(faults) == ["after"]
    assert "restored from a copy" in faults["after"]


@pytest.mark.django_db
def test_a_store_without_events_is_where_it_begins(administration_client: Client) -> None:
    assert read(administration_client, after=0)["position"] == 0
    assert list(faults_of(ask(administration_client, "/events?after=1"))) == ["after"]


@pytest.fixture
def others_after_ours(kurrent_url: str, kurrent: EventStore) -> Iterator[None]:
    """So many foreign events that KurrentDB tells a follower of a position beyond our newest event."""
    factories.hire()
    others = KurrentStore(kurrent_url, prefix=f"others{uuid4().hex}")
    others.append(new_stream(), -1, notes(WINDOW * WINDOWS))
    followed = kurrent.subscribe(kurrent.head())
    passed = followed.next(1, PATIENCE)
    followed.close()
    others.close()
    assert passed is not None
    assert passed.position > kurrent.head()
    yield
    wait_for("the follower to end", lambda: not is_waiting())


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("types", ["", "WorkRaised"])
def test_no_page_leads_to_a_position_that_is_refused(
    types: str, kurrent: EventStore, others_after_ours: None, administration_client: Client
) -> None:
    address = f"/api/events?types={types}&wait=0.1"
    for _ in range(3):
        told = ask(administration_client, address)
        assert told.status_code == 200, told.content
        assert told.json()["position"] == kurrent.head()
        address = told.json()["next"]
    ours = factories.acquire()
    told = read(administration_client, after=told.json()["position"])
    assert [each["stream"] for each in told["items"]] == [f"site-{ours}"]


@pytest.mark.django_db(transaction=True)
def test_no_silence_of_the_stream_names_a_position_that_is_refused(
    kurrent: EventStore, others_after_ours: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broadcast, "SILENCE", 0.05)
    head = kurrent.head()

    async def position_in_silence() -> int:
        shared = broadcast.broadcast()
        async for part in shared.read(head):
            if shared.ring is not None and shared.ring.tail > head and not part.entries:
                return part.position
        raise AssertionError("the feed has ended")

    assert asyncio.run(position_in_silence()) == head


@pytest.mark.django_db(transaction=True)
def test_events_in_kurrentdb_are_read_the_same_way(
    kurrent: EventStore, administration_client: Client
) -> None:
    for _ in range(3):
        factories.hire()
    address, found, more = "/api/events?limit=2", [], True
    while more:
        told = ask(administration_client, address).json()
        found += [each["position"] for each in told["items"]]
        address, more = told["next"], told["more"]
    assert found == [each.position for each in kurrent.read_all(0, 100)]
    assert len(found) == 3
    assert ask(administration_client, address).json()["items"] == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("after=-1", "after"),
        ("after=x", "after"),
        ("after=" + "9" * 30, "after"),
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("wait=-1", "wait"),
        ("wait=31", "wait"),
        ("wait=nan", "wait"),
        ("wait=inf", "wait"),
        ("types=WorkRaised,Sung", "types"),
        ("types=%00", "types"),
        ("types=" + "WorkRaised," * 200, "types"),
    ],
)
def test_events_asked_for_wrongly(query: str, field: str, administration_client: Client) -> None:
    faults = faults_of(ask(administration_client, f"/events?{query}"))
    assert set(faults) == {field}
    if query.endswith("Sung"):
        assert faults[field] == "No event is called Sung"


@pytest.mark.django_db
def test_events_are_for_those_who_may_see_them(control_client: Client, client: Client) -> None:
    problem_of(ask(control_client, "/events?after=soon"), 403)
    problem_of(ask(client, "/events"), 401)


# --- What comes --------------------------------------------------------------------------------------


class Reader:
    """A program that reads on from its position, and is cut off now and then."""

    def __init__(self, port: int, headers: Headers, chance: random.Random) -> None:
        self._port, self._headers, self._chance = port, headers, chance
        self.position, self.heard = 0, list[int]()

    def read(self, types: str) -> None:
        """One page, of which nothing is known unless all of it has come."""
        asked = {"after": self.position, "limit": self._chance.randint(1, 9), "wait": 1}
        if types:
            asked["types"] = types  # type: ignore[assignment]
        server = http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE)
        try:
            server.request("GET", f"/api/events?{urlencode(asked)}", headers=self._headers)
            if self._chance.random() < 0.2:
                return  # cut off before an answer
            answer = server.getresponse()
            assert answer.status == 200, answer.read()
            if self._chance.random() < 0.2:
                answer.read(self._chance.randint(1, 60))
                return  # cut off within it
            told = json.loads(answer.read())
        finally:
            server.close()
        self.heard += [each["position"] for each in told["items"]]
        assert told["position"] >= self.position
        self.position = told["position"]


def write(chance: random.Random) -> None:
    """Write streams of its own; some are rolled back, some take long to commit."""
    for _ in range(20):
        events = [note(event_type=chance.choice(TYPES)) for _ in range(chance.randint(1, 3))]
        with transaction.atomic():
            EmbeddedStore().append(new_stream(), -1, events)
            if connection.vendor == "postgresql":
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_sleep(%s)", [chance.choice([0, 0, 0.002, 0.01])])
            transaction.set_rollback(chance.random() < 0.2)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("types", ["", "WorkRaised", "SiteAcquired,OperativeHired"])
@pytest.mark.parametrize("seed", [1, 2])
def test_a_reader_that_is_cut_off_at_random_sees_every_event_once_and_in_order(
    seed: int, types: str, worker: None, may_see: Headers, tmp_path: Path
) -> None:
    with Server(tmp_path, API_RATE="1000/s") as server, Beside(4) as beside:
        reader = Reader(server.port, may_see, random.Random(f"{seed} {types}"))
        writers = [beside.run(write, random.Random(f"{seed} {number}")) for number in range(4)]
        while not done(writers) or reader.position < stored()[-1].position:
            reader.read(types)
    wanted = types.split(",") if types else TYPES
    assert reader.heard == [each.position for each in stored() if each.type in wanted]
    assert len(reader.heard) > 10


def done(writers: list[Future[None]]) -> bool:
    """Whether all are done. Raises what any has raised."""
    return all(each.result() is None for each in writers if each.done()) and all(
        each.done() for each in writers
    )


def is_waiting() -> bool:
    """Whether somebody in this process waits for events."""
    return any(each.name == "follower of the feed" for each in threading.enumerate())


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("types", ["", "SiteAcquired"])
def test_somebody_who_waits_is_told_as_soon_as_there_is_something(
    types: str, administration_client: Client
) -> None:
    factories.hire()
    with Beside(1) as beside:
        after = stored()[-1].position
        waiting = beside.run(read, administration_client, after=after, wait=30, types=types)
        until_done_or(is_waiting, waiting)
        assert not waiting.done()
        if types:
            factories.hire()
        factories.acquire()
        told = waiting.result(PATIENCE)
    assert [each["type"] for each in told["items"]][-1] == "SiteAcquired"
    wait_for("the follower to end", lambda: not is_waiting())


@pytest.mark.django_db(transaction=True)
def test_somebody_who_waits_in_vain_is_answered_in_the_end(administration_client: Client) -> None:
    factories.hire()
    after = stored()[-1].position
    told = read(administration_client, after=after, wait=0.1)
    assert (told["items"], told["position"], told["more"]) == ([], after, False)
    wait_for("the follower to end", lambda: not is_waiting())


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_somebody_who_waits_keeps_no_connection_from_others(may_see: Headers, tmp_path: Path) -> None:
    """Of the two connections, one belongs to the follower of the feed."""
    factories.hire()
    address = f"/api/events?after={stored()[-1].position}"
    with Server(tmp_path, DATABASE_POOL="2") as server, Beside(2) as beside:
        waiting = [beside.run(get, server.port, f"{address}&wait=30", may_see) for _ in range(2)]
        for _ in range(20):
            assert get(server.port, address, may_see)["items"] == []
        assert not any(each.done() for each in waiting)
        factories.acquire()
        told = [each.result(PATIENCE)["items"] for each in waiting]
    assert [[each["type"] for each in items] for items in told] == [["SiteAcquired"]] * 2


@pytest.mark.django_db(transaction=True)
def test_somebody_who_waits_is_answered_when_the_server_is_told_to_stop(
    server: Server, may_see: Headers
) -> None:
    factories.hire()
    address = f"/api/events?after={stored()[-1].position}"
    with Beside(1) as beside:
        get(server.port, address, may_see)
        waiting = beside.run(get, server.port, f"{address}&wait=30", may_see)
        for _ in range(5):
            get(server.port, address, may_see)
        server.stop_gently()
        assert waiting.result(PATIENCE)["items"] == []


def get(port: int, address: str, headers: Headers) -> Any:
    """One answer."""
    server = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        server.request("GET", address, headers=headers)
        answer = server.getresponse()
        text = answer.read()
        assert answer.status == 200, text
        return json.loads(text)
    finally:
        server.close()


# --- What is said of the stream ----------------------------------------------------------------------


def test_the_stream_is_described_beside_it() -> None:
    schema = api.get_openapi_schema()
    page, stream = (schema["paths"][f"/api/events{each}"]["get"] for each in ("", "/stream"))
    assert list(stream["responses"][200]["content"]) == ["text/event-stream"]
    assert set(stream["responses"]) == {200, 400, 401, 403, 429, 501}
    assert [each["name"] for each in stream["parameters"]] == ["Last-Event-ID", "after", "types"]
    assert stream["tags"] == page["tags"]
    assert stream["security"] == page["security"]
    assert "Needs the feature See events" in stream["description"]


@pytest.mark.django_db
@pytest.mark.parametrize(("after", "status"), [("soon", 400), ("0", 501)])
def test_the_stream_fails_as_it_says(after: str, status: int, administration_client: Client) -> None:
    """The test client speaks WSGI."""
    problem_of(ask(administration_client, f"/events/stream?after={after}"), status)


@pytest.mark.django_db
def test_the_stream_is_for_those_who_may_see_events(control_client: Client, client: Client) -> None:
    problem_of(ask(control_client, "/events/stream"), 403)
    problem_of(ask(client, "/events/stream"), 401)


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["HEAD", "POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("is_signed_in", [False, True])
def test_the_stream_is_only_asked_for(method: str, is_signed_in: bool, administration: User) -> None:
    """Any other method gets that answer, even without the cookie `csrftoken`."""
    browser = Client(enforce_csrf_checks=True)
    if is_signed_in:
        browser.force_login(administration)
    answer = browser.generic(method, "/api/events/stream", content_type="application/json")
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET"
    assert answer.headers["Content-Type"] == "application/problem+json"
