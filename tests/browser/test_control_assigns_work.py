"""Control gives waiting work to operatives: with one press, by mouse or keyboard, and never the same job
twice."""

import pytest
from playwright.sync_api import Locator, Page, expect

from accounts.models import User
from tests import factories
from tests.browser.visit import a_moment_later, sign_in, when_asked_again
from tests.conftest import person
from tests.factories import noon


@pytest.fixture
def two_jobs_wait(db: None) -> None:
    """Ada and Grace are free; "Boiler out" waits longest, then "Lift stuck"."""
    factories.hire("Ada", "Lovelace")
    factories.hire("Grace", "Hopper")
    factories.raise_work("Boiler out", at=noon(1))
    factories.raise_work("Lift stuck", at=noon(2))


@pytest.fixture
def board(desk: Page, control: User, two_jobs_wait: None) -> Page:
    """Control at the desk, before the board."""
    desk.clock.install()
    sign_in(desk, "control")
    desk.get_by_role("navigation", name="Sections").get_by_role("link", name="Control").click()
    expect(tray(desk)).to_contain_text("Next up")
    return desk


def tray(page: Page) -> Locator:
    return page.get_by_role("region", name="Waiting")


def lane(page: Page, name: str) -> Locator:
    return page.get_by_role("article", name=name)


def next_up(page: Page) -> Locator:
    return tray(page).get_by_role("article").get_by_role("heading")


def test_one_press_in_a_lane_assigns_what_is_next_up(board: Page) -> None:
    expect(next_up(board)).to_have_text("Boiler out")
    expect(lane(board, "Ada Lovelace")).to_contain_text("No Work currently assigned to Ada")

    board.get_by_role("button", name="Assign to Ada").click()
    expect(board.get_by_text("Succeeded assigning work")).to_be_visible()
    expect(next_up(board)).to_have_text("Lift stuck")

    a_moment_later(board)
    board.get_by_role("button", name="Assign to Ada").click()
    queue = lane(board, "Ada Lovelace").get_by_role("listitem")
    expect(queue).to_have_count(2)
    expect(queue.nth(0)).to_contain_text("1")
    expect(queue.nth(0)).to_contain_text("Boiler out")
    expect(queue.nth(1)).to_contain_text("2")
    expect(queue.nth(1)).to_contain_text("Lift stuck")
    expect(tray(board)).to_contain_text("There is no Work to assign")


def test_the_tray_assigns_any_job_to_anybody(board: Page) -> None:
    tray(board).get_by_role("link", name="Lift stuck").click()
    expect(next_up(board)).to_have_text("Lift stuck")
    expect(tray(board)).to_contain_text("Chosen")

    whom = board.get_by_role("combobox", name="Operative", exact=True)
    expect(whom).to_be_focused()
    whom.select_option(label="Grace Hopper · Free")
    a_moment_later(board)
    tray(board).get_by_role("button", name="Assign").click()

    expect(lane(board, "Grace Hopper").get_by_role("listitem")).to_contain_text("Lift stuck")
    expect(next_up(board)).to_have_text("Boiler out")


def test_of_two_dispatchers_one_wins_and_the_other_reads_why(board: Page, other_desk: Page) -> None:
    person("night_control", "Control")
    sign_in(other_desk, "night_control")
    other_desk.goto("/control/")
    expect(next_up(other_desk)).to_have_text("Boiler out")

    board.get_by_role("button", name="Assign to Ada").click()
    expect(board.get_by_text("Succeeded assigning work")).to_be_visible()
    other_desk.get_by_role("button", name="Assign to Grace").click()

    refusal = other_desk.get_by_role("alert")
    expect(refusal).to_contain_text("Could not complete action: assigning work")
    expect(refusal).to_contain_text("An operative is already assigned to this work")
    expect(tray(other_desk)).to_contain_text("What you chose no longer waits")
    expect(lane(other_desk, "Ada Lovelace").get_by_role("listitem")).to_contain_text("Boiler out")
    expect(lane(other_desk, "Grace Hopper")).to_contain_text("No Work currently assigned to Grace")
    expect(next_up(other_desk)).to_have_text("Lift stuck")


def test_a_refusal_puts_the_focus_on_whom_to_choose(board: Page) -> None:
    tray(board).get_by_role("button", name="Assign").click()
    expect(board.get_by_role("alert")).to_contain_text("Choose an operative")
    expect(board.get_by_role("combobox", name="Operative", exact=True)).to_be_focused()


def test_a_board_that_has_just_changed_shows_that_it_takes_no_press_yet(board: Page) -> None:
    board.clock.pause_at(board.evaluate("Date.now() + 1000"))
    board.get_by_role("button", name="Assign to Ada").click()
    expect(board.locator("#board.steadying")).to_be_visible()
    a_moment_later(board)
    expect(board.locator("#board.steadying")).to_have_count(0)


def test_new_work_announces_itself_and_waits_to_be_asked_in(board: Page) -> None:
    factories.raise_work("Window broken")

    news = board.get_by_role("link", name="1 new")
    when_asked_again(board, news)
    expect(tray(board)).not_to_contain_text("Window broken")
    news.click()
    expect(tray(board)).to_contain_text("Window broken")
    expect(news).to_have_count(0)


def test_keys_move_choose_and_assign(board: Page) -> None:
    rows = tray(board).get_by_role("link", name="Harbour Street")
    board.keyboard.press("j")
    expect(rows.nth(0)).to_be_focused()
    board.keyboard.press("j")
    expect(rows.nth(1)).to_be_focused()
    board.keyboard.press("k")
    expect(rows.nth(0)).to_be_focused()
    board.keyboard.press("j")
    board.keyboard.press("a")

    expect(tray(board)).to_contain_text("Chosen")
    expect(next_up(board)).to_have_text("Lift stuck")
    whom = board.get_by_role("combobox", name="Operative", exact=True)
    expect(whom).to_be_focused()
    board.keyboard.type("Grace")
    a_moment_later(board)
    board.keyboard.press("Control+Enter")
    expect(lane(board, "Grace Hopper").get_by_role("listitem")).to_contain_text("Lift stuck")


def test_keys_help_search_and_cancel(board: Page) -> None:
    keys = board.get_by_role("dialog", name="Keys")
    board.keyboard.press("?")
    expect(keys).to_be_visible()
    board.keyboard.press("Escape")
    expect(keys).to_be_hidden()

    finder = board.get_by_role("searchbox", name="Find work")
    board.keyboard.press("/")
    expect(finder).to_be_focused()
    board.keyboard.type("j?a/n")
    expect(finder).to_have_value("j?a/n")
    expect(keys).to_be_hidden()
    board.keyboard.press("Escape")
    expect(finder).not_to_be_focused()
