"""Tokens on their pages: made, shown once, renamed, revoked."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import tokens
from accounts.features import Feature
from accounts.models import Token, User
from tests import factories
from tests.pages.page_requests import queries_of, said, text_of

pytestmark = pytest.mark.django_db
LIST, NEW = "/administration/tokens/", "/administration/tokens/new/"


def page_of(token: Token) -> str:
    return reverse("token", args=[token.pk])


def make(browser: Client, **fields: Any) -> Any:
    return browser.post(NEW, {"name": "Warehouse", **fields})


def secret_in(answer: Any) -> str:
    found = re.findall(r"<code>(callout_[0-9a-f]{64})</code>", answer.content.decode())
    assert len(found) == 1
    return str(found[0])


def test_a_token_is_made_and_its_secret_shown_in_this_answer_alone(
    administration_client: Client, administration: User
) -> None:
    last_day = timezone.localdate() + timedelta(days=30)
    answer = make(administration_client, features=["raise_work"], ends=last_day.isoformat())
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    secret, made = secret_in(answer), Token.objects.get()
    assert tokens.program_of(secret) == made
    assert (made.name, made.features, made.ends_on) == ("Warehouse", ["raise_work"], last_day)
    assert made.made_by == administration.actor
    kept = [each.get_decoded() for each in Session.objects.all()]
    assert secret not in f"{kept} {answer.cookies} {administration_client.cookies}"
    for address in (LIST, NEW, page_of(made), f"{page_of(made)}revoke/", "/administration/"):
        assert secret not in administration_client.get(address).content.decode()


def test_the_form_sent_again_makes_no_second_token(administration_client: Client) -> None:
    make(administration_client)
    again = make(administration_client, features=["raise_work"])
    assert again.status_code == 422
    assert said(again) == [f"Could not complete action: making token\n{tokens.SAME_NAME}"]
    assert again.context["form"]["features"].value() == ["raise_work"]
    assert Token.objects.get().features == []


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"name": " "}, {"name": ["Token must have a name"]}),
        ({"ends": "2020-01-31"}, {"ends": [tokens.PAST]}),
        ({"ends": "soon"}, {"ends": ["Write the day as 2026-03-31"]}),
        ({"features": ["launch_rockets"]}, {"features": None}),
        ({"name": "x" * 61}, {"name": None}),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    administration_client: Client, fields: dict[str, Any], wrong: dict[str, list[str] | None]
) -> None:
    answer = make(administration_client, **fields)
    assert answer.status_code == 422
    errors = answer.context["form"].errors
    assert {name: errors[name] if said else None for name, said in wrong.items()} == wrong
    assert list(errors) == list(wrong)
    assert not Token.objects.exists()


def test_the_list_says_where_each_token_stands(administration_client: Client, administration: User) -> None:
    assert "There are no tokens yet" in text_of(administration_client.get(LIST))
    for name in ("Never", "Used", "Ended", "Revoked"):
        tokens.make(name, [Feature.RAISE_WORK, Feature.SEE_EVENTS], administration)
    tokens.mark_used(Token.objects.get(name="Used"))
    Token.objects.filter(name="Ended").update(ends_on=timezone.localdate() - timedelta(days=1))
    tokens.revoke(Token.objects.get(name="Revoked"), administration)
    answer = administration_client.get(LIST)
    assert [(token.name, token.state) for token, _ in answer.context["listed"]] == [
        ("Never", "Never used"),
        ("Used", "In use"),
        ("Ended", "Ended"),
        ("Revoked", "Revoked"),
    ]
    words = text_of(answer)
    assert "Raise work, See events" in words
    assert "by Administration" in words
    assert all(token.secret_begins in words for token in Token.objects.all())
    front = administration_client.get("/administration/")
    assert front.context["tokens"] == {"valid": 2, "never_used": 1}
    assert LIST in front.content.decode()


def test_deactivating_somebody_names_the_programs_that_stop(
    administration: User, root: User, client: Client
) -> None:
    made, _ = tokens.make("Warehouse", [], administration)
    client.force_login(root)
    page = client.get(reverse("person", args=[administration.pk])).content.decode()
    assert "Programs stop that use a token made by" in page
    assert page_of(made) in page
    User.objects.filter(pk=administration.pk).update(is_active=False)
    for address in (LIST, page_of(made)):
        assert "Stopped Its maker cannot sign in" in text_of(client.get(address))
    assert client.get("/administration/").context["tokens"]["valid"] == 0


def test_the_list_costs_the_same_however_many_tokens(
    administration_client: Client, administration: User
) -> None:
    tokens.make("First", [], administration)
    before = queries_of(administration_client, LIST)
    for name in ("Second", "Third", "Fourth"):
        tokens.make(name, [], administration)
    assert queries_of(administration_client, LIST) == before


def test_a_token_is_revoked_once_asked_again(administration_client: Client, administration: User) -> None:
    token, secret = tokens.make("Warehouse", [], administration)
    address = f"{page_of(token)}revoke/"
    assert address in administration_client.get(page_of(token)).content.decode()
    asked = text_of(administration_client.get(address))
    assert "It has never been used. The program is refused from its next request on" in asked
    assert tokens.program_of(secret)
    answer = administration_client.post(address, follow=True)
    assert said(answer) == ["Succeeded revoking token"]
    assert tokens.program_of(secret) is None
    assert "It has been revoked already" in text_of(administration_client.get(address))
    assert re.search(
        r"Revoked just now by Administration", text_of(administration_client.get(page_of(token)))
    )


def test_a_token_is_renamed_and_histories_with_it(
    administration_client: Client, administration: User
) -> None:
    token, _ = tokens.make("Warehouse", [Feature.RAISE_WORK], administration)
    work_id = factories.raise_work(by=token.actor)
    job = reverse("job", args=[work_id])
    assert "Warehouse (program)" in text_of(administration_client.get(job))
    assert "Warehouse (program)" in text_of(administration_client.get("/events/"))
    answer = administration_client.post(page_of(token), {"name": "Depot"}, follow=True)
    assert said(answer) == ["Succeeded renaming token"]
    assert "Depot (program)" in text_of(administration_client.get(job))
    found = administration_client.get("/events/", {"actor": token.actor})
    assert "Depot (program)" in text_of(found)


def test_another_token_s_name_is_refused(administration_client: Client, administration: User) -> None:
    tokens.make("Depot", [], administration)
    token, _ = tokens.make("Warehouse", [], administration)
    answer = administration_client.post(page_of(token), {"name": "depot"})
    assert answer.status_code == 422
    assert answer.context["form"].errors == {"name": [tokens.SAME_NAME]}
    assert '<h1 class="address">Warehouse</h1>' in answer.content.decode()


def test_a_token_opens_no_page(client: Client, administration: User) -> None:
    _, secret = tokens.make("Warehouse", Feature, administration)
    answer = client.get(LIST, headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 302


def test_somebody_who_may_not_manage_permissions_is_refused(
    response_client: Client, control_client: Client, administration: User
) -> None:
    token, secret = tokens.make("Warehouse", [], administration)
    for browser in (response_client, control_client):
        for address in (LIST, NEW, page_of(token), f"{page_of(token)}revoke/"):
            assert browser.get(address).status_code == 403
            assert browser.post(address, {"name": "Mine"}).status_code in {403, 405}
    assert tokens.program_of(secret) == token
    assert [each.name for each in Token.objects.all()] == ["Warehouse"]
