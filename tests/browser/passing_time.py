"""Lets time pass in a page without making the test wait. The page's clock must be installed before the
page is opened: `page.clock.install()`."""

from contextlib import suppress

from playwright.sync_api import Locator, Page, expect


def a_moment_later(page: Page) -> None:
    """Long enough for the next press to be meant: a page that has just changed under the pointer ignores
    hasty presses (static/presses.js)."""
    page.clock.fast_forward(2_000)


def when_asked_again(page: Page, said: Locator) -> None:
    """The page asks for news every 15 s, counted from when htmx has processed the new content; that may be
    a little after it becomes visible."""
    for _ in range(20):
        page.clock.fast_forward(15_500)
        with suppress(AssertionError):
            expect(said).to_be_visible(timeout=1_000)
            return
    expect(said).to_be_visible()
