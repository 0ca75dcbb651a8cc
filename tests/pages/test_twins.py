"""Something exists already in another spelling: the pages ask once, and go on when pressed again."""

import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Role, Token, User
from integration.models import Webhook
from readmodels.models import OperativeRow, ProductRow, SiteRow
from tests import factories
from tests.api.calls import send as call
from tests.pages.page_requests import said, send, text_of

pytestmark = pytest.mark.django_db
SITE = {
    "address_line_1": "12 High Street",
    "town": "Oxford",
    "post_code": "OX1 1AA",
    "telephone_number": "01865 496000",
}
SPELT = {**SITE, "address_line_1": "12, HIGH ST.", "post_code": "ox11aa"}
PERSON = {"first_name": "Zoe", "last_name": "Marsh", "password": "a long enough secret"}
HOOK = {"url": "https://example.com/Hook", "types": ["callout.work.raised.v1"]}


def asked_of(answer: Any) -> list[str]:
    """What the page says that it has asked."""
    return re.findall(r'name="asked" value="([^"]+)"', answer.content.decode())


@pytest.mark.parametrize(
    ("path", "first", "again", "rows"),
    [
        (
            "/administration/operatives/",
            {"forename": "Zoë", "surname": "O\u2019Brien"},
            {"forename": "zoe", "surname": "O'BRIEN"},
            OperativeRow,
        ),
        ("/administration/sites/", SITE, SPELT, SiteRow),
        (
            "/products/new/",
            {"name": "Fan-belt", "price": "1", "stock": "1"},
            {"name": "fan belt", "price": "2", "stock": "2"},
            ProductRow,
        ),
        ("/administration/permissions/roles/new/", {"name": "Pförtner"}, {"name": "Pfortner"}, Role),
        ("/administration/tokens/new/", {"name": "Stock system"}, {"name": "stock-system"}, Token),
        (
            "/administration/permissions/people/new/",
            {"username": "zoe", **PERSON},
            {"username": "zoe2", **PERSON, "first_name": "Zoë"},
            User,
        ),
        ("/administration/webhooks/new/", HOOK, {**HOOK, "url": "https://EXAMPLE.com/Hook/"}, Webhook),
    ],
)
def test_a_twin_is_asked_about_once(
    root_client: Client, path: str, first: dict[str, Any], again: dict[str, Any], rows: Any
) -> None:
    send(root_client, path, **first)
    known, made = {row.pk for row in rows.objects.all()}, rows.objects.count()
    answer = send(root_client, path, **again)
    assert answer.status_code == 422
    (address,) = asked_of(answer)
    assert f'href="{address}"' in answer.content.decode()
    assert any(str(key) in address for key in known)
    (message,) = answer.context["messages"]
    assert message.level_tag == "warning"
    assert str(message).startswith("A question before ")
    assert text_of(answer).count("There is already one like it: ") == 1
    assert "Could not complete" not in text_of(answer)
    assert 'aria-invalid="true"' not in answer.content.decode()
    assert rows.objects.count() == made
    assert root_client.get(address).status_code == 200
    assert send(root_client, path, **again, asked=address).status_code == 200
    assert rows.objects.count() == made + 1


def test_the_question_and_its_button_name_what_was_typed(administration_client: Client) -> None:
    factories.hire("Zoë", "Marsh")
    answer = send(administration_client, "/administration/operatives/", forename="zoe", surname="MARSH")
    assert "Is this another? zoe MARSH" in text_of(answer)
    assert "Hire another zoe MARSH" in text_of(answer)
    send(administration_client, "/administration/sites/", **SITE)
    answer = send(administration_client, "/administration/sites/", **SPELT)
    assert "Is this another? 12, HIGH ST., Oxford" in text_of(answer)
    assert "Acquire another 12, HIGH ST., Oxford" in text_of(answer)


def test_a_faulty_line_is_named_too(administration_client: Client) -> None:
    answer = send(administration_client, "/administration/operatives/", forename="Zoë\x0bM", surname="Marsh")
    (message,) = answer.context["messages"]
    assert message.level_tag == "error"
    assert message.extra_tags.split() == ["Zoë", "M", "Marsh"]


def rename_operative(browser: Client, **more: str) -> Any:
    hired, _other = factories.hire("Ada", "King"), factories.hire("Zoë", "Marsh")
    address = reverse("administration-operative", args=[hired])
    return send(browser, address, forename="Zoe", surname="marsh", **more)


def correct_site(browser: Client, **more: str) -> Any:
    wrong, _other = factories.acquire("21 High Street"), factories.acquire("12 High St")
    row = SiteRow.objects.get(pk=wrong)
    sent = {"town": row.town, "post_code": row.post_code, "telephone_number": row.telephone_number}
    address = reverse("administration-site", args=[wrong])
    return send(browser, address, address_line_1="12 High Street", **sent, **more)


def rename_product(browser: Client, **more: str) -> Any:
    renamed, _other = factories.create_product("Filter"), factories.create_product("Fan belt")
    return send(browser, reverse("rename-product", args=[renamed]), name="Fan  Belt", **more)


@pytest.mark.parametrize("change", [rename_operative, correct_site, rename_product])
def test_what_becomes_a_twin_is_asked_about_too(
    administration_client: Client, change: Callable[..., Any]
) -> None:
    answer = change(administration_client)
    assert answer.status_code == 422
    assert "There is already one like it: " in said(answer)[0]
    assert len(asked_of(answer)) == 1


def test_a_change_of_something_else_is_not_asked_about(administration_client: Client) -> None:
    """Not even if there are two already."""
    site, _other = factories.acquire("12 High Street"), factories.acquire("12 High St")
    row = SiteRow.objects.get(pk=site)
    sent = {"address_line_1": row.address_line_1, "town": row.town, "post_code": row.post_code}
    address = reverse("administration-site", args=[site])
    answer = send(administration_client, address, **sent, telephone_number="01865 496001")
    assert answer.status_code == 200
    assert SiteRow.objects.get(pk=site).telephone_number == "01865 496001"


def test_a_form_sent_twice_is_no_twin_of_itself(administration_client: Client) -> None:
    command_id = uuid4()
    for _ in range(2):
        answer = send(
            administration_client,
            "/administration/operatives/",
            command_id=command_id,
            forename="Ada",
            surname="King",
        )
        assert answer.status_code == 200
    assert OperativeRow.objects.count() == 1


def test_what_was_asked_about_one_is_asked_again_about_another(administration_client: Client) -> None:
    factories.create_product("Fan belt")
    sent = {"name": "Fan belt", "price": "1", "stock": "1", "asked": "/products/another/"}
    assert send(administration_client, "/products/new/", **sent).status_code == 422


def test_somebody_who_has_left_and_what_was_given_up_is_no_twin(administration_client: Client) -> None:
    factories.release(factories.hire("Ada", "King"))
    factories.withdraw(factories.create_product("Fan belt"))
    name = {"forename": "Ada", "surname": "King"}
    assert send(administration_client, "/administration/operatives/", **name).status_code == 200
    product = {"name": "Fan belt", "price": "1", "stock": "1"}
    assert send(administration_client, "/products/new/", **product).status_code == 200


def test_a_program_is_not_asked(administration_client: Client) -> None:
    factories.hire("Ada", "King")
    assert (
        call(administration_client, "/operatives", {"forename": "Ada", "surname": "King"}).status_code == 201
    )
    factories.create_product("Fan belt")
    body = {"name": "Fan belt", "price": "1.00", "stock": 1}
    assert call(administration_client, "/products", body).status_code == 201
