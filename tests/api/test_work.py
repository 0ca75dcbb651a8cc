"""Work through the API: raised, assigned, taken step by step, listed and shown."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from eventstore.models import StoredEvent
from readmodels.models import WorkRow
from support.work import Stage
from tests import factories
from tests.api.calls import ask, faults_of, problem_of, send

pytestmark = pytest.mark.django_db


def call(**changes: Any) -> dict[str, Any]:
    """A body that raises work."""
    return {"title": "Boiler out", "description": "Cold", "site_ids": [str(factories.acquire())], **changes}


def test_work_is_raised(response_client: Client, response: User) -> None:
    body = call()
    answer = send(response_client, "/work", body)
    assert answer.status_code == 201
    told = answer.json()
    assert set(told) == {"id", "version", "position"}
    assert told["version"] == 0
    assert answer.headers["Location"] == f"/api/work/{told['id']}"
    assert answer.headers["ETag"] == '"0"'
    row = WorkRow.objects.get()
    assert (str(row.pk), row.title, row.description) == (told["id"], "Boiler out", "Cold")
    event = StoredEvent.objects.get(stream=f"work-{told['id']}")
    assert (event.position, event.actor, event.source) == (told["position"], response.actor, "api")


def test_work_goes_through_its_steps(
    control_client: Client, operative_client: Client, operative: User
) -> None:
    work_id = factories.raise_work()
    there = (timezone.now() + timedelta(hours=1)).replace(microsecond=0)
    steps: list[tuple[Client, str, Any]] = [
        (control_client, "assign", {"operative_id": str(operative.operative_id)}),
        (operative_client, "dispatch", {"estimated_arrival": there.isoformat()}),
        (operative_client, "arrive", None),
        (operative_client, "abandon", {"reason": "other", "note": "Gate locked"}),
        (control_client, "assign", {"operative_id": str(operative.operative_id)}),
        (operative_client, "dispatch", None),
        (operative_client, "complete", {"outcome": "New pump"}),
    ]
    for version, (browser, step, body) in enumerate(steps, start=1):
        answer = send(browser, f"/work/{work_id}/{step}", body)
        assert (answer.status_code, answer.json().get("version")) == (200, version), answer.content
    shown = ask(operative_client, f"/work/{work_id}").json()
    assert (shown["stage"], shown["outcome"]) == ("completed", "New pump")
    assert shown["operative"] == {"id": str(operative.operative_id), "name": "Olive Marsh"}
    assert shown["abandoned"]["reason"] == "other"


def test_control_takes_the_steps_for_an_operative(control_client: Client, operative: User) -> None:
    work_id = factories.work_at(Stage.ASSIGNED, operative.operative_id)
    for step in ("dispatch", "arrive", "complete"):
        assert send(control_client, f"/work/{work_id}/{step}").status_code == 200


@pytest.mark.parametrize(
    ("step", "body"),
    [("dispatch", None), ("arrive", None), ("complete", None), ("abandon", {"reason": "unsafe"})],
)
def test_an_operative_takes_no_step_of_anothers_work(
    step: str, body: Any, operative: User, other_operative_client: Client
) -> None:
    work_id = factories.work_at(Stage.ASSIGNED, operative.operative_id)
    problem_of(send(other_operative_client, f"/work/{work_id}/{step}", body), 403)
    assert WorkRow.objects.get().stage == "assigned"


def test_a_refusal_is_told_in_its_own_words(control_client: Client) -> None:
    work_id, ada = factories.work_at(Stage.ASSIGNED), factories.hire()
    answer = send(control_client, f"/work/{work_id}/assign", {"operative_id": str(ada)})
    assert problem_of(answer, 409)["detail"] == "An operative is already assigned to this work"


def test_what_is_wrong_is_told_by_field(response_client: Client, control_client: Client) -> None:
    answer = send(response_client, "/work", {"title": " ", "description": "", "site_ids": []})
    assert faults_of(answer) == {
        "title": "Work must have a title",
        "description": "Work must have a description",
        "site_ids": "Work must have at least one Site added",
    }
    work_id = factories.raise_work()
    answer = send(control_client, f"/work/{work_id}/assign", {"operative_id": "Ada", "when": "now"})
    assert set(faults_of(answer)) == {"operative_id", "when"}


def test_the_latest_change_is_undone_by_whoever_made_it(
    control_client: Client, response_client: Client, operative: User
) -> None:
    work_id, key = factories.raise_work(), str(uuid4())
    body = {"operative_id": str(operative.operative_id)}
    assert send(control_client, f"/work/{work_id}/assign", body).status_code == 200
    undo = f"/work/{work_id}/undo"
    problem_of(send(response_client, undo), 409)
    problem_of(send(control_client, undo, If_Match='"0"'), 412)
    undone = send(control_client, undo, If_Match='"1"', Idempotency_Key=key)
    assert (undone.status_code, undone.json()["version"]) == (200, 2)
    assert WorkRow.objects.get().stage == "raised"
    again = send(control_client, undo, If_Match='"1"', Idempotency_Key=key)
    assert again.content == undone.content
    sentence = "Only the latest change can be undone, and somebody else made it"
    assert problem_of(send(control_client, undo), 409)["detail"] == sentence


def test_steps_are_undone_one_after_another_each_under_its_own_key(
    control: User, control_client: Client
) -> None:
    work_id = factories.raise_work()
    factories.assign(work_id, factories.hire(), by=control.actor)
    factories.set_out(work_id, by=control.actor)
    undo = f"/work/{work_id}/undo"
    assert send(control_client, undo).json()["version"] == 3
    assert send(control_client, undo).json()["version"] == 4
    problem_of(send(control_client, undo), 409)
    assert WorkRow.objects.get().stage == "raised"
    told = ask(control_client, f"/work/{work_id}/history").json()["items"]
    undone = [each["data"]["undone"] for each in told if each["type"] == "WorkChangeUndone"]
    assert undone == ["WorkAssigned", "OperativeDispatched"]


def test_the_step_that_is_named_is_undone_or_none(control: User, control_client: Client) -> None:
    work_id = factories.raise_work()
    factories.assign(work_id, factories.hire(), by=control.actor)
    told = ask(control_client, f"/work/{work_id}/history").json()["items"]
    undo, change = f"/work/{work_id}/undo", {"change": told[0]["id"]}
    factories.set_out(work_id, by=control.actor)
    moved_on = "This work has changed since; only its latest change can be undone"
    assert problem_of(send(control_client, undo, change), 409)["detail"] == moved_on
    assert send(control_client, undo).status_code == 200
    assert send(control_client, undo, change).status_code == 200


@pytest.mark.parametrize("step", ["assign", "dispatch", "arrive", "complete", "abandon", "undo"])
def test_a_step_of_unknown_work(step: str, control_client: Client) -> None:
    body = {"assign": {"operative_id": str(uuid4())}, "abandon": {"reason": "unsafe"}}.get(step)
    problem_of(send(control_client, f"/work/{uuid4()}/{step}", body), 404)


def test_work_is_shown_as_the_page_shows_it(response: User, stranger_client: Client) -> None:
    site_id = factories.acquire()
    work_id = factories.raise_work(site_ids=[site_id], at=factories.noon(1), by=response.actor)
    assert ask(stranger_client, f"/work/{work_id}").json() == {
        "id": str(work_id),
        "number": 1,
        "title": "Boiler out",
        "description": "No heating since this morning.",
        "stage": "raised",
        "sites": [{"id": str(site_id), "name": "1 Harbour Street, Whitby"}],
        "operative": None,
        "raised_at": "2026-03-01T12:00:00Z",
        "raised_by": "Response",
        "assigned_at": None,
        "dispatched_at": None,
        "estimated_arrival": None,
        "arrived_at": None,
        "completed_at": None,
        "outcome": "",
        "abandoned": None,
        "reported_by": None,
    }
    problem_of(ask(stranger_client, f"/work/{uuid4()}"), 404)


def test_it_says_who_reported_what_the_operative_did_not(
    control: User, operative: User, stranger_client: Client
) -> None:
    def reported_by(work_id: UUID, **then: int) -> str | None:
        asked = "".join(f"?{name}={value}" for name, value in then.items())
        found: str | None = ask(stranger_client, f"/work/{work_id}{asked}").json()["reported_by"]
        return found

    assert operative.operative_id
    back, own = (factories.work_at(Stage.ASSIGNED, operative.operative_id) for _ in range(2))
    factories.abandon(back, by=control.actor)
    factories.abandon(own, by=operative.actor)
    assert (reported_by(back), reported_by(own)) == ("Control", None)
    factories.assign(own, factories.hire())
    assert reported_by(own) is None  # what one says is not used for the other
    factories.assign(back, operative.operative_id)
    factories.complete(back, by=operative.actor)
    assert (reported_by(back), reported_by(back, version=2)) == (None, "Control")
    listed = ask(stranger_client, "/work").json()["items"]
    assert [each["reported_by"] for each in listed] == [None, None]


def test_the_list_says_where_it_found_what_was_looked_for(operative: User, stranger_client: Client) -> None:
    def found_in(q: str) -> list[Any]:
        return [each["found_in"] for each in ask(stranger_client, f"/work?q={q}").json()["items"]]

    work_id = factories.work_at(Stage.ASSIGNED, operative.operative_id)
    factories.abandon(work_id, note="Needs a Scaffold first")
    assert found_in("boiler") == found_in("") == [[]]
    assert found_in("boiler+scafold") == [[{"where": "note", "text": "Needs a Scaffold first"}]]
    assert found_in("marsh+heating") == [
        [
            {"where": "back_from", "text": "Olive Marsh"},
            {"where": "description", "text": "No heating since this morning."},
        ]
    ]
    assert "found_in" not in ask(stranger_client, f"/work/{work_id}").json()


def test_the_list_is_paged_to_its_end(stranger_client: Client) -> None:
    site_id = factories.acquire()
    raised = [str(factories.raise_work(site_ids=[site_id], at=factories.noon(1, each))) for each in range(5)]
    address, found = f"/api/work?limit=2&site_id={site_id}", []
    while address:
        answer = ask(stranger_client, address)
        told = answer.json()
        assert len(told["items"]) <= 2
        found += [each["id"] for each in told["items"]]
        address = told["next"]
        assert answer.headers.get("Link") == (f'<{address}>; rel="next"' if address else None)
    assert found == raised[::-1]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"a", "b", "c"}),
        ("stage=raised", {"b", "c"}),
        ("stage=open", {"a", "b", "c"}),
        ("stage=waiting", {"b", "c"}),
        ("stage=completed", set()),
        ("q=9+mill", {"c"}),
        ("operative_id={olive}", {"a"}),
        ("site_id={site}", {"c"}),
        ("since=2026-03-02T12:00:00Z", {"b", "c"}),
        ("since=2026-03-02T13:00:00%2B01:00&until=2026-03-03T12:00:00Z", {"b"}),
    ],
)
def test_the_list_is_filtered(query: str, found: set[str], operative: User, stranger_client: Client) -> None:
    assert operative.operative_id
    site_id = factories.acquire("9 Mill Lane", "York")
    factories.assign(factories.raise_work("a", "x", at=factories.noon(1)), operative.operative_id)
    factories.raise_work("b", "x", at=factories.noon(2))
    factories.raise_work("c", "x", site_ids=[site_id], at=factories.noon(3))
    query = query.format(olive=operative.operative_id, site=site_id)
    titles = {each["title"] for each in ask(stranger_client, f"/work?{query}").json()["items"]}
    assert titles == found


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=x", "limit"),
        ("after=nonsense", "after"),
        ("after=99999999999999999-1", "after"),
        ("after=%00", "after"),
        ("q=%00", "q"),
        ("q=" + "x" * 101, "q"),
        ("site_id=1", "site_id"),
        ("since=yesterday", "since"),
        ("since=1700000000", "since"),
        ("since=2026-03-02T12:00:00", "since"),
        ("since=0001-01-01T00:00:00%2B14:00", "since"),
        ("until=9999-12-31T23:59:59-14:00", "until"),
    ],
)
def test_a_list_asked_for_wrongly(query: str, field: str, stranger_client: Client) -> None:
    assert set(faults_of(ask(stranger_client, f"/work?{query}"))) == {field}
