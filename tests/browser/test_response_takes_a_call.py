"""Response takes a call: finds the site while the caller talks, sees what is open there, raises work."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from accounts.models import User
from tests import factories
from tests.browser.visit import sign_in


@pytest.fixture
def harbour_street_has_a_job(db: None) -> None:
    """A site whose boiler has been reported already, and another in the same town."""
    harbour = factories.acquire("1 Harbour Street", "Whitby", "YO21 1AA", "01947 600001")
    factories.acquire("9 Flowergate", "Whitby", "YO21 3BA", "01947 600009")
    factories.raise_work("Boiler out", site_ids=[harbour])


@pytest.fixture
def calling(desk: Page, response: User, harbour_street_has_a_job: None) -> Page:
    """Response at the desk, with the page of calls open."""
    sign_in(desk, "response")
    desk.get_by_role("navigation", name="Sections").get_by_role("link", name="Response").click()
    expect(desk.get_by_label("Find sites")).to_be_focused()
    return desk


def tick_harbour_street(page: Page) -> None:
    page.get_by_label("Find sites").press_sequentially("harbour")
    page.get_by_role("checkbox", name="1 Harbour Street").check()
    expect(page.get_by_role("region", name="At the ticked sites")).to_contain_text("1 job open here")


def test_a_call_becomes_work(calling: Page) -> None:
    calling.get_by_label("Find sites").press_sequentially("+44 1947/600 001")
    site = calling.get_by_role("checkbox", name="1 Harbour Street")
    expect(site).to_be_visible()
    expect(calling.get_by_role("checkbox")).to_have_count(1)
    expect(calling.get_by_text("1 site found.")).to_be_visible()

    site.check()
    there = calling.get_by_role("region", name="At the ticked sites")
    expect(there).to_contain_text("1 job open here")
    expect(there.get_by_role("link", name="Boiler out")).to_be_visible()

    calling.get_by_label("Title").fill("Lift stuck")
    calling.get_by_label("Description").fill("Between the first and the second floor, nobody inside.")
    calling.keyboard.press("Control+Enter")

    expect(calling.get_by_role("status").filter(has_text="Succeeded raising work")).to_be_visible()
    recent = calling.get_by_role("region", name="Recent work").get_by_role("link", name="Lift stuck")
    expect(recent).to_contain_text("1 Harbour Street")


def test_the_form_is_ready_for_the_next_call(calling: Page) -> None:
    tick_harbour_street(calling)
    calling.get_by_label("Title").fill("Lift stuck")
    calling.get_by_label("Description").fill("Between two floors.")
    calling.get_by_role("button", name="Raise Work").click()
    expect(calling.get_by_text("Succeeded raising work")).to_be_visible()

    expect(calling.get_by_label("Find sites")).to_have_value("")
    expect(calling.get_by_label("Find sites")).to_be_focused()
    expect(calling.get_by_label("Title")).to_have_value("")
    expect(calling.get_by_label("Description")).to_have_value("")
    expect(calling.get_by_role("checkbox")).to_have_count(0)

    calling.keyboard.type("flowergate")
    calling.get_by_role("checkbox", name="9 Flowergate").check()
    calling.get_by_label("Title").fill("Window broken")
    calling.get_by_label("Description").fill("At the back.")
    calling.keyboard.press("Control+Enter")
    recent = calling.get_by_role("region", name="Recent work").get_by_role("link")
    expect(recent.filter(has_text="Window broken")).to_contain_text("9 Flowergate")
    expect(recent.filter(has_text="Lift stuck")).to_have_count(1)


def test_a_refusal_keeps_what_was_typed(calling: Page) -> None:
    tick_harbour_street(calling)
    calling.get_by_label("Description").fill("Water comes through the ceiling.\nIt began at noon.")
    calling.get_by_role("button", name="Raise Work").click()

    refusal = calling.get_by_role("alert")
    expect(refusal).to_contain_text("Could not complete action: raising work")
    expect(refusal).to_contain_text("Work must have a title")
    expect(calling.get_by_label("Title")).to_be_focused()
    expect(calling.get_by_label("Title")).to_have_accessible_description(re.compile("Work must have a title"))
    expect(calling.get_by_label("Description")).to_have_value(
        "Water comes through the ceiling.\nIt began at noon."
    )
    expect(calling.get_by_role("checkbox", name="1 Harbour Street")).to_be_checked()

    calling.keyboard.type("Ceiling leaks")
    calling.keyboard.press("Control+Enter")
    expect(calling.get_by_text("Succeeded raising work")).to_be_visible()
    expect(calling.get_by_role("alert")).to_have_count(0)


def test_enter_in_the_title_raises_work_and_in_the_search_box_searches(calling: Page) -> None:
    calling.get_by_label("Find sites").fill("harbour")
    calling.keyboard.press("Enter")
    calling.get_by_role("checkbox", name="1 Harbour Street").check()
    expect(calling.get_by_role("alert")).to_have_count(0)
    calling.get_by_label("Description").fill("Between two floors.")
    calling.get_by_label("Title").fill("Lift stuck")
    calling.keyboard.press("Enter")
    expect(calling.get_by_text("Succeeded raising work")).to_be_visible()

    calling.get_by_label("Title").focus()
    calling.keyboard.press("Enter")
    expect(calling.get_by_role("alert")).to_contain_text("Work must have a title")


def test_a_search_that_finds_nothing_says_what_to_try(calling: Page) -> None:
    calling.get_by_label("Find sites").press_sequentially("nowhere")
    expect(calling.get_by_text("No site matches “nowhere”")).to_be_visible()


def test_a_search_that_is_answered_too_late_is_dropped(calling: Page) -> None:
    """Its form has been sent and replaced meanwhile; the page is watched for htmx's complaints."""
    tick_harbour_street(calling)
    late: list[Route] = []
    calling.route(re.compile(r"/response/\?q=flower"), lambda route: late.append(route))
    with calling.expect_request(re.compile(r"/response/\?q=flower")):
        calling.get_by_label("Find sites").fill("flower")
    calling.get_by_label("Title").fill("Lift stuck")
    calling.get_by_label("Description").fill("Between two floors.")
    with calling.expect_event("requestfailed"):
        calling.keyboard.press("Control+Enter")
    expect(calling.get_by_text("Succeeded raising work")).to_be_visible()
    assert len(late) == 1
    expect(calling.get_by_role("checkbox")).to_have_count(0)
