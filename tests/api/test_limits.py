"""Nobody uses up what all need: there are limits for each program and each person, and for wrong secrets
from each address."""

from typing import Any

import pytest
from django.conf import LazySettings
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client, override_settings

from accounts import tokens
from accounts.features import Feature
from accounts.models import User
from api.api import api
from api.limits import Limit
from config import environment
from tests.api.calls import ask, problem_of
from tests.api.operations import DOORS
from tests.conftest import browser_of

pytestmark = pytest.mark.django_db
LONG = 3600
"""Seconds of a window that no test outlasts, unless it begins in the last of them."""
WRONG = "callout_" + "0" * 64


@pytest.fixture(autouse=True)
def three_an_hour(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Few; and by the clock of the whole process it is the middle of a window."""
    settings.API_RATE = (3, LONG)
    monkeypatch.setattr("pages.rate.time.time", lambda: 1_000_000 * LONG + LONG / 2)


def program(root: User, name: str = "Stock feed") -> Client:
    _, secret = tokens.make(name, [Feature.DO_WORK, Feature.SEE_EVENTS], root)
    return Client(headers={"Authorization": f"Bearer {secret}"})


def guess(address: str = "198.51.100.7", secret: str = WRONG, path: str = "/work") -> Any:
    return ask(Client(REMOTE_ADDR=address), path, Authorization=f"Bearer {secret}")


def test_a_program_that_asks_too_often_is_told_when_to_ask_again(root: User) -> None:
    browser = program(root)
    assert [ask(browser, path).status_code for path in ("/work", "/operatives", "/work")] == [200] * 3
    answer = ask(browser, "/work")
    found = problem_of(answer, 429)
    assert answer.headers["Retry-After"] == str(LONG // 2)
    assert found["detail"] == f"Too many requests; ask again in {LONG // 2} seconds"


def test_another_program_goes_on(root: User) -> None:
    busy, calm = program(root), program(root, "Wall board")
    statuses = [ask(busy, "/work").status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
    assert ask(calm, "/work").status_code == 200


def test_a_person_counts_as_one_in_all_their_browsers(control: User) -> None:
    statuses = [ask(browser_of(control), "/work").status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]


def test_the_next_window_begins_again(root: User, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = program(root)
    answers = [ask(browser, "/work") for _ in range(4)]
    now = 1_000_000 * LONG + LONG / 2 + int(answers[-1].headers["Retry-After"])
    monkeypatch.setattr("pages.rate.time.time", lambda: now)
    assert ask(browser, "/work").status_code == 200


def test_every_operation_counts() -> None:
    for each in api._get_bound_routers():
        for view in each.path_operations.values():
            for operation in view.operations:
                assert [type(throttle) for throttle in operation.throttle_objects] == [Limit], operation.path
    assert DOORS


@pytest.mark.parametrize("path", ["/work", "/events/stream"])
def test_somebody_who_guesses_secrets_is_not_listened_to_for_a_while(root: User, path: str) -> None:
    for number in range(3):
        problem_of(guess(secret=f"callout_{number:064}", path=path), 401)
    _, secret = tokens.make("Stock feed", [], root)
    answer = guess(secret=secret, path=path)
    problem_of(answer, 429)
    assert answer.headers["Retry-After"] == str(LONG // 2)


def test_others_are_listened_to_meanwhile(root: User, control: User) -> None:
    for _ in range(4):
        guess()
    assert ask(program(root), "/work").status_code == 200, "a program elsewhere"
    here = Client(REMOTE_ADDR="198.51.100.7")
    here.force_login(control)
    assert ask(here, "/work").status_code == 200, "a person at the same address"


def test_nobody_counts_who_shows_no_secret(client: Client) -> None:
    for _ in range(4):
        problem_of(ask(client, "/work"), 401)


def test_a_count_that_the_cache_has_thrown_out_begins_again(root: User) -> None:
    browser = program(root)
    answers = [ask(browser, "/work") for _ in range(4)]
    problem_of(answers[-1], 429)
    cache.clear()
    assert ask(browser, "/work").status_code == 200


def test_all_processes_count_together_in_the_database(root: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CACHE_URL", "database://")
    with override_settings(CACHES={"default": environment.cache("CACHE_URL")}):
        call_command("createcachetable")
        browser = program(root)
        assert [ask(browser, "/work").status_code for _ in range(4)] == [200, 200, 200, 429]
        assert [guess().status_code for _ in range(4)] == [401, 401, 401, 429]
