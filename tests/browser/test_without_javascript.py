"""A job from the call to its end, with JavaScript switched off everywhere."""

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from tests import factories
from tests.browser.visit import DESK, Visit, sign_in


@pytest.fixture
def plain(visit: Visit) -> Visit:
    """Opens a page in which no script runs."""
    return lambda: visit(**DESK, java_script_enabled=False)


def test_response_finds_a_site_by_the_button_and_raises_work(no_script: Page, response: User) -> None:
    factories.acquire("1 Harbour Street")
    sign_in(no_script, "response")
    no_script.goto("/response/")
    no_script.get_by_label("Title").fill("Boiler out")
    no_script.get_by_label("Find sites").fill("harbour")
    no_script.get_by_role("button", name="Search").click()

    expect(no_script.get_by_label("Title")).to_have_value("Boiler out")
    no_script.get_by_role("checkbox", name="1 Harbour Street").check()
    no_script.get_by_role("button", name="Raise Work").click()
    expect(no_script.get_by_role("alert")).to_contain_text("Work must have a description")
    expect(no_script.get_by_role("checkbox", name="1 Harbour Street")).to_be_checked()

    no_script.get_by_label("Description").fill("No heating.")
    no_script.get_by_role("button", name="Raise Work").click()
    expect(no_script.get_by_text("Succeeded raising work")).to_be_visible()
    expect(no_script.get_by_role("region", name="Recent work")).to_contain_text("Boiler out")


def test_the_whole_chain(plain: Visit, response: User, control: User, operative: User) -> None:
    factories.acquire("1 Harbour Street")
    raise_boiler_out(plain())

    dispatcher = plain()
    sign_in(dispatcher, "control")
    dispatcher.goto("/control/")
    dispatcher.get_by_role("button", name="Assign to Olive").click()
    expect(dispatcher.get_by_text("Succeeded assigning work")).to_be_visible()
    expect(dispatcher.get_by_role("article", name="Olive Marsh")).to_contain_text("Boiler out")

    carry_out_boiler_out(plain())

    dispatcher.get_by_role("link", name="Work", exact=True).click()
    dispatcher.get_by_role("link", name="Boiler out").click()
    story = dispatcher.get_by_role("region", name="Story").get_by_role("heading", level=3)
    expect(story).to_have_text(
        [
            "Response raised it",
            "Control chose Olive Marsh",
            "Olive Marsh set off",
            "Olive Marsh arrived",
            "Olive Marsh completed it",
        ]
    )


def raise_boiler_out(page: Page) -> None:
    sign_in(page, "response")
    page.goto("/response/")
    page.get_by_label("Find sites").fill("whitby")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("checkbox", name="1 Harbour Street").check()
    page.get_by_label("Title").fill("Boiler out")
    page.get_by_label("Description").fill("No heating since this morning.")
    page.get_by_role("button", name="Raise Work").click()
    expect(page.get_by_text("Succeeded raising work")).to_be_visible()


def carry_out_boiler_out(page: Page) -> None:
    sign_in(page, "operative")
    page.get_by_role("link", name="My work").first.click()
    page.get_by_role("button", name="On my way").click()
    page.get_by_role("button", name="Arrived").click()
    page.get_by_label("What was done").fill("Bled the radiators.")
    page.get_by_role("button", name="Work Complete").click()
    expect(page.get_by_text("Olive Marsh has no work assigned")).to_be_visible()
