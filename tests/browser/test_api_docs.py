"""The page to try the API on: drawn by a vendored library, under the same content security policy."""

import re

from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from readmodels.models import OperativeRow
from tests import factories
from tests.browser.inspection import faults_of
from tests.browser.page_rules import Watch
from tests.browser.visit import let_in
from tests.conftest import person


def test_an_operation_is_tried_from_its_description(desk: Page, live_server: LiveServer) -> None:
    factories.acquire(town="Whitby")
    let_in(desk, person("visitor", "Administration"), live_server.url)
    desk.goto("/swagger")
    expect(desk).to_have_url(re.compile("/api/docs$"))
    reading = desk.locator("#operations-Sites-list_sites")
    reading.locator(".opblock-summary-control").click()
    reading.get_by_role("button", name="Execute").click()
    expect(reading.locator(".live-responses-table .response-col_status").nth(1)).to_contain_text("200")
    expect(reading.locator(".live-responses-table")).to_contain_text("Whitby")


def test_it_can_be_read_and_used_by_everybody(desk: Page, live_server: LiveServer) -> None:
    let_in(desk, person("visitor", "Administration"), live_server.url)
    desk.goto("/api/docs")
    for operation in ("Sites-list_sites", "Operatives-hire_operative"):
        shown = desk.locator(f"#operations-{operation}")
        shown.locator(".opblock-summary-control").click()
        shown.get_by_role("button", name="Execute").click()
        expect(shown.locator(".live-responses-table .response-col_status").nth(1)).to_contain_text("20")
    faults = faults_of(desk, own=False)
    assert not faults, "\n" + "\n".join(faults)


def test_a_token_is_tried(desk: Page, live_server: LiveServer, watch: Watch) -> None:
    """The requests are then the program's, not those of the person who has signed in."""
    watch.expect_status(401)
    let_in(desk, person("visitor", "Administration"), live_server.url)
    desk.goto("/api/docs")
    desk.get_by_role("button", name="Authorize", exact=True).click()
    secret = desk.get_by_role("textbox", name="Value")
    expect(secret).to_be_focused()
    faults = faults_of(desk, own=False)
    assert not faults, "\n" + "\n".join(faults)
    secret.fill("nobody's")
    desk.locator(".modal-ux").get_by_role("button", name="Authorize").click()
    desk.get_by_role("button", name="Close").first.click()
    reading = desk.locator("#operations-Sites-list_sites")
    reading.locator(".opblock-summary-control").click()
    reading.get_by_role("button", name="Execute").click()
    expect(reading.locator(".live-responses-table .response-col_status").nth(1)).to_contain_text("401")


def test_what_is_sent_from_it_is_done(desk: Page, live_server: LiveServer) -> None:
    let_in(desk, person("visitor", "Administration"), live_server.url)
    desk.goto("/api/docs")
    writing = desk.locator("#operations-Operatives-hire_operative")
    writing.locator(".opblock-summary-control").click()
    writing.get_by_role("button", name="Execute").click()
    expect(writing.locator(".live-responses-table .response-col_status").nth(1)).to_contain_text("201")
    assert OperativeRow.objects.count() == 1


def test_it_keeps_within_a_telephone(telephone: Page, live_server: LiveServer) -> None:
    let_in(telephone, person("visitor", "Administration"), live_server.url)
    telephone.goto("/api/docs")
    expect(telephone.locator("#operations-Work-list_work")).to_be_visible()
    assert telephone.evaluate("document.documentElement.scrollWidth") <= 390
