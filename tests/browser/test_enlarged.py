"""Pages much enlarged, in narrow windows, and in the colours that somebody's system forces on them."""

import pytest
from playwright.sync_api import Page, ViewportSize
from pytest_django.live_server_helper import LiveServer

from accounts.features import READY_MADE
from tests.browser.busy_day import busy_day
from tests.browser.inspection import SPILLED, ZOOMED
from tests.browser.visit import NARROW, let_in
from tests.conftest import person

CURRENT, OTHER = ".sections a[aria-current]", ".sections a:not([aria-current])"
UNSEEN_FOCUS = """() => [...document.querySelectorAll("a[href], button, input, select, textarea, summary")]
  .filter((each) => each.checkVisibility({ visibilityProperty: true }) && each.type !== "hidden")
  .filter((each) => {
    each.focus();
    const { outlineStyle, outlineWidth } = getComputedStyle(each);
    return document.activeElement === each && (outlineStyle === "none" || parseFloat(outlineWidth) < 1);
  })
  .map((each) => each.outerHTML.slice(0, 160))"""


@pytest.mark.parametrize(
    ("role", "address"),
    [
        ("Control", "/"),
        ("Control", "/control/?lanes=full"),
        ("Control", "/orders/buyers/{buyer_id}/"),
        ("Response", "/work/"),
        ("Response", "/response/?sites={site_id}"),
        ("Administration", "/administration/tokens/"),
        ("Administration", "/administration/reactions/"),
    ],
)
def test_words_stay_whole_and_within_their_boxes(
    desk: Page, live_server: LiveServer, role: str, address: str
) -> None:
    day = busy_day()
    let_in(desk, person("visitor", role), live_server.url)
    desk.goto(address.format(**day.known))
    for width in (1440, 1000, 390, 320):
        desk.set_viewport_size({"width": width, "height": 700})
        assert desk.evaluate(SPILLED) == [], width


@pytest.mark.parametrize("address", ["/control/", "/orders/new/", "/administration/sites/"])
def test_in_forced_colours_the_focus_and_the_current_section_are_seen(
    desk: Page, live_server: LiveServer, address: str
) -> None:
    busy_day()
    role = "Administration" if "administration" in address else "Control"
    let_in(desk, person("visitor", role), live_server.url)
    desk.emulate_media(forced_colors="active")
    desk.goto(address)
    desk.keyboard.press("Tab")
    assert desk.evaluate(UNSEEN_FOCUS) == []
    edge = "each => getComputedStyle(each).borderBottomColor"
    assert desk.locator(CURRENT).evaluate(edge) not in desk.locator(OTHER).evaluate_all(
        "all => all.map((each) => getComputedStyle(each).borderBottomColor)"
    )


def test_the_current_section_is_in_sight_on_a_telephone(desk: Page, live_server: LiveServer) -> None:
    let_in(desk, person("visitor", *READY_MADE), live_server.url)
    desk.set_viewport_size(NARROW)
    desk.goto("/events/")
    row = desk.locator(".sections")
    assert row.evaluate("each => each.scrollWidth > each.clientWidth"), "nothing is out of sight"
    assert is_in_sight(desk)


@pytest.mark.parametrize("size", ZOOMED.values(), ids=ZOOMED)
def test_the_current_section_is_in_sight_enlarged_without_a_script(
    no_script: Page, live_server: LiveServer, size: ViewportSize
) -> None:
    let_in(no_script, person("visitor", *READY_MADE), live_server.url)
    no_script.set_viewport_size(size)
    no_script.goto("/events/")
    assert is_in_sight(no_script)


def is_in_sight(page: Page) -> bool:
    """Whether the current section lies within the window's width."""
    box, size = page.locator(CURRENT).bounding_box(), page.viewport_size
    assert box
    assert size
    return box["x"] >= 0 and box["x"] + box["width"] <= size["width"] + 1
