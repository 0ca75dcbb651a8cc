"""Time that passes in a page without the test waiting for it. The page's clock must be installed before it
is opened: `page.clock.install()`."""

from contextlib import suppress

from playwright.sync_api import Locator, Page, expect


def a_moment_later(page: Page) -> None:
    """Long enough for the next press to be meant: a page that has just changed under the pointer refuses what
    impatience presses (static/presses.js)."""
    page.clock.fast_forward(2_000)


def when_asked_again(page: Page, said: Locator) -> None:
    """The page asks for news every 15 s, from when htmx has taken up what was just put into it; that may be a
    little after it can be seen."""
    for _ in range(20):
        page.clock.fast_forward(15_500)
        with suppress(AssertionError):
            expect(said).to_be_visible(timeout=1_000)
            return
    expect(said).to_be_visible()
