"""A person who guesses passwords must wait; one who mistypes theirs now and then need not."""

import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from axes.handlers.proxy import AxesProxyHandler
from django.conf import LazySettings
from django.core.cache import caches
from django.core.management import call_command
from django.test import Client, override_settings

from accounts.attempts import FROM_ADDRESS, PERIOD
from accounts.models import User
from config import environment
from tests.pages.page_requests import text_of

pytestmark = pytest.mark.django_db
LIMIT = 10
HERE, ELSEWHERE = "198.51.100.7", "198.51.100.8"


def attempt(username: str = "control", password: str = "wrong", *, at: str = HERE, **headers: str) -> Any:
    return Client(REMOTE_ADDR=at).post(
        "/sign-in/", {"username": username, "password": password}, headers=headers
    )


def fail(times: int, username: str = "control", *, at: str = HERE) -> list[int]:
    """The statuses of so many wrong attempts."""
    return [attempt(username, at=at).status_code for _ in range(times)]


def test_somebody_who_fails_too_often_waits_even_with_the_right_password(control: User) -> None:
    assert fail(LIMIT) == [422] * (LIMIT - 1) + [429]
    answer = attempt(password="demo")
    assert answer.status_code == 429
    assert "Too many attempts. Wait 10 minutes, then try again" in text_of(answer)
    assert 540 < int(answer.headers["Retry-After"]) <= 600
    assert "_auth_user_id" not in answer.client.session
    assert 'value="control"' in answer.content.decode()
    assert 'role="alert"' in answer.content.decode()


def test_it_reads_the_same_where_there_is_nobody_of_this_name(control: User) -> None:
    fail(LIMIT)
    fail(LIMIT, "nobody")
    known, unknown = (text_of(attempt(name, "demo")).replace(name, "") for name in ("control", "nobody"))
    assert "Too many attempts" in known
    assert known == unknown


def test_others_sign_in_meanwhile(control: User, response: User) -> None:
    fail(LIMIT)
    assert attempt("response", "demo").status_code == 302, "another person at the same address"
    assert attempt(password="demo", at=ELSEWHERE).status_code == 302, "the same person elsewhere"


def test_success_clears_the_count(control: User) -> None:
    fail(LIMIT - 1)
    assert attempt(password="demo").status_code == 302
    assert fail(LIMIT - 1) == [422] * (LIMIT - 1)
    assert attempt(password="demo").status_code == 302


def test_one_may_try_again_once_the_time_is_over(control: User, settings: LazySettings) -> None:
    settings.AXES_COOLOFF_TIME = timedelta(seconds=1)
    fail(LIMIT)
    statuses = iter(lambda: attempt(password="demo").status_code, 302)
    assert set(statuses) <= {429}


def test_trying_meanwhile_does_not_prolong_the_wait(control: User, settings: LazySettings) -> None:
    fail(LIMIT)
    settings.AXES_COOLOFF_TIME = timedelta(hours=2)
    assert all(int(attempt().headers["Retry-After"]) <= 600 for _ in range(3))


def test_ever_new_names_from_one_address_are_not_tried_for_ever(
    control: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []
    monkeypatch.setattr(User, "set_password", lambda _, password: tried.append(password))
    monkeypatch.setattr("time.time", lambda: 1_900_000_000.0)
    statuses = [attempt(f"name{number}").status_code for number in range(FROM_ADDRESS + 5)]
    assert statuses == [422] * FROM_ADDRESS + [429] * 5
    assert len(tried) == FROM_ADDRESS, "what is one too many costs no hash"
    answer = attempt("control", "demo")
    assert "Too many attempts. Wait 1 minute, then try again" in text_of(answer)
    assert 0 < int(answer.headers["Retry-After"]) <= PERIOD
    assert attempt("control", "wrong", at=ELSEWHERE).status_code == 422


def test_an_office_that_knows_its_passwords_signs_in(control: User) -> None:
    assert {attempt(password="demo").status_code for _ in range(FROM_ADDRESS + 5)} == {302}


@pytest.mark.parametrize("behind_proxy", [True, False])
def test_only_our_own_proxy_says_where_a_request_comes_from(
    control: User, settings: LazySettings, behind_proxy: bool
) -> None:
    settings.BEHIND_PROXY = behind_proxy
    proxy = "10.0.0.1"
    for number in range(LIMIT):
        attempt(at=proxy, **{"X-Forwarded-For": f"203.0.113.{number}, {HERE}"})
    here = attempt(at=proxy, **{"X-Forwarded-For": f"8.8.8.8, {HERE}"})
    elsewhere = attempt(at=proxy, **{"X-Forwarded-For": f"{HERE}, {ELSEWHERE}"})
    assert (here.status_code, elsewhere.status_code) == (429, 422 if behind_proxy else 429)


def test_neither_names_nor_addresses_get_into_the_log(
    control: User, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="axes.handlers")
    fail(LIMIT + 1)
    attempt("response", "demo", at=ELSEWHERE)
    attempt(password="demo", at=ELSEWHERE)
    assert "Locking out" in caplog.text
    assert not [word for word in ("control", "response", HERE, ELSEWHERE) if word in caplog.text]


@pytest.fixture
def in_the_database(monkeypatch: pytest.MonkeyPatch, db: None) -> Iterator[None]:
    """CACHE_URL=database://, with its table made."""
    monkeypatch.setenv("CACHE_URL", "database://")
    with override_settings(CACHES={"default": environment.cache("CACHE_URL")}):
        call_command("createcachetable")
        AxesProxyHandler.get_implementation(force=True)
        yield
    AxesProxyHandler.get_implementation(force=True)


def test_all_processes_count_together_in_the_database(control: User, in_the_database: None) -> None:
    assert fail(LIMIT) == [422] * (LIMIT - 1) + [429]
    assert type(caches["default"]).__name__ == "DatabaseCache"
    assert attempt(password="demo").status_code == 429
    assert attempt(password="demo", at=ELSEWHERE).status_code == 302
