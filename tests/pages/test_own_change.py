"""If a worker advances the read models: a person's own change is on their next page, or the page says why
not."""

from time import sleep
from typing import Any
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from eventstore.models import Checkpoint
from eventstore.projections.advance import advance
from eventstore.projections.read_model import registry
from pages import own_change
from readmodels.models import SiteRow, WorkRow
from tests import factories
from tests.eventstore.threads import Beside
from tests.pages.page_requests import FRAGMENT, press, text_of

BANNER = "Still catching up with your last change"
REFRESHING = FRAGMENT | {"HX-Target": "content", "HX-Trigger": "own-change"}

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def late(worker: None, response: User, control: User, operative: User, monkeypatch: Any) -> None:
    """A worker that is not running; pages lose patience at once."""
    factories.acquire()
    advance()
    monkeypatch.setattr(own_change, "PATIENCE", 0.05)


@pytest.fixture
def prompt(late: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that takes a moment; pages wait as long as a busy machine may need."""
    monkeypatch.setattr(own_change, "PATIENCE", 30.0)


def raise_work(browser: Client, **headers: Any) -> Any:
    site_id = SiteRow.objects.get().pk
    sent = {"command_id": uuid4(), "title": "Boiler out", "description": "Cold", "sites": [site_id]}
    return browser.post("/response/", sent, **headers)


def soon() -> None:
    """Do what a worker does, a moment after the page was asked for."""
    sleep(0.2)
    advance()


@pytest.mark.parametrize("headers", [{}, FRAGMENT], ids=["page", "fragment"])
def test_the_next_page_waits_for_it(headers: Any, prompt: None, response_client: Client) -> None:
    raised = raise_work(response_client)
    assert WorkRow.objects.count() == 0
    with Beside(1) as beside:
        beside.run(soon)
        page = response_client.get(raised.url, headers=headers)
    assert "Boiler out" in text_of(page)
    assert BANNER not in text_of(page)


@pytest.mark.parametrize("headers", [{}, FRAGMENT], ids=["page", "fragment"])
def test_a_page_that_waits_in_vain_says_so(headers: Any, late: None, response_client: Client) -> None:
    raised = raise_work(response_client)
    page = response_client.get(raised.url, headers=headers)
    assert page.status_code == 200
    assert BANNER in text_of(page)
    assert b'hx-trigger="load delay:1s' in page.content
    advance()
    page = response_client.get(raised.url, headers=headers)
    assert "Boiler out" in text_of(page)
    assert BANNER not in text_of(page)


def test_when_it_refreshes_itself_the_whole_page_comes(late: None, response_client: Client) -> None:
    raised = raise_work(response_client)
    page = response_client.get(raised.url, headers=REFRESHING)
    assert b'id="content"' in page.content
    assert BANNER in text_of(page)


def test_when_it_refreshes_itself_nobody_waits(prompt: None, response_client: Client) -> None:
    """With a wait of thirty seconds this would take longer than the test may."""
    raised = raise_work(response_client)
    with CaptureQueriesContext(connection) as queries:
        assert BANNER in text_of(response_client.get(raised.url, headers=REFRESHING))
    assert looks(queries) == 1


def test_only_who_made_the_change_waits(late: None, response_client: Client, control_client: Client) -> None:
    raise_work(response_client)
    assert BANNER not in text_of(control_client.get("/control/"))


def test_a_page_waits_for_what_it_shows_alone(late: None, response_client: Client) -> None:
    """People are listed with their operatives, and jobs do not matter to them."""
    raise_work(response_client)
    advance([each for name, each in registry.items() if name != "work"])
    assert BANNER in text_of(response_client.get("/work/"))
    User.objects.filter(username="response").update(is_superuser=True)
    assert BANNER not in text_of(response_client.get("/administration/permissions/"))


def test_a_form_is_judged_by_what_its_sender_has_just_done(prompt: None, control: User) -> None:
    """Work that a person raises and assigns at once is known by then."""
    control.roles.add(*User.objects.get(username="response").roles.all())
    browser = Client()
    browser.force_login(control)
    raise_work(browser)
    position = browser.session[own_change.POSITION]
    with Beside(1) as beside:
        beside.run(soon)
        while not WorkRow.objects.exists():
            sleep(0.01)
    olive = User.objects.get(username="operative").operative_id
    work_id = WorkRow.objects.get().pk
    assigned = browser.post(f"/work/{work_id}/assign/", {"command_id": uuid4(), "operative_id": olive})
    assert assigned.status_code == 302
    assert browser.session[own_change.POSITION] > position


def test_when_all_have_passed_it_each_page_looks_once(late: None, response_client: Client) -> None:
    raised = raise_work(response_client)
    advance()
    response_client.get(raised.url)
    with CaptureQueriesContext(connection) as queries:
        response_client.get(raised.url)
    assert looks(queries) == 1


def test_a_page_that_was_asked_for_before_does_not_take_away_a_later_position(
    late: None, response_client: Client
) -> None:
    """Django keeps the session that is saved last."""
    raise_work(response_client)
    advance()
    session = response_client.session
    before = dict(session)
    response_client.get("/work/")
    assert dict(response_client.session) == before


def test_a_position_in_another_store_is_not_waited_for(late: None, response_client: Client) -> None:
    """People stay signed in while their installation moves to a store that counts otherwise."""
    raised = raise_work(response_client)
    advance()
    for old in (["host:2113 callout", 10_000_000], 10_000_000, "nonsense"):
        session = response_client.session
        session[own_change.POSITION] = old
        session.save()
        with CaptureQueriesContext(connection) as queries:
            assert BANNER not in text_of(response_client.get(raised.url))
        assert looks(queries) == 0


def test_a_read_model_that_has_stopped_is_not_waited_for(late: None, response_client: Client) -> None:
    raised = raise_work(response_client)
    Checkpoint.objects.filter(name="work").update(error="It does not fit")
    advance()
    words = text_of(response_client.get(raised.url))
    assert BANNER not in words
    assert "What pages say of work is out of date" in words


def test_what_is_not_there_yet_may_come(late: None, response_client: Client) -> None:
    raise_work(response_client)
    page = response_client.get(f"/operatives/{uuid4()}/")
    assert page.status_code == 403
    browser = Client()
    browser.force_login(User.objects.get(username="control"))
    session = browser.session
    session[own_change.POSITION] = [own_change.this_store(), 10**12]
    session.save()
    page = browser.get(f"/operatives/{uuid4()}/")
    assert page.status_code == 404
    assert "will be here in a moment" in text_of(page)
    assert BANNER in text_of(page)


def test_what_answers_a_form_does_not_refresh_itself(late: None, response_client: Client) -> None:
    """The form that is shown again is the only place that holds what was typed."""
    raise_work(response_client)
    page = response_client.post("/response/", {"title": "Lift stuck"})
    assert page.status_code == 422
    assert BANNER in text_of(page)
    assert b"load delay" not in page.content
    assert b'http-equiv="refresh"' not in page.content


@pytest.mark.parametrize(("page", "refreshes"), [("/work/", True), ("/response/", False)])
def test_without_a_script_pages_to_type_on_stay(
    page: str, refreshes: bool, late: None, response_client: Client
) -> None:
    raise_work(response_client)
    assert (b'http-equiv="refresh"' in response_client.get(page).content) == refreshes


def test_news_is_what_the_page_would_show(
    late: None, response_client: Client, control_client: Client
) -> None:
    before = control_client.get("/control/").context["board"].position
    raise_work(response_client)
    news = f"/control/?news={before}"
    assert control_client.get(news, headers=FRAGMENT).status_code == 204
    advance()
    assert "1 new" in text_of(control_client.get(news, headers=FRAGMENT))


@pytest.mark.django_db
def test_where_changes_are_projected_at_once_nothing_is_remembered(
    settings: LazySettings, response_client: Client
) -> None:
    factories.acquire()
    raised = raise_work(response_client)
    assert own_change.POSITION not in response_client.session
    with CaptureQueriesContext(connection) as queries:
        response_client.get(raised.url)
    assert looks(queries) == 0


def test_a_step_is_on_the_page_it_leads_to(prompt: None, operative_client: Client) -> None:
    olive = User.objects.get(username="operative").operative_id
    assert olive
    work_id = factories.raise_work()
    factories.assign(work_id, olive)
    advance()
    with Beside(1) as beside:
        beside.run(soon)
        page = press(operative_client, "dispatch", work_id)
    assert "On the way since" in text_of(page)


def looks(queries: CaptureQueriesContext) -> int:
    """How often it was looked how far read models have come; the notice of stopped ones looks once a page,
    in their order."""
    asked = [each["sql"] for each in queries if "eventstore_checkpoint" in each["sql"]]
    return sum("ORDER BY" not in sql and "waits" not in sql for sql in asked)
