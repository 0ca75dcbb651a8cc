"""What people see when something is not there, not allowed or broken."""

import logging
from io import StringIO
from typing import Any

import pytest
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.test import Client
from django.urls import path

from accounts import rules
from accounts.guard import allow
from accounts.models import User
from config import urls
from eventstore.models import Checkpoint
from tests import factories
from tests.pages.page_requests import text_of

FRAME = b'<nav class="sections"'


@allow(rules.ANYBODY)
def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a secret of the inside")


@allow(rules.ANYBODY)
def suspicious(request: HttpRequest) -> HttpResponse:
    raise SuspiciousOperation("None of that")


@pytest.fixture
def faulty(settings: Any) -> None:
    """Addresses that fail."""

    class Configuration:
        urlpatterns = [path("broken/", broken), path("suspicious/", suspicious), *urls.urlpatterns]

    settings.ROOT_URLCONF = Configuration


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> StringIO:
    """What the application writes to its log."""
    (console,) = [each for each in logging.getLogger().handlers if type(each) is logging.StreamHandler]
    assert not logging.getLogger("django").handlers
    written = StringIO()
    monkeypatch.setattr(console, "stream", written)
    return written


def test_an_unknown_address(stranger_client: Client, client: Client, db: None) -> None:
    page = stranger_client.get("/no/such/page/")
    assert page.status_code == 404
    assert "There is nothing at this address" in text_of(page)
    assert FRAME in page.content
    outside = client.get("/no/such/page/")
    assert outside.status_code == 404
    assert FRAME not in outside.content


def test_what_is_not_allowed(stranger_client: Client) -> None:
    page = stranger_client.get("/response/")
    assert page.status_code == 403
    assert "Your role does not allow it" in text_of(page)
    assert FRAME in page.content


@pytest.mark.parametrize(
    ("address", "lines"),
    [
        ("/response/", ["django.request Forbidden (Permission denied): /response/"]),
        (
            "/suspicious/",
            ["django.security.SuspiciousOperation None of that"],
        ),
    ],
)
def test_what_is_refused_is_one_line_of_the_log(
    address: str, lines: list[str], stranger_client: Client, faulty: None, log: StringIO
) -> None:
    assert stranger_client.get(address).status_code in (400, 403)
    assert [line.split(" ", 3)[3] for line in log.getvalue().splitlines()] == lines


def test_what_is_broken_is_traced_once(client: Client, faulty: None, log: StringIO) -> None:
    client.raise_request_exception = False
    client.get("/broken/")
    assert log.getvalue().count("Traceback") == 1
    assert "RuntimeError: a secret of the inside" in log.getvalue()


def test_a_form_without_its_token(response: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(response)
    page = browser.post("/response/", {"title": "Boiler out"})
    assert page.status_code == 403
    assert "This form could not be trusted" in text_of(page)
    assert FRAME in page.content


@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("/broken/", 500, "Something broke on our side"),
        ("/suspicious/", 400, "This request could not be understood"),
    ],
)
def test_what_is_broken_says_nothing_of_the_inside(
    address: str, status: int, words: str, client: Client, faulty: None
) -> None:
    client.raise_request_exception = False
    page = client.get(address)
    assert page.status_code == status
    assert words in text_of(page)
    assert b"secret" not in page.content


@pytest.mark.parametrize("page", ["400.html", "500.html"])
def test_the_last_resort_needs_no_request(page: str) -> None:
    assert "callout.css" in render_to_string(page)


def test_an_address_that_only_takes_forms(operative_client: Client) -> None:
    page = operative_client.get("/sign-out/")
    assert page.status_code == 405
    assert page.headers["Allow"]
    assert "There is no page at this address" in text_of(page)
    assert FRAME in page.content


@pytest.mark.parametrize("who", ["response", "control", "operative", "administration"])
def test_every_page_says_when_pages_are_out_of_date(who: str, request: pytest.FixtureRequest) -> None:
    browser = request.getfixturevalue(f"{who}_client")
    page = {"response": "/response/", "control": "/control/"}.get(who, "/work/")
    factories.raise_work()
    assert "out of date" not in text_of(browser.get(page))
    Checkpoint.objects.filter(name="work").update(error="Ada does not fit")
    words = text_of(browser.get(page))
    assert "What pages say of work is out of date" in words
    assert ("Please tell Administration" in words) == (who != "administration")
    assert "Ada" not in words
    Checkpoint.objects.filter(name="sites").update(version=0)
    assert "What pages say of sites and work is out of date" in text_of(browser.get("/", follow=True))
