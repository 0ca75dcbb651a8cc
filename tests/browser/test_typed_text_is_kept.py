"""What somebody typed survives the end of their session, a sign-in in another tab, and leaving the page
and coming back."""

import re
from collections.abc import Callable

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Locator, Page, expect

from accounts.models import User
from readmodels.models import WorkRow
from support.work import Stage
from tests import factories
from tests.browser.page_rules import Watch
from tests.browser.visit import a_moment_later, sign_in
from tests.conftest import person

FAULT = "Water comes through the ceiling.\nIt began at noon, “behind the boiler”, & goes on.\n" * 9
UNAUTHORIZED = 401


@pytest.fixture
def calling(desk: Page, response: User, watch: Watch) -> Page:
    """Response in a call: a site with an open job is ticked, and the fault typed in."""
    harbour = factories.acquire("1 Harbour Street", "Whitby", "YO21 1AA", "01947 600001")
    factories.raise_work("Boiler out", site_ids=[harbour])
    sign_in(desk, "response")
    desk.goto("/response/")
    desk.get_by_label("Find sites").press_sequentially("harbour")
    desk.get_by_role("checkbox", name="1 Harbour Street").check()
    expect(there(desk)).to_contain_text("1 job open here")
    desk.get_by_label("Title").fill("Ceiling leaks")
    desk.get_by_label("Description").fill(FAULT)
    return desk


def there(page: Page) -> Locator:
    return page.get_by_role("region", name="At the ticked sites")


def stands_as_typed(page: Page) -> None:
    expect(page.get_by_label("Title")).to_have_value("Ceiling leaks")
    expect(page.get_by_label("Description")).to_have_value(FAULT)
    expect(page.get_by_role("checkbox", name="1 Harbour Street")).to_be_checked()
    expect(there(page)).to_contain_text("1 job open here")


def fill_in_sign_in(page: Page, username: str) -> None:
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill("demo")
    page.get_by_role("button", name="Sign in").click()


def command_id(page: Page) -> str:
    return page.locator("#call-form input[name=command_id]").input_value()


# --- The session has ended ------------------------------------------------------------------------


def test_after_sign_in_the_form_stands_as_it_was_typed(calling: Page, watch: Watch) -> None:
    watch.expect_status(UNAUTHORIZED)
    was = command_id(calling)
    Session.objects.all().delete()
    calling.keyboard.press("Control+Enter")
    expect(calling.get_by_text("You have been signed out")).to_be_visible()
    fill_in_sign_in(calling, "response")
    expect(calling.get_by_text("Look at it, and send it")).to_be_visible()
    stands_as_typed(calling)
    assert command_id(calling) == was
    assert not WorkRow.objects.filter(title="Ceiling leaks").exists()
    calling.get_by_role("button", name="Raise Work").click()
    expect(calling.get_by_text("Succeeded raising work")).to_be_visible()
    assert str(WorkRow.objects.get(title="Ceiling leaks").pk) == was


def load_again(page: Page) -> None:
    with page.expect_request(re.compile("/response/$")) as asked:
        page.reload()
    assert asked.value.method == "GET"


def go_away_and_back(page: Page) -> None:
    page.goto("/work/")
    page.go_back()


@pytest.mark.parametrize("look_again", [load_again, go_away_and_back])
def test_the_form_stands_there_when_it_is_loaded_again_or_come_back_to(
    look_again: Callable[[Page], None], calling: Page, watch: Watch
) -> None:
    watch.expect_status(UNAUTHORIZED)
    was = command_id(calling)
    Session.objects.all().delete()
    calling.keyboard.press("Control+Enter")
    fill_in_sign_in(calling, "response")
    expect(calling.get_by_text("Look at it, and send it")).to_be_visible()
    for _ in range(2):
        look_again(calling)
        stands_as_typed(calling)
        assert command_id(calling) == was
    calling.get_by_role("button", name="Raise Work").click()
    expect(calling.get_by_text("Succeeded raising work")).to_be_visible()


def test_a_step_stands_on_the_page_that_it_belongs_to_when_that_is_loaded_again(
    telephone: Page, operative: User, watch: Watch
) -> None:
    watch.expect_status(UNAUTHORIZED)
    factories.work_at(Stage.ARRIVED, operative.operative_id)
    sign_in(telephone, "operative")
    here = f"/operatives/{operative.operative_id}/"
    telephone.goto(here)
    telephone.get_by_label("What was done").fill("New fuse")
    Session.objects.all().delete()
    telephone.get_by_role("button", name="Work Complete").click()
    fill_in_sign_in(telephone, "operative")
    expect(telephone).to_have_url(re.compile(f"{here}$"))
    telephone.reload()
    expect(telephone.get_by_label("What was done")).to_have_value("New fuse")


def test_a_search_in_a_session_that_has_ended_leaves_the_page_as_it_is(calling: Page, watch: Watch) -> None:
    watch.expect_status(UNAUTHORIZED)
    Session.objects.all().delete()
    calling.get_by_label("Find sites").press_sequentially(" s")
    expect(calling.get_by_role("alert")).to_contain_text("You have been signed out")
    stands_as_typed(calling)


def test_signed_in_again_in_another_tab(calling: Page, watch: Watch) -> None:
    watch.expect_status(UNAUTHORIZED)
    Session.objects.all().delete()
    other = calling.context.new_page()
    sign_in(other, "response")
    calling.get_by_role("button", name="Raise Work").click()
    expect(calling.get_by_text("You have signed in since this page was opened")).to_be_visible()
    stands_as_typed(calling)
    calling.get_by_role("button", name="Raise Work").click()
    expect(calling.get_by_text("Succeeded raising work")).to_be_visible()


def test_what_polls_in_the_background_never_leaves_the_page(
    telephone: Page, operative: User, watch: Watch
) -> None:
    watch.expect_status(UNAUTHORIZED)
    factories.work_at(Stage.ARRIVED, operative.operative_id)
    sign_in(telephone, "operative")
    here = f"/operatives/{operative.operative_id}/"
    telephone.goto(here)
    telephone.get_by_label("What was done").fill("New fuse")
    Session.objects.all().delete()
    telephone.evaluate("lookAround()")
    alert = telephone.get_by_role("alert")
    expect(alert).to_contain_text("You have been signed out")
    expect(telephone.get_by_label("What was done")).to_be_focused()
    expect(telephone).to_have_url(re.compile(here))
    expect(telephone.get_by_label("What was done")).to_have_value("New fuse")
    telephone.get_by_role("button", name="Work Complete").click()
    fill_in_sign_in(telephone, "operative")
    expect(telephone.get_by_label("What was done")).to_have_value("New fuse")


# --- Loaded again around it ---------------------------------------------------------------------------


def test_what_was_typed_for_one_job_outlives_the_step_of_another_and_a_refresh(
    telephone: Page, operative: User
) -> None:
    for title in ("Boiler out", "Lift stuck", "Gas smell"):
        factories.work_at(Stage.ARRIVED, operative.operative_id, title=title)
    telephone.clock.install()
    sign_in(telephone, "operative")
    telephone.goto(f"/operatives/{operative.operative_id}/")
    queued = telephone.locator(".queued-task").last
    queued.locator("summary").first.tap()
    queued.get_by_text("Abandon Work…").tap()
    written = queued.get_by_label("Note for Control").get_attribute("id")
    note = telephone.locator(f"#{written}")
    note.fill("The caretaker has the key")
    telephone.evaluate("document.getElementById('refresh').dataset.before = 'yes'")
    telephone.get_by_role("link", name="Refresh").tap()
    expect(telephone.locator("#refresh[data-before]")).to_have_count(0)
    expect(note).to_have_value("The caretaker has the key")
    expect(note).to_be_visible()
    current = telephone.locator("section.task")
    current.get_by_label("What was done").fill("New hose")
    a_moment_later(telephone)
    current.get_by_role("button", name="Work Complete").tap()
    expect(telephone.get_by_text("Succeeded completing work")).to_be_visible()
    expect(note).to_have_value("The caretaker has the key")
    expect(telephone.get_by_label("What was done").first).to_have_value("")


def test_what_was_typed_for_a_job_that_control_has_taken_away_is_handed_back(
    telephone: Page, operative: User
) -> None:
    for title in ("Boiler out", "Lift stuck"):
        factories.work_at(Stage.ARRIVED, operative.operative_id, title=title)
    sign_in(telephone, "operative")
    telephone.goto(f"/operatives/{operative.operative_id}/")
    queued = telephone.locator(".queued-task").last
    queued.locator("summary").first.tap()
    queued.get_by_text("Abandon Work…").tap()
    queued.get_by_label("Note for Control").fill("The caretaker has the key")
    title = queued.locator(".fault-text").inner_text()
    factories.abandon(WorkRow.objects.get(title=title).pk)
    telephone.get_by_role("link", name="Refresh").tap()
    expect(telephone.locator(".queued-task")).to_have_count(0)
    expect(telephone.get_by_label("Note for Control, as you wrote it")).to_have_value(
        "The caretaker has the key"
    )
    expect(telephone.get_by_text("What you were writing about has moved on")).to_be_visible()


def test_what_was_typed_for_the_next_call_outlives_the_undo_of_the_last(desk: Page, response: User) -> None:
    factories.acquire("1 Harbour Street")
    desk.clock.install()
    sign_in(desk, "response")
    desk.goto("/response/")
    desk.get_by_label("Find sites").press_sequentially("harbour")
    desk.get_by_role("checkbox", name="1 Harbour Street").check()
    desk.get_by_label("Title").fill("Ceiling leaks")
    desk.get_by_label("Description").fill(FAULT)
    desk.keyboard.press("Control+Enter")
    expect(desk.get_by_text("Succeeded raising work")).to_be_visible()
    desk.get_by_label("Title").fill("Lift stuck")
    desk.get_by_label("Description").fill("Between two floors")
    desk.get_by_label("Find sites").press_sequentially("nowhere")
    expect(desk.get_by_role("checkbox", name="1 Harbour Street")).to_have_count(0)
    a_moment_later(desk)
    desk.get_by_role("button", name="Undo raising").click()
    expect(desk.get_by_text("Succeeded undoing raising")).to_be_visible()
    expect(desk.get_by_label("Title")).to_have_value("Lift stuck")
    expect(desk.get_by_label("Description")).to_have_value("Between two floors")


# --- To another page and back -----------------------------------------------------------------------


def open_the_duplicate(page: Page) -> None:
    page.get_by_role("region", name="At the ticked sites").get_by_role("link", name="Boiler out").click()
    expect(page).to_have_title(re.compile("Boiler out"))


def find_work(page: Page) -> None:
    page.get_by_label("Find work").fill("boiler")
    page.keyboard.press("Enter")
    expect(page).to_have_title(re.compile("^Work"))


@pytest.mark.parametrize("leave", [open_the_duplicate, find_work])
def test_coming_back_finds_the_call_as_it_was(leave: Callable[[Page], None], calling: Page) -> None:
    was = command_id(calling)
    for _ in range(2):
        leave(calling)
        calling.go_back()
        stands_as_typed(calling)
        assert command_id(calling) == was
    assert calling.get_by_label("Title").get_attribute("autocomplete") == "off"
    kept_elsewhere = calling.evaluate("location.href + JSON.stringify([localStorage, sessionStorage])")
    assert not re.search("ceiling|harbour|boiler", kept_elsewhere, re.IGNORECASE)


def test_what_was_sent_does_not_come_back(calling: Page) -> None:
    calling.keyboard.press("Control+Enter")
    expect(calling.get_by_text("Succeeded raising work")).to_be_visible()
    calling.get_by_role("region", name="Recent work").get_by_role("link", name="Ceiling leaks").click()
    expect(calling).to_have_title(re.compile("Ceiling"))
    calling.go_back()
    expect(calling.get_by_role("region", name="Recent work")).to_contain_text("Ceiling leaks")
    expect(calling.get_by_label("Title")).to_have_value("")


def test_nobody_else_finds_it_in_the_same_tab(calling: Page) -> None:
    open_the_duplicate(calling)
    Session.objects.all().delete()
    User.objects.filter(username="response").update(username="somebody")
    person("response", "Response")
    sign_in(calling, "response")
    calling.go_back()
    calling.go_back()
    calling.go_back()
    expect(calling).to_have_title(re.compile("Response"))
    expect(calling.get_by_label("Title")).to_have_value("")
    assert calling.evaluate("history.state?.draft ?? null") is None
