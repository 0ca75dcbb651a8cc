"""Sites through the API: acquired, corrected, relinquished, listed and shown."""

from uuid import uuid4

import pytest
from django.test import Client

from readmodels.models import SiteRow
from tests import factories
from tests.api.calls import ask, faults_of, problem_of, send

pytestmark = pytest.mark.django_db

PARTICULARS = {
    "address_line_1": "1 Harbour Street",
    "town": "Whitby",
    "post_code": "YO21 1AA",
    "telephone_number": "01947 600001",
}


def test_a_site_is_acquired_corrected_and_relinquished(administration_client: Client) -> None:
    acquired = send(administration_client, "/sites", PARTICULARS)
    assert acquired.status_code == 201
    address = acquired.headers["Location"].removeprefix("/api")
    corrected = send(administration_client, f"{address}/correct", {**PARTICULARS, "town": "Scarborough"})
    assert corrected.json()["version"] == 1
    assert send(administration_client, f"{address}/relinquish").json()["version"] == 2
    shown = ask(administration_client, address).json()
    assert {name: shown[name] for name in PARTICULARS} == {**PARTICULARS, "town": "Scarborough"}
    assert shown["relinquished_at"]
    assert shown["open_jobs"] == 0


def test_a_site_with_open_work_is_not_relinquished(administration_client: Client) -> None:
    site_id = factories.acquire()
    factories.raise_work(site_ids=[site_id])
    answer = send(administration_client, f"/sites/{site_id}/relinquish")
    assert problem_of(answer, 409)["detail"] == "This site cannot be relinquished while it has 1 open job"
    assert SiteRow.objects.get().relinquished_at is None
    assert ask(administration_client, f"/sites/{site_id}").json()["open_jobs"] == 1


def test_a_number_that_nobody_could_dial(administration_client: Client) -> None:
    answer = send(administration_client, "/sites", {**PARTICULARS, "telephone_number": "call me"})
    assert faults_of(answer) == {"telephone_number": "Use digits, spaces and + ( ) / . - only"}


@pytest.mark.parametrize("step", ["correct", "relinquish"])
def test_an_unknown_site(step: str, administration_client: Client) -> None:
    body = PARTICULARS if step == "correct" else None
    problem_of(send(administration_client, f"/sites/{uuid4()}/{step}", body), 404)
    problem_of(ask(administration_client, f"/sites/{uuid4()}"), 404)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["Filey", "Whitby", "York"]),
        ("state=active", ["Filey", "Whitby"]),
        ("state=relinquished", ["York"]),
        ("q=harbour+filey", ["Filey"]),
        ("q=01947+600002", ["Whitby"]),
    ],
)
def test_the_list_is_filtered(query: str, found: list[str], response_client: Client) -> None:
    factories.acquire(town="Filey")
    factories.acquire(town="Whitby", telephone_number="01947 600002")
    factories.relinquish(factories.acquire(town="York"))
    listed = ask(response_client, f"/sites?{query}").json()
    assert [each["town"] for each in listed["items"]] == found


def test_the_list_is_paged_to_its_end(response_client: Client) -> None:
    towns = ["Filey", "Hornsea", "Whitby", "Whitby", "York"]
    for town in towns:
        factories.acquire(town=town)
    address, found = "/api/sites?limit=2", []
    while address:
        listed = ask(response_client, address).json()
        found += [each["town"] for each in listed["items"]]
        address = listed["next"]
    assert found == towns
    for after in (str(uuid4()), "x"):
        assert set(faults_of(ask(response_client, f"/sites?after={after}"))) == {"after"}
