"""One way to look for text, in every list."""

import unicodedata
from collections.abc import Callable
from uuid import uuid4

import pytest

from accounts.models import User
from accounts.people import people
from readmodels.models import OperativeText, SiteText, WorkText
from readmodels.queries import administration, buyers, orders, products, sites
from tests import factories

pytestmark = pytest.mark.django_db


def site(typed: str) -> list[str]:
    return [each.address_line_1 for each in sites.find(typed)]


def site_at_the_desk(typed: str) -> list[str]:
    return [each.address_line_1 for each in sites.first_found(typed, 9)]


def operative(typed: str) -> list[str]:
    return [str(each) for each in administration.operatives(typed, released=None)]


def product(typed: str) -> list[str]:
    return [each.name for each in products.find(typed)]


def person(typed: str) -> list[str]:
    return [each.username for each in people(typed, active=None)]


def buyer(typed: str) -> list[str]:
    return [each.name for each in buyers.find(typed)]


def order(typed: str) -> list[str]:
    return [each.buyer_name for each in orders.page(orders.Wanted(buyer=typed), None, 9).rows]


def order_by_name_alone(typed: str) -> list[str]:
    wanted = orders.Wanted(buyer=typed, by_name_alone=True)
    return [each.buyer_name for each in orders.page(wanted, None, 9).rows]


def make(kind: Callable[[str], list[str]], name: str) -> str:
    """Something of this kind and name; returns what is found of it."""
    if kind in (site, site_at_the_desk):
        factories.acquire(name, "Nottingham", "NG1 1AA", "0115 496 0173")
    elif kind is operative:
        factories.hire("Olive", name)
        return f"Olive {name}"
    elif kind is product:
        factories.create_product(name)
    elif kind in (buyer, order, order_by_name_alone):
        factories.verify_buyer(factories.place_order(buyer=name, email=f"{uuid4()}@example.com"))
    else:
        User.objects.create_user("someone", last_name=name)
        return "someone"
    return name


@pytest.mark.parametrize(
    "kind", [site, site_at_the_desk, operative, product, person, buyer, order, order_by_name_alone]
)
@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Özlem", "özlem"),
        ("Özlem", "OZLEM"),
        ("Özlem", unicodedata.normalize("NFD", "Özlem")),
        ("O\u2019Brien", "o'brien"),
        ("Großmann", "grossmann"),
        (
            "\u041f\u0440\u043e\u0442\u0435\u0447\u043a\u0430",
            "\u043f\u0440\u043e\u0442\u0435\u0447\u043a\u0430",
        ),
        ("Albert Road", "albert rd"),
        ("Lovelace", "lovelcae"),
        ("Lovelace", "lovlace"),
    ],
)
def test_it_is_found_as_people_type_it(kind: Callable[[str], list[str]], name: str, typed: str) -> None:
    make(kind, "Zorn")
    User.objects.all().delete()
    assert kind(typed) == []
    found = make(kind, name)
    assert kind(typed) == [found]
    assert kind("?!") == []


@pytest.mark.parametrize(
    "typed", ["+44 115 496 0173", "0044 115 496 0173", "queens road nottingham", "queens rd ng11aa", "12-14"]
)
def test_a_site_is_found_over_its_fields(typed: str) -> None:
    make(site, "12-14 Queens Road")
    assert site(typed) == ["12-14 Queens Road"]


def test_an_exact_hit_comes_first() -> None:
    for name in ("A Marsh Lane", "Marsh Lane East", "Marsh Lane"):
        factories.create_product(name)
    assert product("marsh lane") == ["Marsh Lane", "Marsh Lane East", "A Marsh Lane"]
    factories.create_product("March Lane")
    assert product("march lane") == ["March Lane"]


def test_a_text_is_written_only_when_it_changes() -> None:
    site_id, operative_id = factories.acquire("1 Quay"), factories.hire("Ada", "Lovelace")
    SiteText.objects.update(text=" as it was ")
    OperativeText.objects.update(text=" as it was ")
    factories.relinquish(site_id)
    factories.release(operative_id)
    assert SiteText.objects.get().text == OperativeText.objects.get().text == " as it was "
    work_id = factories.raise_work(site_ids=[factories.acquire("2 Quay")])
    WorkText.objects.update(text=" as it was ")
    factories.assign(work_id, factories.hire("Bo", "Chen"))
    factories.set_out(work_id)
    factories.arrive(work_id)
    factories.complete(work_id)
    assert WorkText.objects.get().text == " as it was "
