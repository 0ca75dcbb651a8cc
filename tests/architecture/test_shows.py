"""A view that shows read models says which, so that one's own change can be waited for."""

import ast
import importlib
import re
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import tokens
from accounts.features import Feature
from accounts.models import Role, User
from eventstore.projections.read_model import registry
from pages.depends_on import shown_by, shows
from support.work import Stage
from tests import factories
from tests.conftest import browser_of
from tests.integration.logs import webhook_in_use
from tests.pages.page_requests import FRAGMENT
from tests.pages.routes import Route, own_routes

ROUTES = {route.name: route for route in own_routes()}
READS = ("readmodels.queries", "readmodels.models")
OWNERS = {table._meta.db_table: model.name for model in registry.values() for table in model.tables}


def reads_read_models(route: Route) -> bool:
    """Whether the module of the route's view imports their tables or queries."""
    source = importlib.import_module(route.view.__module__).__file__
    if not source or not Path(source).is_relative_to(settings.BASE_DIR):
        return False
    found = ast.walk(ast.parse(Path(source).read_text()))
    return any(isinstance(each, ast.ImportFrom) and str(each.module).startswith(READS) for each in found)


def test_every_view_beside_read_models_says_which_it_shows() -> None:
    silent = [name for name, route in ROUTES.items() if reads_read_models(route) and not says(route)]
    assert silent == [], "use @shows(...), or @shows_none(why) from pages.depends_on"


def says(route: Route) -> bool:
    return shown_by(route.view) is not None


def test_a_name_that_no_read_model_has_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="no read model called wrok"):
        shows("work", "wrok")


@pytest.fixture
def known(operative: User, administration: User) -> dict[str, Any]:
    """Something for every parameter of an address."""
    return {
        "operative_id": operative.operative_id,
        "work_id": factories.work_at(Stage.ASSIGNED, operative.operative_id),
        "site_id": factories.acquire(),
        "order_id": factories.place_order(),
        "buyer_id": factories.verify_buyer(factories.place_order()),
        "product_id": factories.create_product(),
        "parked_id": 1,
        **webhook_in_use(),
        "role_id": Role.objects.create(name="Night shift", features=[Feature.RAISE_WORK]).pk,
        "user_id": User.objects.create_user("somebody", operative_id=factories.hire()).pk,
        "token_id": tokens.make("Warehouse", [], administration)[0].pk,
    }


@pytest.mark.parametrize("name", sorted(ROUTES))
def test_a_view_reads_no_other_tables_than_it_says(name: str, known: dict[str, Any], root: User) -> None:
    route, browser = ROUTES[name], browser_of(root)
    with transaction.atomic(), CaptureQueriesContext(connection) as queries:
        for headers in ({}, FRAGMENT):
            browser.get(route.address(known), headers=headers)
            browser.post(route.address(known), filled_in(known), headers=headers)
        transaction.set_rollback(True)
    said = {each.name for each in shown_by(route.view) or ()}
    assert read_by(queries) <= said


def filled_in(known: dict[str, Any]) -> dict[str, Any]:
    """The values that commands need, with all that is looked up for them; their changes are rolled back."""
    return {
        "command_id": uuid4(),
        "name": "Fan belt",
        "price": "1.00",
        "stock": 1,
        "quantity": 1,
        "title": "Boiler out",
        "description": "No heating",
        "sites": [known["site_id"]],
        "operative_id": known["operative_id"],
        "roles": [known["role_id"]],
        "product": [known["product_id"]],
        "units": ["1"],
        "work": known["work_id"],
        "ship_to": known["site_id"],
        "buyer_name": "Grace Hopper",
        "buyer_email": "grace@example.com",
        "card_type": "visa",
        "card_number": "4111 1111 1111 1111",
        "card_holder": "Grace Hopper",
        "expiry": f"12/{timezone.localdate().year % 100:02}",
        "security_code": "123",
    }


def read_by(queries: CaptureQueriesContext) -> set[str]:
    """The read models of whose tables anything was selected."""
    selects = [each["sql"] for each in queries if each["sql"].startswith("SELECT")]
    tables = {table for sql in selects for table in re.findall(r'"(readmodels_\w+)"', sql)}
    return {OWNERS[table] for table in tables}
