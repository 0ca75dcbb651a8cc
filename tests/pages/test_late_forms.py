"""Forms that come too late: nothing typed is lost, nothing is sent by itself, nobody reads what another
typed."""

import json
import re
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.test import Client

from accounts.models import User
from accounts.session_life import PRESSED_AT
from readmodels.models import OrderRow, WorkRow
from support.work import Stage
from tests import factories
from tests.conftest import browser_of, person
from tests.pages.order_form import CODE, NEW, VISA, filled
from tests.pages.page_requests import FRAGMENT, text_of
from tests.pages.routes import own_routes
from tests.pages.test_routes import BUTTONS, FOR, known, people  # noqa: F401  fixtures

pytestmark = pytest.mark.django_db
HERE = "http://testserver"
OURS = {"Origin": HERE}
LONG = "Water comes through <the> ceiling & it's “cold”.\n" * 16
SIGNED_OUT, TOO_OLD = "You had been signed out", "You have signed in since this page was opened"


def strict(user: User | None = None) -> Client:
    """A browser of which forms are checked as in production."""
    browser = Client(enforce_csrf_checks=True)
    if user is not None:
        browser.force_login(user)
    return browser


def hidden(page: Any, name: str) -> str:
    """The value of the page's first hidden field with this name."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page.content.decode())
    assert found, f"no {name} on the page"
    return unescape(found[1])


def begun(browser: Client, address: str, **typed: Any) -> dict[str, Any]:
    """The form on a page, as somebody has filled it in."""
    page = browser.get(address)
    names = ("csrfmiddlewaretoken", "typed_by")
    return {"command_id": str(uuid4()), **{name: hidden(page, name) for name in names}, **typed}


def end_session(browser: Client) -> None:
    """As after fourteen days, or a sign-out in another tab: the cookie is there, the session is not."""
    Session.objects.all().delete()


def sign_in_on(browser: Client, page: Any, username: str, address: str) -> Any:
    """Fill in the sign-in on the page."""
    fields = {name: hidden(page, name) for name in ("csrfmiddlewaretoken", "typed")}
    return browser.post(address, {**fields, "username": username, "password": "demo"}, headers=OURS)


@pytest.fixture
def call(response: User) -> tuple[Client, dict[str, Any]]:
    """A browser in which a call has been typed in."""
    browser, site_id = strict(response), factories.acquire()
    return browser, begun(browser, "/response/", title="Ceiling", description=LONG, sites=[str(site_id)])


# --- After the session has ended -----------------------------------------------------------------


def test_after_sign_in_the_form_stands_as_it_was_typed(call: tuple[Client, dict[str, Any]]) -> None:
    browser, form = call
    end_session(browser)
    page = browser.post("/response/", form, headers=OURS)
    assert page.status_code == 422
    assert "You have been signed out" in text_of(page)
    assert "no-store" in page.headers["Cache-Control"]
    assert not Session.objects.exists()
    stands = sign_in_on(browser, page, "response", "/response/")
    assert SIGNED_OUT in text_of(stands)
    assert not WorkRow.objects.exists()
    shown = stands.content.decode()
    assert hidden(stands, "command_id") == form["command_id"]
    assert 'value="Ceiling"' in shown
    assert LONG.strip() in unescape(shown)
    assert f'value="{form["sites"][0]}" checked' in shown
    assert 'aria-invalid="true"' not in shown

    again = {**form, "csrfmiddlewaretoken": hidden(stands, "csrfmiddlewaretoken")}
    assert browser.post("/response/", again, headers=OURS).status_code == 302
    assert WorkRow.objects.get().description == LONG.strip()
    assert str(WorkRow.objects.get().pk) == form["command_id"]


def test_a_wrong_password_keeps_it(call: tuple[Client, dict[str, Any]]) -> None:
    browser, form = call
    end_session(browser)
    page = browser.post("/response/", form, headers=OURS)
    fields = {name: hidden(page, name) for name in ("csrfmiddlewaretoken", "typed")}
    page = browser.post("/response/", {**fields, "username": "response", "password": "no"}, headers=OURS)
    assert page.status_code == 422
    assert "The username or the password is wrong" in text_of(page)
    assert LONG in dict(json.loads(hidden(page, "typed")))["description"]
    assert SIGNED_OUT in text_of(sign_in_on(browser, page, "response", "/response/"))


@pytest.mark.parametrize("role", ["Response", "Operative"])
def test_it_goes_back_to_nobody_else(role: str, call: tuple[Client, dict[str, Any]]) -> None:
    """Whether or not they may open the page themselves."""
    browser, form = call
    person("colleague", role)
    end_session(browser)
    page = browser.post("/response/", form, headers=OURS)
    answer = sign_in_on(browser, page, "colleague", "/response/")
    assert (answer.status_code, answer.url) == (302, "/")
    page = browser.get("/")
    assert "somebody else typed it" in text_of(page)
    assert "Ceiling" not in page.content.decode()


@pytest.mark.parametrize("mark", ["", "1", "1:forged"])
def test_what_nobody_has_signed_is_carried_nowhere(mark: str, call: tuple[Client, dict[str, Any]]) -> None:
    browser, form = call
    end_session(browser)
    answer: Any = browser.post("/response/", {**form, "typed_by": mark}, headers=OURS)
    assert (answer.status_code, answer.url) == (302, "/sign-in/?next=/")


def test_htmx_is_told_to_send_the_form_as_a_page(call: tuple[Client, dict[str, Any]]) -> None:
    browser, form = call
    end_session(browser)
    answer = browser.post("/response/", form, headers={**OURS, **FRAGMENT})
    assert (answer.status_code, answer.headers["Callout-Send"]) == (401, "plainly")
    search = browser.get("/response/?q=harbour", headers=FRAGMENT)
    assert (search.status_code, search.has_header("Callout-Send")) == (401, False)
    for each in (answer, search):
        assert text_of(each).startswith("You have been signed out")


# --- After signing in again in another tab --------------------------------------------------------


def test_a_token_of_before_the_last_sign_in(call: tuple[Client, dict[str, Any]], response: User) -> None:
    browser, form = call
    sign_in_again(browser)
    stands = browser.post("/response/", form, headers=OURS)
    assert TOO_OLD in text_of(stands)
    assert LONG.strip() in unescape(stands.content.decode())
    assert hidden(stands, "command_id") == form["command_id"]
    assert not WorkRow.objects.exists()
    again = {**form, "csrfmiddlewaretoken": hidden(stands, "csrfmiddlewaretoken")}
    assert browser.post("/response/", again, headers=OURS).status_code == 302
    assert WorkRow.objects.count() == 1


def sign_in_again(browser: Client) -> None:
    """In another tab, after the session had ended."""
    end_session(browser)
    token = hidden(browser.get("/sign-in/"), "csrfmiddlewaretoken")
    fields = {"csrfmiddlewaretoken": token, "username": "response", "password": "demo"}
    assert browser.post("/sign-in/", fields).status_code == 302


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "null"},
        {"Origin": "https://evil.example"},
        {"Referer": "https://evil.example/response/"},
    ],
)
def test_only_a_page_of_ours_gets_it_back(
    headers: dict[str, str], call: tuple[Client, dict[str, Any]]
) -> None:
    browser, form = call
    sign_in_again(browser)
    answer = browser.post("/response/", form, headers=headers)
    assert answer.status_code == 403
    assert "could not be trusted" in text_of(answer)
    assert "Ceiling" not in answer.content.decode()
    assert not WorkRow.objects.exists()


def test_the_referer_says_so_too(call: tuple[Client, dict[str, Any]]) -> None:
    browser, form = call
    sign_in_again(browser)
    assert TOO_OLD in text_of(browser.post("/response/", form, headers={"Referer": f"{HERE}/response/"}))


def test_nobody_is_signed_in_by_a_form_of_another_site(call: tuple[Client, dict[str, Any]]) -> None:
    browser, form = call
    end_session(browser)
    page = browser.post("/response/", form, headers=OURS)
    fields = {"typed": hidden(page, "typed"), "username": "response", "password": "demo"}
    for headers in (OURS, {"Origin": "https://evil.example"}):
        browser.post("/response/", {**fields, "csrfmiddlewaretoken": "x" * 64}, headers=headers)
        assert "_auth_user_id" not in browser.session


def test_a_part_of_a_page_of_before_the_last_sign_in(call: tuple[Client, dict[str, Any]]) -> None:
    """A request that a page makes with its token, such as a search, leaves the page as it is and says how
    to continue."""
    browser, form = call
    sign_in_again(browser)
    search = {"csrfmiddlewaretoken": form["csrfmiddlewaretoken"], "find": "yes", "q": "harbour"}
    answer = browser.post(NEW, search, headers={**OURS, **FRAGMENT})
    assert (answer.status_code, answer.has_header("Callout-Send")) == (401, False)
    assert TOO_OLD in text_of(answer)
    elsewhere = browser.post(NEW, search, headers={"Origin": "https://evil.example", **FRAGMENT})
    assert (elsewhere.status_code, TOO_OLD in text_of(elsewhere)) == (403, False)


# --- Every form that there is ----------------------------------------------------------------------


def everything() -> dict[str, list[Any]]:
    """Every row of ours, to see that none has changed."""
    ours = [model for model in apps.get_models() if model._meta.app_label not in {"sessions", "axes"}]
    return {model._meta.label: sorted(map(repr, model._default_manager.values_list())) for model in ours}


def stands_at(page: Any) -> str:
    """The address at which the page says that its form can be asked for."""
    found = re.search(r'<meta name="stands-at" content="([^"]+)">', page.content.decode())
    assert found
    return unescape(found[1])


@pytest.mark.parametrize("name", sorted(name for name in FOR if None not in FOR[name]))
def test_no_form_is_done_by_itself(
    name: str,
    people: dict[str, User],  # noqa: F811
    known: dict[str, Any],  # noqa: F811
) -> None:
    """Neither with a token of before, nor after signing in; and each that has fields says so, on a page that
    can be loaded again."""
    route = {each.name: each for each in own_routes()}[name]
    address, root = route.address(known), people["root"]
    browser = strict(root)
    if browser.post(address, headers=OURS).status_code == 405:
        return
    fields = begun(browser, "/response/", **FIELDS)
    before = everything()
    for token in (fields["csrfmiddlewaretoken"], "x" * 64):
        answer = browser.post(address, {**fields, "typed": "[]", "csrfmiddlewaretoken": token}, headers=OURS)
        assert answer.status_code < 500
    stale = browser.post(address, {**fields, "csrfmiddlewaretoken": "x" * 64}, headers=OURS, follow=True)
    assert TOO_OLD in text_of(stale)
    end_session(browser)
    page = browser.post(address, fields, headers=OURS)
    assert "correct horse" not in page.content.decode()
    stands = sign_in_on(browser, page, "root", address)
    if stands.status_code == 302:
        stands = browser.get(stands.url)
    elif stands.status_code in (200, 422):
        assert browser.get(stands_at(stands)).status_code == 200
    assert SIGNED_OUT in text_of(stands)
    assert "Could not complete action" not in text_of(stands)
    after = everything()
    for each in (before, after):
        del each["accounts.User"]  # says when somebody signed in
    assert after == before
    assert str(root.pk) in browser.session["_auth_user_id"]
    assert name in BUTTONS or "press again" not in text_of(stands)


FIELDS = {
    "attempts": "1",
    "enabled": "no",
    "active": "no",
    "name": "Night",
    "password": "correct horse",
    "url": "https://receiver.example/",
    "types": "work.raised",
    "forename": "Ada",
    "surname": "Byron",
    "reason": "other",
    "note": "Nobody in",
    "title": "Lift",
    "description": "Stuck",
    "price": "12.50",
    "quantity": "3",
}


def test_what_was_done_stands_in_its_own_form(operative: User) -> None:
    browser = strict(operative)
    work_id = factories.work_at(Stage.ARRIVED, operative.operative_id)
    form = begun(browser, f"/operatives/{operative.operative_id}/", outcome="New fuse,\nand a bulb")
    end_session(browser)
    address = f"/work/{work_id}/complete/"
    stands = sign_in_on(browser, browser.post(address, form, headers=OURS), "operative", address)
    assert "New fuse,\nand a bulb</textarea>" in stands.content.decode()
    assert form["command_id"] in stands.content.decode()


# --- What is carried nowhere -----------------------------------------------------------------------


@pytest.fixture
def order(control: User) -> tuple[Client, dict[str, Any]]:
    browser = strict(control)
    belt = factories.create_product("Fan belt", "12.50")
    return browser, begun(browser, NEW, **filled(belt, town=f"Whitby {VISA}"))


def test_a_card_is_typed_again(order: tuple[Client, dict[str, Any]]) -> None:
    browser, form = order
    end_session(browser)
    page = browser.post(NEW, form, headers=OURS)
    assert "Card number and Security code must be typed again" in text_of(page)
    stands = sign_in_on(browser, page, "control", NEW)
    assert hidden(stands, "command_id") == form["command_id"]
    assert 'value="Grace Hopper"' in stands.content.decode()
    for each in (page, stands):
        assert VISA not in each.content.decode()
        assert CODE not in re.sub(
            r'(typed_by|csrf\w+|command_id)" value="[^"]*"|_by&quot;,&quot;[^&]*', "", each.content.decode()
        )
    assert not OrderRow.objects.exists()


# --- How long a session lasts ------------------------------------------------------------------------


def stored_session() -> Session:
    return Session.objects.get()


@pytest.fixture
def two_hours_later(response: User) -> Client:
    """A browser in which nobody has pressed anything for two hours."""
    browser = browser_of(response)
    session = browser.session
    session[PRESSED_AT] -= 7_200
    session.save()
    stored = stored_session()
    stored.expire_date = stored.expire_date.replace(microsecond=7)
    stored.save()
    return browser


def is_written() -> bool:
    """Whether the session was written since."""
    return stored_session().expire_date.microsecond != 7


def test_a_press_prolongs_the_session(two_hours_later: Client) -> None:
    answer = two_hours_later.get("/response/")
    assert answer.cookies["sessionid"]["max-age"] == 14 * 24 * 3600
    assert is_written()
    assert "sessionid" not in two_hours_later.get("/response/").cookies  # at most once an hour


@pytest.mark.parametrize(
    ("address", "headers"),
    [
        ("/work/?news=0", FRAGMENT),
        ("/work/", {**FRAGMENT, "HX-Trigger": "own-change"}),
        ("/work/", {**FRAGMENT, "HX-Trigger": "itself"}),
        ("/live/?topics=work", {"Accept": "text/event-stream"}),
        ("/work/", {"Referer": f"{HERE}/work/"}),
    ],
)
def test_what_a_page_asks_by_itself_does_not(
    address: str, headers: dict[str, str], two_hours_later: Client
) -> None:
    assert "sessionid" not in two_hours_later.get(address, headers=headers).cookies
    assert not is_written()
