"""Roles: what they allow, and which right the last person who has it keeps."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.features import READY_MADE, Feature
from accounts.models import Role, User
from accounts.views import permissions as views
from readmodels import cursor
from tests import factories
from tests.conftest import person
from tests.pages.page_requests import FRAGMENT, queries_of, said

pytestmark = pytest.mark.django_db
PAGE = "/administration/permissions/"
NEW = "/administration/permissions/roles/new/"
LAST = "Somebody must be able to manage permissions, and nobody else who can sign in may"


def role_named(name: str) -> Role:
    return Role.objects.get(name=name)


def address_of(role: Role) -> str:
    return reverse("role", args=[role.pk])


def test_the_page_shows_people_and_roles(administration_client: Client, operative: User) -> None:
    page = administration_client.get(PAGE).content.decode()
    assert "Olive Marsh" in page
    assert "Manage integration, See events, Manage permissions" in page
    for name in READY_MADE:
        assert name in page


def test_the_page_as_a_fragment(administration_client: Client) -> None:
    page = administration_client.get(PAGE, headers=FRAGMENT).content.decode()
    assert "<html" not in page
    assert 'id="people-list"' in page


def test_people_are_searched_and_filtered(
    administration_client: Client, response: User, control: User
) -> None:
    User.objects.filter(pk=control.pk).update(is_active=False)

    def listed(**query: str) -> list[str]:
        answer = administration_client.get(PAGE, query)
        return [user.username for user, _ in answer.context["listed"]]

    assert listed() == ["administration", "response"]
    assert listed(state="deactivated") == ["control"]
    assert listed(q="RESP") == ["response"]
    assert listed(state="all") == ["administration", "control", "response"]
    assert "No user fits" in administration_client.get(PAGE, {"q": "zzz"}).content.decode()


def test_people_are_paged(administration_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "PAGE", 2)
    for name in ("zoe", "bob", "carl"):
        person(name)
    first = administration_client.get(PAGE)
    second = administration_client.get(PAGE, {"after": first.context["page"].after})
    usernames = [user.username for page in (first, second) for user, _ in page.context["listed"]]
    assert usernames == ["administration", "bob", "carl", "zoe"]
    assert second.context["page"].after is None


def test_people_are_listed_by_the_name_that_one_looks_for(
    administration_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for username, first, last in (
        ("a1", "Zoe", "\u00d6zt\u00fcrk"),
        ("a2", "Bo", "Pike"),
        ("a3", "Ada", "de Vries"),
        ("a4", "Cy", "Dent"),
        ("eve", "", ""),
    ):
        User.objects.create_user(username, first_name=first, last_name=last)
    monkeypatch.setattr(views, "PAGE", 2)

    def listed(after: str | None = None) -> list[str]:
        page = administration_client.get(PAGE, {"after": after} if after else {}).context["page"]
        rest = listed(page.after) if page.after else []
        return [user.username for user in page.rows] + rest

    assert listed() == ["administration", "a3", "a4", "eve", "a1", "a2"]
    by_username = cursor.seal("accounts.user", {"username": "a3", "pk": User.objects.get(username="a3").pk})
    assert listed(by_username) == ["a4", "eve", "a1", "a2"]
    assert listed(str(User.objects.get(username="a1").pk)) == ["a2"]
    first = administration_client.get(PAGE).context["page"]
    User.objects.filter(username="a3").update(last_name="Zuse")
    assert listed(first.after) == ["a4", "eve", "a1", "a2", "a3"]
    assert listed("no place")[0] == "administration"


def test_a_role_is_created(administration_client: Client) -> None:
    fields = {"name": " Night shift ", "features": ["assign_work", "raise_work"]}
    answer = administration_client.post(NEW, fields, follow=True)
    assert said(answer) == ["Succeeded creating role"]
    assert role_named("Night shift").features == [Feature.RAISE_WORK, Feature.ASSIGN_WORK]


def test_a_role_sent_twice_is_created_once(administration_client: Client) -> None:
    for _ in range(2):
        administration_client.post(NEW, {"name": "Night shift"})
    assert Role.objects.filter(name="Night shift").count() == 1


@pytest.mark.parametrize(
    ("name", "refusal"),
    [("  ", "Role must have a name"), ("CONTROL", "There is already a role of this name")],
)
def test_a_refused_role_keeps_what_was_ticked(administration_client: Client, name: str, refusal: str) -> None:
    answer = administration_client.post(NEW, {"name": name, "features": ["see_events"]})
    assert answer.status_code == 422
    assert said(answer) == [f"Could not complete action: creating role\n{refusal}"]
    assert answer.context["form"]["features"].value() == ["see_events"]
    assert Role.objects.count() == len(READY_MADE)


def test_a_role_is_made_of_features_alone(administration_client: Client) -> None:
    answer = administration_client.post(NEW, {"name": "Odd", "features": ["launch_rockets"]})
    assert answer.status_code == 422
    assert not Role.objects.filter(name="Odd").exists()


def test_a_change_holds_at_once_for_those_who_have_the_role(
    administration_client: Client, control_client: Client
) -> None:
    assert control_client.get("/events/").status_code == 403
    role = role_named("Control")
    assert "for 1 user" in administration_client.get(address_of(role)).content.decode()
    fields = {"name": "Dispatchers", "features": ["assign_work", "see_events"]}
    answer = administration_client.post(address_of(role), fields, follow=True)
    assert said(answer) == ["Succeeded changing role"]
    assert control_client.get("/events/").status_code == 200
    assert not Role.objects.filter(name="Control").exists()


def test_the_last_role_to_manage_permissions_keeps_it(administration_client: Client) -> None:
    role = role_named("Administration")
    answer = administration_client.post(address_of(role), {"name": "Administration", "features": []})
    assert answer.status_code == 422
    assert said(answer) == [f"Could not complete action: changing role\n{LAST}"]
    assert Feature.MANAGE_PERMISSIONS in role_named("Administration").features


def test_it_may_go_while_somebody_else_has_it(administration_client: Client, root: User) -> None:
    role = role_named("Administration")
    administration_client.post(address_of(role), {"name": "Administration", "features": ["see_events"]})
    assert role_named("Administration").features == [Feature.SEE_EVENTS]


def test_somebody_who_cannot_sign_in_does_not_count(administration_client: Client, root: User) -> None:
    User.objects.filter(pk=root.pk).update(is_active=False)
    role = role_named("Administration")
    answer = administration_client.post(address_of(role), {"name": "Administration", "features": []})
    assert answer.status_code == 422


def test_a_feature_that_this_code_does_not_know_allows_nothing(control: User, control_client: Client) -> None:
    role = role_named("Control")
    Role.objects.filter(pk=role.pk).update(features=[*role.features, "fly"])
    assert control_client.get("/control/").status_code == 200
    assert User.objects.get(pk=control.pk).features == control.features


def test_an_unused_role_is_deleted_after_asking(administration_client: Client) -> None:
    role = Role.objects.create(name="Night shift")
    page = administration_client.get(address_of(role)).content.decode()
    assert reverse("delete-role", args=[role.pk]) in page
    question = administration_client.get(reverse("delete-role", args=[role.pk])).content.decode()
    assert "Delete Night shift?" in question
    answer = administration_client.post(reverse("delete-role", args=[role.pk]), follow=True)
    assert said(answer) == ["Succeeded deleting role"]
    assert not Role.objects.filter(pk=role.pk).exists()


def test_a_role_in_use_is_not_deleted(administration_client: Client, control: User) -> None:
    role = role_named("Control")
    assert (
        "1 user has this role"
        in administration_client.get(reverse("delete-role", args=[role.pk])).content.decode()
    )
    answer = administration_client.post(reverse("delete-role", args=[role.pk]))
    assert answer.status_code == 422
    assert said(answer) == [
        "Could not complete action: deleting role\nControl cannot be deleted while 1 person has it"
    ]
    assert Role.objects.filter(pk=role.pk).exists()


@pytest.mark.parametrize("role_id", [0, 987654, 10**30])
def test_no_role_of_this_id(administration_client: Client, role_id: int) -> None:
    for name in ("role", "delete-role"):
        assert administration_client.get(reverse(name, args=[role_id])).status_code == 404
        assert administration_client.post(reverse(name, args=[role_id])).status_code == 404


def test_the_page_costs_the_same_however_many_people(administration_client: Client) -> None:
    person("first", "Control", operative_id=factories.hire())
    before = queries_of(administration_client, PAGE)
    for name in ("second", "third", "fourth"):
        person(name, "Control", "Response", operative_id=factories.hire())
    assert queries_of(administration_client, PAGE) == before <= 10
