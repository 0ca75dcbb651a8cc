"""Buyers through the API: listed and shown."""

from uuid import UUID, uuid4

import pytest
from django.test import Client

from orders.buyer import buyer_id_of
from orders.order import Status
from tests import factories
from tests.api.calls import ask, faults_of, problem_of

pytestmark = pytest.mark.django_db
BUYERS = {"ada@one.example": "Ada King", "alan@two.example": "Alan Turing", "g@one.example": "Grace Hopper"}


@pytest.fixture
def three(db: None) -> None:
    """Three buyers who have placed an order."""
    for email, name in BUYERS.items():
        factories.verify_buyer(factories.place_order(buyer=name, email=email))


def spent(price: str) -> UUID:
    """A buyer who has paid so much."""
    factories.order_at(Status.PAID, {factories.create_product(price=price): 1})
    return buyer_id_of("grace@example.com")


def test_a_buyer_is_shown_with_their_cards(control_client: Client) -> None:
    buyer_id = spent("7000.00")
    factories.verify_buyer(factories.place_order(card=factories.MASTERCARD))
    shown = ask(control_client, f"/buyers/{buyer_id}").json()
    assert (shown["name"], shown["email"]) == ("Grace Hopper", "grace@example.com")
    assert (shown["paid"], shown["discount_percent"]) == ("7000.00", 10)
    cards = [(each["type"], each["holder"], each["last_four"]) for each in shown["payment_methods"]]
    assert cards == [("Mastercard", "G. M. Hopper", "4444"), ("Visa", "Grace Hopper", "1111")]


def test_a_tag_is_of_the_cards_too(control_client: Client) -> None:
    buyer_id = spent("5.00")
    path = f"/buyers/{buyer_id}"
    tag = ask(control_client, path).headers["ETag"]
    assert ask(control_client, path, If_None_Match=tag).status_code == 304
    factories.verify_buyer(factories.place_order(card=factories.MASTERCARD))
    assert ask(control_client, path, If_None_Match=tag).status_code == 200


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["Ada King", "Alan Turing", "Grace Hopper"]),
        ("q=one.example", ["Ada King", "Grace Hopper"]),
        ("q=HOPPER+grace", ["Grace Hopper"]),
        ("q=ada+hopper", []),
    ],
)
def test_the_list_is_filtered(query: str, found: list[str], three: None, control_client: Client) -> None:
    listed = ask(control_client, f"/buyers?{query}").json()
    assert [each["name"] for each in listed["items"]] == found


def test_the_list_is_paged_to_its_end(three: None, control_client: Client) -> None:
    address, found = "/api/buyers?limit=2", []
    while address:
        listed = ask(control_client, address).json()
        found += [each["email"] for each in listed["items"]]
        address = listed["next"]
    assert found == list(BUYERS)
    for after in (str(uuid4()), "x"):
        assert set(faults_of(ask(control_client, f"/buyers?after={after}"))) == {"after"}


def test_buyers_are_for_those_who_manage_orders(three: None, response_client: Client) -> None:
    """Others see whose an order is, but not what the buyer has paid."""
    problem_of(ask(response_client, "/buyers"), 403)
    problem_of(ask(response_client, f"/buyers/{buyer_id_of('g@one.example')}"), 403)


def test_an_unknown_buyer(control_client: Client) -> None:
    problem_of(ask(control_client, f"/buyers/{uuid4()}"), 404)
