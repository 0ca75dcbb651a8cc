"""What people see while the event store or the database is away."""

import logging
import re
from collections.abc import Iterator
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.db import InterfaceError, OperationalError, connection
from django.test import Client
from django.urls import reverse

from accounts.models import User
from eventstore.current import current_store
from eventstore.models import StoredEvent
from eventstore.projections.advance import advance
from eventstore.store import EventStore
from pages.draft import sign
from readmodels.models import SiteRow, WorkRow
from support.work import Stage
from tests import factories
from tests.kurrent.server import Server
from tests.pages.conftest import Unreached
from tests.pages.order_form import CODE, NEW, VISA, filled
from tests.pages.page_requests import FRAGMENT, queries_of, text_of

FRAME = b'<nav class="sections"'
NOTHING_CHANGED = "The event store cannot be reached; nothing was changed"
COUNTS_ONCE = "Send it again: that will not do it twice"
DATABASE = "The database cannot be reached"
TYPED = "Two lifts <stuck>\nsince “nine” & people inside"

pytestmark = pytest.mark.django_db


@pytest.fixture
def call(db: None) -> dict[str, Any]:
    """What Response has typed."""
    site_id = factories.acquire()
    return {"command_id": str(uuid4()), "title": "Lifts", "description": TYPED, "sites": [str(site_id)]}


def hidden_fields(page: Any) -> dict[str, list[str]]:
    """What the form on the page would send."""
    found: dict[str, list[str]] = {}
    form = page.content.decode().split('<form method="post" action="/response/">')[1].split("</form>")[0]
    for name, value in re.findall(r'name="([^"]*)" value="([^"]*)"', form):
        found.setdefault(name, []).append(unescape(value))
    return found


@pytest.mark.parametrize(
    ("silent", "words"), [(False, NOTHING_CHANGED), (True, COUNTS_ONCE)], ids=["nothing changed", "unknown"]
)
def test_a_command_that_met_no_store_can_be_sent_again(
    silent: bool,
    words: str,
    response: User,
    call: dict[str, Any],
    unreachable: Unreached,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    unreachable(silent=silent)
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(response)
    token = {"csrfmiddlewaretoken": browser.get("/response/").context["csrf_token"]}
    page = browser.post("/response/", {**call, **token})
    assert page.status_code == 503
    assert page.headers["Retry-After"] == "5"
    assert words in text_of(page)
    assert (NOTHING_CHANGED in text_of(page)) != silent
    assert FRAME in page.content
    fields = hidden_fields(page)
    assert {name: fields[name] for name in call} == {
        name: value if isinstance(value, list) else [value] for name, value in call.items()
    }
    assert "class" not in fields  # and nothing that was typed has become markup
    monkeypatch.undo()
    current_store.cache_clear()
    for _ in range(2):
        assert browser.post("/response/", fields).status_code == 302
    assert WorkRow.objects.get().description == TYPED


def test_what_htmx_sent_stays_on_the_page(
    response_client: Client, call: dict[str, Any], unreachable: Unreached
) -> None:
    unreachable()
    answer = response_client.post("/response/", call, headers=FRAGMENT)
    assert answer.status_code == 503
    assert NOTHING_CHANGED in text_of(answer)
    assert answer.content.strip().startswith(b'<div class="message"')
    assert b"<form" not in answer.content


def test_a_page_that_only_the_store_can_fill(administration_client: Client, unreachable: Unreached) -> None:
    unreachable()
    page = administration_client.get("/events/?stream=work-1")
    assert page.status_code == 503
    assert NOTHING_CHANGED in text_of(page)
    assert b'href="/events/?stream=work-1">Try again' in page.content
    assert b'method="post"' not in page.content.split(b"<main")[1]


def test_the_log_says_where_and_why_and_nothing_of_what_was_typed(
    response_client: Client, call: dict[str, Any], unreachable: Unreached, caplog: pytest.LogCaptureFixture
) -> None:
    unreachable()
    response_client.post("/response/?q=Ada+Lovelace", call)
    (record,) = [each for each in caplog.records if each.name == "pages.unavailable"]
    assert record.levelno == logging.ERROR
    said = record.getMessage()
    assert said == "The event store is away: POST /response/: Unreachable: GrpcDeadlineExceeded: no answer"


@pytest.mark.parametrize(
    ("who", "page"),
    [
        ("response", "/"),
        ("response", "/response/?q=harbour"),
        ("control", "/control/"),
        ("control", "/operatives/"),
        ("operative", "/operatives/"),
        ("administration", "/"),
        ("administration", "/administration/"),
        ("administration", "/administration/sites/"),
        ("administration", "/administration/operatives/"),
        ("stranger", "/work/"),
    ],
)
def test_what_read_models_show_goes_on(
    who: str, page: str, unreachable: Unreached, request: pytest.FixtureRequest
) -> None:
    browser = request.getfixturevalue(f"{who}_client")
    factories.work_at(Stage.ASSIGNED)
    unreachable()
    assert browser.get(page).status_code == 200


def test_a_job_is_shown_without_its_story(
    response: User, stranger_client: Client, unreachable: Unreached
) -> None:
    work_id = factories.raise_work("Boiler out", "Cold since this morning", by=response.actor)
    unreachable()
    page = stranger_client.get(reverse("job", args=[work_id]))
    assert page.status_code == 200
    words = text_of(page)
    for each in ("The story cannot be told just now", "Cold since this morning", "by Response", "Whitby"):
        assert each in words
    assert stranger_client.get(reverse("job", args=[uuid4()])).status_code == 503


@pytest.mark.parametrize("page", ["/control/", "operative"])
def test_news_is_said_once_to_be_away(
    page: str, control_client: Client, operative: User, unreachable: Unreached
) -> None:
    address = reverse("operative", args=[operative.operative_id]) if page == "operative" else page
    unreachable()
    answer = control_client.get(f"{address}?news=0", headers=FRAGMENT)
    assert answer.status_code == 200
    assert "News cannot be had just now" in text_of(answer)
    assert b"<a " not in answer.content
    told = {"news": "0", "told": "News cannot be had just now"}
    assert control_client.get(address, told, headers=FRAGMENT).status_code == 204


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_a_database_that_goes_away_in_the_middle(
    error: type[Exception], response_client: Client, call: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise error("connection to server at 10.0.0.7 failed\nfor user Ada")

    monkeypatch.setattr("support.views.response.desk", refuse)
    page = response_client.get("/response/")
    assert page.status_code == 503
    assert DATABASE in text_of(page)
    assert "nothing was changed" not in text_of(page)
    assert FRAME not in page.content
    assert "10.0.0.7" not in text_of(page)
    monkeypatch.setattr("pages.respond.dispatch", refuse)
    page = response_client.post("/response/", call)
    assert hidden_fields(page)["description"] == [TYPED]
    answer = response_client.post("/response/", call, headers=FRAGMENT)
    assert (answer.status_code, DATABASE in text_of(answer)) == (503, True)


def test_a_database_that_is_away_from_the_beginning(
    response_client: Client, client: Client, call: dict[str, Any]
) -> None:
    """Not even the user can be looked up."""
    with connection.execute_wrapper(no_database):
        for page in (response_client.get("/response/"), response_client.post("/response/", call)):
            assert page.status_code == 503
            assert DATABASE in text_of(page)
        assert hidden_fields(page)["title"] == ["Lifts"]
        assert client.get("/health/alarms/").json()["database"] is False


def no_database(*_: Any, **__: Any) -> None:
    raise OperationalError("the database system is shutting down")


def test_a_database_that_goes_away_after_the_store(
    response_client: Client, call: dict[str, Any], unreachable: Unreached, monkeypatch: pytest.MonkeyPatch
) -> None:
    unreachable()
    monkeypatch.setattr("pages.context.stopped", no_database)
    page = response_client.post("/response/", call)
    assert page.status_code == 503
    assert NOTHING_CHANGED in text_of(page)
    assert FRAME not in page.content


def misspelt(execute: Any, sql: str, *others: Any) -> Any:
    """Not the name of the table in the model, which Django keeps beside its fields for ever."""
    return execute(sql.replace("readmodels_workrow", "gone"), *others)


def test_a_statement_that_is_wrong_is_our_fault(stranger_client: Client) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL calls it something else than operational")
    stranger_client.raise_request_exception = False
    with connection.execute_wrapper(misspelt):
        assert stranger_client.get("/").status_code == 500


def test_a_password_is_never_written_into_a_page(
    administration: User, administration_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A form that is no command is not sent again, but comes back to be looked at."""
    monkeypatch.setattr("accounts.permissions.add_person", no_database)
    sent = {"username": "zoe", "password": "correct horse battery", "typed_by": sign(administration)}
    page = administration_client.post(reverse("new-person"), sent)
    assert page.status_code == 503
    assert b"correct horse" not in page.content
    assert "What you typed is kept here, but for what is kept nowhere: Password" in text_of(page)
    (typed,) = re.findall('name="typed" value="([^"]*)"', page.content.decode())
    again = administration_client.post(reverse("new-person"), {"typed": unescape(typed)})
    assert b'value="zoe"' in again.content
    assert not User.objects.filter(username="zoe").exists()


def test_somebody_who_typed_nothing_that_can_be_kept_goes_back(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accounts.views.sign_in.SignIn.post", no_database)
    page = client.post("/sign-in/", {"username": "zoe", "password": "correct horse battery"})
    assert page.status_code == 503
    assert b"correct horse" not in page.content
    assert "Go back with your browser" in text_of(page)


@pytest.mark.parametrize("silent", [False, True], ids=["nothing changed", "unknown"])
def test_an_order_is_sent_again_with_its_card_typed_again(
    silent: bool,
    control: User,
    control_client: Client,
    unreachable: Unreached,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Under the same command id, also when the card is mistyped first: the order may have been taken."""
    command_id = str(uuid4())
    order = filled(factories.create_product(), command_id=command_id, typed_by=sign(control))
    unreachable(silent=silent)
    page = control_client.post(NEW, order)
    assert page.status_code == 503
    shown = page.content.decode()
    assert "Card number and Security code: kept nowhere, and so to be typed again" in text_of(page)
    assert not re.search(rf"{VISA}|value=\"{CODE}\"", shown)
    fields = dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', shown))
    assert fields["command_id"] == command_id
    assert not {"card_number", "security_code"} & set(fields)
    assert re.findall(r'<input class="form-control" id="[^"]*" name="([^"]*)"', shown) == [
        "card_number",
        "security_code",
    ]
    monkeypatch.undo()
    current_store.cache_clear()
    anew = {**fields, "security_code": CODE}
    slip = control_client.post(NEW, {**anew, "card_number": "4111"})
    assert slip.status_code == 422
    assert (f'name="command_id" value="{command_id}"' in slip.content.decode()) == silent
    assert ("whether_taken_is_unknown" in slip.content.decode()) == silent
    for _ in range(2):
        assert control_client.post(NEW, {**anew, "card_number": VISA}).url == f"/orders/{command_id}/"  # type: ignore[attr-defined]


@pytest.fixture
def stopped_server(
    worker: None, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[EventStore, Server]]:
    """KurrentDB over its own protocol, running until the test stops it."""
    monkeypatch.setattr("eventstore.kurrent.connection.PATIENCE", 0.3)
    with Server() as server:
        settings.EVENT_STORE_URL = server.url
        settings.EVENT_STORE_PREFIX = f"test{uuid4().hex}"
        current_store.cache_clear()
        yield current_store(), server
        current_store.cache_clear()


@pytest.mark.django_db(transaction=True)
def test_a_server_that_is_stopped_and_started_again(
    stopped_server: tuple[EventStore, Server], response_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, server = stopped_server
    factories.acquire()
    advance()
    call = {"command_id": uuid4(), "title": "Lifts", "description": TYPED, "sites": SiteRow.objects.get().pk}
    head = store.head()
    server.stop()
    page = response_client.post("/response/", call)
    assert page.status_code == 503
    assert NOTHING_CHANGED in text_of(page)
    assert response_client.get("/").status_code == 200
    assert response_client.get("/health/alarms/").json()["event_store"] is False
    server.start()
    monkeypatch.setattr("eventstore.kurrent.connection.PATIENCE", 30.0)
    assert store.head() == head
    assert response_client.post("/response/", hidden_fields(page)).status_code == 302
    advance()
    assert WorkRow.objects.count() == 1
    assert StoredEvent.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_server_that_takes_an_append_and_never_says_so(
    stopped_server: tuple[EventStore, Server], response_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, server = stopped_server
    factories.acquire()
    advance()
    call = {"command_id": uuid4(), "title": "Lifts", "description": TYPED, "sites": SiteRow.objects.get().pk}
    server.cut_after_append(1000)
    page = response_client.post("/response/", call)
    assert page.status_code == 503
    assert COUNTS_ONCE in text_of(page)
    server.cut_after_append(0)
    monkeypatch.setattr("eventstore.kurrent.connection.PATIENCE", 30.0)
    assert response_client.post("/response/", hidden_fields(page)).status_code == 302
    advance()
    assert WorkRow.objects.count() == 1


def test_all_this_asks_nothing_more_of_the_database(control_client: Client) -> None:
    factories.work_at(Stage.ASSIGNED)
    factories.raise_work()
    assert queries_of(control_client, "/control/") <= 10
