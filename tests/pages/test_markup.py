"""Every page keeps the strict content security policy: nothing inline, nothing from elsewhere."""

from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts import tokens
from accounts.models import Role, User
from support.work import Stage
from tests import factories
from tests.conftest import browser_of
from tests.integration.logs import webhook_in_use
from tests.pages.routes import own_routes

POLICY = {
    "default-src 'self'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
}
TYPED = {"text", "search", "email", "tel", "url"}
LOADS = {"script": "src", "link": "href", "img": "src", "use": "href", "iframe": "src"}
ADMIN_PAGES = ("index", "readmodels_workrow_changelist", "readmodels_siterow_changelist")


class Offences(HTMLParser):
    """What the policy would stop in a page, or what a screen reader would have trouble with."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.ids: list[str] = []
        self.suggesting: list[str] = []
        self.feed(page)
        self.found += [f"id {each} twice" for each in set(self.ids) if self.ids.count(each) > 1]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "style" or (tag == "script" and "src" not in given):
            self.found.append(f"inline <{tag}>")
        self.found += [f"<{tag} {name}>" for name in given if name == "style" or name.startswith("on")]
        self.found += [f"<{tag} {name}>" for name in given if name.startswith(("hx-on", "data-hx-on"))]
        address = given.get(LOADS.get(tag, ""), "") or ""
        if "//" in address or address.startswith("data:"):
            self.found.append(f"<{tag}> loads {address}")
        if given.get("href", "") and str(given["href"]).startswith("javascript:"):
            self.found.append(f"<{tag}> runs {given['href']}")
        if tag == "input" and given.get("type", "text") in TYPED and not given.get("autocomplete"):
            self.suggesting.append(str(given.get("name")))
        self.ids += [given["id"]] if given.get("id") else []  # type: ignore[list-item]


def offences(answer: Any) -> list[str]:
    """What is wrong with an answer that is a page; nothing when it is none."""
    found = []
    if set(answer.headers["Content-Security-Policy"].split("; ")) != POLICY:
        found.append(answer.headers["Content-Security-Policy"])
    if answer.headers.get("Content-Type", "").startswith("text/html"):
        found += Offences(answer.content.decode()).found
    return found


@pytest.fixture
def known(operative: User, root: User) -> dict[str, Any]:
    """A little of everything, and something for every parameter of an address."""
    work_id = ""
    for stage in Stage:
        if stage is not Stage.NONE:
            work_id = str(factories.work_at(stage, operative.operative_id))
    return {
        "operative_id": operative.operative_id,
        "work_id": work_id,
        "site_id": factories.acquire(),
        "order_id": factories.place_order(),
        "buyer_id": factories.verify_buyer(factories.place_order()),
        "product_id": factories.create_product(),
        "parked_id": 1,
        **webhook_in_use(),
        "role_id": Role.objects.create(name="Night shift").pk,
        "user_id": operative.pk,
        "token_id": tokens.make("Warehouse", [], root)[0].pk,
    }


@pytest.mark.parametrize("route", own_routes(), ids=lambda route: route.name)
def test_a_page_has_nothing_inline(route: Any, known: dict[str, Any], operative: User, root: User) -> None:
    address = route.address(known)
    for browser in (browser_of(root), browser_of(operative), Client()):
        for headers in ({}, {"HX-Request": "true"}):
            assert offences(browser.get(address, headers=headers)) == []
        assert offences(browser.post(address)) == []


@pytest.mark.parametrize("route", own_routes(), ids=lambda route: route.name)
def test_no_field_suggests_what_was_typed_before(route: Any, known: dict[str, Any], root: User) -> None:
    """On a shared computer the browser would show former callers to the next person."""
    answer = browser_of(root).get(route.address(known))
    if answer.headers.get("Content-Type", "").startswith("text/html"):
        assert Offences(answer.content.decode()).suggesting == []


@pytest.mark.parametrize("page", ADMIN_PAGES)
def test_a_page_of_the_admin_has_nothing_inline(page: str, known: dict[str, Any], root: User) -> None:
    assert offences(browser_of(root).get(reverse(f"admin:{page}"))) == []


def test_a_row_of_the_admin_has_nothing_inline(known: dict[str, Any], root: User) -> None:
    address = reverse("admin:readmodels_workrow_change", args=[known["work_id"]])
    assert offences(browser_of(root).get(address)) == []


def test_a_page_that_is_not_there_has_nothing_inline(client: Client, root: User) -> None:
    for browser in (client, browser_of(root)):
        answer = browser.get("/nowhere/")
        assert answer.status_code == 404
        assert offences(answer) == []


@pytest.mark.parametrize(
    "inline",
    [
        "<script>1</script>",
        "<style>p{}</style>",
        '<p style="color:red">',
        '<p onclick="x()">',
        '<p hx-on:click="x()">',
        '<script src="https://cdn.example/x.js"></script>',
        '<a href="javascript:x()">',
        '<p id="a"></p><p id="a"></p>',
    ],
)
def test_what_is_inline_would_be_found(inline: str) -> None:
    assert Offences(inline).found
