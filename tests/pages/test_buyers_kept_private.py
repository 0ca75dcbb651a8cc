"""A buyer's addresses: for those who may see buyers, and for the person who placed the order."""

from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.utils.html import escape

from accounts.models import User
from orders.order import Status
from tests import factories
from tests.api.calls import ask
from tests.pages.order_form import NEW, filled
from tests.pages.page_requests import text_of

pytestmark = pytest.mark.django_db
EMAIL, STREET = "ada@example.com", "1 Harbour Street"


def seen(browser: Client, order_id: UUID) -> list[Any]:
    """Everything that shows an order."""
    address = f"/api/orders/{order_id}"
    pages = [f"/orders/{order_id}/", "/orders/", f"{NEW}?again={order_id}"]
    told = ["/api/orders", address, f"{address}?version=0", f"{address}/history"]
    return [browser.get(each).content.decode() for each in [*pages, *told]]


def test_somebody_who_may_not_see_buyers_reads_their_names_alone(
    operative_client: Client, response_client: Client
) -> None:
    order_id = factories.order_at(Status.CANCELLED, buyer="Ada King", email=EMAIL)
    for browser in (operative_client, response_client):
        for each in seen(browser, order_id):
            assert "Ada King" in each
            assert EMAIL not in each
            assert STREET not in each
    shown = ask(operative_client, f"/orders/{order_id}").json()
    assert (shown["buyer_email"], shown["ship_to"]) == (None, None)
    assert "Ship to The buyer's address" in text_of(operative_client.get(f"/orders/{order_id}/"))


def test_somebody_who_placed_it_has_typed_it(
    operative: User, operative_client: Client, response_client: Client
) -> None:
    order_id = factories.place_order(email=EMAIL, by=operative.actor)
    mine = ask(operative_client, f"/orders/{order_id}").json()
    assert (mine["buyer_email"], mine["ship_to"][: len(STREET)]) == (EMAIL, STREET)
    assert EMAIL in operative_client.get(f"/orders/{order_id}/").content.decode()
    assert EMAIL in operative_client.get(f"{NEW}?again={order_id}").content.decode()
    (started,) = ask(operative_client, f"/orders/{order_id}/history").json()["items"]
    assert started["data"]["buyer_email"] == started["state"]["buyer_email"] == EMAIL
    assert "holder" not in started["data"]["card"]
    assert EMAIL not in response_client.get(f"/orders/{order_id}/").content.decode()


def test_somebody_who_may_see_buyers_reads_all(control_client: Client) -> None:
    order_id = factories.place_order(email=EMAIL)
    shown = ask(control_client, f"/orders/{order_id}").json()
    assert (shown["buyer_email"], shown["ship_to"][: len(STREET)]) == (EMAIL, STREET)
    assert EMAIL in control_client.get(f"/orders/{order_id}/").content.decode()


@pytest.mark.parametrize("text", ["ada@example", "exam", "example.com", "exampel"])
def test_an_address_is_not_found_out_letter_by_letter(
    text: str, operative_client: Client, control_client: Client
) -> None:
    factories.place_order(buyer="Ada King", email=EMAIL)

    def found(browser: Client) -> set[int]:
        listed = browser.get("/orders/", {"buyer": text}).context["page"].rows
        return {len(listed), len(ask(browser, f"/orders?buyer={text}").json()["items"])}

    assert (found(operative_client), found(control_client)) == ({0}, {1})


@pytest.mark.parametrize("text", ["king", "ADA", "kign"])
def test_names_are_found_by_everybody(text: str, operative_client: Client) -> None:
    factories.place_order(buyer="Ada King", email=EMAIL)
    factories.place_order(buyer="Grace Hopper", email="king@example.com")
    (found,) = operative_client.get("/orders/", {"buyer": text}).context["page"].rows
    assert found.buyer_name == "Ada King"
    assert 'placeholder="Name"' in operative_client.get("/orders/").content.decode()


def test_sites_are_looked_for_by_who_may_list_them(operative_client: Client, response_client: Client) -> None:
    mill, belt = (
        factories.acquire("9 Mill Lane", "York", "YO1 9ZZ"),
        factories.create_product("Fan belt", "12.50"),
    )

    def answers(browser: Client) -> list[Any]:
        return [browser.get(NEW, {"q": "mill"}), browser.post(NEW, filled(belt, q="mill", find="yes"))]

    for answer in answers(response_client):
        assert [each.pk for each in answer.context["places"]] == [mill]
    for answer in answers(operative_client):
        assert answer.context["places"] == []
        assert escape("9 Mill Lane") not in answer.content.decode()
        assert 'id="q"' not in answer.content.decode()


def test_an_operative_chooses_among_the_sites_of_the_job(operative_client: Client) -> None:
    work_id = factories.raise_work()
    places = operative_client.get(NEW, {"work": str(work_id)}).context["places"]
    assert len(places) == 1
