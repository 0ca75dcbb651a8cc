"""More ordered than there is, and an order placed once more."""

import re
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client

from orders.order import Status
from readmodels.models import OrderRow
from tests import factories
from tests.pages.order_form import NEW, filled
from tests.pages.page_requests import FRAGMENT, said, send, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def belt() -> UUID:
    return factories.create_product("Fan belt", "12.50", stock=7)


def asked_of(answer: Any) -> list[str]:
    """What the page says that it has asked."""
    return re.findall(r'name="asked" value="([^"]+)"', answer.content.decode())


# --- More than there is ----------------------------------------------------------------------------


def test_more_than_there_is_is_said_before_and_ordered_when_pressed_again(
    control_client: Client, belt: UUID
) -> None:
    answer = send(control_client, NEW, **filled(belt, units=["50"]))
    assert answer.status_code == 422
    assert said(answer) == [
        "A question before placing order\n"
        "There are only 7 in stock of Fan belt: an order of 50 is cancelled unless more comes."
        " Press again to order all the same"
    ]
    assert "Only 7 in stock: cancelled unless more comes" in text_of(answer)
    assert re.search(r'name="units"[^>]*aria-invalid="true"', answer.content.decode())
    assert not OrderRow.objects.exists()
    answer = send(control_client, NEW, **filled(belt, units=["50"]), asked=asked_of(answer))
    assert answer.status_code == 200
    assert OrderRow.objects.get().lines.get().units == 50


def test_rows_of_one_product_are_added_up(control_client: Client, belt: UUID) -> None:
    sent = filled(belt, product=[str(belt)] * 2, units=["4", "4"])
    assert "an order of 8 is cancelled" in said(send(control_client, NEW, **sent))[0]


def test_other_units_are_asked_about_again(control_client: Client, belt: UUID) -> None:
    asked = asked_of(send(control_client, NEW, **filled(belt, units=["50"])))
    assert send(control_client, NEW, **filled(belt, units=["60"]), asked=asked).status_code == 422


def test_all_that_there_is_is_not_asked_about(control_client: Client, belt: UUID) -> None:
    assert send(control_client, NEW, **filled(belt, units=["7"])).status_code == 200


def test_it_is_said_at_the_field_as_soon_as_the_units_are_typed(control_client: Client, belt: UUID) -> None:
    sent = {"product": str(belt), "units": "50", "sum": "yes"}
    answer = control_client.post(NEW, sent, headers={**FRAGMENT, "HX-Target": "items-sum"})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Only 7 in stock" in page.partition('id="short-0"')[2].partition("</li>")[0]
    assert 'hx-select-oob="#short-0"' in page
    assert send(control_client, NEW, **filled(belt, units=["50"]), asked=asked_of(answer)).status_code == 200


def test_a_form_sent_twice_is_not_asked_about_what_it_took_itself(control_client: Client, belt: UUID) -> None:
    command_id = uuid4()
    sent = filled(belt, units=["5"])
    send(control_client, NEW, command_id=command_id, **sent)
    factories.reserve(belt, 5, order_id=command_id)
    assert send(control_client, NEW, command_id=command_id, **sent).status_code == 200


# --- Once more -------------------------------------------------------------------------------------


def again(browser: Client, order_id: object) -> Any:
    return browser.get(f"{NEW}?again={order_id}")


def value_of(page: str, name: str) -> str:
    """The value of a field."""
    (tag,) = re.findall(rf'<input[^>]*name="{name}"[^>]*>', page)
    found = re.search(r'value="([^"]*)"', tag)
    return found[1] if found else ""


def test_a_cancelled_order_leads_to_a_form_filled_in_with_it_at_today_s_prices(
    control_client: Client, belt: UUID
) -> None:
    order_id = factories.order_at(Status.CANCELLED, {belt: 4})
    factories.reprice(belt, "13.00")
    assert f'href="{NEW}?again={order_id}"' in control_client.get(f"/orders/{order_id}/").content.decode()
    answer = again(control_client, order_id)
    page, order = answer.content.decode(), OrderRow.objects.get()
    assert (value_of(page, "product"), value_of(page, "units")) == (str(belt), "4")
    assert (value_of(page, "buyer_name"), value_of(page, "buyer_email")) == (
        order.buyer_name,
        order.buyer_email,
    )
    assert value_of(page, "address_line_1")
    assert "Comes to £52.00" in text_of(answer)
    for name in ("card_number", "card_holder", "expiry", "security_code"):
        assert value_of(page, name) == ""
    assert "selected" not in page.partition('name="card_type"')[2].partition("</select>")[0].replace(
        '<option value="" selected>', ""
    )


def test_its_site_and_job_come_along(control_client: Client, belt: UUID) -> None:
    site, work = factories.acquire(), factories.raise_work()
    send(control_client, NEW, **filled(belt, ship_to=str(site), work=str(work)))
    order_id = OrderRow.objects.get().order_id
    factories.cancel_order(order_id)
    page = again(control_client, order_id).content.decode()
    assert value_of(page, "work") == str(work)
    assert re.search(rf'value="{site}" checked', page)
    factories.relinquish(site)
    page = again(control_client, order_id).content.decode()
    assert f'value="{site}"' not in page
    assert value_of(page, "address_line_1")


def test_what_is_no_longer_sold_is_named_and_left_out(control_client: Client, belt: UUID) -> None:
    lamp = factories.create_product("Gas mantle")
    order_id = factories.order_at(Status.CANCELLED, {belt: 1, lamp: 1})
    factories.withdraw(lamp)
    answer = again(control_client, order_id)
    assert "No longer sold, and left out: Gas mantle." in text_of(answer)
    assert value_of(answer.content.decode(), "product") == str(belt)


def test_only_a_cancelled_order_offers_it(control_client: Client, belt: UUID) -> None:
    order_id = factories.place_order({belt: 1})
    assert "again=" not in control_client.get(f"/orders/{order_id}/").content.decode()


def test_somebody_who_may_not_order_is_not_shown_it(
    administration_client: Client, stranger_client: Client, control_client: Client, belt: UUID
) -> None:
    order_id = factories.order_at(Status.CANCELLED, {belt: 1})
    assert again(stranger_client, order_id).status_code == 403
    assert again(control_client, uuid4()).status_code == 404
    assert again(control_client, "nonsense").status_code == 200
