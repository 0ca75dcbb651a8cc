"""The API's schema is complete, and no answer contradicts it."""

import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any
from urllib.parse import parse_qs, urlsplit

import hypothesis
import pytest
import schemathesis
from django.conf import LazySettings
from django.test import Client
from django.test.client import ClientHandler
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from accounts import tokens
from accounts.features import Feature
from accounts.models import Token, User
from api.api import api
from api.problems import Problem
from api.shapes import Sent
from tests import factories
from tests.api.described import (
    SCHEMA,
    SHAPES,
    bodies,
    contents,
    described,
    example_of,
    faults,
    without_example,
)
from tests.api.operations import DOORS

ENDLESS = "stream_events"
"""It goes on for as long as somebody reads: described by hand, and tried in tests/feed."""
OPERATIONS = [
    each for path in SCHEMA["paths"].values() for each in path.values() if each["operationId"] != ENDLESS
]
HELD = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


class Application:
    """The application as its test client runs it: in the test's transaction; and as a program, with
    nothing but its token."""

    def __init__(self) -> None:
        self.handler = ClientHandler(enforce_csrf_checks=True)
        self.secret = ""

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterator[bytes]:
        environ.pop("HTTP_COOKIE", None)
        environ["HTTP_AUTHORIZATION"] = f"Bearer {self.secret}"
        answer: Any = self.handler(environ)
        start_response(f"{answer.status_code} {answer.reason_phrase}", list(answer.items()))
        yield answer.content


application = Application()
generated = schemathesis.openapi.from_dict(deepcopy(SCHEMA)).exclude(operation_id=ENDLESS)
generated.app = application


@pytest.fixture
def known(db: None) -> dict[str, Any]:
    """Something for every parameter of an address."""
    return factories.one_of_each(factories.hire("Olive", "Marsh"))


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch, settings: LazySettings) -> None:
    """Nothing waits for events that will not come, and no limit applies: 429 would hide every other
    answer."""
    monkeypatch.setattr("api.feed.LONGEST_WAIT", 0.01)
    settings.API_RATE = (1_000_000, 60)


@pytest.fixture
def token(root: User) -> Token:
    """A program that may do everything asks."""
    token, application.secret = tokens.make("Shop", Feature, root)
    return token


@generated.parametrize()
@hypothesis.settings(
    max_examples=20, suppress_health_check=[*hypothesis.HealthCheck], database=None, deadline=None
)
def test_no_answer_lies_outside_the_schema(
    case: schemathesis.Case[Any], known: dict[str, Any], token: Token, impatient: None
) -> None:
    if set(case.path_parameters) <= set(known):
        case.path_parameters = {name: str(known[name]) for name in case.path_parameters}
    answer = case.call_and_validate(checks=HELD)
    assert answer.status_code not in {401, 403}, "it would be the only answer that is ever looked at"


def test_every_operation_is_described() -> None:
    assert {each["operationId"] for each in OPERATIONS} == set(DOORS) - {"openapi_json"}
    for each in OPERATIONS:
        name = each["operationId"]
        assert each["tags"], name
        assert each["summary"], name
        assert (
            "For anybody who has signed in" in each["description"]
            or "Needs the feature" in each["description"]
        )
        assert each["security"] == [{"Token": []}, {"Session": []}], name


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each["operationId"])
def test_every_failure_is_described(operation: dict[str, Any]) -> None:
    expected = {400, 401, 403, 404, 429, 503}
    if operation.get("requestBody") or 304 not in operation["responses"]:
        expected |= {409, 412, 413, 415}
    told = {status: each for status, each in operation["responses"].items() if status >= 400}
    assert set(told) == expected
    for each in told.values():
        assert len(each["description"].split()) > 3
        assert list(each["content"]) == ["application/problem+json"]


def test_every_failure_has_an_example_of_its_own() -> None:
    for operation in OPERATIONS:
        for status, answer in operation["responses"].items():
            if status >= 400:
                (content,) = answer["content"].values()
                example = Problem.model_validate(content["example"])
                assert example.status == status
                assert bool(example.errors) == (status == 400)


def test_every_field_and_parameter_is_described() -> None:
    assert [name for name, _, words in described() if not words] == []


def test_every_field_and_parameter_has_an_example() -> None:
    assert [name for name, schema, _ in described() if without_example(schema)] == []


def test_every_example_keeps_to_its_schema() -> None:
    for name, schema, _ in described():
        for each in schema.get("examples", []):
            assert faults(schema, each) == [], name


def test_the_next_page_looks_as_it_is_answered() -> None:
    """A cursor, which nobody needs to read; only histories and the feed continue from a number."""
    given = {name: schema["examples"][0] for name, schema, _ in described() if schema.get("examples")}
    addresses = [given[name] for name in given if name.endswith(".next") and given[name]]
    places = {each: parse_qs(urlsplit(each).query)["after"][0] for each in addresses}
    places |= {name: str(given[name]) for name in given if name.endswith(" after")}
    for name, place in places.items():
        is_number = re.search("history|events", name) is not None
        assert re.fullmatch("[0-9]+" if is_number else "[A-Za-z0-9_-]{40,}", place), name


def test_every_operation_has_an_example_of_what_it_takes_and_answers() -> None:
    for name, schema in contents():
        assert faults(schema, example_of(schema)) == [], name


@pytest.mark.parametrize(("name", "shape"), sorted({each.__name__: each for each in bodies()}.items()))
def test_the_example_of_a_body_can_be_sent(name: str, shape: type[Sent]) -> None:
    shape.model_validate(example_of(SHAPES[name]))


def test_no_parameter_is_null() -> None:
    for operation in OPERATIONS:
        for each in operation["parameters"]:
            assert '"null"' not in str(each).replace("'", '"'), (operation["operationId"], each["name"])


DESCRIPTION = "/api/openapi.json"


@pytest.mark.django_db
def test_the_schema_is_for_whoever_has_signed_in(client: Client, stranger_client: Client) -> None:
    assert client.get(DESCRIPTION).status_code == 401
    answer = stranger_client.get(DESCRIPTION)
    assert answer.status_code == 200
    assert answer.json()["openapi"] == "3.1.0"
    assert set(answer.json()["paths"]) == set(SCHEMA["paths"])


@pytest.mark.django_db
def test_any_token_will_do_for_the_schema(client: Client, root: User) -> None:
    _, secret = tokens.make("Generator of clients", [], by=root)
    answer = client.get(DESCRIPTION, headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 200


@pytest.mark.django_db
def test_the_schema_is_put_together_once_and_sent_once(
    stranger_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    etag = stranger_client.get(DESCRIPTION).headers["ETag"]
    monkeypatch.setattr(api, "get_openapi_schema", None)
    assert stranger_client.get(DESCRIPTION).headers["ETag"] == etag
    again = stranger_client.get(DESCRIPTION, headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
