"""Every page by axe-core and by tape measure: no serious violation, light or dark, wide or narrow; nothing
too small to aim at; no scrolling sideways on a telephone."""

from typing import Literal, Protocol
from uuid import UUID

import pytest
from playwright.sync_api import Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.features import READY_MADE
from accounts.guard import rule_of
from tests.browser.busy_day import busy_day
from tests.browser.inspection import faults_of
from tests.browser.page_rules import Watch
from tests.browser.visit import let_in
from tests.conftest import person
from tests.pages.routes import Route, own_routes
from tests.sampling import is_for_another_time

NO_PAGE = {
    "sign-out", "theme", "live", "assign", "dispatch", "arrive", "complete", "abandon", "undo", "undo-still",
    "person-roles", "person-operative", "person-password", "person-active",
    "rename-product", "reprice-product", "restock-product", "correct-stock", "ship-order", "cancel-order",
    "switch-webhook", "redeliver", "retry-reaction", "dismiss-reaction",
    "swagger", "api-docs",
}  # fmt: skip
"""Routes that take forms, or answer machines, and the page that Swagger UI draws (test_api_docs.py). All
other routes render a page."""

EVERY_ROLE = tuple(READY_MADE)
SEEN_DIFFERENTLY = {
    "sign-in": ("",),
    "home": EVERY_ROLE,
    "work": ("Response",),
    "job": ("Control", "Administration"),
    "operative": ("Control", "Operative"),
}
"""Pages that look different to different people; the others are seen by the first role that may."""

ROUTES = {route.name: route for route in own_routes() if route.name not in NO_PAGE}


def first_who_may(route: Route) -> str:
    """The ready-made role with a feature that opens this page."""
    rule = rule_of(route.view, [])
    assert rule, route.name
    return next(role for role, features in READY_MADE.items() if rule.features & set(features))


def visits(*, parameters: bool) -> list[tuple[str, str]]:
    """Every page with each role that visits it, or those of them that this run visits; without
    `parameters`, only those that are not about one aggregate."""
    every = [
        (name, role)
        for name, route in ROUTES.items()
        if parameters or not route.parameters
        for role in SEEN_DIFFERENTLY.get(name) or (first_who_may(route),)
    ]
    return [(name, role) for name, role in every if not is_for_another_time(f"{name} {role} {parameters}")]


class Enter(Protocol):
    """Signs in as somebody with this role, without the form; as nobody if there is none."""

    def __call__(self, role: str, operative_id: UUID | None = None) -> None: ...


@pytest.fixture
def enter(desk: Page, live_server: LiveServer) -> Enter:
    """Lets the person at the desk in."""

    def sign_in_as(role: str, operative_id: UUID | None = None) -> None:
        if role:
            let_in(desk, person("visitor", role, operative_id=operative_id), live_server.url)

    return sign_in_as


def assert_faultless(page: Page) -> None:
    faults = faults_of(page)
    assert not faults, "\n" + "\n".join(faults)


@pytest.mark.parametrize(("name", "role"), visits(parameters=True))
def test_a_page_on_a_busy_day(desk: Page, enter: Enter, name: str, role: str) -> None:
    day = busy_day()
    enter(role, operative_id=day.known["operative_id"] if role == "Operative" else None)
    desk.goto(ROUTES[name].address(day.known))
    assert_faultless(desk)


@pytest.mark.parametrize(
    "asked", ["lanes=compact&tray_sort=newest&tray_new=1", "lanes=none&tray_stage=raised"]
)
def test_the_board_in_its_other_shapes(desk: Page, enter: Enter, asked: str) -> None:
    busy_day()
    enter("Control")
    desk.goto(f"/control/?{asked}")
    assert_faultless(desk)


@pytest.mark.parametrize(("name", "role"), visits(parameters=False))
def test_a_page_on_the_first_day(desk: Page, enter: Enter, name: str, role: str) -> None:
    enter(role)
    desk.goto(ROUTES[name].address({}))
    assert_faultless(desk)


def test_the_list_of_keys(desk: Page, enter: Enter) -> None:
    enter("Control")
    desk.goto("/control/")
    desk.keyboard.press("?")
    expect(desk.get_by_role("dialog", name="Keys")).to_be_visible()
    assert_faultless(desk)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_button_keeps_its_edge_and_has_a_ring_with_the_keyboard_on_it(
    desk: Page, enter: Enter, theme: Literal["light", "dark"]
) -> None:
    enter("Control")
    desk.emulate_media(color_scheme=theme)
    desk.goto("/work/")
    find = desk.get_by_role("button", name="Filter", exact=True)
    edge = edge_of(find)
    desk.keyboard.press("Tab")
    find.focus()  # seen as by the keyboard, which was used last
    expect(find).to_be_focused()
    expect(find).to_have_css("outline-style", "solid")
    assert edge_of(find) == edge
    find.blur()
    find.hover()
    assert edge_of(find) == edge


def test_the_menu_of_the_person(desk: Page, enter: Enter) -> None:
    enter("Response")
    desk.goto("/response/")
    desk.locator("details.me summary").click()
    expect(desk.get_by_role("button", name="Sign out")).to_be_visible()
    assert_faultless(desk)


def test_a_call_with_a_ticked_site_refused(desk: Page, enter: Enter) -> None:
    day = busy_day()
    enter("Response")
    desk.goto(f"/response/?sites={day.known['site_id']}&q=whitby")
    desk.get_by_role("button", name="Raise Work").click()
    expect(desk.get_by_role("alert")).to_contain_text("Work must have a description")
    assert_faultless(desk)


def test_a_job_chosen_on_the_board(desk: Page, enter: Enter) -> None:
    day = busy_day()
    enter("Control")
    desk.goto(f"/control/?work={day.jobs['abandoned']}")
    expect(desk.get_by_text("Chosen")).to_be_visible()
    assert_faultless(desk)


def test_an_operative_refused_with_everything_unfolded(desk: Page, enter: Enter) -> None:
    day = busy_day()
    enter("Operative", operative_id=day.known["operative_id"])
    desk.goto(ROUTES["operative"].address(day.known))
    unfold(desk)
    desk.get_by_role("button", name="Abandon Work").first.click()
    expect(desk.get_by_role("alert")).to_contain_text("Choose a reason")
    unfold(desk)
    assert_faultless(desk)


def test_events_unfolded(desk: Page, enter: Enter) -> None:
    day = busy_day()
    enter("Administration")
    for name in ("events", "job"):
        desk.goto(ROUTES[name].address(day.known))
        unfold(desk)
        assert_faultless(desk)


def test_a_page_refused_and_a_page_not_found(desk: Page, enter: Enter, watch: Watch) -> None:
    enter("Response")
    for status, address in ((403, "/control/"), (404, "/nowhere/")):
        watch.expect_status(status)
        desk.goto(address)
        assert_faultless(desk)


def edge_of(button: Locator) -> str:
    """The colour of its border, once it no longer changes."""
    button.evaluate("each => Promise.all(each.getAnimations().map(({ finished }) => finished))")
    return str(button.evaluate("each => getComputedStyle(each).borderColor"))


def unfold(page: Page) -> None:
    """Open what can be opened in the page: the first few of each kind, because the others are alike."""
    page.evaluate("""() => document.querySelectorAll("main details:nth-of-type(-n + 2)")
        .forEach((each, nth) => { each.open = nth < 6; })""")
