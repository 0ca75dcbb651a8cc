"""Every aggregate as it was at a version or at a moment, in the same shape as now."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from eventstore.models import Checkpoint
from support.work import Stage
from tests import factories
from tests.api.calls import ask, faults_of, problem_of
from tests.conftest import browser_of
from tests.factories import noon

pytestmark = pytest.mark.django_db

NOW_ALONE = {"open_jobs", "state"}
"""The fields that other streams supply: for the past they are left out."""


@pytest.fixture
def browser(root: User) -> Client:
    """Somebody who may see everything."""
    return browser_of(root)


def a_job() -> str:
    """Completed, with everything that a job can have."""
    job = factories.raise_work(at=noon(1))
    for day in (2, 3):
        factories.assign(job, factories.hire(), at=noon(day))
        factories.set_out(job, at=noon(day, 1), estimated_arrival=noon(day, 30))
        if day == 2:
            factories.abandon(job, at=noon(day, 2))
    factories.arrive(job, at=noon(3, 3))
    factories.complete(job, "New pump", at=noon(3, 4))
    return f"/work/{job}"


def an_operative() -> str:
    ada = factories.hire(at=noon(1))
    factories.rename(ada, "Ada", "Byron", at=noon(2))
    factories.release(ada, at=noon(3))
    return f"/operatives/{ada}"


def a_site() -> str:
    site = factories.acquire(at=noon(1))
    factories.correct(site, "The New Mill", at=noon(2))
    factories.relinquish(site, at=noon(3))
    return f"/sites/{site}"


def a_product() -> str:
    product = factories.create_product(at=noon(1))
    factories.reprice(product, "9.00", at=noon(2))
    factories.reserve(product, 3, at=noon(2, 1))
    factories.restock(product, at=noon(2, 2))
    factories.withdraw(product, at=noon(3))
    return f"/products/{product}"


def an_order() -> str:
    return f"/orders/{shipped()}"


def a_buyer() -> str:
    shipped()
    again = factories.place_order(card=factories.MASTERCARD, at=noon(3))
    return f"/buyers/{factories.verify_buyer(again, at=noon(3))}"


def shipped() -> UUID:
    order = factories.place_order(
        {factories.create_product(): 2, factories.create_product("Lamp"): 1}, at=noon(1)
    )
    factories.verify_buyer(order, at=noon(1, 1))
    factories.await_validation(order, at=noon(1, 2))
    factories.ask_stock(order, at=noon(1, 3))
    factories.pay_order(order, at=noon(1, 4))
    factories.ship_order(order, at=noon(2))
    return order


SCENES = [a_job, an_operative, a_site, a_product, an_order, a_buyer]
Scene = Callable[[], str]


def state(browser: Client, path: str, **then: Any) -> Any:
    """What is shown for these parameters."""
    asked = "&".join(f"{name}={str(value).replace('+', '%2B')}" for name, value in then.items())
    answer = ask(browser, f"{path}?{asked}" if asked else path)
    assert answer.status_code == 200, answer.content
    return answer.json()


def version_of(browser: Client, path: str) -> int:
    """The version that its tag begins with."""
    return int(ask(browser, path).headers["ETag"].strip('"').partition("-")[0])


@pytest.mark.parametrize("scene", SCENES)
def test_at_its_last_version_everything_is_as_it_is_now(scene: Scene, browser: Client) -> None:
    path = scene()
    now = {name: each for name, each in state(browser, path).items() if name not in NOW_ALONE}
    assert state(browser, path, version=version_of(browser, path)) == now
    assert state(browser, path, at=noon(300).isoformat()) == now


@pytest.mark.parametrize("scene", SCENES)
def test_every_version_is_in_the_same_shape(scene: Scene, browser: Client) -> None:
    path = scene()
    now = set(state(browser, path)) - NOW_ALONE
    states = [state(browser, path, version=each) for each in range(version_of(browser, path) + 1)]
    assert all(set(each) == now for each in states)
    assert states[0] != states[-1]


def test_a_version_is_what_was_shown_then(browser: Client) -> None:
    job = factories.raise_work()
    shown = [state(browser, f"/work/{job}")]
    steps: list[Callable[[], object]] = [
        lambda: factories.assign(job, factories.hire()),
        lambda: factories.set_out(job, estimated_arrival=timezone.now() + timedelta(hours=1)),
        lambda: factories.arrive(job),
        lambda: factories.abandon(job),
        lambda: factories.undo(job),
        lambda: factories.complete(job, "New pump"),
    ]
    for step in steps:
        step()
        shown.append(state(browser, f"/work/{job}"))
    assert [state(browser, f"/work/{job}", version=each) for each in range(7)] == shown


@pytest.mark.parametrize(
    ("moment", "stage"),
    [
        ("2026-03-01T12:00:00Z", "raised"),
        ("2026-03-02T11:59:59.999999Z", "raised"),
        ("2026-03-02T12:00:00Z", "assigned"),
        ("2026-03-02T13:00:30+01:00", "assigned"),
        ("2026-03-02T12:01:00Z", "dispatched"),
        ("2026-03-02t13:02:00+01:00", "abandoned"),
        ("2026-03-03T12:03:00Z", "arrived"),
        ("2199-01-01T00:00:00Z", "completed"),
    ],
)
def test_at_a_moment_all_counts_that_had_happened(moment: str, stage: str, browser: Client) -> None:
    assert state(browser, a_job(), at=moment)["stage"] == stage


def test_before_it_began_there_was_nothing(browser: Client) -> None:
    path = a_site()
    before = (noon(1) - timedelta(microseconds=1)).isoformat().replace("+", "%2B")
    told = problem_of(ask(browser, f"{path}?at={before}"), 404)["detail"]
    assert told == "It was not there yet: it began at 2026-03-01T12:00:00+00:00"


def test_a_version_that_has_not_come_yet(browser: Client) -> None:
    told = problem_of(ask(browser, f"{a_site()}?version=3"), 404)["detail"]
    assert told == "It has no version 3 yet; the last is 2"


@pytest.mark.parametrize("path", ["work", "operatives", "sites", "products", "orders", "buyers"])
def test_what_never_was_is_not_found_at_any_moment(path: str, browser: Client) -> None:
    for asked in ("version=0", "at=2026-03-01T12:00:00Z"):
        problem_of(ask(browser, f"/{path}/{uuid4()}?{asked}"), 404)


@pytest.mark.parametrize(
    ("asked", "fields"),
    [
        ("at=2026-03-01T12:00:00Z&version=1", {""}),
        ("at=yesterday", {"at"}),
        ("at=2026-03-01T12:00:00", {"at"}),
        ("at=2026-03-01", {"at"}),
        ("at=", {"at"}),
        ("at=1772366400", {"at"}),
        ("at=9999-12-31T23:59:59-12:00", {"at"}),
        ("at=%00", {"at"}),
        ("version=-1", {"version"}),
        ("version=last", {"version"}),
        ("version=" + "9" * 30, {"version"}),
    ],
)
def test_a_text_that_is_no_moment_is_refused(asked: str, fields: set[str], browser: Client) -> None:
    assert set(faults_of(ask(browser, f"{a_site()}?{asked}"))) == fields


@pytest.mark.parametrize("scene", SCENES)
def test_a_version_may_be_kept_and_a_moment_asked_for_again(scene: Scene, browser: Client) -> None:
    path = scene()
    kept = ask(browser, f"{path}?version=1")
    assert kept.headers["Cache-Control"] == "private, max-age=3600"
    assert kept.headers["ETag"].startswith('"1-')
    assert {"Authorization", "Cookie"} <= set(kept.headers["Vary"].split(", "))
    moment = ask(browser, f"{path}?at=2026-03-01T13:00:00Z")
    assert moment.headers["Cache-Control"] == "private, no-cache"
    for asked, answer in ((f"{path}?version=1", kept), (f"{path}?at=2026-03-01T13:00:00Z", moment)):
        tag = answer.headers["ETag"]
        again = ask(browser, asked, If_None_Match=tag)
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)


def test_what_happens_later_leaves_the_tag_of_a_version_alone(browser: Client) -> None:
    ada = factories.hire()
    job = factories.work_at(Stage.ASSIGNED, ada)
    before = ask(browser, f"/work/{job}?version=1").headers["ETag"]
    factories.complete(job)
    assert ask(browser, f"/work/{job}?version=1").headers["ETag"] == before


def test_the_past_is_open_to_the_same_people_as_the_present(stranger_client: Client) -> None:
    for scene in (an_operative, a_site, a_product):
        problem_of(ask(stranger_client, f"{scene()}?version=0"), 403)


def test_what_no_read_model_has_taken_in_is_asked_for_again(browser: Client) -> None:
    """It has no number yet, and its sites are not known."""
    path = a_job()
    Checkpoint.objects.filter(name="work").update(position=0)
    problem_of(ask(browser, f"{path}?version=0"), 503)
    problem_of(ask(browser, f"{path}/history"), 503)
