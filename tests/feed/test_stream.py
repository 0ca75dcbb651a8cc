"""`GET /api/events/stream`, from a server that is a process of its own."""

import asyncio
import http.client
import json
import random
import signal
from itertools import islice
from pathlib import Path

import pytest
from django.test import Client

from accounts.features import Feature
from accounts.models import User
from accounts.tokens import make, revoke
from eventstore.embedded.store import EmbeddedStore
from tests import factories
from tests.eventstore.new_events import new_stream, note, notes
from tests.eventstore.threads import Beside
from tests.feed.stream_readers import Reader, cookies_of, positions
from tests.feed.uvicorn_server import Server
from tests.worker.processes import PATIENCE, wait_for

PATH = "/api/events/stream"
Headers = dict[str, str]

pytestmark = pytest.mark.django_db(transaction=True)


def append(times: int, *, each: int = 1) -> None:
    """Streams of their own, in an append each."""
    for _ in range(times):
        EmbeddedStore().append(new_stream(), -1, notes(each))


def all_positions() -> list[int]:
    return [each.position for each in EmbeddedStore().read_all(0, 100_000)]


@pytest.mark.parametrize("projection", ["inline", "worker"])
def test_a_reader_that_is_cut_off_at_random_hears_of_every_event_once_and_in_order(
    projection: str, server: Server, may_see: Headers, request: pytest.FixtureRequest
) -> None:
    if projection == "worker":
        request.getfixturevalue("worker")
    expected = 360
    heard: list[int] = []
    chance = random.Random(7)
    with Beside() as beside:
        writers = [beside.run(append, 60, each=2) for _ in range(3)]
        while len(heard) < expected:
            after = heard[-1] if heard else 0
            wanted = min(chance.randint(1, 30), expected - len(heard))
            with Reader(server.port, PATH, may_see, after=after) as reader:
                heard += [each.id for each in islice(reader.told(), wanted)]
        for each in writers:
            each.result()
    assert heard == all_positions()


def test_each_event_is_told_with_all_that_is_known_of_it(server: Server, may_see: Headers) -> None:
    append(1)
    stored = EmbeddedStore().read_all(0, 10)[-1]
    with Reader(server.port, f"{PATH}?after={stored.position - 1}", may_see) as reader:
        told = next(reader.told())
    assert told == (
        stored.position,
        "Noted",
        {
            "id": str(stored.id),
            "stream": stored.stream,
            "version": 0,
            "position": stored.position,
            "type": "Noted",
            "schema_version": 1,
            "data": {"text": "0"},
            "actor": "user-1",
            "correlation_id": str(stored.correlation_id),
            "causation_id": str(stored.causation_id),
            "occurred_at": stored.occurred_at.isoformat(),
            "recorded_at": stored.recorded_at.isoformat(),
        },
    )


def test_only_the_wanted_types_are_told_from_before_and_live(server: Server, may_see: Headers) -> None:
    def begin_three() -> None:
        ada = factories.hire()
        factories.rename(ada, "Ada", "King")
        factories.acquire()

    begin_three()
    wanted = ["OperativeHired", "SiteAcquired"]
    with Reader(server.port, f"{PATH}?types={','.join(wanted)}", may_see) as reader:
        told = reader.told()
        before = [each.type for each in islice(told, 2)]
        begin_three()
        assert [*before, *[each.type for each in islice(told, 2)]] == wanted * 2


def raise_by_api(port: int, headers: Headers, jobs: int) -> None:
    """Commands through the same server that serves the streams."""
    asking = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    site = str(factories.acquire())
    for number in range(jobs):
        body = json.dumps({"title": f"Job {number}", "description": "By telephone", "site_ids": [site]})
        asking.request("POST", "/api/work", body, headers | {"Content-Type": "application/json"})
        answer = asking.getresponse()
        assert answer.status == 201, answer.read()
        answer.read()
    asking.close()


def test_two_hundred_readers_at_once_hear_of_all_that_is_commanded_meanwhile(
    may_see: Headers, root: User, tmp_path: Path
) -> None:
    _, secret = make("Front desk", [Feature.RAISE_WORK], by=root)
    before = len(all_positions())

    async def everybody(beside: Beside) -> list[list[int]]:
        opened = [asyncio.Event() for _ in range(200)]
        reading = [
            asyncio.create_task(
                positions(server.port, f"{PATH}?after=0", may_see, count=before + 62, opened=each)
            )
            for each in opened
        ]
        await asyncio.gather(*[each.wait() for each in opened])
        program = {"Authorization": f"Bearer {secret}"}
        writing = [beside.run(raise_by_api, server.port, program, 30) for _ in range(2)]
        await asyncio.gather(*[asyncio.wrap_future(each) for each in writing])
        return await asyncio.gather(*reading)

    with Server(tmp_path, STREAMS_AT_ONCE="200") as server, Beside() as beside:
        heard = beside.run(lambda: asyncio.run(everybody(beside))).result(2 * PATIENCE)
    assert len(heard) == 200
    assert all(each == all_positions() for each in heard)


def test_silence_is_broken_now_and_then_with_the_position(may_see: Headers, tmp_path: Path) -> None:
    append(1)
    last = all_positions()[-1]
    with (
        Server(tmp_path, SILENCE="0.2") as server,
        Reader(server.port, f"{PATH}?types=WorkRaised", may_see) as reader,
    ):
        lines = (each for each in reader.lines() if not each.startswith("retry") and each != "\n")
        assert [next(lines), next(lines)] == [": nothing new\n", f"id: {last}\n"]
        assert next(lines) == ": nothing new\n"


def append_large(times: int) -> None:
    """Events that soon fill the buffers between the server and a client that does not read."""
    for _ in range(times):
        EmbeddedStore().append(new_stream(), -1, [note("x" * 20_000)])


def test_somebody_who_reads_too_slowly_is_cut_off_and_told_where_to_go_on_and_nobody_else_is(
    may_see: Headers, tmp_path: Path
) -> None:
    append(1)
    with (
        Server(tmp_path, SIZE="20", PATIENCE="600") as server,
        Reader(server.port, PATH, may_see, buffer=4096) as slow,
        Reader(server.port, PATH, may_see) as other,
    ):
        slowly, quickly = slow.told(), other.told()
        heard = [next(slowly).id]
        next(quickly)
        for _ in range(100):
            append_large(5)
            assert [each.type for each in islice(quickly, 5)] == ["Noted"] * 5

        *more, last = list(slowly)
        heard += [each.id for each in more]
        assert (last.type, last.id, last.data["position"]) == ("cut-off", heard[-1], heard[-1])
        assert len(heard) < 501
        with Reader(server.port, PATH, may_see, after=last.id) as again:
            heard += [each.id for each in islice(again.told(), 501 - len(heard))]
    assert heard == all_positions()


def test_somebody_who_never_reads_is_let_go_of(may_see: Headers, tmp_path: Path) -> None:
    with (
        Server(tmp_path, PATIENCE="0.5") as server,
        Reader(server.port, PATH, may_see, buffer=4096) as reader,
        Beside() as beside,
    ):
        writing = beside.run(append_large, 500)
        wait_for("the answer to end", lambda: f"GET {PATH} 200" in server.log)
        writing.result()
        with pytest.raises((ConnectionError, http.client.HTTPException)):
            list(reader.told())
        assert "Traceback" not in server.log


def test_a_stream_has_its_time_and_goes_on_after_it(may_see: Headers, tmp_path: Path) -> None:
    heard: list[int] = []
    with Server(tmp_path, LIFE="0.2", SILENCE="0.1") as server:
        for expected in (1, 2, 3):
            append(1)
            while len(heard) < expected:
                after = heard[-1] if heard else None
                with Reader(server.port, PATH, may_see, after=after) as reader:
                    heard += [each.id for each in reader.told()]
    assert heard == all_positions()


def test_open_streams_end_when_the_server_is_told_to_stop(server: Server, may_see: Headers) -> None:
    append(1)
    with Reader(server.port, PATH, may_see) as reader:
        told = reader.told()
        next(told)
        server.stop_gently()
        assert list(told) == []
    assert server.ended() in (0, -signal.SIGTERM)


@pytest.mark.parametrize(("feature", "status"), [(Feature.SEE_EVENTS, 200), (Feature.RAISE_WORK, 403)])
def test_a_program_reads_with_its_token(feature: Feature, status: int, server: Server, root: User) -> None:
    _, secret = make("Warehouse", [feature], by=root)
    assert Reader(server.port, PATH, {"Authorization": f"Bearer {secret}"}).status == status
    assert Reader(server.port, PATH, {"Authorization": f"Bearer {secret}x"}).status == 401


def test_somebody_who_has_not_signed_in_is_told_to(server: Server) -> None:
    with pytest.raises(AssertionError, match="Sign in"), Reader(server.port, PATH, {}) as reader:
        assert reader.status == 401


@pytest.mark.parametrize(("path", "status"), [(PATH, 403), (f"{PATH}?after=soon", 403)])
def test_somebody_who_may_not_see_events_is_refused(
    path: str, status: int, server: Server, control: User
) -> None:
    assert Reader(server.port, path, cookies_of(control)).status == status


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ("after=soon", "after"),
        ("after=-1", "after"),
        ("types=Nope", "types"),
        ("types=%00", "types"),
        (f"types={'W' * 2001}", "types"),
    ],
)
def test_what_is_wrong_is_named_as_it_is_for_a_page_of_events(
    asked: str, field: str, server: Server, may_see: Headers
) -> None:
    answers = [Reader(server.port, f"{path}?{asked}", may_see) for path in ("/api/events", PATH)]
    assert [each.status for each in answers] == [400, 400]
    page, stream = (each.problem() for each in answers)
    assert page == stream
    assert [each["field"] for each in stream["errors"]] == [field]


@pytest.mark.parametrize(("beyond", "status"), [(0, 200), (1, 400)])
def test_a_position_that_the_store_has_not_come_to_is_refused(
    beyond: int, status: int, server: Server, may_see: Headers
) -> None:
    append(1)
    asked = Reader(server.port, PATH, may_see, after=all_positions()[-1] + beyond)
    assert asked.status == status
    if beyond:
        assert "restored from a copy" in asked.problem()["errors"][0]["message"]


def test_where_a_browser_resumes_must_be_a_position(server: Server, may_see: Headers) -> None:
    assert Reader(server.port, PATH, may_see | {"Last-Event-ID": "soon"}).status == 400


def test_a_revoked_token_hears_no_more_also_while_much_happens(root: User, tmp_path: Path) -> None:
    token, secret = make("Warehouse", [Feature.SEE_EVENTS], by=root)
    with (
        Server(tmp_path, SILENCE="0.2") as server,
        Reader(server.port, PATH, {"Authorization": f"Bearer {secret}"}) as reader,
    ):
        told = reader.told()
        append(1)
        next(told)
        revoke(token, by=root)
        for _ in told:
            append(1)


def test_a_right_that_is_taken_away_ends_the_stream(administration: User, tmp_path: Path) -> None:
    with (
        Server(tmp_path, SILENCE="0.2") as server,
        Reader(server.port, PATH, cookies_of(administration)) as reader,
    ):
        administration.roles.clear()
        assert list(reader.told()) == []


def test_somebody_who_still_may_goes_on_to_hear(may_see: Headers, tmp_path: Path) -> None:
    with Server(tmp_path, SILENCE="0.1") as server, Reader(server.port, PATH, may_see) as reader:
        silent = 0
        while silent < 5:
            silent += next(reader.lines()) == ": nothing new\n"
        append(1)
        assert next(reader.told()).type == "Noted"


def test_streams_are_opened_no_more_often_than_operations_are_asked(
    root: User, may_see: Headers, tmp_path: Path
) -> None:
    _, secret = make("Warehouse", [Feature.SEE_EVENTS], by=root)
    program = {"Authorization": f"Bearer {secret}"}
    with Server(tmp_path, API_RATE="3/h") as server:
        opened = [Reader(server.port, PATH, program) for _ in range(6)]
        # The hour may end meanwhile: then three more fit.
        last = opened[-1] if opened[-1].status == 429 else Reader(server.port, PATH, program)
        assert [each.status for each in opened[:3]] == [200] * 3
        assert last.status == 429
        assert int(last.headers["Retry-After"]) > 0
        assert "Too many requests" in last.problem()["detail"]
        assert Reader(server.port, PATH, may_see).status == 200, "somebody else"


def test_a_server_that_cannot_stream_says_so(administration_client: Client) -> None:
    answer = administration_client.get(PATH)
    assert answer.status_code == 501
    assert "/api/events" in answer.json()["detail"]
