"""An order placed at a desk, with JavaScript and without."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from readmodels.models import OrderRow
from tests import factories
from tests.browser.visit import DESK, TELEPHONE, Visit, sign_in

VISA = "4111 1111 1111 1111"


@pytest.fixture
def catalogue(control: User) -> None:
    """Two products, one of our sites, and Control."""
    factories.create_product("Fan belt", "12.50", stock=9)
    factories.create_product("Filter", "3.05", stock=9)
    factories.acquire("1 Harbour Street")


def begin(page: Page) -> Page:
    """The form, with the buyer and the card filled in."""
    sign_in(page, "control")
    page.goto("/orders/")
    page.get_by_role("link", name="New order").click()
    page.wait_for_url("**/orders/new/")
    page.get_by_label("Name", exact=True).fill("Grace Hopper")
    page.get_by_label("E-mail").fill("grace@example.com")
    page.get_by_role("combobox", name="Card").select_option("Visa")
    page.get_by_label("Name on the card").fill("G Hopper")
    page.get_by_label("Expires").fill("12/40")
    return page


def number_of(page: Page) -> str:
    return page.get_by_label("Number", exact=True).input_value()


def type_secrets(page: Page) -> None:
    page.get_by_label("Number", exact=True).fill(VISA)
    page.get_by_label("Security code").fill("123")


def look_for(page: Page, typed: str) -> None:
    page.get_by_role("searchbox", name=re.compile("product", re.IGNORECASE)).fill(typed)


def test_rows_and_sites_come_without_disturbing_what_is_typed(visit: Visit, catalogue: None) -> None:
    page = begin(visit(**DESK))
    type_secrets(page)
    look_for(page, "fan")
    page.get_by_role("button", name="Fan belt \u00a312.50").click()
    expect(page.get_by_label("Units of Fan belt")).to_be_focused()
    page.keyboard.type("2")
    look_for(page, "filt")
    page.get_by_role("button", name="Filter \u00a33.05").click()
    page.get_by_label("Units of Filter").fill("3")
    page.get_by_label("Units of Filter").blur()
    expect(page.get_by_text("Comes to \u00a334.15")).to_be_visible()
    page.get_by_label("One of our sites").fill("harbour")
    page.get_by_role("radio", name="1 Harbour Street").check()
    expect(page.get_by_label("Address line 1")).to_be_hidden()
    page.get_by_role("button", name="Remove Fan belt").click()
    expect(page.get_by_text("Comes to \u00a39.15")).to_be_visible()

    assert number_of(page) == VISA
    page.get_by_role("button", name="Place Order").last.click()
    expect(page.get_by_text("Succeeded placing order")).to_be_visible()
    expect(page.get_by_role("heading", name="Order 1")).to_be_visible()
    order = OrderRow.objects.get()
    assert [(line.units, line.name) for line in order.lines.all()] == [(3, "Filter")]
    assert order.site_id is not None


def test_an_order_without_javascript(no_script: Page, catalogue: None) -> None:
    page = begin(no_script)
    type_secrets(page)
    look_for(page, "belt")
    page.get_by_role("button", name="Find a product").click()
    page.get_by_role("button", name="Fan belt").click()
    expect(page.get_by_label("Units of Fan belt")).to_be_focused()
    page.get_by_label("Units of Fan belt").fill("2")
    look_for(page, "filter")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Choose a product")
    page.get_by_role("button", name="Filter").click()
    expect(page.get_by_label("Units of Fan belt")).to_have_value("2")
    expect(page.get_by_label("Name", exact=True)).to_have_value("Grace Hopper")
    expect(page.get_by_role("combobox", name="Card")).to_have_value("visa")
    assert number_of(page) == ""
    page.get_by_label("One of our sites").fill("harbour")
    page.get_by_role("button", name="Find", exact=True).click()
    page.get_by_role("radio", name="1 Harbour Street").check()
    page.get_by_role("button", name="Place Order").last.click()
    expect(page.get_by_role("alert")).to_contain_text("Please specify a valid card number")
    expect(page.get_by_role("radio", name="1 Harbour Street")).to_be_checked()

    type_secrets(page)
    page.get_by_role("button", name="Place Order").last.click()
    expect(page.get_by_text("Succeeded placing order")).to_be_visible()
    expect(page.get_by_role("row", name="Total")).to_contain_text("\u00a328.05")


@pytest.mark.parametrize("device", [DESK, TELEPHONE], ids=["desk", "telephone"])
def test_products_are_chosen_with_the_keyboard_alone(
    visit: Visit, catalogue: None, device: dict[str, Any]
) -> None:
    page = begin(visit(**device))
    search = page.get_by_role("searchbox", name="Product", exact=True)
    search.focus()
    page.keyboard.type("fan")
    expect(page.get_by_role("button", name="Fan belt")).to_be_visible()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Fan belt")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Units of Fan belt")).to_be_focused()
    expect(page.get_by_role("searchbox", name="Another product")).to_have_value("")
    page.keyboard.type("4")
    page.keyboard.press("Tab")
    expect(page.get_by_text("Comes to \u00a350.00")).to_be_visible()
    expect(page.get_by_role("button", name="Remove Fan belt")).to_be_focused()


def test_after_a_refusal_the_first_fault_has_the_focus(visit: Visit, catalogue: None) -> None:
    page = begin(visit(**DESK))
    look_for(page, "fan")
    page.get_by_role("button", name="Fan belt \u00a312.50").click()
    type_secrets(page)
    page.get_by_label("E-mail").fill("")
    page.get_by_label("Address line 1").fill("1 Harbour Street")
    page.get_by_label("Town").fill("Whitby")
    page.get_by_label("Post code").fill("YO21 1AA")
    page.get_by_role("button", name="Place Order").last.click()
    expect(page.get_by_label("E-mail")).to_be_focused()
    expect(page.get_by_label("E-mail")).to_have_accessible_description(
        "Order must have a buyer e-mail address"
    )
    expect(page.get_by_text("buyer_email")).to_have_count(0)


def test_more_than_there_is_is_said_beside_the_units_before_the_card_is_typed(
    visit: Visit, catalogue: None
) -> None:
    page = begin(visit(**DESK))
    look_for(page, "fan")
    page.get_by_role("button", name="Fan belt \u00a312.50").click()
    page.get_by_label("Units of Fan belt").fill("50")
    page.get_by_label("Units of Fan belt").blur()
    expect(page.get_by_text("Only 9 in stock")).to_be_visible()
    page.get_by_label("Units of Fan belt").fill("9")
    page.get_by_label("Units of Fan belt").blur()
    expect(page.get_by_text("Only 9 in stock")).to_have_count(0)
    page.get_by_label("Units of Fan belt").fill("50")
    page.get_by_label("Units of Fan belt").blur()
    expect(page.get_by_text("Only 9 in stock")).to_be_visible()
    type_secrets(page)
    page.get_by_label("One of our sites").fill("harbour")
    page.get_by_role("radio", name="1 Harbour Street").check()
    page.get_by_role("button", name="Place Order").last.click()
    expect(page.get_by_role("heading", name="Order 1")).to_be_visible()
    assert OrderRow.objects.get().lines.get().units == 50
