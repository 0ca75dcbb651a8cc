"""Products through the API: created, renamed, repriced, restocked, withdrawn, listed and shown."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from eventstore.models import StoredEvent
from readmodels.models import ProductRow
from tests import factories
from tests.api.calls import ask, faults_of, problem_of, send

pytestmark = pytest.mark.django_db


def belt(**changes: Any) -> dict[str, Any]:
    """A body that creates a product."""
    return {"name": "Fan belt", "price": "12.50", "stock": 100, **changes}


def test_a_product_goes_through_all_that_can_be_changed(administration_client: Client) -> None:
    made = send(administration_client, "/products", belt(price="12.5"))
    assert (made.status_code, made.json()["version"]) == (201, 0)
    address = made.headers["Location"].removeprefix("/api")
    changes: list[tuple[str, Any]] = [
        ("rename", {"name": "V belt"}),
        ("reprice", {"price": "1200"}),
        ("restock", {"quantity": 20}),
        ("correct-stock", {"difference": -15, "reason": "Counted again"}),
        ("withdraw", None),
    ]
    for version, (step, body) in enumerate(changes, start=1):
        answer = send(administration_client, f"{address}/{step}", body)
        assert (answer.status_code, answer.json()["version"]) == (200, version), answer.content
    shown = ask(administration_client, address).json()
    assert (shown["name"], shown["price"], shown["stock"]) == ("V belt", "1200.00", 105)
    assert shown["withdrawn_at"]
    prices = ask(administration_client, f"{address}/prices").json()
    assert [each["price"] for each in prices["items"]] == ["12.50", "1200.00"]


def test_money_is_text_with_two_places(response_client: Client) -> None:
    product_id = factories.create_product(price="3")
    listed = ask(response_client, "/products").json()["items"]
    assert [each["price"] for each in listed] == ["3.00"]
    assert ask(response_client, f"/products/{product_id}").json()["price"] == "3.00"


@pytest.mark.parametrize("price", [12.5, 12, "1,234", "1e2", "NaN", "", " 1", "£1", ".5", None, True])
def test_a_text_that_is_no_amount_is_refused(price: Any, administration_client: Client) -> None:
    assert set(faults_of(send(administration_client, "/products", belt(price=price)))) == {"price"}
    product_id = factories.create_product()
    answer = send(administration_client, f"/products/{product_id}/reprice", {"price": price})
    assert set(faults_of(answer)) == {"price"}
    assert ProductRow.objects.get().price_cents == 1250


@pytest.mark.parametrize("field", ["stock", "quantity", "difference"])
@pytest.mark.parametrize("number", ["5", 1.5, True, None, 10**15])
def test_a_text_that_is_no_number_of_things_is_refused(
    field: str, number: Any, administration_client: Client
) -> None:
    product_id = factories.create_product()
    paths: dict[str, tuple[str, Any]] = {
        "stock": ("/products", belt(stock=number)),
        "quantity": (f"/products/{product_id}/restock", {"quantity": number}),
        "difference": (f"/products/{product_id}/correct-stock", {"difference": number, "reason": "Counted"}),
    }
    assert set(faults_of(send(administration_client, *paths[field]))) == {field}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": " "}, "Product must have a name"),
        ({"price": "-1.00"}, "Price must not be negative"),
        ({"price": "1.005"}, "Price must have at most two decimal places"),
        ({"price": "10000000"}, "Price must not be above 9,999,999.99"),
        ({"stock": -1}, "Stock must not be negative"),
        ({"stock": 1_000_000_001}, "This is too much stock"),
    ],
)
def test_a_product_is_judged_as_on_the_page(
    change: dict[str, Any], sentence: str, administration_client: Client
) -> None:
    answer = send(administration_client, "/products", belt(**change))
    found = problem_of(answer, answer.status_code)
    assert sentence in (found["detail"], *(each["message"] for each in found["errors"]))
    assert not ProductRow.objects.exists()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"difference": -101}, "Not so many are free; at most 100 can be taken away"),
        ({"difference": 0}, "A correction must change the stock"),
        ({"reason": " "}, "A correction of stock must have a reason"),
    ],
)
def test_a_correction_is_judged_as_on_the_page(
    change: dict[str, Any], sentence: str, administration_client: Client
) -> None:
    product_id = factories.create_product(stock=100)
    body = {"difference": -3, "reason": "Counted again", **change}
    answer = send(administration_client, f"/products/{product_id}/correct-stock", body)
    found = problem_of(answer, answer.status_code)
    assert sentence in (found["detail"], *(each["message"] for each in found["errors"]))
    assert ProductRow.objects.get().stock == 100


def test_what_was_withdrawn_is_changed_no_more(administration_client: Client) -> None:
    product_id = factories.create_product()
    factories.withdraw(product_id)
    for step, body in (("restock", {"quantity": 1}), ("withdraw", None), ("rename", {"name": "V belt"})):
        answer = send(administration_client, f"/products/{product_id}/{step}", body)
        assert problem_of(answer, 409)["detail"] == "This product has been withdrawn"


def test_one_key_creates_one_product(administration_client: Client) -> None:
    key = str(uuid4())
    first = send(administration_client, "/products", belt(), Idempotency_Key=key)
    again = send(administration_client, "/products", belt(), Idempotency_Key=key)
    assert (first.json()["id"], again.content) == (key, first.content)
    restocked = [
        send(administration_client, f"/products/{key}/restock", {"quantity": 5}, Idempotency_Key=key)
        for _ in range(2)
    ]
    assert {each.json()["version"] for each in restocked} == {1}
    assert ProductRow.objects.get().stock == 105
    event = StoredEvent.objects.get(type="ProductRestocked")
    assert (event.source, str(event.correlation_id)) == ("api", key)


def test_a_price_is_changed_only_if_nobody_was_first(administration_client: Client) -> None:
    product_id = factories.create_product()
    tag = ask(administration_client, f"/products/{product_id}").headers["ETag"]
    again = ask(administration_client, f"/products/{product_id}", If_None_Match=tag)
    assert (again.status_code, again.content) == (304, b"")
    path, body = f"/products/{product_id}/reprice", {"price": "9.00"}
    factories.reprice(product_id, "8.00")
    problem_of(send(administration_client, path, body, If_Match=tag), 412)
    changed = ask(administration_client, f"/products/{product_id}", If_None_Match=tag)
    assert changed.json()["price"] == "8.00"
    assert send(administration_client, path, body, If_Match=changed.headers["ETag"]).headers["ETag"] == '"2"'


@pytest.mark.parametrize(
    ("step", "body"),
    [
        ("rename", {"name": "V belt"}),
        ("reprice", {"price": "1.00"}),
        ("restock", {"quantity": 1}),
        ("correct-stock", {"difference": 1, "reason": "Counted again"}),
        ("withdraw", None),
    ],
)
def test_an_unknown_product(step: str, body: Any, administration_client: Client) -> None:
    problem_of(send(administration_client, f"/products/{uuid4()}/{step}", body), 404)
    problem_of(ask(administration_client, f"/products/{uuid4()}"), 404)
    problem_of(ask(administration_client, f"/products/{uuid4()}/prices"), 404)


def test_somebody_who_orders_may_look_and_not_change(
    response_client: Client, stranger_client: Client
) -> None:
    product_id = factories.create_product()
    assert ask(response_client, f"/products/{product_id}/prices").status_code == 200
    problem_of(send(response_client, f"/products/{product_id}/withdraw"), 403)
    problem_of(send(response_client, "/products", belt()), 403)
    problem_of(ask(stranger_client, "/products"), 403)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["Fan belt", "Fuse", "Lamp"]),
        ("state=all", ["Fan belt", "Fuse", "Lamp"]),
        ("state=sold", ["Fan belt", "Fuse"]),
        ("state=withdrawn", ["Lamp"]),
        ("low_stock=true", ["Fuse", "Lamp"]),
        ("low_stock=true&state=sold", ["Fuse"]),
        ("q=BELT+fan", ["Fan belt"]),
        ("q=nothing", []),
    ],
)
def test_the_list_is_filtered(query: str, found: list[str], response_client: Client) -> None:
    factories.create_product("Fan belt", stock=6)
    factories.create_product("Fuse", stock=5)
    factories.withdraw(factories.create_product("Lamp", stock=0))
    listed = ask(response_client, f"/products?{query}").json()
    assert [each["name"] for each in listed["items"]] == found


def test_the_list_is_paged_to_its_end(response_client: Client) -> None:
    names = ["Fan belt", "Fuse", "Fuse", "Lamp", "Pump"]
    for name in names:
        factories.create_product(name)
    address, found = "/api/products?limit=2", []
    while address:
        listed = ask(response_client, address).json()
        found += [each["name"] for each in listed["items"]]
        address = listed["next"]
    assert found == names
    for after in (str(uuid4()), "x", ""):
        assert set(faults_of(ask(response_client, f"/products?after={after}"))) == {"after"}


def test_what_is_reserved_is_told_from_what_is_left(response_client: Client) -> None:
    product_id = factories.create_product(stock=10)
    factories.reserve(product_id, 3)
    shown = ask(response_client, f"/products/{product_id}")
    assert (shown.json()["stock"], shown.json()["reserved"]) == (7, 3)
    assert shown.headers["ETag"].startswith('"1-')
