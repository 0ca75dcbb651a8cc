"""An operative with one thumb: each step of a job, giving one back, and Control's news of it."""

import re

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from tests import factories
from tests.browser.visit import a_moment_later, sign_in, when_asked_again


@pytest.fixture
def on_duty(telephone: Page, operative: User) -> Page:
    """Olive with her telephone: "Boiler out" is hers now, "Lift stuck" is next."""
    assert operative.operative_id
    for title in ("Boiler out", "Lift stuck"):
        factories.assign(factories.raise_work(title), operative.operative_id)
    telephone.clock.install()
    sign_in(telephone, "operative")
    # Signing in leads to the same page: a press while the next page loads would be lost.
    with telephone.expect_navigation():
        telephone.get_by_role("navigation", name="Sections").get_by_role("link", name="My work").tap()
    expect(telephone.get_by_role("region", name="Boiler out")).to_be_visible()
    return telephone


def test_a_job_from_setting_out_to_work_complete(on_duty: Page) -> None:
    job = on_duty.get_by_role("region", name="Boiler out")
    expect(job.get_by_role("link", name="01947 600001")).to_have_attribute("href", "tel:01947600001")
    expect(job.get_by_role("link", name="1 Harbour Street, Whitby")).to_be_visible()

    job.get_by_role("button", name="30 min").tap()
    expect(job.get_by_label("Expected there at")).to_have_value(re.compile(r"^\d\d:\d\d$"))
    job.get_by_role("button", name="On my way").tap()
    expect(job).to_contain_text("On the way since")
    expect(job).to_contain_text(re.compile(r"expected at (\d+ \w+ )?\d\d:\d\d"))

    a_moment_later(on_duty)
    job.get_by_role("button", name="Arrived").tap()
    expect(job).to_contain_text("On site since")

    a_moment_later(on_duty)
    job.get_by_label("What was done").fill("Bled the radiators.")
    job.get_by_role("button", name="Work Complete").tap()
    expect(on_duty.get_by_text("Succeeded completing work")).to_be_visible()
    expect(on_duty.get_by_role("region", name="Lift stuck")).to_contain_text("On my way")
    done = on_duty.get_by_role("region", name="Done today")
    expect(done.get_by_role("link", name="Boiler out")).to_contain_text("Bled the radiators.")


def test_giving_a_job_back_and_control_sees_who_and_why(on_duty: Page, desk: Page, control: User) -> None:
    job = on_duty.get_by_role("region", name="Boiler out")
    job.get_by_text("Abandon Work…").tap()
    job.get_by_label("Reason").select_option("Other")
    job.get_by_role("button", name="Abandon Work").tap()

    note = job.get_by_label("Note for Control")
    expect(note).to_be_focused()
    expect(note).to_have_accessible_description(
        re.compile("Abandoning work for another reason needs a note that says which")
    )
    expect(job.get_by_label("Reason")).to_have_value("other")

    on_duty.keyboard.type("The dog will not let me in.")
    a_moment_later(on_duty)
    job.get_by_role("button", name="Abandon Work").tap()
    expect(on_duty.get_by_text("Succeeded abandoning work")).to_be_visible()
    expect(on_duty.get_by_role("region", name="Lift stuck")).to_be_visible()

    sign_in(desk, "control")
    desk.goto("/control/")
    chosen = desk.get_by_role("region", name="Waiting").get_by_role("article")
    expect(chosen).to_contain_text("Boiler out")
    expect(chosen).to_contain_text("Olive Marsh")
    expect(chosen).to_contain_text("Other")
    expect(chosen).to_contain_text("The dog will not let me in.")


def test_news_come_to_a_page_on_which_a_step_was_refused(on_duty: Page, operative: User) -> None:
    assert operative.operative_id
    job = on_duty.get_by_role("region", name="Boiler out")
    job.get_by_text("Abandon Work…").tap()
    job.get_by_role("button", name="Abandon Work").tap()
    expect(on_duty.get_by_role("alert")).to_contain_text("Choose a reason")

    factories.assign(factories.raise_work("Window broken"), operative.operative_id)
    news = on_duty.get_by_role("link", name="Your work has changed")
    when_asked_again(on_duty, news)
    news.tap()
    expect(on_duty.get_by_role("region", name="Next in the queue")).to_contain_text("Window broken")


def test_a_job_settled_by_telephone_needs_no_visit(on_duty: Page) -> None:
    job = on_duty.get_by_role("region", name="Boiler out")
    job.get_by_text("Settled without a visit…").tap()
    job.get_by_label("What was done").fill("The thermostat was off.")
    job.get_by_role("button", name="Work Complete").tap()
    expect(on_duty.get_by_role("region", name="Done today")).to_contain_text("The thermostat was off.")


def test_nothing_to_do_is_said_kindly(telephone: Page, operative: User) -> None:
    sign_in(telephone, "operative")
    telephone.get_by_role("link", name="My work").first.tap()
    expect(telephone.get_by_text("Olive Marsh has no work assigned")).to_be_visible()
    expect(telephone.get_by_text("Contact Control to arrange more Work.")).to_be_visible()


def test_the_thumb_finds_every_step(on_duty: Page) -> None:
    job = on_duty.get_by_role("region", name="Boiler out")
    job.get_by_text("Abandon Work…").tap()
    for name in ("15 min", "Abandon Work"):
        assert height_of(on_duty, name) >= 48, name
    on_duty.reload()
    for name in ("On my way", "Arrived", "Work Complete"):
        assert height_of(on_duty, name) >= 48, name
        expect(job.get_by_role("button", name=name)).to_be_in_viewport(ratio=1)
        a_moment_later(on_duty)
        job.get_by_role("button", name=name).tap()
    without_word = job.get_by_role("button", name="Complete without a word")
    expect(job.get_by_label("What was done")).to_be_focused()
    assert height_of(on_duty, "Complete without a word") >= 48
    a_moment_later(on_duty)
    without_word.tap()
    expect(on_duty.get_by_role("region", name="Lift stuck")).to_be_visible()


def height_of(page: Page, button: str) -> float:
    """How high the button of the current job is, in CSS pixels."""
    found = page.get_by_role("region", name="Boiler out").get_by_role("button", name=button)
    expect(found).to_be_visible()
    box = found.bounding_box()
    assert box
    return box["height"]
