"""Every route, opened by everybody: the routes come from the URL configuration, and this table says who
may open them. A new route fails here until the table says for whom it is."""

from types import ModuleType
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path, reverse

from accounts import tokens
from accounts.features import Feature
from accounts.guard import rule_of
from accounts.models import Role, User
from accounts.rules import Rule
from config import urls
from tests import factories
from tests.integration.logs import webhook_in_use
from tests.pages.routes import Route, own_routes, routes

PUBLIC: set[str | None] = {
    "response",
    "control",
    "operative",
    "other_operative",
    "administration",
    "stranger",
    "root",
    None,
}
SIGNED_IN = PUBLIC - {None}
RESPONSE: set[str | None] = {"response", "root"}
CONTROL: set[str | None] = {"control", "root"}
CREW: set[str | None] = {"control", "operative", "other_operative", "root"}
ITS_OPERATIVE: set[str | None] = {"control", "operative", "root"}
ADMINISTRATION: set[str | None] = {"administration", "root"}
BUYING: set[str | None] = {"response", "control", "operative", "other_operative", "root"}
MANAGING: set[str | None] = {"control", "administration", "root"}
CATALOGUE: set[str | None] = SIGNED_IN - {"stranger"}

# Their views do what they are sent for, without validating a form.
BUTTONS = {
    "sign-out",
    "retry-reaction",
    "dismiss-reaction",
    "redeliver",
    "switch-webhook",
    "new-webhook-secret",
    "delete-webhook",
}
FOR: dict[str, set[str | None]] = {
    "sign-in": PUBLIC,
    "theme": PUBLIC,
    "sign-out": SIGNED_IN,
    "home": SIGNED_IN,
    "work": SIGNED_IN,
    "job": SIGNED_IN,
    "response": RESPONSE,
    "control": CONTROL,
    "assign": CONTROL,
    "operatives": CREW,
    "operative": ITS_OPERATIVE,
    "dispatch": ITS_OPERATIVE,
    "arrive": ITS_OPERATIVE,
    "complete": ITS_OPERATIVE,
    "abandon": ITS_OPERATIVE,
    "undo": RESPONSE | CREW,
    "undo-still": RESPONSE | CREW,
    "administration": ADMINISTRATION,
    "administration-operatives": ADMINISTRATION,
    "administration-operative": ADMINISTRATION,
    "release-operative": ADMINISTRATION,
    "administration-sites": ADMINISTRATION,
    "administration-site": ADMINISTRATION,
    "relinquish-site": ADMINISTRATION,
    "administration-permissions": ADMINISTRATION,
    "new-role": ADMINISTRATION,
    "role": ADMINISTRATION,
    "delete-role": ADMINISTRATION,
    "new-person": ADMINISTRATION,
    "person": ADMINISTRATION,
    "person-roles": ADMINISTRATION,
    "person-operative": ADMINISTRATION,
    "person-password": ADMINISTRATION,
    "person-active": ADMINISTRATION,
    "live": SIGNED_IN,
    "api-docs": SIGNED_IN,
    "swagger": SIGNED_IN,
    "products": CATALOGUE,
    "product": CATALOGUE,
    "new-product": ADMINISTRATION,
    "rename-product": ADMINISTRATION,
    "reprice-product": ADMINISTRATION,
    "restock-product": ADMINISTRATION,
    "correct-stock": ADMINISTRATION,
    "withdraw-product": ADMINISTRATION,
    "orders": BUYING | MANAGING,
    "new-order": BUYING,
    "order": BUYING | MANAGING,
    "ship-order": MANAGING,
    "cancel-order": MANAGING,
    "buyer": MANAGING,
    "tokens": ADMINISTRATION,
    "new-token": ADMINISTRATION,
    "token": ADMINISTRATION,
    "revoke-token": ADMINISTRATION,
    "webhooks": ADMINISTRATION,
    "new-webhook": ADMINISTRATION,
    "webhook": ADMINISTRATION,
    "edit-webhook": ADMINISTRATION,
    "new-webhook-secret": ADMINISTRATION,
    "switch-webhook": ADMINISTRATION,
    "delete-webhook": ADMINISTRATION,
    "redeliver": ADMINISTRATION,
    "events": ADMINISTRATION,
    "administration-health": ADMINISTRATION,
    "reactions": ADMINISTRATION,
    "retry-reaction": ADMINISTRATION,
    "dismiss-reaction": ADMINISTRATION,
}
ROUTES = {route.name: route for route in own_routes()}


@pytest.fixture
def people(
    response: User,
    control: User,
    operative: User,
    other_operative: User,
    administration: User,
    stranger: User,
    root: User,
) -> dict[str, User]:
    """Everybody, by username."""
    everybody = (response, control, operative, other_operative, administration, stranger, root)
    return {user.username: user for user in everybody}


@pytest.fixture
def known(people: dict[str, User]) -> dict[str, Any]:
    """Something for every parameter; the job is with `operative`."""
    return {
        **factories.one_of_each(people["operative"].operative_id),
        "parked_id": 1,
        **webhook_in_use(),
        "role_id": Role.objects.create(name="Night shift", features=[Feature.RAISE_WORK]).pk,
        "user_id": User.objects.create_user("somebody").pk,
        "token_id": tokens.make("Warehouse", [], people["root"])[0].pk,
    }


def test_the_table_names_every_route_and_no_other() -> None:
    assert set(ROUTES) == set(FOR), "a route is new or gone: say in the table who may open it"


def ask(browser: Client, method: str, address: str, **headers: Any) -> Any:
    """One request; its changes are rolled back."""
    with transaction.atomic():
        answer = getattr(browser, method)(address, **headers)
        transaction.set_rollback(True)
    return answer


@pytest.mark.parametrize("name", sorted(FOR))
def test_a_route_is_open_to_those_whom_the_table_says(
    name: str, people: dict[str, User], known: dict[str, Any]
) -> None:
    address = ROUTES[name].address(known)
    for username, user in people.items():
        for method in ("get", "post"):
            browser = Client()
            browser.force_login(user)
            answer = ask(browser, method, address)
            who = f"{method} {address} as {username}: {answer.status_code}"
            if username in FOR[name]:
                # 501: this way of asking knows no streams.
                assert answer.status_code in {200, 302, 405, 422, 501}, who
            elif method == "post":
                assert answer.status_code == 403, who
            else:
                assert answer.status_code in {403, 405}, who


@pytest.mark.parametrize("name", sorted(name for name in FOR if None not in FOR[name]))
def test_somebody_who_has_not_signed_in_is_sent_to_sign_in(
    name: str, client: Client, known: dict[str, Any]
) -> None:
    address = ROUTES[name].address(known)
    for method in ("get", "post"):
        answer = ask(client, method, address)
        after = address if method == "get" else reverse("home")
        assert (answer.status_code, answer.url) == (302, f"{reverse('sign-in')}?next={after}")
        # A request for a part of a page does not redirect: the page may be in use.
        answer = ask(client, method, address, headers={"HX-Request": "true"})
        assert (answer.status_code, answer.has_header("HX-Redirect")) == (401, False)
        assert "You have been signed out" in answer.content.decode()


@pytest.mark.parametrize(
    ("came_from", "after"),
    [
        ("http://testserver/operatives/?q=ada", "/operatives/%3Fq%3Dada"),
        ("http://testserver", "/"),
        ("https://evil.example/operatives/", "/"),
        ("", "/"),
    ],
)
def test_a_form_sent_too_late_leads_back_to_its_page(
    client: Client, known: dict[str, Any], came_from: str, after: str
) -> None:
    address = ROUTES["dispatch"].address(known)
    to = f"{reverse('sign-in')}?next={after}"
    answer = client.post(address, headers={"Referer": came_from})
    assert answer.url == to  # type: ignore[attr-defined]
    answer = client.post(address, headers={"HX-Request": "true", "HX-Current-URL": came_from})
    assert f'href="{to}"' in answer.content.decode()


@pytest.mark.parametrize("name", sorted(name for name in FOR if None in FOR[name]))
def test_a_public_route_asks_nobody_to_sign_in(name: str, client: Client, db: None) -> None:
    assert client.get(reverse(name)).status_code in {200, 405}


def test_somebody_who_was_deactivated_is_signed_out(control: User, control_client: Client) -> None:
    User.objects.filter(pk=control.pk).update(is_active=False)
    assert control_client.get(reverse("control")).status_code == 302


ADMIN_PAGES = ("index", "readmodels_workrow_changelist", "readmodels_siterow_add")


@pytest.mark.parametrize("page", ADMIN_PAGES)
def test_the_admin_is_for_superusers_alone(page: str, people: dict[str, User], client: Client) -> None:
    address = reverse(f"admin:{page}")
    assert client.get(address).url == f"{reverse('sign-in')}?next={address}"  # type: ignore[attr-defined]
    for username in SIGNED_IN - {"root"}:
        client.force_login(people[str(username)])
        assert client.get(address).status_code == 403, username
        assert client.post(address).status_code == 403, username


def test_every_route_of_the_admin_is_for_superusers_alone() -> None:
    for route in routes():
        if "admin" in route.namespaces:
            rule = rule_of(route.view, list(route.namespaces))
            assert rule == Rule(superuser=True), route.name


def forgotten(request: HttpRequest) -> HttpResponse:
    """A view whose author did not say for whom it is."""
    return HttpResponse("open to all?")


def test_a_view_that_states_no_rule_is_closed_to_everybody(
    people: dict[str, User], client: Client, settings: Any
) -> None:
    configuration: Any = ModuleType("configuration")
    configuration.urlpatterns = [path("forgotten/", forgotten), *urls.urlpatterns]
    settings.ROOT_URLCONF = configuration
    assert client.get("/forgotten/").status_code == 302
    for username, user in people.items():
        client.force_login(user)
        assert client.get("/forgotten/").status_code == 403, username
        assert client.post("/forgotten/").status_code == 403, username


def test_every_view_states_its_rule() -> None:
    def stateless(route: Route) -> bool:
        return rule_of(route.view, list(route.namespaces)) is None

    assert [route.name for route in routes() if stateless(route)] == []
