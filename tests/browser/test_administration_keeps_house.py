"""Administration hires and releases, acquires sites, and says who may do what."""

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from tests import factories
from tests.browser.page_rules import Watch
from tests.browser.visit import sign_in


@pytest.fixture
def office(desk: Page, administration: User) -> Page:
    """Administration at the desk."""
    sign_in(desk, "administration")
    return desk


def go_to(page: Page, part: str) -> None:
    """Open one of the parts of Administration."""
    page.get_by_role("navigation", name="Sections").get_by_role("link", name="Administration").click()
    page.get_by_role("navigation", name="Administration").get_by_role("link", name=part).click()


def test_hire_and_rename_an_operative(office: Page) -> None:
    go_to(office, "Operatives")
    expect(office.get_by_text("Nobody is employed yet")).to_be_visible()
    office.get_by_label("Forename").fill("Ada")
    office.get_by_role("button", name="Hire Operative").click()
    expect(office.get_by_role("alert")).to_contain_text("Operative must have a surname")
    expect(office.get_by_label("Forename")).to_have_value("Ada")
    expect(office.get_by_label("Surname")).to_be_focused()

    office.keyboard.type("Byron")
    office.keyboard.press("Enter")
    expect(office.get_by_text("Succeeded hiring operative")).to_be_visible()

    office.get_by_role("link", name="Byron, Ada").click()
    office.get_by_label("Surname").fill("Lovelace")
    office.get_by_role("button", name="Rename").click()
    expect(office.get_by_text("Succeeded renaming operative")).to_be_visible()
    expect(office.get_by_role("heading", name="Ada Lovelace")).to_be_visible()


def test_acquire_a_site_and_find_it_in_another_spelling(office: Page) -> None:
    go_to(office, "Sites")
    office.get_by_label("Address line 1").fill("7 Pier Road")
    office.get_by_label("Town", exact=True).fill("Whitby")
    office.get_by_label("Post code", exact=True).fill("YO21 3PU")
    office.get_by_label("Telephone number").fill("01947 600007")
    office.get_by_role("button", name="Acquire Site").click()
    expect(office.get_by_text("Succeeded acquiring site")).to_be_visible()

    factories.acquire("8 Pier Road", telephone_number="01947 600008")
    office.get_by_role("searchbox", name="Address, town").press_sequentially("+44 (0)1947-600007")
    expect(office.get_by_role("row").filter(has_text="Pier Road")).to_have_count(1)
    expect(office.get_by_role("link", name="7 Pier Road", exact=True)).to_be_visible()


def test_a_new_role_lets_its_holder_work_at_once(
    office: Page, other_desk: Page, stranger: User, watch: Watch
) -> None:
    sign_in(other_desk, "stranger")
    expect(other_desk.get_by_text("You have no role yet")).to_be_visible()
    watch.expect_status(403)
    other_desk.goto("/response/")
    expect(other_desk.get_by_role("heading", name="You may not open this")).to_be_visible()

    go_to(office, "Permissions")
    office.get_by_role("link", name="Create role").click()
    office.get_by_label("Name").fill("Caller-taker")
    office.get_by_role("checkbox", name="Raise work").check()
    office.get_by_role("button", name="Create role").click()
    office.get_by_role("link", name="stranger").click()
    office.get_by_role("checkbox", name="Caller-taker").check()
    office.get_by_role("button", name="Save roles").click()
    expect(office.get_by_role("status").filter(has_text="Succeeded")).to_be_visible()

    other_desk.reload()
    expect(other_desk.get_by_label("Find sites")).to_be_visible()
    expect(other_desk.get_by_role("link", name="Control")).to_have_count(0)


def test_somebody_who_holds_open_work_cannot_be_released(office: Page) -> None:
    ada = factories.hire("Ada", "Lovelace")
    work = factories.raise_work("Boiler out")
    factories.assign(work, ada)
    go_to(office, "Operatives")
    office.get_by_role("link", name="Release Ada Lovelace").click()
    expect(office.get_by_text("Ada has 1 open job and cannot be released")).to_be_visible()
    expect(office.get_by_role("button", name="Release Ada")).to_have_count(0)

    factories.complete(work)
    office.reload()
    office.get_by_role("button", name="Release Ada").click()
    expect(office.get_by_text("Succeeded releasing operative")).to_be_visible()
    expect(office.get_by_text("Released just now")).to_be_visible()


def test_a_release_is_refused_when_work_came_in_meanwhile(office: Page) -> None:
    ada = factories.hire("Ada", "Lovelace")
    go_to(office, "Operatives")
    office.get_by_role("link", name="Release Ada Lovelace").click()
    factories.assign(factories.raise_work("Boiler out"), ada)
    office.get_by_role("button", name="Release Ada").click()
    expect(office.get_by_role("alert")).to_contain_text("Could not complete action: releasing operative")
    expect(office.get_by_text("Ada has 1 open job and cannot be released")).to_be_visible()


def test_the_superuser_looks_at_read_models(desk: Page, root: User) -> None:
    factories.raise_work("Boiler out")
    sign_in(desk, "root")
    desk.goto("/admin/readmodels/workrow/")
    desk.get_by_role("row").filter(has_text="Boiler out").get_by_role("link").first.click()
    expect(desk.get_by_role("main")).to_contain_text("Boiler out")
    expect(desk.get_by_role("button", name="Save")).to_have_count(0)
