"""Sitting down at a device."""

from django.test import Client
from playwright.sync_api import Page, expect

from accounts.models import User


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
