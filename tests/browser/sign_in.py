"""Sitting down at a device."""

from playwright.sync_api import Page, expect


def sign_in(page: Page, username: str) -> None:
    """Sign in by the form, as somebody with this username; leads to the first page."""
    page.goto("/sign-in/")
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill("demo")
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_title("Home · Callout")
