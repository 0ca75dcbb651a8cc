"""A page's message is visible where the eye is, is read out, and goes when it is no longer true."""

import re
from uuid import UUID

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Locator, Page, expect

from accounts.models import User
from readmodels.models import WorkRow
from support.work import Stage
from tests import factories
from tests.browser.inspection import faults_of
from tests.browser.page_rules import Watch
from tests.browser.visit import NARROW, a_moment_later, sign_in

UNAUTHORIZED = 401
HEARD = """
  window.heard = [];
  document.addEventListener("DOMContentLoaded", () => {
    const listen = (changes) => changes.forEach(({ target, addedNodes }) => {
      const region = (target.closest ? target : target.parentElement)?.closest("[role=status]");
      if (region && addedNodes.length) window.heard.push(region.textContent.trim());
    });
    new MutationObserver(listen).observe(document.body, { childList: true, subtree: true });
  });
"""
"""Collects what is put into live regions that existed before: only that is read out."""


def connection(page: Page) -> Locator:
    return page.locator("#connection")


@pytest.fixture
def on_duty(telephone: Page, operative: User) -> Page:
    """Olive is on site, with two jobs more in her queue."""
    for title in ("Boiler out", "Lift stuck", "Gas smell"):
        factories.work_at(Stage.ARRIVED, operative.operative_id, title=title)
    telephone.add_init_script(HEARD)
    telephone.clock.install()
    sign_in(telephone, "operative")
    telephone.goto(f"/operatives/{operative.operative_id}/")
    return telephone


def test_a_press_that_was_not_answered_is_seen_where_the_eye_is(on_duty: Page, watch: Watch) -> None:
    watch.expect_outage()
    queued = on_duty.locator(".queued-task").last
    queued.locator("summary").first.tap()
    queued.get_by_label("What was done").fill("New hose")
    button = queued.get_by_role("button", name="Work Complete")
    button.scroll_into_view_if_needed()
    scrolled = on_duty.evaluate("scrollY")
    assert scrolled > 300
    on_duty.route("**/complete/", lambda route: route.abort("connectionfailed"))
    button.tap()

    message = on_duty.get_by_role("alert")
    expect(message).to_contain_text("The server did not answer")
    expect(message).to_be_in_viewport(ratio=1)
    expect(message).to_be_focused()
    assert on_duty.evaluate("scrollY") == scrolled
    expect(connection(on_duty)).to_have_text(re.compile(r"^Not connected since \d\d:\d\d$"))
    assert faults_of(on_duty) == []  # it visits everything that takes the focus, and enlarges the page
    on_duty.set_viewport_size(NARROW)

    message.focus()
    on_duty.keyboard.press("Escape")
    expect(message).to_have_count(0)
    expect(button).to_be_focused()
    expect(queued.get_by_label("What was done")).to_have_value("New hose")
    on_duty.unroute("**/complete/")
    button.tap()
    expect(on_duty.get_by_text("Succeeded completing work")).to_be_in_viewport(ratio=1)
    expect(connection(on_duty)).to_be_empty()


def test_the_focus_goes_back_to_whatever_was_pressed(desk: Page, response: User, watch: Watch) -> None:
    watch.expect_outage()
    sign_in(desk, "response")
    desk.goto("/response/")
    desk.route("**/response/", lambda route: route.abort("connectionfailed"))
    button = desk.get_by_role("button", name="Raise Work")
    button.click()
    expect(desk.get_by_role("alert")).to_be_focused()
    desk.keyboard.press("Escape")
    expect(button).to_be_focused()


def test_a_step_that_was_refused_is_seen_without_scrolling(on_duty: Page, operative: User) -> None:
    queued = on_duty.locator(".queued-task").last
    queued.locator("summary").first.tap()
    queued.get_by_label("What was done").fill("New hose")
    factories.complete(queued_job(on_duty), "By somebody else")
    queued.get_by_role("button", name="Work Complete").tap()
    message = on_duty.get_by_role("alert")
    expect(message).to_contain_text("already completed")
    expect(message.get_by_label("What was done, as you wrote it")).to_have_value("New hose")
    expect(message).to_be_in_viewport(ratio=1)
    expect(message).to_be_focused()


def queued_job(page: Page) -> UUID:
    """The id of the last job of the queue."""
    address = page.locator(".queued-task form").last.get_attribute("action")
    assert address
    return UUID(address.split("/")[2])


def test_an_outage_is_said_once_and_quietly(desk: Page, control: User, watch: Watch) -> None:
    watch.expect_outage()
    factories.raise_work("Boiler out")
    desk.add_init_script(HEARD)
    desk.clock.install()
    sign_in(desk, "control")
    desk.goto("/control/")
    desk.evaluate("window.heard = []")
    height = desk.evaluate("document.documentElement.scrollHeight")
    desk.route("**/control/?news*", lambda route: route.abort("connectionfailed"))
    for _ in range(3):
        with desk.expect_event("requestfailed"):
            desk.clock.fast_forward(15_500)
    expect(connection(desk)).to_have_text(re.compile(r"^Not connected since \d\d:\d\d$"))
    assert len([each for each in desk.evaluate("window.heard") if "Not connected" in each]) == 1
    expect(desk.locator("#messages")).to_be_empty()
    assert desk.evaluate("document.documentElement.scrollHeight") == height
    desk.unroute("**/control/?news*")
    desk.clock.fast_forward(15_500)
    expect(connection(desk)).to_be_empty()


def test_success_is_read_out_also_on_a_page_that_came_with_it(
    desk: Page, administration: User, on_duty: Page
) -> None:
    desk.add_init_script(HEARD)
    sign_in(desk, "administration")
    desk.goto("/administration/operatives/")
    desk.get_by_label("Forename").fill("Grace")
    desk.get_by_label("Surname").fill("Hopper")
    desk.get_by_role("button", name="Hire Operative").click()
    desk.wait_for_function("() => window.heard.some((each) => each.includes('Succeeded hiring operative'))")

    job = on_duty.locator("section.task")
    job.get_by_label("What was done").fill("New hose")
    job.get_by_role("button", name="Work Complete").tap()
    on_duty.wait_for_function("() => window.heard.some((each) => each.includes('Succeeded completing work'))")


@pytest.mark.parametrize("width", [320, 390])
def test_the_words_of_a_message_have_its_width(on_duty: Page, width: int) -> None:
    on_duty.set_viewport_size({"width": width, "height": 640})
    job = on_duty.locator("section.task")
    job.get_by_label("What was done").fill("New hose")
    job.get_by_role("button", name="Work Complete").tap()
    words = on_duty.locator("#messages p")
    expect(words).to_contain_text("Succeeded completing work")
    assert width_of(words) > 0.8 * width_of(on_duty.locator("#messages .message"))
    undo = on_duty.get_by_role("button", name="Undo completion")
    assert is_in_reach(undo)
    assert is_in_reach(on_duty.get_by_role("button", name="Close"))
    assert top_of(undo) > top_of(words)


@pytest.mark.parametrize("size", [(320, 640), (390, 844)])
def test_what_answers_a_fault_is_in_reach_with_it(on_duty: Page, size: tuple[int, int]) -> None:
    on_duty.set_viewport_size({"width": size[0], "height": size[1]})
    job = on_duty.locator("section.task")
    job.get_by_role("button", name="Work Complete").tap()
    field = job.get_by_label("What was done")
    expect(field).to_be_focused()
    expect(field).to_have_accessible_description("Say what was done, or complete it without a word")
    expect(on_duty.locator("#messages .message")).to_have_count(0)  # which would say it again, over it
    assert is_in_reach(field)
    assert is_in_reach(job.get_by_role("button", name="Complete without a word"))
    assert is_in_reach(job.get_by_role("button", name="Work Complete"))


def test_without_a_connection_the_message_is_whole_and_what_was_mended_is_not_at_fault(
    on_duty: Page, watch: Watch
) -> None:
    watch.expect_outage()
    job = on_duty.locator("section.task")
    job.get_by_role("button", name="Work Complete").tap()
    field = job.get_by_label("What was done")
    expect(field).to_be_focused()
    field.fill("New hose")
    on_duty.route("**/complete/", lambda route: route.abort("connectionfailed"))
    a_moment_later(on_duty)
    job.get_by_role("button", name="Work Complete").tap()
    message = on_duty.get_by_role("alert")
    expect(message).to_contain_text("The server did not answer")
    expect(message.locator("svg path")).to_have_count(2)  # drawn in the page: nothing can be fetched
    expect(job.get_by_text("Say what was done")).to_have_count(0)
    expect(field).to_have_value("New hose")


def test_a_message_never_covers_the_button_it_says_to_press(
    telephone: Page, response: User, watch: Watch
) -> None:
    watch.expect_status(UNAUTHORIZED)
    sign_in(telephone, "response")
    telephone.goto("/response/")
    telephone.get_by_label("Title").fill("Boiler out")
    Session.objects.all().delete()
    button = telephone.get_by_role("button", name="Raise Work")
    # At the bottom of the window, where the message will be.
    button.evaluate("(each) => scrollBy({ top: each.getBoundingClientRect().bottom - innerHeight + 20 })")
    assert is_in_reach(button)
    telephone.get_by_label("Find sites").evaluate(
        "(each) => { each.value = 'harbour'; each.dispatchEvent(new Event('input', { bubbles: true })); }"
    )
    expect(telephone.get_by_role("alert")).to_contain_text("You have been signed out")
    assert is_in_reach(button)


def is_in_reach(control: Locator) -> bool:
    """Whether a thumb at its middle meets it, and nothing that lies over it."""
    return bool(
        control.evaluate(
            """(control) => {
              const { left, top, width, height } = control.getBoundingClientRect();
              return control.contains(document.elementFromPoint(left + width / 2, top + height / 2));
            }"""
        )
    )


def width_of(element: Locator) -> float:
    return float(element.evaluate("(each) => each.getBoundingClientRect().width"))


def top_of(element: Locator) -> float:
    return float(element.evaluate("(each) => each.getBoundingClientRect().top"))


def test_a_message_stays_until_it_is_closed(on_duty: Page) -> None:
    job = on_duty.locator("section.task")
    job.get_by_label("What was done").fill("New hose")
    job.get_by_role("button", name="Work Complete").tap()
    said = on_duty.get_by_text("Succeeded completing work")
    expect(said).to_be_visible()
    on_duty.clock.fast_forward(60_000)
    expect(said).to_be_visible()
    on_duty.get_by_role("button", name="Close").tap()
    expect(said).to_have_count(0)


def test_what_the_page_shows_to_be_true_no_longer_goes(desk: Page, control: User) -> None:
    order_id = factories.place_order()
    desk.clock.install()
    sign_in(desk, "control")
    desk.goto(f"/orders/{order_id}/")
    desk.evaluate(
        """() => {
          const said = document.createElement("div");
          said.className = "message";
          said.innerHTML = "<p><b>Succeeded placing order</b></p>";
          document.getElementById("messages").append(said);
        }"""
    )
    factories.cancel_order(order_id)
    desk.clock.fast_forward(16_000)
    expect(desk.locator(".page-head .stage")).to_contain_text("Cancelled")
    expect(desk.get_by_text("Succeeded placing order")).to_have_count(0)


def test_a_message_goes_when_what_it_tells_of_was_undone_elsewhere(desk: Page, control: User) -> None:
    factories.hire("Ada", "Lovelace")
    factories.raise_work("Boiler out")
    desk.clock.install()
    sign_in(desk, "control")
    for _ in range(2):
        desk.goto("/control/")
        desk.get_by_role("button", name="Assign to Ada").click()
        said = desk.locator("#messages .message")
        expect(said).to_contain_text("Succeeded assigning work")
        a_moment_later(desk)
        desk.clock.fast_forward(16_000)
        expect(said).to_be_visible()
        factories.undo(WorkRow.objects.get().pk, by=control.actor)
        for _ in range(5):
            desk.clock.fast_forward(16_000)
        expect(said).to_have_count(0)


def test_undone_on_the_board_nothing_moves(desk: Page, control: User) -> None:
    for n in range(30):
        factories.hire("Ada", f"Number {n:02}")
        factories.raise_work(f"Fault {n:02}")
    desk.clock.install()
    sign_in(desk, "control")
    desk.set_viewport_size({"width": 1280, "height": 700})
    desk.goto("/control/?sort=free&lanes=compact")
    desk.evaluate("scrollTo(0, 300)")
    lane = desk.locator(".lane").nth(12)
    lane.get_by_role("button").click()
    expect(desk.get_by_text("Succeeded assigning work")).to_be_visible()
    a_moment_later(desk)
    desk.get_by_role("button", name="Undo assignment").click()
    expect(desk.get_by_text("Succeeded undoing assignment")).to_be_visible()
    assert desk.evaluate("scrollY") == 300
    assert "sort=free" in desk.url


@pytest.mark.parametrize("size", [(320, 256), (720, 450), (900, 480)])
def test_in_a_low_window_the_answer_is_in_sight_all_the_same(on_duty: Page, size: tuple[int, int]) -> None:
    on_duty.set_viewport_size({"width": size[0], "height": size[1]})
    job = on_duty.locator("section.task")
    job.get_by_label("What was done").fill("New hose")
    job.get_by_role("button", name="Work Complete").tap()
    said = on_duty.get_by_text("Succeeded completing work")
    expect(said).to_be_in_viewport(ratio=1)
    assert is_in_reach(said)
    box = on_duty.locator("#messages").bounding_box()
    assert box
    assert box["height"] <= size[1] * 0.46
