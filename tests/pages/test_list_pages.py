"""Lists read in pages while their rows change: in Administration, on the board, the roster, by programs."""

from base64 import urlsafe_b64decode
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from accounts.views import permissions
from operatives.views import administration as operatives_page
from operatives.views import roster
from products import views as products_page
from readmodels import cursor
from readmodels.models import SiteRow
from readmodels.queries import board
from readmodels.queries.keyset import page_after
from sites import views as sites_page
from tests import factories
from tests.api.calls import ask

pytestmark = pytest.mark.django_db
TOWNS = ["Filey", "Hornsea", "Redcar", "Whitby", "York"]
NAMES = ["Ash", "Byron", "Curie", "Darwin", "Euler"]


@pytest.fixture
def sites() -> dict[str, UUID]:
    return {town: factories.acquire(town=town) for town in TOWNS}


@pytest.fixture
def people() -> dict[str, UUID]:
    return {name: factories.hire("Ada", name) for name in NAMES}


def rest_of(browser: Client, address: str | None) -> list[Any]:
    """Everything from this page of the API to the last."""
    found: list[Any] = []
    while address:
        listed = ask(browser, address).json()
        found += listed["items"]
        address = listed["next"]
    return found


# --- What ended a page changes ----------------------------------------------------------------------


@pytest.mark.parametrize("corrected", ["Zennor", "Aberdeen", "Hornsea"])
def test_the_rest_comes_when_the_site_that_ended_a_page_is_corrected(
    sites: dict[str, UUID], response_client: Client, corrected: str
) -> None:
    first = ask(response_client, "/sites?limit=2").json()
    factories.correct(sites["Hornsea"], town=corrected)
    rest = [each["town"] for each in rest_of(response_client, first["next"])]
    assert rest == ["Redcar", "Whitby", "York", *(["Zennor"] if corrected == "Zennor" else [])]


def test_the_rest_comes_in_administration_too(
    sites: dict[str, UUID], administration_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sites_page, "PAGE", 2)
    first = administration_client.get("/administration/sites/").context["page"]
    factories.correct(sites["Hornsea"], town="Zennor")
    second = administration_client.get("/administration/sites/", {"after": first.after}).context["page"]
    assert [row.town for row in second.rows] == ["Redcar", "Whitby"]


def test_the_rest_of_the_operatives_comes_when_one_is_renamed_or_released(
    people: dict[str, UUID], administration_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operatives_page, "PAGE", 2)
    first = administration_client.get("/administration/operatives/").context["page"]
    factories.rename(people["Byron"], "Ada", "Zuse")
    factories.release(people["Ash"])
    second = administration_client.get("/administration/operatives/", {"after": first.after}).context["page"]
    assert [row.surname for row in second.rows] == ["Curie", "Darwin"]


def test_the_rest_of_the_products_comes_when_one_is_renamed(response_client: Client) -> None:
    products = {name: factories.create_product(name) for name in ("Axle", "Belt", "Clip", "Dial")}
    first = ask(response_client, "/products?limit=2").json()
    factories.rename_product(products["Belt"], "Wide belt")
    names = [each["name"] for each in rest_of(response_client, first["next"])]
    assert names == ["Clip", "Dial", "Wide belt"]


def test_the_rest_of_a_search_comes_as_well(sites: dict[str, UUID], response_client: Client) -> None:
    first = ask(response_client, "/sites?limit=2&q=harbour").json()
    factories.correct(sites["Hornsea"], address_line_1="2 Mill Lane", town="Zennor")
    towns = [each["town"] for each in rest_of(response_client, first["next"])]
    assert towns == ["Redcar", "Whitby", "York"]


# --- The board and the roster ------------------------------------------------------------------------


def lanes(browser: Client, **asked: str) -> Any:
    return browser.get("/control/", {"lanes": "full", **asked}).context["board"].lanes


def surnames(members: Any) -> list[str]:
    return [each.operative.surname for each in members]


@pytest.mark.parametrize("order", ["", "free", "late"])
def test_the_board_goes_on_when_the_operative_that_ended_its_page_is_gone(
    people: dict[str, UUID], control_client: Client, monkeypatch: pytest.MonkeyPatch, order: str
) -> None:
    monkeypatch.setitem(board.LANES, board.FULL, 2)
    first = lanes(control_client, sort=order)
    assert surnames(lane.member for lane in first.rows) == ["Ash", "Byron"]
    factories.release(people["Byron"])
    second = lanes(control_client, sort=order, after=first.after)
    assert surnames(lane.member for lane in second.rows) == ["Curie", "Darwin"]
    third = lanes(control_client, sort=order, after=second.after)
    assert surnames(lane.member for lane in third.rows) == ["Euler"]


def test_the_roster_goes_on_when_the_operative_that_ended_its_page_is_gone_or_renamed(
    people: dict[str, UUID], control_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roster, "PAGE", 2)
    first = control_client.get("/operatives/").context["page"]
    factories.rename(people["Byron"], "Ada", "Zuse")
    second = control_client.get("/operatives/", {"after": first.after}).context["page"]
    assert surnames(member for member, _ in second.rows) == ["Curie", "Darwin"]
    factories.release(people["Byron"])
    second = control_client.get("/operatives/", {"after": first.after}).context["page"]
    assert surnames(member for member, _ in second.rows) == ["Curie", "Darwin"]


def test_programs_go_on_after_an_operative_who_was_released(
    people: dict[str, UUID], control_client: Client
) -> None:
    first = ask(control_client, "/operatives?limit=2&state=employed").json()
    factories.release(people["Byron"])
    rest = [each["surname"] for each in rest_of(control_client, first["next"])]
    assert rest == ["Curie", "Darwin", "Euler"]


# --- What a cursor shows, and what is taken for one ----------------------------------------------------


def test_an_address_shows_no_name(
    people: dict[str, UUID],
    sites: dict[str, UUID],
    administration_client: Client,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pages = {
        "/administration/operatives/": operatives_page,
        "/administration/sites/": sites_page,
        "/administration/permissions/": permissions,
        "/products/": products_page,
    }
    for name in ("Axle", "Carburettor", "Dial"):
        factories.create_product(name)
    for role in ("control", "response"):
        User.objects.create_user(role)
    for address, module in pages.items():
        monkeypatch.setattr(module, "PAGE", 2)
        page = administration_client.get(address)
        after = page.context["page"].after
        assert f"after={after}" in page.content.decode()
        text = urlsafe_b64decode(after + "=" * (-len(after) % 4)).decode("latin-1").lower()
        for told in ("byron", "hornsea", "harbour", "carburettor", "control", "sort_key"):
            assert told not in text


def test_a_page_is_the_same_each_time(sites: dict[str, UUID], response_client: Client) -> None:
    answers = [ask(response_client, "/sites?limit=2") for _ in range(2)]
    assert answers[0].headers["ETag"] == answers[1].headers["ETag"]


def test_places_as_they_were_before_there_were_cursors_still_work(
    sites: dict[str, UUID], people: dict[str, UUID], control_client: Client, response_client: Client
) -> None:
    rest = rest_of(response_client, f"/sites?limit=2&after={sites['Hornsea']}")
    assert [each["town"] for each in rest] == ["Redcar", "Whitby", "York"]
    gone = str(people["Byron"])
    factories.release(people["Byron"])  # they are no longer on any of these
    shown = lanes(control_client, after=gone)
    assert surnames(lane.member for lane in shown.rows) == NAMES[2:]
    shown = control_client.get("/operatives/", {"after": gone}).context["page"]
    assert surnames(member for member, _ in shown.rows) == NAMES[2:]
    rest = rest_of(control_client, f"/operatives?limit=2&state=employed&after={gone}")
    assert [each["surname"] for each in rest] == NAMES[2:]


def test_a_cursor_from_before_the_list_was_sorted_otherwise_is_the_place_of_its_row(
    sites: dict[str, UUID],
) -> None:
    given = cursor.seal("readmodels.siterow", {"town": "Hornsea", "site_id": sites["Hornsea"]})
    found = page_after(SiteRow.objects.order_by("sort_key", "site_id"), given, 2)
    assert [row.town for row in found.rows] == ["Redcar", "Whitby"]


def test_a_cursor_outlives_a_new_secret_key_that_falls_back_on_the_old_one(settings: Settings) -> None:
    given = cursor.seal("list", {"name": "Ä"})
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another", [settings.SECRET_KEY]
    assert cursor.unseal("list", given) == {"name": "Ä"}
    settings.SECRET_KEY_FALLBACKS = []
    assert cursor.unseal("list", given) is None


SPOILT = [lambda text: text[:-2] + "AA", lambda text: text[1:], lambda text: f"{text}\0", lambda _: "ä" * 40]


@pytest.mark.parametrize("spoilt", SPOILT)
def test_what_nobody_here_has_sealed_is_no_place(spoilt: Any) -> None:
    given = cursor.seal("list", {"name": "Ash", "id": uuid4()})
    assert cursor.unseal("list", spoilt(given)) is None
    assert cursor.unseal("another list", given) is None
