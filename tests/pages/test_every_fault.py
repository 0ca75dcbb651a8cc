"""Administration's forms report everything that is wrong with them at once, each fault beside its field."""

from html import unescape
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import Role, User
from integration.models import Webhook
from pages.fields import GONE
from readmodels.models import ProductRow
from tests import factories
from tests.pages.page_requests import said, send, stored

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("address", "typed", "faults"),
    [
        (
            "/administration/operatives/",
            {"forename": " ", "surname": ""},
            {"forename": "Operative must have a forename", "surname": "Operative must have a surname"},
        ),
        (
            "/administration/sites/",
            {"address_line_1": "", "town": " ", "post_code": "", "telephone_number": "ask Ada"},
            {
                "address_line_1": "Site must have an address line 1",
                "town": "Site must have a town",
                "post_code": "Site must have a post code",
                "telephone_number": "Use digits, spaces and + ( ) / . - only",
            },
        ),
        (
            "/products/new/",
            {"name": "", "price": "-1", "stock": "-2"},
            {
                "name": "Product must have a name",
                "price": "Price must not be negative",
                "stock": "Stock must not be negative",
            },
        ),
        (
            "/administration/tokens/new/",
            {"name": " ", "ends": "2020-01-01"},
            {"name": "Token must have a name", "ends": "The last day has passed already"},
        ),
        (
            "/administration/permissions/roles/new/",
            {"name": "", "features": ["fly"]},
            {
                "name": "Role must have a name",
                "features": GONE,
            },
        ),
        (
            "/administration/permissions/people/new/",
            {"username": "", "password": "short"},
            {
                "username": "Give a username",
                "password": "This password is too short. It must contain at least 8 characters.",
            },
        ),
        (
            "/administration/webhooks/new/",
            {"url": "ftp://example.com", "types": []},
            {
                "url": "Give an address that begins with https:// or http://, without a password in it",
                "types": "Choose at least one type",
            },
        ),
    ],
)
def test_every_fault_is_said_at_once(
    administration_client: Client, address: str, typed: dict[str, object], faults: dict[str, str]
) -> None:
    all_are_said(administration_client, address, typed, faults)


def test_a_correction_says_what_a_new_one_does(administration_client: Client) -> None:
    operative = f"/administration/operatives/{factories.hire()}/"
    names = {"forename": "Operative must have a forename", "surname": "Operative must have a surname"}
    all_are_said(administration_client, operative, dict.fromkeys(names, " "), names)
    particulars = {
        "address_line_1": "Site must have an address line 1",
        "town": "Site must have a town",
        "post_code": "Site must have a post code",
        "telephone_number": "Site must have a telephone number",
    }
    site = f"/administration/sites/{factories.acquire()}/"
    all_are_said(administration_client, site, dict.fromkeys(particulars, ""), particulars)


def test_what_is_no_longer_there_is_said_in_words(
    administration: User, administration_client: Client
) -> None:
    person = f"/administration/permissions/people/{administration.pk}/"
    all_are_said(administration_client, f"{person}roles/", {"roles": ["999"]}, {"roles": GONE})
    gone: dict[str, object] = {"operative_id": str(uuid4())}
    all_are_said(administration_client, f"{person}operative/", gone, {"operative_id": GONE})


def test_what_a_role_or_a_webhook_becomes_is_judged_whole(administration_client: Client) -> None:
    Role.objects.create(name="Night desk", features=[])
    role = Role.objects.create(name="Day desk", features=[])
    all_are_said(
        administration_client,
        f"/administration/permissions/roles/{role.pk}/",
        {"name": "night desk", "features": ["fly"]},
        {
            "name": "There is already a role of this name",
            "features": GONE,
        },
    )
    webhook = Webhook.objects.create(url="https://example.com/in", types=[], secret="x")
    all_are_said(
        administration_client,
        f"/administration/webhooks/{webhook.pk}/edit/",
        {"url": "example.com", "types": []},
        {
            "url": "Give an address that begins with https:// or http://, without a password in it",
            "types": "Choose at least one type",
        },
    )


def test_a_correction_of_stock_is_judged_whole(administration_client: Client) -> None:
    product = factories.create_product()
    all_are_said(
        administration_client,
        f"/products/{product}/correct-stock/",
        {"difference": "0", "reason": " "},
        {
            "difference": "A correction must change the stock",
            "reason": "A correction of stock must have a reason",
        },
    )


def test_what_only_the_rule_can_know_is_said_with_what_the_form_sees(administration_client: Client) -> None:
    product = factories.create_product()
    free = ProductRow.objects.get().stock
    for difference, sentence in (
        ("-99999", f"Not so many are free; at most {free} can be taken away"),
        ("1000000000", "This is too much stock"),
    ):
        all_are_said(
            administration_client,
            f"/products/{product}/correct-stock/",
            {"difference": difference, "reason": ""},
            {"difference": sentence, "reason": "A correction of stock must have a reason"},
        )


def test_above_a_form_of_many_faults_stands_how_many_there_are(control_client: Client) -> None:
    factories.create_product()
    answer = send(control_client, "/orders/new/", ship_to="address", work="no job")
    (message,) = said(answer)
    assert message.splitlines() == [
        "Could not complete action: placing order",
        "There is no such job for the order to belong to",
        "9 more faults are told beside their fields",
    ]
    form = answer.context["form"]
    assert sum(len(errors) for errors in form.errors.values()) == 10
    for errors in form.errors.values():
        assert all(str(error) in unescape(answer.content.decode()) for error in errors)


def all_are_said(browser: Client, address: str, typed: dict[str, object], faults: dict[str, str]) -> None:
    """After this request the form shows exactly these faults, each beside its field, and nothing is
    stored."""
    before = stored()
    answer = send(browser, address, **typed)
    assert answer.status_code == 422
    named = [answer.context.get(name) for name in ("form", "roles_form", "link_form")]
    forms = [*named, *answer.context.get("forms", {}).values()]
    (form,) = [each for each in forms if each is not None and each.errors]
    assert {name: str(errors[0]) for name, errors in form.errors.items()} == faults
    for sentence in faults.values():
        assert sentence in answer.content.decode()
    assert stored() == before
