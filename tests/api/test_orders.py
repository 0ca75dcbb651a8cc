"""Orders through the API: placed, brought on their way, shipped or cancelled, listed and shown."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.conf import LazySettings
from django.test import Client

from accounts.models import User
from eventstore.models import StoredEvent
from orders.order import Status
from readmodels.models import OrderRow
from tests import factories
from tests.api.calls import ask, faults_of, problem_of, send
from tests.api.card import card, order
from tests.orders.settle import chain, run

pytestmark = pytest.mark.django_db


@pytest.fixture
def belt(db: None) -> UUID:
    return factories.create_product("Fan belt", "12.50", 10)


def test_an_order_is_placed_paid_and_shipped(
    belt: UUID, settings: LazySettings, response_client: Client, response: User, control_client: Client
) -> None:
    settings.ORDER_GRACE_SECONDS = 0
    placed = send(response_client, "/orders", order(belt, 4))
    assert (placed.status_code, placed.json()["version"]) == (201, 0), placed.content
    assert placed.headers["Location"] == f"/api/orders/{placed.json()['id']}"
    address = placed.headers["Location"].removeprefix("/api")
    shown = ask(response_client, address).json()
    assert (shown["status"], shown["waits_for"]) == (
        "submitted",
        "The buyer and the card to be verified.",
    )
    problem_of(send(control_client, f"{address}/ship"), 409)
    run()
    shown = ask(response_client, address).json()
    assert (shown["status"], shown["waits_for"]) == ("paid", "Somebody to ship it.")
    assert [each["is_reserved"] for each in shown["lines"]] == [True]
    shipped = send(control_client, f"{address}/ship")
    assert shipped.status_code == 200
    run()
    shown = ask(response_client, address).json()
    assert (shown["status"], shown["waits_for"], shown["total"]) == ("shipped", "", "50.00")
    events = StoredEvent.objects.filter(stream=f"order-{placed.json()['id']}").order_by("version")
    assert (events[0].actor, events[0].source) == (response.actor, "api")
    assert "PaymentRecorded" in chain(UUID(placed.json()["id"]))
    buyer = ask(control_client, f"/buyers/{shown['buyer_id']}").json()
    assert (buyer["email"], buyer["paid"]) == ("grace@example.com", "50.00")
    assert [each["last_four"] for each in buyer["payment_methods"]] == ["0005"]


def test_an_order_as_it_is_shown(control_client: Client) -> None:
    belt, lamp = factories.create_product("Fan belt", "12.50"), factories.create_product("Lamp", "3.05")
    order_id = factories.order_at(Status.STOCK_CONFIRMED, {belt: 4, lamp: 1})
    answer = ask(control_client, f"/orders/{order_id}")
    shown = answer.json()
    assert (shown["status"], shown["number"], shown["waits_for"]) == ("stock_confirmed", 1, "Its payment.")
    assert [(each["name"], each["units"], each["unit_price"], each["amount"]) for each in shown["lines"]] == [
        ("Fan belt", 4, "12.50", "50.00"),
        ("Lamp", 1, "3.05", "3.05"),
    ]
    money = [shown[name] for name in ("subtotal", "discount", "total")]
    assert (money, shown["discount_percent"]) == (["53.05", "0.00", "53.05"], 0)
    assert (shown["buyer_name"], shown["buyer_email"]) == ("Grace Hopper", "grace@example.com")
    assert shown["card"] == "Visa ending in 1111, expires 2099-03"
    assert shown["ship_to"] == "1 Harbour Street, Whitby, YO21 1AA"
    tag = answer.headers["ETag"]
    assert ask(control_client, f"/orders/{order_id}", If_None_Match=tag).status_code == 304
    factories.pay_order(order_id)
    assert ask(control_client, f"/orders/{order_id}", If_None_Match=tag).json()["status"] == "paid"


def test_a_discount_is_told_line_by_line(control_client: Client) -> None:
    factories.order_at(Status.PAID, {factories.create_product("Boiler", "7000.00"): 1})
    order_id = factories.order_at(Status.PAID, {factories.create_product("Lamp", "3.05"): 3})
    shown = ask(control_client, f"/orders/{order_id}").json()
    assert [shown[name] for name in ("subtotal", "discount", "total")] == ["9.15", "0.91", "8.24"]
    (line,) = shown["lines"]
    assert (shown["discount_percent"], line["discount"], line["amount"]) == (10, "0.91", "8.24")


def test_an_order_goes_to_a_site_and_is_for_a_job(belt: UUID, response_client: Client) -> None:
    site_id, work_id = factories.acquire(), factories.raise_work()
    body = order(belt, ship_to=None, site_id=str(site_id), work_id=str(work_id))
    shown = ask(response_client, send(response_client, "/orders", body).headers["Location"]).json()
    assert (shown["site_id"], shown["work_id"]) == (str(site_id), str(work_id))
    assert shown["ship_to"] == "1 Harbour Street, Whitby, YO21 1AA"


@pytest.mark.parametrize(
    ("change", "faults"),
    [
        ({"buyer_name": " "}, {"buyer_name": "Order must have a buyer name"}),
        ({"buyer_email": "grace"}, {"buyer_email": "Write the e-mail address as name@example.com"}),
        ({"items": []}, {"items": "No order items found"}),
        ({"items": [{"product_id": str(uuid4()), "units": 0}]}, {"items": "Invalid number of units"}),
        ({"ship_to": None}, {"ship_to.address_line_1": "Order must have an address to ship to"}),
        ({"ship_to": None, "site_id": str(uuid4())}, {"site_id": "Choose where to ship to"}),
        ({"site_id": str(uuid4())}, {"": "Give ship_to or site_id, not both"}),
        ({"card": card(number="4111 1111 1111 1112")}, {"card.number": "Please specify a valid card number"}),
        ({"card": card(expiry="12/20")}, {"card.expiry": "Please specify a valid card expiration date"}),
        ({"card": card(holder="")}, {"card.holder": None}),
        ({"card": card(security_code="")}, {"card.security_code": "Please specify the security code"}),
        ({"card": card(type="diners")}, {"card.type": None}),
        ({"card": None}, {"card": None}),
    ],
)
def test_what_is_wrong_is_told_by_the_field_of_the_body(
    change: dict[str, Any], faults: dict[str, str | None], belt: UUID, response_client: Client
) -> None:
    found = faults_of(send(response_client, "/orders", order(belt, **change)))
    assert set(found) == set(faults)
    for field, sentence in faults.items():
        assert sentence in (None, found[field])
    assert not OrderRow.objects.exists()


@pytest.mark.parametrize("units", ["2", 1.5, True, None])
def test_a_text_that_is_no_number_of_units_is_refused(
    units: Any, belt: UUID, response_client: Client
) -> None:
    items = [{"product_id": str(belt), "units": units}]
    assert set(faults_of(send(response_client, "/orders", order(belt, items=items)))) == {"items.0.units"}


def test_what_a_rule_forbids_is_refused(belt: UUID, response_client: Client) -> None:
    gone, sold_out = factories.acquire(), factories.create_product("Lamp")
    factories.relinquish(gone)
    factories.withdraw(sold_out)
    refusals = {
        "Order must be shipped to a site that is ours": order(belt, ship_to=None, site_id=str(gone)),
        "There is no such job for the order to belong to": order(belt, work_id=str(uuid4())),
        "There is no such product": order(uuid4()),
        "Lamp is no longer sold": order(sold_out),
    }
    for sentence, body in refusals.items():
        assert problem_of(send(response_client, "/orders", body), 409)["detail"] == sentence
    assert not OrderRow.objects.exists()


def test_one_key_places_one_order_though_its_price_changes(belt: UUID, response_client: Client) -> None:
    key = str(uuid4())
    first = send(response_client, "/orders", order(belt), Idempotency_Key=key)
    factories.reprice(belt, "13.00")
    again = send(response_client, "/orders", order(belt), Idempotency_Key=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert (again.json()["id"], again.content) == (key, first.content)
    other = send(response_client, "/orders", order(belt, 3), Idempotency_Key=key)
    assert "sent before with other contents" in problem_of(other, 409)["detail"]
    assert OrderRow.objects.get().total_cents == 2500


def test_an_order_is_cancelled_by_those_who_placed_it_or_manage_orders(
    belt: UUID, response_client: Client, operative_client: Client, control_client: Client
) -> None:
    why = {"reason": "Ordered by mistake"}
    for browser in (response_client, control_client):
        placed = send(response_client, "/orders", order(belt)).json()["id"]
        problem = problem_of(send(operative_client, f"/orders/{placed}/cancel", why), 403)
        assert problem["detail"] == "Only who placed this order, or manages orders, may cancel it"
        answer = send(browser, f"/orders/{placed}/cancel", why)
        assert (answer.status_code, answer.json()["version"]) == (200, 1)
        shown = ask(response_client, f"/orders/{placed}").json()
        assert (shown["status"], shown["reason"]) == ("cancelled", "Ordered by mistake")


def test_an_order_is_cancelled_for_a_reason_and_in_time(control_client: Client) -> None:
    order_id = factories.place_order()
    path = f"/orders/{order_id}/cancel"
    blank = problem_of(send(control_client, path, {"reason": " "}), 409)
    assert blank["detail"] == "An order is cancelled for a reason"
    assert set(faults_of(send(control_client, path, {}))) == {"reason"}
    paid = factories.order_at(Status.PAID)
    typed = {"reason": "They rang about 4111\u00a01111\u00a01111\u00a01111"}
    assert "Leave the card's number out" in faults_of(send(control_client, path, typed))["reason"]
    late = problem_of(send(control_client, f"/orders/{paid}/cancel", {"reason": "Too late"}), 409)
    assert late["detail"] == "Is not possible to change the order status from Paid to Cancelled."


def test_an_order_is_shipped_once_and_only_at_the_version_that_was_read(control_client: Client) -> None:
    order_id, key = factories.order_at(Status.STOCK_CONFIRMED), str(uuid4())
    path = f"/orders/{order_id}/ship"
    tag = ask(control_client, f"/orders/{order_id}").headers["ETag"]
    factories.pay_order(order_id)
    problem_of(send(control_client, path, If_Match=tag), 412)
    first, again = (send(control_client, path, Idempotency_Key=key) for _ in range(2))
    assert (first.status_code, again.content) == (200, first.content)
    problem_of(send(control_client, path), 409)


def test_orders_are_open_to_the_same_people_as_their_pages(
    belt: UUID, stranger_client: Client, administration_client: Client, response_client: Client
) -> None:
    order_id = factories.order_at(Status.PAID)
    problem_of(ask(stranger_client, "/orders"), 403)
    problem_of(ask(stranger_client, f"/orders/{order_id}"), 403)
    problem_of(send(administration_client, "/orders", order(belt)), 403)
    problem_of(send(response_client, f"/orders/{order_id}/ship"), 403)
    assert ask(administration_client, f"/orders/{order_id}").status_code == 200


def test_an_unknown_order(control_client: Client) -> None:
    problem_of(ask(control_client, f"/orders/{uuid4()}"), 404)
    problem_of(send(control_client, f"/orders/{uuid4()}/ship"), 404)
    problem_of(send(control_client, f"/orders/{uuid4()}/cancel", {"reason": "Lost"}), 404)


@pytest.fixture
def some(db: None) -> dict[str, Any]:
    """Four orders by two buyers on four days, one of them for a job; with the values that queries use."""
    work_id = factories.raise_work()
    factories.order_at(Status.SHIPPED, at=factories.noon(1))
    factories.order_at(Status.CANCELLED, at=factories.noon(2), buyer="Ada King", email="ada@example.com")
    factories.place_order(at=factories.noon(3), work_id=work_id)
    factories.order_at(Status.PAID, at=factories.noon(4), buyer="Ada King", email="ada@example.com")
    return {"work": work_id, "ada": OrderRow.objects.get(number=4).buyer_id}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [4, 3, 2, 1]),
        ("status=open", [4, 3]),
        ("status=shipped", [1]),
        ("status=submitted", [3]),
        ("buyer=king", [4, 2]),
        ("buyer=grace@example", [3, 1]),
        ("since=2026-03-02T12:00:00Z&until=2026-03-04T12:00:00Z", [3, 2]),
        ("work_id={work}", [3]),
        ("buyer_id={ada}", [4]),
    ],
)
def test_the_list_is_filtered(
    query: str, found: list[int], some: dict[str, Any], control_client: Client
) -> None:
    listed = ask(control_client, f"/orders?{query.format(**some)}").json()
    assert [each["number"] for each in listed["items"]] == found


def test_the_list_is_paged_to_its_end(some: dict[str, Any], operative_client: Client) -> None:
    address, found = "/api/orders?limit=3", []
    while address:
        listed = ask(operative_client, address).json()
        found += [each["number"] for each in listed["items"]]
        address = listed["next"]
    assert found == [4, 3, 2, 1]
    for after in ("x", "", "-1", "9" * 10):
        assert set(faults_of(ask(operative_client, f"/orders?after={after}"))) == {"after"}


def test_the_list_names_no_address_and_no_card(some: dict[str, Any], operative_client: Client) -> None:
    """As on the page."""
    answer = ask(operative_client, "/orders").content.decode()
    for each in ("example.com", '"1111"', "Harbour"):
        assert each not in answer
