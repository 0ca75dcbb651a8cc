"""Read models that a worker advances, and a store that goes away, as people meet them."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from eventstore.current import current_store
from eventstore.projections.advance import advance
from tests import factories
from tests.browser.inspection import faults_of
from tests.browser.page_rules import Watch
from tests.browser.visit import sign_in
from tests.pages.conftest import Unreached, unreachable, use_store  # noqa: F401  fixtures
from tests.worker.processes import Worker

CATCHING_UP = "Still catching up with your last change"


@pytest.fixture
def at_the_call(desk: Page, worker: None, response: User) -> Page:
    """Response, with a site that the read models know, and no worker to advance them further."""
    factories.acquire("1 Harbour Street")
    advance()
    sign_in(desk, "response")
    desk.goto("/response/")
    return desk


def working(folder: Path) -> Worker:
    """A worker as in production. No page waits for its start, which takes long on a busy machine."""
    return Worker(folder, DJANGO_SETTINGS_MODULE="config.settings").started()


def raise_boiler_out(page: Page) -> None:
    page.get_by_label("Find sites").fill("harbour")
    page.get_by_role("checkbox", name="1 Harbour Street").check()
    page.get_by_label("Title").fill("Boiler out")
    page.get_by_label("Description").fill("No heating since this morning.")
    page.get_by_role("button", name="Raise Work").click()


def test_what_was_raised_is_on_the_next_page(at_the_call: Page, tmp_path: Path) -> None:
    with working(tmp_path):
        expect(at_the_call.get_by_label("Find sites")).to_be_visible()
        raise_boiler_out(at_the_call)
        expect(at_the_call.get_by_text("Succeeded raising work")).to_be_visible()
        recent = at_the_call.get_by_role("region", name="Recent work")
        # The worker may still be at it; then the page says so until it is there.
        expect(recent.get_by_role("link", name="Boiler out")).to_be_visible()
        expect(at_the_call.get_by_text(CATCHING_UP)).to_have_count(0)
        at_the_call.goto("/work/")
        expect(at_the_call.get_by_role("link", name="Boiler out")).to_be_visible()


def test_without_a_worker_the_page_says_so_and_refreshes_itself_when_there_is_one(
    at_the_call: Page, tmp_path: Path
) -> None:
    page = at_the_call
    raise_boiler_out(page)
    expect(page.get_by_text(CATCHING_UP)).to_be_visible()
    expect(page.get_by_text("Succeeded raising work")).to_be_visible()
    assert faults_of(page) == []
    expect(page.get_by_role("region", name="Recent work")).to_contain_text("No work yet")
    with working(tmp_path):
        expect(page.get_by_role("region", name="Recent work")).to_contain_text("Boiler out")
    expect(page.get_by_text(CATCHING_UP)).to_have_count(0)
    expect(page.get_by_text("Succeeded raising work")).to_be_visible()


def test_it_does_not_refresh_under_the_hands_of_somebody_who_types(at_the_call: Page) -> None:
    page = at_the_call
    raise_boiler_out(page)
    expect(page.get_by_text(CATCHING_UP)).to_be_visible()
    page.get_by_label("Title").fill("Lift stuck")
    expect(page.get_by_text("this page refreshes itself")).to_be_hidden()
    advance()
    page.wait_for_load_state("networkidle")
    expect(page.get_by_label("Title")).to_have_value("Lift stuck")
    page.get_by_role("link", name="Refresh").click()
    expect(page.get_by_role("region", name="Recent work")).to_contain_text("Boiler out")


def test_a_form_stays_as_it_is_while_the_store_is_away(
    desk: Page,
    response: User,
    watch: Watch,
    unreachable: Unreached,  # noqa: F811
) -> None:
    factories.acquire("1 Harbour Street")
    watch.expect_status(503)
    sign_in(desk, "response")
    desk.goto("/response/")
    unreachable()
    raise_boiler_out(desk)
    expect(desk.get_by_role("alert")).to_contain_text("nothing was changed")
    expect(desk.get_by_label("Title")).to_have_value("Boiler out")
    expect(desk.get_by_role("checkbox", name="1 Harbour Street")).to_be_checked()
    assert faults_of(desk) == []


def test_without_a_script_the_page_sends_it_again(
    no_script: Page,
    response: User,
    watch: Watch,
    unreachable: Unreached,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    factories.acquire("1 Harbour Street")
    watch.expect_status(503)
    sign_in(no_script, "response")
    no_script.goto("/response/?q=harbour")
    no_script.get_by_role("checkbox", name="1 Harbour Street").check()
    no_script.get_by_label("Title").fill("Boiler out")
    no_script.get_by_label("Description").fill("No heating since this morning.")
    unreachable()
    no_script.get_by_role("button", name="Raise Work").click()
    expect(no_script.get_by_role("heading")).to_contain_text(["nothing was changed"])
    monkeypatch.undo()
    current_store.cache_clear()
    no_script.get_by_role("button", name="Try again").click()
    expect(no_script.get_by_text("Succeeded raising work")).to_be_visible()
    expect(no_script.get_by_role("region", name="Recent work")).to_contain_text("Boiler out")
