"""Every operation, called by everybody: who may call it follows from its rule, which is the same as for
the pages."""

from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import rules
from accounts.models import User
from accounts.rules import Rule
from api.api import api
from pages.depends_on import shown_by
from tests import factories
from tests.api.calls import problem_of
from tests.api.operations import DOORS, Door, doors
from tests.architecture.test_shows import filled_in, read_by
from tests.conftest import browser_of
from tests.pages.routes import own_routes
from tests.pages.test_routes import people

__all__ = ["people"]

TABLE = [each for each in vars(rules).values() if isinstance(each, Rule)]
PAGES = {
    "list_work": "work",
    "get_work": "job",
    "get_work_history": "job",
    "raise_work": "response",
    "assign_work": "assign",
    "dispatch_operative": "dispatch",
    "arrive_on_site": "arrive",
    "complete_work": "complete",
    "abandon_work": "abandon",
    "undo_work": "undo",
    "get_queue": "operative",
    "list_events": "events",
    "hire_operative": "administration-operatives",
    "rename_operative": "administration-operative",
    "release_operative": "release-operative",
    "acquire_site": "administration-sites",
    "correct_site": "administration-site",
    "relinquish_site": "relinquish-site",
    "list_products": "products",
    "get_product": "product",
    "get_product_history": "product",
    "get_prices": "product",
    "create_product": "new-product",
    "rename_product": "rename-product",
    "reprice_product": "reprice-product",
    "restock_product": "restock-product",
    "correct_stock": "correct-stock",
    "withdraw_product": "withdraw-product",
    "list_orders": "orders",
    "get_order": "order",
    "get_order_history": "order",
    "place_order": "new-order",
    "cancel_order": "cancel-order",
    "ship_order": "ship-order",
    "list_buyers": "buyer",
    "get_buyer": "buyer",
    "get_buyer_history": "buyer",
}
"""The page on which people do, or see, the same."""
OF_THEIR_OWN = {
    "dispatch_operative": {"other_operative"},
    "arrive_on_site": {"other_operative"},
    "complete_work": {"other_operative"},
    "abandon_work": {"other_operative"},
    "cancel_order": {"response", "operative", "other_operative"},
}
"""Whose it is the step itself looks at, and these are others (test_work.py, test_orders.py)."""

MORE = {
    "forename": "Ada",
    "surname": "Lovelace",
    "address_line_1": "1 Harbour Street",
    "town": "Whitby",
    "post_code": "YO21 1AA",
    "telephone_number": "01947 600001",
    "estimated_arrival": None,
    "outcome": "New pump",
    "reason": "unsafe",
    "note": "",
    "difference": -3,
    "ship_to": None,
    "change": None,
}
"""What bodies contain besides the fields of forms."""


@pytest.fixture
def known(people: dict[str, User]) -> dict[str, Any]:
    """Something for every parameter; the job is with `operative`."""
    return factories.one_of_each(people["operative"].operative_id)


def ask(each: Door, browser: Client, known: dict[str, Any], body: Any = None) -> Any:
    """One request; its changes are rolled back."""
    with transaction.atomic():
        answer = each.knock(browser, known, body)
        transaction.set_rollback(True)
    return answer


def test_every_operation_has_a_name_of_its_own() -> None:
    assert len(DOORS) == len(list(doors()))


def test_every_operation_keeps_to_one_rule_of_the_table() -> None:
    lawless = [
        each.name
        for each in DOORS.values()
        if len(each.rules) != 2 or not all(any(rule is known for known in TABLE) for rule in each.rules)
    ]
    assert lawless == []
    assert all(len(set(each.rules)) == 1 for each in DOORS.values())
    assert not any(each.rule.public for each in DOORS.values())


@pytest.mark.parametrize(("name", "page"), PAGES.items())
def test_the_rule_is_that_of_the_page(name: str, page: str) -> None:
    views = {route.name: route.view for route in own_routes()}
    assert DOORS[name].rule is views[page].rule


@pytest.mark.parametrize("name", sorted(DOORS))
def test_an_operation_is_open_to_those_whom_its_rule_allows(
    name: str, people: dict[str, User], known: dict[str, Any], client: Client
) -> None:
    each = DOORS[name]
    for username, user in people.items():
        if username in OF_THEIR_OWN.get(name, ()):
            continue
        answer = ask(each, browser_of(user), known)
        may = each.rule.allows(user, known)
        assert (answer.status_code != 403) == may, f"{username}: {answer.status_code}"
        assert answer.status_code in {200, 201, 400, 403, 404, 409}, answer.content
    answer = ask(each, client, known)
    problem_of(answer, 401)
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("name", sorted(DOORS))
def test_somebody_who_may_not_is_told_so_whatever_they_send(
    name: str, known: dict[str, Any], stranger: User
) -> None:
    """Nothing of the body is read before."""
    each = DOORS[name]
    if each.rule.allows(stranger, known):
        return
    browser = browser_of(stranger)
    problem_of(ask(each, browser, known, "{" if each.method == "POST" else None), 403)


@pytest.mark.parametrize("name", sorted(DOORS))
def test_an_operation_reads_no_other_tables_than_it_says(
    name: str, known: dict[str, Any], root: User
) -> None:
    each, sent = DOORS[name], sent_about(known)
    body = {field: sent[field] for field in schema_of(name)}
    with CaptureQueriesContext(connection) as queries:
        answer = ask(each, browser_of(root), known, body)
    assert answer.status_code in {200, 201, 409}, answer.content
    assert read_by(queries) <= {shown.name for shown in shown_by(each.view) or ()}


def sent_about(known: dict[str, Any]) -> dict[str, Any]:
    """Something for every field of every body."""
    page = filled_in({"role_id": 1, **known})
    card = {
        "type": page["card_type"],
        "number": page["card_number"],
        "security_code": page["security_code"],
        "holder": page["card_holder"],
        "expiry": page["expiry"],
    }
    items = [{"product_id": known["product_id"], "units": 1}]
    return {**page, **known, **MORE, "site_ids": [known["site_id"]], "items": items, "card": card}


def schema_of(name: str) -> list[str]:
    """The fields of the body that an operation takes."""
    schema = api.get_openapi_schema()
    operations = [each for path in schema["paths"].values() for each in path.values()]
    found = [each for each in operations if each["operationId"] == name]
    body = found[0].get("requestBody") if found else None  # the schema itself is not described in it
    if body is None:
        return []
    content = body["content"]["application/json"]["schema"]
    reference = content.get("$ref") or content["allOf"][0]["$ref"]
    return list(schema["components"]["schemas"][reference.rpartition("/")[2]]["properties"])
