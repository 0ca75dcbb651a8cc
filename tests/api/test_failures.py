"""Failures that are nobody's fault, or ours: they are problems too."""

import logging
from typing import Any
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.db import InterfaceError, OperationalError, connection
from django.test import Client

from accounts.models import User
from tests import factories
from tests.api.calls import ask, problem_of, send
from tests.pages.conftest import Unreached

pytestmark = pytest.mark.django_db
NOTHING_CHANGED = "The event store cannot be reached; nothing was changed"


@pytest.fixture
def call(db: None) -> dict[str, Any]:
    """A body that raises work."""
    return {"title": "Boiler out", "description": "Cold", "site_ids": [str(factories.acquire())]}


def test_a_write_while_the_store_is_away(
    response_client: Client, call: dict[str, Any], unreachable: Unreached
) -> None:
    unreachable()
    answer = send(response_client, "/work", call)
    assert problem_of(answer, 503)["detail"] == NOTHING_CHANGED
    assert answer.headers["Retry-After"] == "5"


def test_a_write_that_was_never_answered(
    response_client: Client, call: dict[str, Any], unreachable: Unreached
) -> None:
    unreachable(silent=True)
    again = problem_of(send(response_client, "/work", call, Idempotency_Key=str(uuid4())), 503)["detail"]
    assert "Send it again: that will not do it twice" in again
    careful = problem_of(send(response_client, "/work", call), 503)["detail"]
    assert "sending it again may do it twice" in careful


def test_lists_go_on_while_the_store_is_away(stranger_client: Client, unreachable: Unreached) -> None:
    work_id = factories.raise_work()
    unreachable()
    assert ask(stranger_client, "/work").status_code == 200
    problem_of(ask(stranger_client, f"/work/{work_id}"), 503)


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_a_database_that_goes_away_in_the_middle(
    error: type[Exception], stranger_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise error("connection to server at 10.0.0.7 failed\nfor user Ada")

    monkeypatch.setattr("readmodels.queries.work_list.page", refuse)
    answer = ask(stranger_client, "/work")
    assert problem_of(answer, 503)["detail"] == "The database cannot be reached"
    assert answer.headers["Retry-After"] == "5"


def test_a_database_that_is_away_from_the_beginning(response_client: Client, call: dict[str, Any]) -> None:
    def no_database(*_: Any, **__: Any) -> None:
        raise OperationalError("the database system is shutting down")

    with connection.execute_wrapper(no_database):
        for answer in (ask(response_client, "/work"), send(response_client, "/work", call)):
            problem_of(answer, 503)
            assert answer.headers["Retry-After"] == "5"


@pytest.mark.parametrize("debug", [True, False])
def test_our_own_fault_is_logged_and_not_told(
    debug: bool,
    stranger_client: Client,
    settings: LazySettings,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def stumble(*_: Any, **__: Any) -> None:
        raise RuntimeError("the secret of 10.0.0.7")

    settings.DEBUG = debug
    monkeypatch.setattr("readmodels.queries.work_list.page", stumble)
    answer = ask(stranger_client, "/work?q=Ada")
    problem_of(answer, 500)
    assert b"secret" not in answer.content
    (record,) = [each for each in caplog.records if each.name == "api.failures"]
    assert (record.levelno, record.getMessage()) == (logging.ERROR, "GET /api/work failed")
    assert record.exc_info


def test_the_log_says_what_was_asked_of_an_address_and_no_id(
    response_client: Client,
    call: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """At /work, jobs are listed and raised."""

    def stumble(*_: Any, **__: Any) -> None:
        raise RuntimeError

    work_id = factories.raise_work()
    monkeypatch.setattr("api.writes.dispatch", stumble)
    monkeypatch.setattr("readmodels.queries.jobs.job", stumble)
    send(response_client, "/work", call)
    ask(response_client, f"/work/{work_id}")
    said = [each.getMessage() for each in caplog.records if each.name == "api.failures"]
    assert said == ["POST /api/work failed", "GET /api/work/<id:work_id> failed"]


def test_what_changes_anything_needs_the_token_of_its_page(response: User, call: dict[str, Any]) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(response)
    assert "X-CSRFToken" in problem_of(send(browser, "/work", call), 403)["detail"]
    assert ask(browser, "/work").status_code == 200
    token = str(browser.get("/response/").context["csrf_token"])
    assert send(browser, "/work", call, X_CSRFToken=token).status_code == 201


def test_somebody_who_has_not_signed_in_is_told_so(call: dict[str, Any]) -> None:
    """Not that some check has failed."""
    answer = send(Client(enforce_csrf_checks=True), "/work", call)
    problem_of(answer, 401)
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("shown", ["Bearer nonsense", "Bearer ", "Basic YTpi", "nonsense", "Bearer \u00e9"])
def test_a_token_that_is_none_is_not_made_up_for_by_a_session(shown: str, response_client: Client) -> None:
    problem_of(ask(response_client, "/work", Authorization=shown), 401)


def test_somebody_who_was_deactivated_is_signed_out(response: User, response_client: Client) -> None:
    User.objects.filter(pk=response.pk).update(is_active=False)
    problem_of(ask(response_client, "/work"), 401)
