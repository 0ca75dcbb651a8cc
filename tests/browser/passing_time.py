"""Time that passes in a page without the test waiting for it. The page's clock must be installed before it
is opened: `page.clock.install()`."""

from playwright.sync_api import Page


def a_moment_later(page: Page) -> None:
    """Long enough for the next press to be meant: a page that has just changed under the pointer does not
    take the second press of a double click (static/callout.js)."""
    page.clock.fast_forward(500)
