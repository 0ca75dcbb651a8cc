"""How pages look in places that tests seldom check: in dark mode, and printed."""

import re

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from tests import factories
from tests.browser.busy_day import busy_day
from tests.browser.inspection import SPILLED
from tests.browser.visit import sign_in
from tests.factories import noon

LIGHTNESS = """(element, property) => {
  const channels = getComputedStyle(element)[property].match(/[\\d.]+/g).slice(0, 3).map(Number);
  return channels.reduce((sum, channel) => sum + channel, 0) / 3 / 255;
}"""
"""Of a computed colour: 0 is black, 1 is white."""


def lightness(page: Page, selector: str, style: str) -> float:
    found: float = page.locator(selector).first.evaluate(LIGHTNESS, style)
    return found


def choose(page: Page, appearance: str) -> None:
    """Choose an appearance in the menu of the person."""
    page.locator("summary").filter(has_text="Control").click()
    page.get_by_role("button", name=appearance).click()
    page.locator("summary").filter(has_text="Control").click()
    expect(page.get_by_role("button", name=appearance)).to_have_attribute("aria-pressed", "true")


def test_dark_once_chosen_stays_dark(desk: Page, control: User) -> None:
    sign_in(desk, "control")
    assert lightness(desk, "body", "backgroundColor") > 0.9

    choose(desk, "Dark")
    for address in ("/", "/control/", "/work/"):
        desk.goto(address)
        assert lightness(desk, "body", "backgroundColor") < 0.15
        assert lightness(desk, "body", "color") > 0.8

    choose(desk, "Light")
    assert lightness(desk, "body", "backgroundColor") > 0.9


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_auto_follows_the_device(desk: Page, control: User, scheme: str) -> None:
    desk.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    sign_in(desk, "control")
    assert (lightness(desk, "body", "backgroundColor") < 0.15) == (scheme == "dark")


@pytest.mark.parametrize("appearance", ["Light", "Dark"])
def test_a_printed_job_is_its_story_in_black_on_white(desk: Page, control: User, appearance: str) -> None:
    work = factories.raise_work("Boiler out", at=noon(1))
    factories.assign(work, factories.hire("Ada", "Lovelace"), at=noon(1, 5))
    sign_in(desk, "control")
    choose(desk, appearance)
    desk.goto(f"/work/{work}/")
    expect(desk.get_by_role("banner")).to_be_visible()

    desk.emulate_media(media="print")
    expect(desk.get_by_role("banner")).to_be_hidden()
    expect(desk.get_by_role("link", name=re.compile("Ada.s queue"))).to_be_hidden()
    expect(desk.get_by_role("heading", name="Boiler out")).to_be_visible()
    expect(desk.get_by_role("region", name="Story")).to_contain_text("chose Ada Lovelace")
    assert lightness(desk, "body", "backgroundColor") == 1
    assert lightness(desk, "h1", "color") < 0.3
    assert lightness(desk, ".panel", "backgroundColor") > 0.9


def test_a_printed_queue_has_the_jobs_and_no_buttons(desk: Page, control: User) -> None:
    ada = factories.hire("Ada", "Lovelace")
    for title in ("Boiler out", "Lift stuck"):
        factories.assign(factories.raise_work(title), ada)
    sign_in(desk, "control")
    desk.goto(f"/operatives/{ada}/")
    desk.emulate_media(media="print")
    expect(desk.get_by_role("heading", name="Boiler out")).to_be_visible()
    expect(desk.get_by_role("region", name="Next in the queue")).to_contain_text("Lift stuck")
    expect(desk.get_by_role("button", name="On my way")).to_be_hidden()


EXACT = """(all) => all.filter((each) => each.checkVisibility())
  .map((each) => getComputedStyle(each, "::after").content.replaceAll('"', ""))"""
FIRST_SHEET = 1123
"""The height of a sheet of A4 in pixels."""


def printed(page: Page) -> int:
    """How many sheets the printed page takes; the page stays in print mode."""
    sheets = page.pdf(format="A4", prefer_css_page_size=True).count(b"/Type /Page\n")
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.set_viewport_size({"width": 794, "height": FIRST_SHEET})
    return sheets


def dates_on(page: Page) -> list[str]:
    """What paper shows in place of "1 d ago"."""
    dates: list[str] = page.locator("#content time[data-exact]").evaluate_all(EXACT)
    return dates


def test_a_queue_of_six_is_printed_on_two_sheets_with_full_texts_and_dates(desk: Page, control: User) -> None:
    ada = factories.hire("Ada", "Lovelace")
    for n in range(6):
        work = factories.raise_work(f"Fault {n}", f"Ring before you come to door {n}.", at=noon(1, n))
        factories.assign(work, ada, at=noon(1, 30 + n))
    sign_in(desk, "control")
    desk.goto(f"/operatives/{ada}/")
    assert printed(desk) <= 2
    expect(desk.locator("main")).to_have_css("padding-bottom", "0px")  # it could take a sheet of its own
    expect(desk.locator(".printed")).to_have_text(re.compile(r"printed \w{3},? \d+ \w{3,4} \d{4}, \d\d:\d\d"))
    for n in range(6):
        expect(desk.get_by_text(f"Ring before you come to door {n}.")).to_be_visible()
    first = desk.get_by_role("heading", name="Fault 0").bounding_box()
    assert first
    assert first["y"] < FIRST_SHEET / 3  # the first sheet is no blank one
    assert dates_on(desk)
    assert all(re.search(r"1 Mar 2026", date) for date in dates_on(desk)), dates_on(desk)


def test_a_printed_job_begins_on_the_first_sheet_with_dates(desk: Page, control: User) -> None:
    text = "Water comes through the ceiling of the hall. " * 30
    work = factories.raise_work("Boiler out", text, site_ids=[factories.acquire()], at=noon(1))
    factories.assign(work, factories.hire("Ada", "Lovelace"), at=noon(1, 5))
    sign_in(desk, "control")
    desk.goto(f"/work/{work}/")
    assert printed(desk) <= 2
    expect(desk.locator(".printed")).to_be_visible()
    expect(desk.get_by_text(text.strip())).to_be_visible()
    story = desk.get_by_role("heading", name="Story").bounding_box()
    assert story
    assert story["y"] < FIRST_SHEET / 2
    assert any("1 Mar 2026" in date for date in dates_on(desk))


@pytest.mark.parametrize("address", ["/work/", "/orders/", "/operatives/"])
def test_a_printed_list_has_room_for_dates_and_full_texts(desk: Page, control: User, address: str) -> None:
    busy_day()
    sign_in(desk, "control")
    desk.goto(address)
    printed(desk)
    assert desk.evaluate(SPILLED) == []
    inside = desk.locator("main").bounding_box()
    assert inside
    times = [each.bounding_box() for each in desk.locator(".list time[data-exact]").all()]
    assert all(box and box["x"] + box["width"] <= inside["x"] + inside["width"] for box in times), times


def test_a_printed_list_shows_no_means_of_the_screen(desk: Page, administration: User) -> None:
    factories.acquire()
    sign_in(desk, "administration")
    desk.goto("/administration/sites/")
    printed(desk)
    for unwanted in (".tabs", ".row-actions", "#id_town"):
        expect(desk.locator(unwanted).first).to_be_hidden()
    expect(desk.get_by_role("link", name="1 Harbour Street", exact=True)).to_be_visible()
