"""Operatives through the API: hired, renamed, released, listed and shown."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from readmodels.models import OperativeRow
from support.work import Stage
from tests import factories
from tests.api.calls import ask, faults_of, problem_of, send

pytestmark = pytest.mark.django_db


def test_an_operative_is_hired_renamed_and_released(administration_client: Client) -> None:
    hired = send(administration_client, "/operatives", {"forename": "Ada", "surname": "Byron"})
    assert hired.status_code == 201
    address = hired.headers["Location"].removeprefix("/api")
    renamed = send(administration_client, f"{address}/rename", {"forename": "Ada", "surname": "Lovelace"})
    assert renamed.json()["version"] == 1
    released = send(administration_client, f"{address}/release")
    assert released.json()["version"] == 2
    shown = ask(administration_client, address).json()
    assert (shown["surname"], shown["open_jobs"], shown["state"]) == ("Lovelace", 0, "free")
    assert shown["released_at"]


def test_somebody_who_holds_work_is_not_released(administration_client: Client) -> None:
    ada = factories.hire()
    factories.work_at(Stage.ASSIGNED, ada)
    answer = send(administration_client, f"/operatives/{ada}/release")
    assert problem_of(answer, 409)["detail"] == "Ada cannot be released while holding 1 open job"
    assert OperativeRow.objects.get(pk=ada).released_at is None


def test_a_name_is_judged_as_on_the_page(administration_client: Client) -> None:
    answer = send(administration_client, "/operatives", {"forename": " ", "surname": "Lovelace"})
    assert faults_of(answer) == {"forename": "Operative must have a forename"}
    answer = send(administration_client, "/operatives", {"forename": "x" * 101})
    assert set(faults_of(answer)) == {"forename", "surname"}


@pytest.mark.parametrize("step", ["rename", "release"])
def test_an_unknown_operative(step: str, administration_client: Client) -> None:
    body = {"forename": "Ada", "surname": "Lovelace"} if step == "rename" else None
    problem_of(send(administration_client, f"/operatives/{uuid4()}/{step}", body), 404)
    problem_of(ask(administration_client, f"/operatives/{uuid4()}"), 404)


@pytest.fixture
def crew(db: None) -> None:
    """One operative in each state."""
    factories.hire("Fay", "Free")
    factories.work_at(Stage.ASSIGNED, factories.hire("Asa", "Assigned"))
    factories.work_at(Stage.ARRIVED, factories.hire("Ora", "Onsite"))
    late = factories.raise_work()
    factories.assign(late, factories.hire("Lee", "Late"))
    past = timezone.now() - timedelta(hours=2)
    factories.set_out(late, at=past, estimated_arrival=past + timedelta(minutes=5))
    factories.release(factories.hire("Rae", "Released"))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["Assigned", "Free", "Late", "Onsite", "Released"]),
        ("state=employed", ["Assigned", "Free", "Late", "Onsite"]),
        ("state=released", ["Released"]),
        ("state=free", ["Free"]),
        ("state=assigned", ["Assigned"]),
        ("state=dispatched", ["Late"]),
        ("state=arrived", ["Onsite"]),
        ("state=late", ["Late"]),
        ("q=ora+ons", ["Onsite"]),
    ],
)
def test_the_list_is_filtered(query: str, found: list[str], crew: None, control_client: Client) -> None:
    listed = ask(control_client, f"/operatives?{query}").json()
    assert [each["surname"] for each in listed["items"]] == found
    assert listed["next"] is None


def test_the_list_is_paged_to_its_end(crew: None, control_client: Client) -> None:
    address, found = "/api/operatives?limit=2", []
    while address:
        listed = ask(control_client, address).json()
        found += [each["surname"] for each in listed["items"]]
        address = listed["next"]
    assert found == ["Assigned", "Free", "Late", "Onsite", "Released"]
    for after in (str(uuid4()), "x"):
        assert set(faults_of(ask(control_client, f"/operatives?after={after}"))) == {"after"}


def test_a_queue_is_in_the_order_of_assignment(operative: User, operative_client: Client) -> None:
    assert operative.operative_id
    titles = ["third raised", "first raised", "second raised"]
    raised: dict[str, Any] = {title: factories.raise_work(title) for title in sorted(titles)}
    for title in titles:
        factories.assign(raised[title], operative.operative_id)
    listed = ask(operative_client, f"/operatives/{operative.operative_id}/queue").json()
    assert [each["title"] for each in listed["items"]] == titles


def test_a_queue_is_not_for_colleagues(operative: User, other_operative_client: Client) -> None:
    problem_of(ask(other_operative_client, f"/operatives/{operative.operative_id}/queue"), 403)


def test_the_queue_of_nobody(control_client: Client) -> None:
    problem_of(ask(control_client, f"/operatives/{uuid4()}/queue"), 404)


def test_a_queue_is_read_page_by_page(operative: User, operative_client: Client) -> None:
    assert operative.operative_id
    for number in range(5):
        factories.assign(factories.raise_work(f"Fault {number}"), operative.operative_id)
    seen, address = [], f"/operatives/{operative.operative_id}/queue?limit=2"
    while address:
        listed = ask(operative_client, address).json()
        seen.append([each["title"] for each in listed["items"]])
        address = (listed["next"] or "").removeprefix("/api")
    assert seen == [["Fault 0", "Fault 1"], ["Fault 2", "Fault 3"], ["Fault 4"]]
    answer = ask(operative_client, f"/operatives/{operative.operative_id}/queue?after=x")
    assert set(faults_of(answer)) == {"after"}
