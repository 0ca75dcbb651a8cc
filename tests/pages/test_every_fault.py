"""Administration's forms say everything that is wrong with them at once, each fault beside its field."""

import pytest
from django.test import Client

from tests.pages.forms import send, stored

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
                "features": "Select a valid choice. fly is not one of the available choices.",
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
    before = stored()
    answer = send(administration_client, address, **typed)
    assert answer.status_code == 422
    found = {name: str(errors[0]) for name, errors in answer.context["form"].errors.items()}
    assert found == faults
    for sentence in faults.values():
        assert sentence in answer.content.decode()
    assert stored() == before
