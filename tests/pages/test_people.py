"""People who sign in: created, given roles, linked, deactivated, with another password."""

import re
from unittest.mock import patch

import pytest
from django.test import Client
from django.urls import reverse

from accounts import permissions
from accounts.models import Role, User
from eventstore.decider import Refused
from tests import factories
from tests.conftest import browser_of, person
from tests.pages.page_requests import said

pytestmark = pytest.mark.django_db
NEW = "/administration/permissions/people/new/"
SECRET = "horse-battery-7"
LAST = "Somebody must be able to manage permissions, and nobody else who can sign in may"
NOT_YOURS = "Only a superuser may change a superuser's account"


def at(name: str, user: User) -> str:
    return reverse(name, args=[user.pk])


def ids_of(*names: str) -> list[int]:
    return [Role.objects.get(name=name).pk for name in names]


def test_somebody_new_can_sign_in_and_do_what_the_roles_allow(administration_client: Client) -> None:
    fields = {
        "username": "nell",
        "first_name": "Nell",
        "last_name": "Gray",
        "password": SECRET,
        "roles": ids_of("Control", "Response"),
    }
    answer = administration_client.post(NEW, fields, follow=True)
    assert said(answer) == ["Succeeded creating user"]
    nell = User.objects.get(username="nell")
    assert answer.redirect_chain == [(at("person", nell), 302)]
    browser = Client()
    browser.post("/sign-in/", {"username": "nell", "password": SECRET})
    assert browser.get("/control/").status_code == 200
    assert browser.get("/events/").status_code == 403


@pytest.mark.parametrize(
    ("fields", "name", "fault"),
    [
        ({"username": "CONTROL"}, "username", "Somebody already signs in with this username"),
        ({"username": "a b"}, "username", "Enter a valid username"),
        ({"username": ""}, "username", "Give a username"),
        ({"password": ""}, "password", "Give a password"),
        ({"password": "x7"}, "password", "This password is too short"),
        ({"password": "password1"}, "password", "This password is too common"),
        ({"password": "nell.gray.nell"}, "password", "too similar to the username"),
    ],
)
def test_somebody_new_refused_keeps_all_but_the_password(
    administration_client: Client, control: User, fields: dict[str, str], name: str, fault: str
) -> None:
    given = {"username": "nell.gray", "first_name": "Nell", "password": SECRET, **fields}
    answer = administration_client.post(NEW, given)
    assert answer.status_code == 422
    assert fault in str(answer.context["form"].errors[name])
    assert said(answer)[0].startswith("Could not complete action: creating user\n")
    assert 'value="Nell"' in answer.content.decode()
    # By the field, not by the page: a token against forgery may well hold so short a text.
    field = re.search(r'<input[^>]*name="password"[^>]*>', answer.content.decode())
    assert field
    assert "value" not in field[0]
    assert not given["password"] or f'="{given["password"]}"' not in answer.content.decode()
    assert User.objects.count() == 2


def test_what_names_its_field_is_not_said_with_the_fields_name(administration_client: Client) -> None:
    answer = administration_client.post(NEW, {})
    assert said(answer) == ["Could not complete action: creating user\nGive a username\nGive a password"]


def test_somebody_sent_twice_is_created_once(administration_client: Client) -> None:
    for _ in range(2):
        administration_client.post(NEW, {"username": "nell", "password": SECRET})
    assert User.objects.filter(username="nell").count() == 1


def test_roles_are_given_and_taken(administration_client: Client, control: User) -> None:
    answer = administration_client.post(
        at("person-roles", control), {"roles": ids_of("Response")}, follow=True
    )
    assert said(answer) == ["Succeeded changing roles"]
    assert [role.name for role in control.roles.all()] == ["Response"]
    administration_client.post(at("person-roles", control))
    assert not control.roles.exists()


def test_a_role_that_is_not_there_is_refused(administration_client: Client, control: User) -> None:
    answer = administration_client.post(at("person-roles", control), {"roles": [987654]})
    assert answer.status_code == 422
    assert [role.name for role in control.roles.all()] == ["Control"]


def test_the_last_who_manages_permissions_keeps_it(
    administration_client: Client, administration: User
) -> None:
    answer = administration_client.post(at("person-roles", administration), {"roles": ids_of("Control")})
    assert answer.status_code == 422
    assert said(answer) == [f"Could not complete action: changing roles\n{LAST}"]
    assert [role.name for role in administration.roles.all()] == ["Administration"]


def test_it_may_go_while_somebody_else_has_it(administration_client: Client, administration: User) -> None:
    person("second", "Administration")
    answer = administration_client.post(at("person-roles", administration), {"roles": []})
    assert answer.status_code == 302
    assert administration_client.get("/administration/").status_code == 403


def test_nobody_deactivates_the_last_who_manages_permissions(administration: User) -> None:
    """Two may: one goes; then the other can neither go nor be deactivated."""
    second = person("second", "Administration")
    assert browser_of(second).post(at("person-active", administration), {"active": "no"}).status_code == 302
    answer = browser_of(second).post(at("person-roles", second), {"roles": []})
    assert said(answer) == [f"Could not complete action: changing roles\n{LAST}"]


def test_nobody_deactivates_themselves(administration_client: Client, administration: User) -> None:
    person("second", "Administration")
    page = administration_client.get(at("person", administration)).content.decode()
    assert "You cannot deactivate yourself" in page
    answer = administration_client.post(at("person-active", administration), {"active": "no"})
    assert answer.status_code == 422
    assert said(answer) == ["Could not complete action: deactivating user\nYou cannot deactivate yourself"]
    administration.refresh_from_db()
    assert administration.is_active


def test_deactivated_and_back_again(administration_client: Client, control: User) -> None:
    browser = browser_of(control)
    answer = administration_client.post(at("person-active", control), {"active": "no"}, follow=True)
    assert said(answer) == ["Succeeded deactivating user"]
    assert browser.get("/control/").status_code == 302
    answer = administration_client.post(at("person-active", control), {"active": "yes"}, follow=True)
    assert said(answer) == ["Succeeded reactivating user"]
    assert browser_of(control).get("/control/").status_code == 200


def test_an_operative_is_linked_to_one_person_at_most(
    administration_client: Client, control: User, operative: User
) -> None:
    ada = factories.hire("Ada", "Lovelace")
    answer = administration_client.post(
        at("person-operative", control), {"operative_id": str(ada)}, follow=True
    )
    assert said(answer) == ["Succeeded linking operative"]
    control.refresh_from_db()
    assert control.operative_id == ada
    answer = administration_client.post(at("person-operative", operative), {"operative_id": str(ada)})
    assert answer.status_code == 422
    refusal = "This operative is already linked to Control (control)"
    assert said(answer) == [f"Could not complete action: linking operative\nOperative: {refusal}"]
    assert answer.context["link_form"]["operative_id"].value() == str(ada)


def test_two_at_the_same_moment_are_distinguished_by_the_database(operative: User, control: User) -> None:
    """What a form looked up may be out of date by the time it is saved."""
    twin = User(username=control.username)
    with pytest.raises(Refused, match="just been given this username"):
        permissions.add_person(twin, SECRET, [])
    chosen = operative.operative_id
    with patch.object(permissions, "linked_to", return_value=None), pytest.raises(Refused, match="just been"):
        permissions.link_operative(control, chosen, by=operative)


def test_a_link_is_undone(administration_client: Client, operative: User) -> None:
    administration_client.post(at("person-operative", operative), {"operative_id": ""})
    operative.refresh_from_db()
    assert operative.operative_id is None


def test_somebody_who_is_released_is_offered_only_to_who_they_are_already(
    administration_client: Client, operative: User, control: User
) -> None:
    assert operative.operative_id is not None
    factories.release(operative.operative_id)
    assert "Olive Marsh (released)" in administration_client.get(at("person", operative)).content.decode()
    assert "Olive Marsh" not in administration_client.get(at("person", control)).content.decode()
    chosen = {"operative_id": str(operative.operative_id)}
    assert administration_client.post(at("person-operative", control), chosen).status_code == 422


def test_another_password(administration_client: Client, control: User) -> None:
    browser = browser_of(control)
    answer = administration_client.post(at("person-password", control), {"password": SECRET}, follow=True)
    assert said(answer) == ["Succeeded setting password"]
    assert browser.get("/control/").status_code == 302
    control.refresh_from_db()
    assert control.check_password(SECRET)


def test_somebody_who_sets_their_own_password_stays_signed_in(
    administration_client: Client, administration: User
) -> None:
    administration_client.post(at("person-password", administration), {"password": SECRET})
    assert administration_client.get("/administration/").status_code == 200


def test_a_bad_password_is_refused(administration_client: Client, control: User) -> None:
    answer = administration_client.post(at("person-password", control), {"password": "short"})
    assert answer.status_code == 422
    assert "too short" in said(answer)[0]
    control.refresh_from_db()
    assert control.check_password("demo")


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("person-password", {"password": SECRET}),
        ("person-active", {"active": "no"}),
        ("person-roles", {}),
        ("person-operative", {}),
    ],
)
def test_a_superuser_is_changed_by_superusers_alone(
    administration_client: Client, root: User, name: str, fields: dict[str, str]
) -> None:
    answer = administration_client.post(at(name, root), fields)
    assert answer.status_code == 422
    assert said(answer)[0].endswith(NOT_YOURS)
    root.refresh_from_db()
    assert root.is_active
    assert root.check_password("demo")


@pytest.mark.parametrize("user_id", [0, 987654, 10**30])
def test_nobody_of_this_id(administration_client: Client, user_id: int) -> None:
    assert administration_client.get(reverse("person", args=[user_id])).status_code == 404
    for name in ("roles", "operative", "password", "active"):
        assert administration_client.post(reverse(f"person-{name}", args=[user_id])).status_code == 404
        assert administration_client.get(reverse(f"person-{name}", args=[user_id])).status_code == 405


def test_the_front_door_shows_what_the_person_may_use(db: None) -> None:
    person("keeper").roles.add(Role.objects.create(name="Keeper", features=["manage_sites"]))
    page = browser_of(User.objects.get(username="keeper")).get("/administration/").content.decode()
    assert "/administration/sites/" in page
    assert "/administration/operatives/" not in page
    assert "/administration/permissions/" not in page
    assert "/administration/health/" not in page
