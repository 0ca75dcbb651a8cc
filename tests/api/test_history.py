"""All that has happened to one thing: newest first, each event with the thing after it."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import User
from eventstore.embedded.store import EmbeddedStore
from support.work import Stage
from tests import factories
from tests.api.calls import ask, faults_of, problem_of, send
from tests.api.operations import DOORS
from tests.api.test_at import SCENES, Scene, browser, state
from tests.factories import noon

__all__ = ["browser"]

pytestmark = pytest.mark.django_db


def pages(browser: Client, path: str) -> list[list[Any]]:
    """Every page of a history, by following `next`."""
    address, found = f"/api{path}", []
    while address:
        answer = ask(browser, address)
        assert answer.status_code == 200, answer.content
        told = answer.json()
        found.append(told["items"])
        address = told["next"]
        assert answer.headers.get("Link") == (f'<{address}>; rel="next"' if address else None)
    return found


def test_each_event_is_told_with_who_when_why_and_the_job_after_it(
    control_client: Client, control: User, operative: User
) -> None:
    job = factories.raise_work(at=noon(1))
    key, body = str(uuid4()), {"operative_id": str(operative.operative_id)}
    assert send(control_client, f"/work/{job}/assign", body, Idempotency_Key=key).status_code == 200
    stored = EmbeddedStore().read_stream(f"work-{job}")
    listed = ask(control_client, f"/work/{job}/history").json()
    assert listed["next"] is None
    assert listed["items"][0] == {
        "id": str(stored[1].id),
        "type": "WorkAssigned",
        "schema_version": stored[1].schema_version,
        "data": {"work_id": str(job), **body},
        "version": 1,
        "position": stored[1].position,
        "occurred_at": stored[1].occurred_at.isoformat().replace("+00:00", "Z"),
        "recorded_at": stored[1].recorded_at.isoformat().replace("+00:00", "Z"),
        "actor": control.actor,
        "actor_name": "Control",
        "correlation_id": key,
        "causation_id": str(stored[1].causation_id),
        "source": "api",
        "state": state(control_client, f"/work/{job}"),
    }
    first = listed["items"][1]
    assert (first["type"], first["version"], first["occurred_at"]) == (
        "WorkRaised",
        0,
        "2026-03-01T12:00:00Z",
    )
    assert (first["actor"], first["actor_name"]) == ("user-0", "user-0")
    assert first["state"] == state(control_client, f"/work/{job}", version=0)


@pytest.mark.parametrize("scene", SCENES)
def test_every_state_is_what_is_shown_of_that_version(scene: Scene, browser: Client) -> None:
    path = scene()
    ((*items,),) = pages(browser, f"{path}/history")
    assert [each["version"] for each in items] == list(range(len(items)))[::-1]
    assert len(items) > 1
    for each in items:
        assert each["state"] == state(browser, path, version=each["version"])


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 8, 9])
def test_a_history_is_paged_to_its_end(limit: int, browser: Client) -> None:
    path = SCENES[0]()
    (whole,) = pages(browser, f"{path}/history")
    found = pages(browser, f"{path}/history?limit={limit}")
    assert [len(each) for each in found[:-1]] == [limit] * (len(found) - 1)
    assert found[-1]
    assert [each for page in found for each in page] == whole


def test_pages_do_not_shift_when_something_happens(browser: Client) -> None:
    job = factories.work_at(Stage.DISPATCHED)
    first = ask(browser, f"/work/{job}/history?limit=2").json()
    factories.complete(job)
    (rest,) = pages(browser, first["next"].removeprefix("/api"))
    assert [each["version"] for each in [*first["items"], *rest]] == [2, 1, 0]


def test_a_history_that_has_not_grown_is_not_sent_again(browser: Client) -> None:
    job = factories.work_at(Stage.DISPATCHED)
    first = ask(browser, f"/work/{job}/history")
    assert first.headers["Cache-Control"] == "private, no-cache"
    again = ask(browser, f"/work/{job}/history", If_None_Match=first.headers["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    factories.arrive(job)
    grown = ask(browser, f"/work/{job}/history", If_None_Match=first.headers["ETag"])
    assert (grown.status_code, len(grown.json()["items"])) == (200, 4)


def test_before_the_first_event_there_is_nothing(browser: Client) -> None:
    listed = ask(browser, f"/work/{factories.raise_work()}/history?after=0").json()
    assert listed == {"items": [], "next": None}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("after=-1", "after"),
        ("after=x", "after"),
        ("after=" + "9" * 30, "after"),
        ("after=%00", "after"),
    ],
)
def test_a_page_asked_for_wrongly(query: str, field: str, browser: Client) -> None:
    assert set(faults_of(ask(browser, f"/work/{factories.raise_work()}/history?{query}"))) == {field}


@pytest.mark.parametrize("path", ["work", "operatives", "sites", "products", "orders", "buyers"])
def test_what_never_was_has_no_history(path: str, browser: Client) -> None:
    problem_of(ask(browser, f"/{path}/{uuid4()}/history"), 404)
    problem_of(ask(browser, f"/{path}/1/history"), 404)


def test_a_history_is_open_to_the_same_people_as_the_aggregate(stranger_client: Client) -> None:
    for scene in SCENES[1:]:
        problem_of(ask(stranger_client, f"{scene()}/history"), 403)
    assert ask(stranger_client, f"{SCENES[0]()}/history").status_code == 200


def test_the_name_on_a_card_is_for_those_who_may_see_buyers(browser: Client, response_client: Client) -> None:
    """The page of an order does not show it; that of its buyer does."""
    path = f"/orders/{factories.place_order()}/history"
    for asks, names in ((browser, {"holder"}), (response_client, set[str]())):
        (started,) = ask(asks, path).json()["items"]
        assert set(started["data"]["card"]) == {"type", "last_four", "expiry"} | names
        assert started["data"]["buyer_name"] == "Grace Hopper"


def test_a_history_has_the_rule_of_the_thing_itself() -> None:
    histories = [name for name in DOORS if name.endswith("_history")]
    assert len(histories) == len(SCENES)
    for name in histories:
        assert DOORS[name].rule is DOORS[name.removesuffix("_history")].rule
