"""Names and other lines of text on pages: what nobody can see, line breaks, and pasted numbers."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounts import tokens
from accounts.models import Role, User
from pages.fields import ONE_LINE
from readmodels.models import OperativeRow, SiteRow, WorkRow
from tests import factories
from tests.pages.page_requests import text_of

UNSEEN = ["\u200b", "\u3164", "\u2060\u00ad", "\u202a\u202c"]


def hire(browser: Client, **names: str) -> Any:
    return browser.post("/administration/operatives/", {"command_id": str(uuid4()), **names})


def acquire(browser: Client, **particulars: str) -> Any:
    known = {
        "address_line_1": "1 Quay",
        "town": "Hull",
        "post_code": "HU1 1AA",
        "telephone_number": "01482 1",
    }
    sent = {"command_id": str(uuid4()), **known, **particulars}
    return browser.post("/administration/sites/", sent)


@pytest.mark.parametrize("unseen", UNSEEN)
def test_a_name_that_nobody_can_see_is_none(administration_client: Client, unseen: str) -> None:
    assert "Operative must have a surname" in text_of(
        hire(administration_client, forename="Ada", surname=unseen)
    )
    assert not OperativeRow.objects.exists()


@pytest.mark.parametrize("between", ["\n", "\u2028", "\x85"])
def test_a_name_of_two_lines_is_refused(administration_client: Client, between: str) -> None:
    answer = hire(administration_client, forename="Ada", surname=f"Love{between}lace")
    assert ONE_LINE in text_of(answer)
    assert not OperativeRow.objects.exists()


@pytest.mark.parametrize(
    "pasted",
    ["\u202a+44 115 496\u20110173\u202c", "+44\u00a0115\u00a0496-0173", "\u2066+44 115 496\u20130173\u2069"],
)
def test_a_pasted_number_is_taken_as_if_typed(administration_client: Client, pasted: str) -> None:
    acquire(administration_client, telephone_number=pasted)
    assert SiteRow.objects.get().telephone_number == "+44 115 496-0173"


def test_people_are_listed_as_people_expect(administration_client: Client) -> None:
    for forename, surname in [
        ("A", "Zorn"),
        ("B", "Öztürk"),
        ("C", "de Vries"),
        ("D", "Ó Briain"),
        ("E", "dean"),
        ("F", "Ozan"),
    ]:
        factories.hire(forename, surname)
    listed = administration_client.get("/administration/operatives/").context["listed"]
    assert [each.surname for each, _ in listed] == ["de Vries", "dean", "Ó Briain", "Ozan", "Öztürk", "Zorn"]


def test_roles_and_programs_are_listed_as_people_expect(
    administration_client: Client, administration: User
) -> None:
    names = ["Änderung", "abroad", "Zorn", "de Vries", "Öffnung"]
    for name in names:
        role = Role.objects.create(name=name, features=[])
        administration.roles.add(role)
        tokens.make(name, [], administration)
    expected = ["abroad", "Änderung", "de Vries", "Öffnung", "Zorn"]
    permissions = "/administration/permissions/"
    pages = [f"{permissions}?q=administration", f"{permissions}people/new/", "/administration/tokens/"]
    pages += [f"{permissions}people/{administration.pk}/"]
    for page in pages:
        words = text_of(administration_client.get(page))
        places = [words.rfind(name) for name in expected]
        assert -1 not in places
        assert places == sorted(places), page


def test_towns_of_the_tray_are_listed_as_people_expect(control_client: Client) -> None:
    for town in ("Zennor", "Ålesund", "arkley", "Æbler"):
        factories.raise_work(site_ids=[factories.acquire(town=town)])
    (towns,) = (
        each for each in control_client.get("/control/").context["filters"] if each.name == "tray_town"
    )
    assert [town for town, _ in towns.choices] == ["", "Æbler", "Ålesund", "arkley", "Zennor"]


def test_no_text_turns_round_what_stands_after_it(response_client: Client) -> None:
    sent = {
        "title": "Boiler \u202etuo",
        "description": "Since \u2066Monday\n\u202eand",
        "sites": [factories.acquire()],
    }
    assert response_client.post("/response/", {"command_id": uuid4(), **sent}).status_code == 302
    raised = WorkRow.objects.get()
    assert (raised.title, raised.description) == ("Boiler tuo", "Since Monday\nand")
