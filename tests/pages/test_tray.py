"""The tray of Control's board: waiting work is searched, filtered, sorted and paged with parameters of its
own."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from readmodels.queries.tray import TRAY, WHOLE
from support.events import AbandonReason
from tests import factories
from tests.pages.page_requests import FRAGMENT, press, text_of


@pytest.fixture
def waiting(db: None) -> dict[str, UUID]:
    """Three jobs at two towns, one of them given back by Ada, and the names of these things."""
    ada = factories.hire("Ada", "Lovelace")
    scarborough = factories.acquire("4 Cliff Lane", "Scarborough")
    now = timezone.now()
    boiler = factories.raise_work("Boiler out", at=now - timedelta(days=2))
    lift = factories.raise_work("Lift stuck", site_ids=[scarborough], at=now - timedelta(hours=2))
    factories.raise_work("Window broken", site_ids=[scarborough], at=now - timedelta(minutes=2))
    factories.assign(lift, ada)
    factories.abandon(lift, AbandonReason.NO_ACCESS)
    return {"ada": ada, "boiler": boiler, "lift": lift}


def board_of(browser: Client, **asked: str) -> Any:
    return browser.get("/control/", asked).context["board"]


def tray_of(browser: Client, **asked: str) -> list[str]:
    """The titles in the tray."""
    return [job.work.title for job in board_of(browser, **asked).tray.rows]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"tray_q": "cliff"}, ["Lift stuck", "Window broken"]),
        ({"tray_q": "boiler"}, ["Boiler out"]),
        ({"tray_stage": "abandoned"}, ["Lift stuck"]),
        ({"tray_stage": "raised"}, ["Boiler out", "Window broken"]),
        ({"tray_town": "Scarborough"}, ["Lift stuck", "Window broken"]),
        ({"tray_age": "1h"}, ["Boiler out", "Lift stuck"]),
        ({"tray_age": "1d"}, ["Boiler out"]),
        ({"tray_age": "3d"}, []),
        ({"tray_sort": "newest"}, ["Window broken", "Lift stuck", "Boiler out"]),
        ({"tray_q": "cliff", "tray_sort": "newest"}, ["Window broken", "Lift stuck"]),
        # What cannot be understood is left out; the parameters of the lanes affect only the lanes.
        (
            {"tray_age": "x", "tray_sort": "x", "tray_after": "x"},
            ["Boiler out", "Lift stuck", "Window broken"],
        ),
        ({"q": "nobody", "state": "late"}, ["Boiler out", "Lift stuck", "Window broken"]),
    ],
)
def test_the_tray_is_searched_filtered_and_sorted(
    control_client: Client, waiting: dict[str, UUID], asked: dict[str, str], found: list[str]
) -> None:
    assert tray_of(control_client, **asked) == found


def test_the_tray_is_filtered_by_who_gave_the_work_back(
    control_client: Client, waiting: dict[str, UUID]
) -> None:
    factories.release(waiting["ada"])
    page = control_client.get("/control/", {"tray_by": str(waiting["ada"])})
    assert [job.work.title for job in page.context["board"].tray.rows] == ["Lift stuck"]
    assert "1 of 3" in text_of(page)
    assert f'<option value="{waiting["ada"]}" selected>Ada Lovelace (1)</option>' in page.content.decode()


def test_filters_say_how_much_there_is(control_client: Client, waiting: dict[str, UUID]) -> None:
    both = [factories.acquire(town=town) for town in ("Scarborough", "Whitby")]
    factories.raise_work("Two towns", site_ids=both)
    words = text_of(control_client.get("/control/"))
    assert "Scarborough (3) Whitby (2)" in words
    assert "Raised (3) Given back (1)" in words
    assert "Ada Lovelace (1)" in words


def test_what_is_narrowed_to_is_what_the_next_press_assigns(
    control_client: Client, waiting: dict[str, UUID]
) -> None:
    asked = {"tray_town": "Scarborough", "tray_sort": "newest"}
    assert board_of(control_client, **asked).chosen.work.title == "Window broken"
    page = press(control_client, "assign", waiting["lift"], operative_id=waiting["ada"], **asked)
    assert page.redirect_chain == [("/control/?tray_town=Scarborough&tray_sort=newest", 302)]
    assert "Nothing like that waits Show all 2" in text_of(
        control_client.get("/control/", {"tray_stage": "abandoned"})
    )


def test_the_next_page_goes_on_where_this_one_ended_also_when_that_job_is_assigned(
    control_client: Client,
) -> None:
    ada = factories.hire()
    jobs = [factories.raise_work(f"Fault {n}", at=factories.noon(1, n)) for n in range(TRAY + 4)]
    for order, last, rest in (
        ("", jobs[TRAY - 1], [f"Fault {n}" for n in range(TRAY, TRAY + 4)]),
        ("newest", jobs[4], ["Fault 3", "Fault 2", "Fault 1", "Fault 0"]),
    ):
        page = board_of(control_client, tray_sort=order).tray
        assert page.rows[-1].work.pk == last
        factories.assign(last, ada)
        assert tray_of(control_client, tray_sort=order, tray_after=page.after) == rest
        factories.abandon(last)


def test_what_was_announced_is_shown_first_and_marked_wherever_the_tray_stands(
    control_client: Client,
) -> None:
    for n in range(TRAY + 1):
        factories.raise_work(f"Fault {n}", at=factories.noon(1, n))
    position = board_of(control_client).position
    new = factories.raise_work("Gas smell")
    here = {"HX-Current-URL": "http://testserver/control/?tray_q=fault"}
    answer = control_client.get("/control/", {"news": position}, headers={**FRAGMENT, **here})
    assert text_of(answer) == "1 new Show"
    address = answer.content.decode().split('href="')[1].split('"')[0].replace("&amp;", "&")
    page = control_client.get(address)
    board = page.context["board"]
    assert [job.work.pk for job in board.pinned] == [new]
    assert "Gas smell" not in [job.work.title for job in board.tray.rows]
    assert "New, shown first Put in order just now" in text_of(page)
    assert board.chosen.work.title == "Fault 0"
    factories.assign(new, factories.hire())
    assert "What was new waits no more" in text_of(control_client.get(address))


def test_all_that_waits_keeps_its_order_and_can_be_acted_on(control_client: Client) -> None:
    ada = factories.hire("Ada", "Lovelace")
    jobs = [factories.raise_work(f"Fault {n}", at=factories.noon(1, n)) for n in range(WHOLE + 1)]
    board = board_of(control_client, lanes="none")
    assert [job.work.pk for job in board.tray.rows] == jobs[:WHOLE]
    assert not board.lanes.rows
    page = press(control_client, "assign", jobs[0], operative_id=ada, lanes="none")
    assert page.redirect_chain == [("/control/?lanes=none", 302)]
    assert [job.work.pk for job in page.context["board"].tray.rows] == jobs[1:]


def test_the_home_page_leads_to_what_can_be_acted_on(control_client: Client) -> None:
    factories.raise_work()
    assert b'href="/control/?lanes=none" aria-label="1 waiting"' in control_client.get("/").content


def test_the_tray_costs_the_same_number_of_queries_however_it_is_narrowed(
    control_client: Client, waiting: dict[str, UUID], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    asked = {"tray_town": "Scarborough", "tray_by": str(waiting["ada"]), "tray_new": "1.2.3"}
    with django_assert_max_num_queries(10):
        control_client.get("/control/", {**asked, "work": str(waiting["lift"]), "tray_sort": "newest"})
