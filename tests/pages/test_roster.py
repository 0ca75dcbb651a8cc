"""The roster: who there is, and what each is doing."""

from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from operatives.views.roster import PAGE
from support.work import Stage
from tests import factories
from tests.pages.page_requests import FRAGMENT, text_of


def names(page: Any) -> list[str]:
    return [str(member.operative) for member, _ in page.context["page"].rows]


def test_each_operative_with_state_job_queue_and_day(control_client: Client) -> None:
    ada = factories.hire("Ada", "Lovelace")
    factories.work_at(Stage.ARRIVED, ada, title="Lift stuck")
    factories.work_at(Stage.ASSIGNED, ada)
    factories.work_at(Stage.COMPLETED, ada)
    factories.hire("Ben", "Zander")
    page = control_client.get("/operatives/")
    words = text_of(page)
    assert "Ada Lovelace On site 1 Lift stuck 1 Harbour Street, Whitby 2 1 of 3 done today" in words
    assert "Ben Zander Free None 0 0 of 0 done today" in words
    assert f'href="/operatives/{ada}/"'.encode() in page.content


def test_the_released_are_shown_only_when_asked_for(control_client: Client) -> None:
    factories.hire("Ada", "Lovelace")
    factories.release(factories.hire("Peter", "Quill"))
    assert names(control_client.get("/operatives/")) == ["Ada Lovelace"]
    assert names(control_client.get("/operatives/?state=released")) == ["Peter Quill"]
    assert names(control_client.get("/operatives/?state=released&q=ada")) == []


def test_somebody_who_left_with_open_work_is_shown_with_it(control_client: Client) -> None:
    peter = factories.hire("Peter", "Quill")
    factories.work_at(Stage.ASSIGNED, peter, title="Lift stuck")
    factories.release(peter)
    assert names(control_client.get("/operatives/")) == []
    words = text_of(control_client.get("/operatives/?state=released"))
    assert "Released just now 1 Lift stuck 1 Harbour Street, Whitby 1 0 of 1 done today" in words


def test_found_by_name_and_state(control_client: Client) -> None:
    factories.work_at(Stage.DISPATCHED, factories.hire("Ada", "Lovelace"))
    factories.hire("Ben", "Zander")
    assert names(control_client.get("/operatives/?q=zan")) == ["Ben Zander"]
    assert names(control_client.get("/operatives/?state=dispatched")) == ["Ada Lovelace"]
    assert "No operative like that" in text_of(control_client.get("/operatives/?q=nobody"))


def test_a_long_roster_is_paged(control_client: Client) -> None:
    for number in range(PAGE + 1):
        factories.hire("Ada", f"Number {number:03}")
    first = control_client.get("/operatives/")
    assert len(names(first)) == PAGE
    rest = control_client.get("/operatives/", {"after": first.context["page"].after})
    assert names(rest) == [f"Ada Number {PAGE:03}"]


def test_an_empty_roster_says_what_to_do(control_client: Client) -> None:
    assert "Nobody is employed yet Administration hires operatives." in text_of(
        control_client.get("/operatives/")
    )


def test_page_and_fragment(control_client: Client) -> None:
    assert "<html" in control_client.get("/operatives/").content.decode()
    fragment = control_client.get("/operatives/", headers=FRAGMENT).content.decode()
    assert fragment.lstrip().startswith('<div id="roster"')
    assert "<html" not in fragment


def test_an_operative_is_led_to_their_own_page_alone(operative: User, operative_client: Client) -> None:
    ada = factories.hire("Ada", "Lovelace")
    html = operative_client.get("/operatives/").content.decode()
    assert html.count(f'href="/operatives/{operative.operative_id}/"') == 2  # "My work" and the row
    assert str(ada) not in html.replace(f'"{ada}"', "")


@pytest.mark.parametrize("who", ["response_client", "administration_client", "stranger_client"])
def test_somebody_who_may_not_is_refused(request: pytest.FixtureRequest, who: str) -> None:
    assert request.getfixturevalue(who).get("/operatives/").status_code == 403


def test_methods(control_client: Client) -> None:
    assert control_client.post("/operatives/").status_code == 405


def test_queries(control_client: Client, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    factories.work_at(Stage.ASSIGNED)
    with django_assert_max_num_queries(10) as few:
        control_client.get("/operatives/")
    for _ in range(5):
        factories.work_at(Stage.ARRIVED)
    with django_assert_max_num_queries(10) as many:
        control_client.get("/operatives/")
    assert len(few) == len(many)
