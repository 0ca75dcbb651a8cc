"""Real pages in a real browser: the application served live, Debian's Chromium, and people at their devices.

Every fixture that opens a page has it watched (page_rules.py): a test fails when a page reports
an error, breaks the content security policy or asks another host for anything.
"""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from tests import factories
from tests.browser.page_rules import Watch
from tests.browser.visit import DESK, TELEPHONE, Visit, let_in

CHROMIUM = shutil.which("chromium")
ARGUMENTS = [
    "--no-sandbox",  # there is no sandbox for root, who runs the tests in CI
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

expect.set_options(timeout=15_000)  # a busy machine is not a fault


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark every test in this folder; skip it if there is no browser to drive."""
    item.add_marker(pytest.mark.browser)
    if CHROMIUM is None:
        item.add_marker(pytest.mark.skip(reason="There is no Chromium here. Run: apt-get install chromium"))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One Chromium for each process that runs tests.

    While it runs there is an event loop in this thread, from which Django refuses to use the database. Here
    that is safe: Playwright switches between the loop and the test, but never runs them at the same time.
    """
    with pytest.MonkeyPatch.context() as environment, sync_playwright() as playwright:
        environment.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "yes")
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture
def watch(live_server: LiveServer) -> Iterator[Watch]:
    """Collects what pages of this test must not do."""
    watched = Watch(live_server.url)
    yield watched
    assert not watched.faults, "\n".join(watched.faults)


@pytest.fixture
def visit(chromium: Browser, live_server: LiveServer, watch: Watch) -> Iterator[Visit]:
    """Opens a page on a device of its own: with its own cookies, and so its own sign-in."""
    with ExitStack() as devices:

        def open_page(**device: Any) -> Page:
            context = chromium.new_context(
                base_url=live_server.url,
                locale="en-GB",
                timezone_id="Europe/London",
                reduced_motion="reduce",  # nothing is measured while it moves
                **device,
            )
            devices.callback(context.close)
            watch.follow(context)
            return context.new_page()

        yield open_page


@pytest.fixture
def desk(visit: Visit) -> Page:
    """The screen on which Response, Control and Administration work."""
    return visit(**DESK)


@pytest.fixture
def other_desk(visit: Visit) -> Page:
    """The same for another person, at the same time."""
    return visit(**DESK)


@pytest.fixture
def telephone(visit: Visit) -> Page:
    """An operative's telephone."""
    return visit(**TELEPHONE)


@pytest.fixture
def no_script(visit: Visit) -> Page:
    """A browser in which JavaScript is switched off."""
    return visit(**DESK, java_script_enabled=False)


@pytest.fixture
def long_board(desk: Page, control: User, live_server: LiveServer) -> Page:
    """Thirty operatives and thirty jobs whose texts differ in length."""
    for n in range(30):
        factories.hire("Ada", f"Number {n:02}")
        factories.raise_work(
            f"Fault {n:02}", "Water comes in. " * (n % 5 * 9 + 1), at=timezone.now() - timedelta(hours=40 - n)
        )
    desk.clock.install()
    let_in(desk, control, live_server.url)
    return desk
