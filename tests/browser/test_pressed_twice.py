"""A double click has one effect."""

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from tests import factories
from tests.browser.visit import DESK, Visit, sign_in
from tests.factories import noon


def fill_in_a_call(page: Page) -> None:
    factories.acquire("1 Harbour Street")
    sign_in(page, "response")
    page.goto("/response/")
    page.get_by_label("Find sites").fill("harbour")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("checkbox", name="1 Harbour Street").check()
    page.get_by_label("Title").fill("Boiler out")
    page.get_by_label("Description").fill("No heating since this morning.")


@pytest.mark.parametrize("scripted", [True, False], ids=["scripted", "plain"])
def test_raise_work_raises_one_job(visit: Visit, response: User, scripted: bool) -> None:
    page = visit(**DESK, java_script_enabled=scripted)
    fill_in_a_call(page)
    page.get_by_role("button", name="Raise Work").dblclick()
    expect(page.get_by_text("Succeeded raising work")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)
    page.goto("/work/")
    expect(page.get_by_role("link", name="Boiler out")).to_have_count(1)


@pytest.mark.parametrize("scripted", [True, False], ids=["scripted", "plain"])
def test_assign_takes_one_job_and_leaves_the_next(visit: Visit, control: User, scripted: bool) -> None:
    factories.hire("Ada", "Lovelace")
    for day, title in enumerate(["Boiler out", "Lift stuck", "Window broken"], start=1):
        factories.raise_work(title, at=noon(day))
    page = visit(**DESK, java_script_enabled=scripted)
    sign_in(page, "control")
    page.goto("/control/")
    page.get_by_role("button", name="Assign to Ada").dblclick()
    expect(page.get_by_text("Succeeded assigning work")).to_be_visible()
    page.reload()
    expect(page.get_by_role("article", name="Ada Lovelace").get_by_role("listitem")).to_have_count(1)
    expect(page.get_by_role("region", name="Waiting").get_by_role("article")).to_contain_text("Lift stuck")


def test_on_my_way_does_not_arrive_as_well(telephone: Page, operative: User) -> None:
    assert operative.operative_id
    factories.assign(factories.raise_work("Boiler out"), operative.operative_id)
    sign_in(telephone, "operative")
    telephone.goto(f"/operatives/{operative.operative_id}/")
    telephone.get_by_role("button", name="On my way").dblclick()
    expect(telephone.get_by_text("On the way since")).to_be_visible()
    telephone.reload()
    expect(telephone.get_by_role("button", name="Arrived")).to_be_visible()


def test_a_second_press_after_the_answer_leaves_the_next_job(desk: Page, control: User) -> None:
    factories.hire("Ada", "Lovelace")
    for day, title in enumerate(["Boiler out", "Lift stuck"], start=1):
        factories.raise_work(title, at=noon(day))
    sign_in(desk, "control")
    desk.goto("/control/")
    press_again_as_soon_as_it_is_answered(desk, "Assign to Ada")
    expect(desk.get_by_role("region", name="Waiting").get_by_role("article")).to_contain_text("Lift stuck")
    desk.reload()
    expect(desk.get_by_role("article", name="Ada Lovelace").get_by_role("listitem")).to_have_count(1)


def test_a_second_press_after_the_answer_does_not_arrive(telephone: Page, operative: User) -> None:
    assert operative.operative_id
    factories.assign(factories.raise_work("Boiler out"), operative.operative_id)
    sign_in(telephone, "operative")
    telephone.goto(f"/operatives/{operative.operative_id}/")
    press_again_as_soon_as_it_is_answered(telephone, "On my way")
    expect(telephone.get_by_text("On the way since")).to_be_visible()
    telephone.reload()
    expect(telephone.get_by_role("button", name="Arrived")).to_be_visible()


def press_again_as_soon_as_it_is_answered(page: Page, name: str) -> None:
    """A slow double click: its second press meets the page that the first has brought, at the same place."""
    button = page.get_by_role("button", name=name)
    button.evaluate(
        """({ id }) => document.addEventListener("htmx:afterSettle", () => {
          const there = document.getElementById(id);
          there.dataset.pressedAgain = "yes";
          there.click();
        }, { once: true })"""
    )
    button.click()
    expect(page.locator("[data-pressed-again]")).to_be_visible()
    page.wait_for_load_state("networkidle")
