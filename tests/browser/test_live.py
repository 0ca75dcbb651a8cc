"""Pages that are told of what others do, served by uvicorn in a process of its own."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from time import monotonic
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from accounts.models import User
from orders.order import Status as OrderStatus
from support.work import Stage
from tests import factories
from tests.browser.inspection import faults_of
from tests.browser.page_rules import Watch
from tests.browser.visit import Visit, sign_in, when_asked_again
from tests.conftest import person
from tests.factories import noon
from tests.feed.uvicorn_server import Server


@pytest.fixture
def server(transactional_db: None, tmp_path: Path) -> Iterator[Server]:
    """It can stream, which the server of the other tests cannot."""
    with Server(tmp_path) as server:
        yield server


@pytest.fixture
def watch(server: Server) -> Iterator[Watch]:
    """What no page may do."""
    watched = Watch(server.url)
    yield watched
    assert not watched.faults, "\n".join(watched.faults)


@pytest.fixture
def visit(chromium: Browser, server: Server, watch: Watch) -> Iterator[Visit]:
    """Opens a page on a device of its own."""
    with ExitStack() as devices:

        def open_page(**device: Any) -> Page:
            context = chromium.new_context(base_url=server.url, reduced_motion="reduce", **device)
            devices.callback(context.close)
            watch.follow(context)
            return context.new_page()

        yield open_page


@pytest.fixture
def two_jobs_wait(transactional_db: None) -> None:
    """Ada is free."""
    factories.hire("Ada", "Lovelace")
    factories.raise_work("Boiler out", at=noon(1))
    factories.raise_work("Lift stuck", at=noon(2))


def open_board(page: Page, username: str) -> Page:
    sign_in(page, username)
    page.goto("/control/")
    expect(tray(page)).to_contain_text("Next up")
    return page


def tray(page: Page) -> Locator:
    return page.get_by_role("region", name="Waiting")


def never_ask_now_and_then(page: Page) -> None:
    """Stop the page's clock, so that news can only come by the stream."""
    page.add_init_script(
        "const real = setInterval; window.setInterval = (f, t, ...x) => (t === 15000 ? 0 : real(f, t, ...x));"
    )


def test_what_one_dispatcher_does_is_announced_to_the_other(
    desk: Page, other_desk: Page, two_jobs_wait: None, control: User
) -> None:
    person("other_control", "Control")
    never_ask_now_and_then(desk)
    mine, theirs = open_board(desk, "control"), open_board(other_desk, "other_control")
    news = mine.get_by_role("link", name="The board has changed")
    pressed = monotonic()
    theirs.get_by_role("button", name="Assign to Ada").click()
    expect(news).to_be_visible()
    print(f"From the press in one window to the news in the other: {monotonic() - pressed:.2f} s")
    expect(theirs.get_by_text("Succeeded assigning work")).to_be_visible()
    expect(tray(mine)).to_contain_text("Boiler out")
    assert faults_of(mine) == []
    news.click()
    expect(tray(mine)).not_to_contain_text("Boiler out")


def test_without_a_stream_the_page_asks_now_and_then(
    desk: Page, two_jobs_wait: None, control: User, watch: Watch
) -> None:
    watch.expect_status(503)
    desk.clock.install()
    desk.route("**/live/**", lambda route: route.fulfill(status=503))
    board = open_board(desk, "control")
    factories.raise_work("Window broken")
    news = board.get_by_role("link", name="1 new")
    when_asked_again(board, news)
    news.click()
    expect(tray(board)).to_contain_text("Window broken")


@pytest.mark.parametrize("path", ["/work/", "/operatives/", "/products/", "/orders/"])
def test_a_list_says_quietly_what_is_new_and_shows_it_when_asked(
    path: str, desk: Page, control: User
) -> None:
    never_ask_now_and_then(desk)
    sign_in(desk, "control")
    desk.goto(path)
    factories.order_at(OrderStatus.SUBMITTED)
    factories.work_at(Stage.ASSIGNED)
    news = desk.get_by_role("status").get_by_role("link", name="new")
    expect(news).to_be_visible()
    rows = desk.locator("[data-row]")
    before = rows.count()
    assert faults_of(desk) == []
    news.click()
    expect(rows).not_to_have_count(before)
    expect(news).to_have_count(0)


def test_an_order_goes_on_before_the_eyes_of_whoever_looks(desk: Page, control: User) -> None:
    order_id = factories.order_at(OrderStatus.SUBMITTED)
    never_ask_now_and_then(desk)
    sign_in(desk, "control")
    desk.goto(f"/orders/{order_id}/")
    cancel = desk.get_by_role("link", name="Orders").last
    cancel.focus()
    factories.cancel_order(order_id)
    expect(desk.locator(".page-head .stage")).to_contain_text("Cancelled")
    expect(desk.locator("#content").get_by_role("link", name="Orders")).to_be_focused()


def test_an_order_stays_as_it_is_under_the_hands_of_whoever_types(desk: Page, control: User) -> None:
    order_id = factories.order_at(OrderStatus.SUBMITTED)
    desk.clock.install()
    sign_in(desk, "control")
    desk.goto(f"/orders/{order_id}/")
    reason = desk.get_by_label("Reason")
    reason.fill("They have")
    factories.cancel_order(order_id)
    reason.press_sequentially(" one already")
    desk.clock.fast_forward(16_000)
    expect(reason).to_have_value("They have one already")
    reason.fill("")
    reason.blur()
    desk.clock.fast_forward(16_000)
    expect(desk.locator(".page-head .stage")).to_contain_text("Cancelled")


def test_a_product_shows_what_was_shipped_before_the_eyes_of_whoever_looks(desk: Page, control: User) -> None:
    belt = factories.create_product("Fan belt", stock=10)
    order_id = factories.order_at(OrderStatus.PAID, {belt: 3})
    never_ask_now_and_then(desk)
    sign_in(desk, "control")
    desk.goto(f"/products/{belt}/")
    expect(desk.get_by_text("3 for orders")).to_be_visible()
    factories.ship_order(order_id)
    expect(desk.get_by_text("0 for orders")).to_be_visible()


@pytest.fixture
def refused(desk: Page, control: User) -> Callable[[str], tuple[Page, UUID]]:
    """Has the cancellation of an order for this reason refused."""

    def refuse(reason: str) -> tuple[Page, UUID]:
        order_id = factories.order_at(OrderStatus.SUBMITTED)
        desk.clock.install()
        sign_in(desk, "control")
        desk.goto(f"/orders/{order_id}/")
        field = desk.get_by_label("Reason")
        field.evaluate("each => each.removeAttribute('maxlength')")
        field.fill(reason)
        desk.get_by_role("button", name="Cancel Order").click()
        expect(desk.get_by_role("alert")).to_contain_text("Could not complete action: cancelling order")
        expect(field).to_be_focused()
        field.blur()
        factories.cancel_order(order_id)
        desk.clock.fast_forward(16_000)
        return desk, order_id

    return refuse


def test_the_answer_to_a_refused_step_hears_of_news(refused: Callable[[str], tuple[Page, UUID]]) -> None:
    page, order_id = refused("")
    expect(page).to_have_url(re.compile(f"/orders/{order_id}/$"))
    expect(page.locator(".page-head .stage")).to_contain_text("Cancelled")


def test_news_does_not_take_away_what_was_typed_and_refused(
    refused: Callable[[str], tuple[Page, UUID]],
) -> None:
    page, _ = refused("x" * 501)
    page.wait_for_load_state("networkidle")
    expect(page.get_by_label("Reason")).to_have_value("x" * 501)
