"""People at their devices: what they look at pages with, how they sign in, and how time passes in a page.

A page's clock must be installed before the page is opened: `page.clock.install()`.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.test import Client
from playwright.sync_api import Locator, Page, ViewportSize, expect

from accounts.models import User

WIDE = ViewportSize(width=1440, height=900)
NARROW = ViewportSize(width=390, height=844)

DESK: dict[str, Any] = {"viewport": WIDE}
TELEPHONE: dict[str, Any] = {"viewport": NARROW, "has_touch": True, "is_mobile": True}

Visit = Callable[..., Page]
"""Opens a page on a device."""


def sign_in(page: Page, username: str) -> None:
    """Sign in by the form, as somebody with this username; leads to the first page, or an operative
    to theirs."""
    page.goto("/sign-in/")
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill("demo")
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator(".me")).to_be_visible()


def let_in(page: Page, user: User, address: str) -> None:
    """Signed in at this address already, without the form."""
    browser = Client()
    browser.force_login(user)
    cookie = browser.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": address}])


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
