"""A slow network and an impatient thumb: a press is answered at once by the button that was pressed, and
applies to the job that was visible."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from accounts.models import User
from readmodels.models import WorkRow
from support.work import Stage
from tests import factories
from tests.browser.visit import a_moment_later, sign_in, when_asked_again
from tests.factories import noon
from tests.pages.page_requests import events_of

CHANGED = "This has just changed: look, then press again"


@contextmanager
def answers_held(page: Page, address: str) -> Iterator[list[Route]]:
    """Requests to this address are held until the end of the block, and then answered."""
    held: list[Route] = []
    page.route(address, lambda route: held.append(route))
    yield held
    for each in held:
        each.continue_()
    page.unroute(address)


def notice(page: Page) -> Locator:
    return page.locator("#notice")


@pytest.fixture
def on_duty(telephone: Page, operative: User) -> Page:
    """Olive's page, with a job that she could set off for. Time does not pass until the test moves it on."""
    factories.work_at(Stage.ASSIGNED, operative.operative_id)
    telephone.clock.install()
    sign_in(telephone, "operative")
    telephone.goto(f"/operatives/{operative.operative_id}/")
    telephone.clock.pause_at(telephone.evaluate("Date.now() + 1000"))
    return telephone


def tap_at_the_foot(page: Page) -> None:
    """Tap where the button for the next step is, whichever it is."""
    page.touchscreen.tap(195, 800)


def happened() -> list[str]:
    """What has been done to the only job."""
    return events_of(WorkRow.objects.get().pk)[2:]


def test_a_button_says_at_once_that_it_is_sent_and_takes_no_further_press(on_duty: Page) -> None:
    before = on_duty.get_by_role("button", name="On my way").bounding_box()
    with answers_held(on_duty, "**/dispatch/") as sent:
        tap_at_the_foot(on_duty)
        expect(on_duty.get_by_role("button", name="Sending…")).to_be_visible()
        assert on_duty.get_by_role("button", name="Sending…").bounding_box() == before
        for presses in ("1 press", "2 presses"):
            tap_at_the_foot(on_duty)
            expect(notice(on_duty)).to_have_text(f"Still being sent. {presses} not taken")
        assert len(sent) == 1
    expect(on_duty.get_by_role("button", name="Arrived")).to_be_visible()
    expect(notice(on_duty)).to_have_text("2 presses were not taken")
    on_duty.clock.fast_forward(1_600)
    expect(notice(on_duty)).to_be_empty()
    assert happened() == ["OperativeDispatched"]


def test_news_waits_until_what_is_sent_is_answered_and_then_moves_nothing(
    on_duty: Page, operative: User
) -> None:
    with answers_held(on_duty, "**/dispatch/"):
        tap_at_the_foot(on_duty)
        expect(on_duty.get_by_role("button", name="Sending…")).to_be_visible()
        factories.work_at(Stage.ASSIGNED, operative.operative_id)
        asked: list[str] = []
        on_duty.on("request", lambda request: asked.append(request.url))
        on_duty.clock.run_for(40_000)
        assert [url for url in asked if "news=" in url] == []
    expect(on_duty.get_by_role("button", name="Arrived")).to_be_visible()
    factories.work_at(Stage.ASSIGNED, operative.operative_id)
    card = on_duty.locator(".task")
    before = card.bounding_box()
    news = on_duty.locator(".news a")
    when_asked_again(on_duty, news)
    assert card.bounding_box() == before
    expect(on_duty.locator("#refresh")).to_be_hidden()


def test_taps_once_a_second_take_no_step_that_has_just_come(on_duty: Page) -> None:
    tap_at_the_foot(on_duty)
    expect(on_duty.get_by_role("button", name="Arrived")).to_be_visible()
    for presses in ("1 press", "2 presses", "3 presses"):
        on_duty.clock.fast_forward(1_100)
        tap_at_the_foot(on_duty)
        expect(notice(on_duty)).to_have_text(f"{CHANGED}. {presses} not taken")
    assert happened() == ["OperativeDispatched"]

    for _ in range(2):
        a_moment_later(on_duty)
        tap_at_the_foot(on_duty)
    expect(on_duty.get_by_text("On site since")).to_be_visible()
    assert happened() == ["OperativeDispatched", "OperativeArrived"]


@pytest.fixture
def board(desk: Page, control: User) -> Page:
    """Three jobs wait, and Ada is free."""
    factories.hire("Ada", "Lovelace")
    for day, title in enumerate(["Boiler out", "Lift stuck", "Window broken"], start=1):
        factories.raise_work(title, at=noon(day))
    desk.clock.install()
    sign_in(desk, "control")
    desk.goto("/control/")
    return desk


def test_no_press_of_twenty_is_dropped_in_silence(board: Page) -> None:
    board.clock.pause_at(board.evaluate("Date.now() + 1000"))
    whom = board.get_by_role("button", name="Assign to Ada")
    whom.click()
    expect(board.get_by_text("Succeeded assigning work")).to_be_visible()
    for presses in range(1, 20):
        board.clock.fast_forward(500)
        whom.focus()
        board.keyboard.press("Enter")
        expect(notice(board)).to_have_text(re.compile(rf"^{CHANGED}\. {presses} press"))
    board.reload()
    expect(board.get_by_role("article", name="Ada Lovelace").get_by_role("listitem")).to_have_count(1)


def test_a_choice_is_not_taken_that_the_answer_would_undo(board: Page) -> None:
    with answers_held(board, "**/assign/"):
        board.get_by_role("button", name="Assign to Ada").click()
        board.get_by_role("link", name="Window broken").click()
        expect(notice(board)).to_have_text("Still being sent. 1 press not taken")
    expect(board.get_by_role("region", name="Waiting").get_by_role("article")).to_contain_text("Lift stuck")
    a_moment_later(board)
    board.get_by_role("link", name="Window broken").click()
    expect(board.get_by_role("region", name="Waiting").get_by_role("article")).to_contain_text(
        "Window broken"
    )


@pytest.fixture
def undoing(desk: Page, control: User) -> tuple[Page, tuple[float, float]]:
    """A job whose three latest steps Control took, and the place of the button that undoes the last."""
    work_id = factories.raise_work("Boiler out")
    factories.assign(work_id, factories.hire("Ada", "Lovelace"), by=control.actor)
    factories.set_out(work_id, by=control.actor)
    factories.arrive(work_id, by=control.actor)
    desk.clock.install()
    sign_in(desk, "control")
    desk.goto(f"/work/{work_id}/")
    desk.clock.pause_at(desk.evaluate("Date.now() + 1000"))
    box = desk.locator(".actions").get_by_role("button", name="Undo arrival").bounding_box()
    assert box
    return desk, (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def to_undo(page: Page, what: str) -> Locator:
    return page.locator(".actions").get_by_role("button", name=f"Undo {what}")


def test_what_has_its_place_on_the_next_page_is_not_pressed_by_the_same_impatience(
    undoing: tuple[Page, tuple[float, float]],
) -> None:
    page, place = undoing
    page.mouse.click(*place)
    expect(to_undo(page, "departure")).to_be_visible()
    for presses in ("1 press", "2 presses"):
        page.mouse.click(*place)
        expect(notice(page)).to_have_text(f"{CHANGED}. {presses} not taken")
    assert happened().count("WorkChangeUndone") == 1
    a_moment_later(page)
    page.mouse.click(*place)
    expect(to_undo(page, "assignment")).to_be_visible()


def test_nor_before_the_scripts_of_that_page_have_come(undoing: tuple[Page, tuple[float, float]]) -> None:
    page, place = undoing
    with answers_held(page, "**/messages*.js"):
        page.mouse.click(*place)
        expect(to_undo(page, "departure")).to_be_visible()
        page.mouse.click(*place)
        expect(notice(page)).to_have_text(f"{CHANGED}. 1 press not taken")
        assert happened().count("WorkChangeUndone") == 1


def test_a_form_that_leads_to_another_page_says_so_too(desk: Page, administration: User) -> None:
    sign_in(desk, "administration")
    desk.goto("/administration/operatives/")
    desk.get_by_label("Forename").fill("Grace")
    desk.get_by_label("Surname").fill("Hopper")
    # As if the answer took long.
    desk.evaluate("document.addEventListener('submit', (event) => event.preventDefault())")
    desk.get_by_role("button", name="Hire Operative").click()
    button = desk.get_by_role("button", name="Sending…")
    for presses in ("1 press", "2 presses"):
        button.click(force=True)
        expect(notice(desk)).to_have_text(f"Still being sent. {presses} not taken")
