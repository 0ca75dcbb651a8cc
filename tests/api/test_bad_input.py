"""No request makes a 500: the answer says what is wrong, by field if it belongs to one."""

import json
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.test import AsyncRequestFactory, Client
from django.urls import resolve

from accounts.models import User
from api import failures
from eventstore.models import StoredEvent
from support.work import Stage
from tests import factories
from tests.api.calls import ask, faults_of, problem_of, send
from tests.api.operations import DOORS
from tests.conftest import browser_of

pytestmark = pytest.mark.django_db
JSON = "application/json"


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"",
        b"nonsense",
        b"\xff\xfe\x00",
        b'{"title": "\xc3\x28"}',
        b"[" * 100_000,
        b'{"title": ' + b"9" * 5_000 + b"}",
        b"null",
        b"true",
        b"5",
        b'"title"',
        b"[]",
        b"{}",
        b'{"title": NaN}',
        b'{"title": 1e999}',
    ],
)
def test_a_text_that_is_no_body_is_refused(body: bytes, response_client: Client) -> None:
    answer = response_client.post("/api/work", body, content_type=JSON)
    problem_of(answer, 400)
    assert StoredEvent.objects.count() == 0


def good() -> dict[str, Any]:
    return {"title": "Boiler out", "description": "Cold", "site_ids": [str(factories.acquire())]}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": 5}, "title"),
        ({"title": None}, "title"),
        ({"title": ["a"]}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"title": "a\0b"}, "title"),
        ({"title": "\ud800"}, "title"),
        ({"title": "\n \t"}, "title"),
        ({"description": "x" * 10_001}, "description"),
        ({"description": "a\0b"}, "description"),
        ({"description": {"a": 1}}, "description"),
        ({"site_ids": "x"}, "site_ids"),
        ({"site_ids": ["x"]}, "site_ids.0"),
        ({"site_ids": [str(uuid4())] * 51}, "site_ids"),
        ({"site_ids": [None]}, "site_ids.0"),
        ({"urgent": True}, "urgent"),
    ],
)
def test_a_field_that_is_wrong(change: dict[str, Any], field: str, response_client: Client) -> None:
    body = {**good(), **change}
    before = StoredEvent.objects.count()
    faults = faults_of(send(response_client, "/work", json.dumps(body)))
    assert set(faults) == {field}
    assert faults[field]
    assert "Value error" not in faults[field]
    assert StoredEvent.objects.count() == before


@pytest.mark.parametrize(
    "moment",
    [
        "14:30",
        "2030-03-31T14:30:00",
        "2030-03-31",
        1_900_000_000,
        "1900000000",
        "9999-12-31T23:59:59-14:00",
        "0001-01-01T00:00:00+14:00",
        "2030-02-30T00:00:00Z",
        "",
        True,
    ],
)
def test_a_text_that_is_no_moment_is_refused(moment: Any, control_client: Client) -> None:
    work_id = factories.work_at(Stage.ASSIGNED)
    answer = send(control_client, f"/work/{work_id}/dispatch", {"estimated_arrival": moment})
    assert set(faults_of(answer)) == {"estimated_arrival"}


def test_a_moment_that_is_past_is_refused(control_client: Client) -> None:
    work_id = factories.work_at(Stage.ASSIGNED)
    answer = send(control_client, f"/work/{work_id}/dispatch", {"estimated_arrival": "2020-01-01T00:00:00Z"})
    assert problem_of(answer, 409)["detail"] == "The estimated arrival must be in the future"


@pytest.mark.parametrize("twice", ['"title": "Lift stuck"', '"more": {"a": 1, "a": 1}'])
def test_a_name_that_stands_twice(twice: str, response_client: Client) -> None:
    body = json.dumps(good()).removesuffix("}") + f", {twice}}}"
    problem = problem_of(send(response_client, "/work", body), 400)
    assert problem["detail"] == "The body is not JSON that can be read"
    assert not StoredEvent.objects.filter(type="WorkRaised").exists()


@pytest.mark.parametrize("path", ["/work", "/operatives", "/sites", "/products", "/orders", "/buyers"])
def test_a_list_does_not_begin_after_nothing(path: str, root: User) -> None:
    factories.hire()
    assert set(faults_of(ask(browser_of(root), f"{path}?after="))) == {"after"}


MANY = 100_000
"""Fields that fit into the largest accepted body."""


@pytest.mark.parametrize(
    "body",
    [
        {f"k{number}": 1 for number in range(MANY)},
        {"items": [{f"k{number}": 1 for number in range(100)}] * 100},
        {"x": [{"a": 1}] * MANY},
    ],
    ids=["side by side", "in rows", "in a list"],
)
def test_more_fields_than_anybody_needs_are_not_answered_for_one_by_one(body: Any, root: User) -> None:
    told = problem_of(send(browser_of(root), "/orders", body), 400)
    assert (told["detail"], told["errors"]) == (failures.TOO_MANY, [])


def test_what_is_wrong_is_told_within_bounds(response_client: Client) -> None:
    body = {f"{'x' * 1_000}{number}": 1 for number in range(900)}
    answer = send(response_client, "/work", body)
    assert len(problem_of(answer, 400)["errors"]) == failures.MOST_FAULTS
    assert len(answer.content) < 20_000


def test_more_parameters_than_anybody_needs(stranger_client: Client) -> None:
    query = "&".join(f"k{number}=1" for number in range(2_000))
    assert problem_of(ask(stranger_client, f"/work?{query}"), 400)["detail"] == failures.TOO_MANY


@pytest.mark.parametrize("zone", ["+16:00", "+23:59", "-23:59"])
def test_a_moment_far_from_greenwich(zone: str, control_client: Client) -> None:
    """PostgreSQL takes no moment that is written 16 hours away from it."""
    work_id = factories.work_at(Stage.ASSIGNED)
    moment = f"2030-03-31T14:30:00{zone}"
    answer = send(control_client, f"/work/{work_id}/dispatch", {"estimated_arrival": moment})
    assert answer.status_code == 200
    asked = moment.replace("+", "%2B")
    assert ask(control_client, f"/work?since={asked}&until={asked}").status_code == 200
    assert ask(control_client, f"/work/{work_id}?at={asked}").status_code == 200
    shown = ask(control_client, f"/work/{work_id}").json()["estimated_arrival"]
    assert datetime.fromisoformat(shown) == datetime.fromisoformat(moment)


def test_sites_that_are_not_ours_are_refused(response_client: Client) -> None:
    body = {**good(), "site_ids": [str(uuid4())]}
    assert problem_of(send(response_client, "/work", body), 409)["detail"].startswith("There is no site")


def test_a_body_that_is_too_large(response_client: Client, settings: LazySettings) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000
    problem_of(send(response_client, "/work", {**good(), "description": "x" * 1_000}), 413)


def test_a_body_of_unknown_length_that_is_too_large(response: User, settings: LazySettings) -> None:
    """Sent in chunks to an ASGI server it has no length before it has been read."""
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000
    body = json.dumps({**good(), "description": "x" * 1_000})
    request = AsyncRequestFactory().post("/api/work", body, content_type=JSON)
    del request.META["CONTENT_LENGTH"]
    request._dont_enforce_csrf_checks = True  # type: ignore[attr-defined]
    request.user, request.resolver_match = response, resolve("/api/work")
    problem_of(request.resolver_match.func(request), 413)


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/xml"])
def test_a_body_of_another_kind(kind: str, response_client: Client) -> None:
    problem_of(response_client.post("/api/work", json.dumps(good()), content_type=kind), 415)


def test_a_form_is_not_taken_for_json(response: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(response)
    problem_of(browser.post("/api/work", {"title": "Boiler out"}), 415)
    problem_of(
        browser.post("/api/work", {"title": "x"}, CONTENT_LENGTH="", HTTP_TRANSFER_ENCODING="chunked"), 415
    )


@pytest.mark.parametrize("position", ["x", "-1", "1.5", "9" * 30, ""])
def test_a_text_that_is_no_position_is_refused(position: str, stranger_client: Client) -> None:
    assert set(faults_of(ask(stranger_client, "/work", Callout_Position=position))) == {"Callout-Position"}


@pytest.mark.parametrize("path", ["/nothing", "/", "/work/", "/work/1", "/work/{id}/nothing", "/%00"])
def test_an_address_at_which_there_is_nothing(path: str, stranger_client: Client) -> None:
    path = path.format(id=uuid4())
    problem_of(ask(stranger_client, path), 404)
    problem_of(send(stranger_client, path, {}), 404)


def test_an_address_that_is_asked_otherwise(stranger_client: Client) -> None:
    answer = stranger_client.put("/api/work", {}, content_type=JSON)
    problem_of(answer, 405)
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "POST"}
    assert int(answer.headers["Content-Length"]) == len(answer.content)


@pytest.fixture
def known(db: None) -> dict[str, Any]:
    """Something for every parameter of a write."""
    olive = factories.hire()
    return {
        "work_id": factories.work_at(Stage.DISPATCHED, olive),
        "operative_id": factories.hire(),
        "site_id": factories.acquire(),
        "product_id": factories.create_product(),
        "order_id": factories.place_order(),
    }


@pytest.mark.parametrize("name", sorted(name for name, each in DOORS.items() if each.method == "POST"))
@pytest.mark.parametrize("body", ["{not json", '{"zzz": 1}', "null", "[]", '"x"', "NaN"])
def test_a_body_that_is_wrong_changes_nothing(
    name: str, body: str, root: User, known: dict[str, Any]
) -> None:
    """Also for an operation that takes no body."""
    before = StoredEvent.objects.count()
    problem_of(DOORS[name].knock(browser_of(root), known, body), 400)
    assert StoredEvent.objects.count() == before


@pytest.mark.parametrize("name", sorted(name for name, each in DOORS.items() if each.method == "POST"))
@pytest.mark.parametrize("body", ["[]", "{", "null", '{"\\u0000": "\\ud800"}', '{"a": [[[[]]]]}'])
def test_no_operation_stumbles_over_nonsense(name: str, body: str, root: User) -> None:
    olive = factories.hire()
    known = {
        "work_id": factories.work_at(Stage.ASSIGNED, olive),
        "operative_id": olive,
        "site_id": factories.acquire(),
        "product_id": factories.create_product(),
        "order_id": uuid4(),
        "buyer_id": uuid4(),
    }
    answer = DOORS[name].knock(browser_of(root), known, body)
    assert answer.status_code < 500
    if answer.status_code >= 400:
        problem_of(answer, answer.status_code)
