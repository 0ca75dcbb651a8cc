"""The first page: how much work is at each stage, and what waits for whom; an operative's is their own."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from eventstore.models import Checkpoint
from support.work import Stage
from tests import factories
from tests.pages.page_requests import text_of


def titles(jobs: Any) -> list[str]:
    return [job.work.title for job in jobs]


def held_by(user: User) -> UUID:
    assert user.operative_id is not None
    return user.operative_id


def test_everybody_else_sees_work_by_stage_with_links_to_the_lists(stranger_client: Client) -> None:
    long_ago = factories.raise_work(at=factories.noon(1))
    factories.assign(long_ago, factories.hire(), at=factories.noon(1))
    factories.complete(long_ago, at=factories.noon(1))  # is not of today
    for stage in (Stage.RAISED, Stage.RAISED, Stage.ARRIVED, Stage.COMPLETED, Stage.ABANDONED):
        factories.work_at(stage)
    page = stranger_client.get("/")
    counts = dict(page.context["stages"])
    assert counts == {
        "raised": 2,
        "assigned": 0,
        "dispatched": 0,
        "arrived": 1,
        "completed": 1,
        "abandoned": 1,
    }
    for name, count in counts.items():
        wanted = "today" if name == "completed" else name
        assert f'href="/work/?stage={wanted}"'.encode() in page.content
        listed = stranger_client.get("/work/", {"stage": wanted})
        assert len(listed.context["jobs"]) == count


def test_somebody_who_has_no_role_is_told_kindly(stranger_client: Client) -> None:
    words = text_of(stranger_client.get("/"))
    assert "You have no role yet" in words
    assert "ask Administration for a role" in words


def test_response_sees_what_they_raised_lately(response: User, response_client: Client) -> None:
    now = timezone.now()
    factories.raise_work("Mine", by=response.actor, at=now - timedelta(days=1))
    factories.raise_work("Mine, newer", by=response.actor, at=now - timedelta(hours=1))
    factories.raise_work("Mine, long ago", by=response.actor, at=now - timedelta(days=8))
    factories.raise_work("A colleague's", by="user-0")
    page = response_client.get("/")
    assert titles(page.context["waits"].raised) == ["Mine, newer", "Mine"]
    assert "Take a call" in text_of(page)
    assert "Waiting longest" not in text_of(page)


def test_control_sees_what_waits_longest_and_who_is_late(control_client: Client) -> None:
    factories.raise_work("Newer", at=factories.noon(2))
    factories.raise_work("Oldest", at=factories.noon(1))
    for title, estimate in (
        ("Late", factories.noon(3, 30)),
        ("In time", timezone.now() + timedelta(hours=1)),
    ):
        work_id = factories.raise_work(title, at=factories.noon(3))
        factories.assign(work_id, factories.hire(), at=factories.noon(3))
        factories.set_out(work_id, at=factories.noon(3), estimated_arrival=estimate)
    page = control_client.get("/")
    assert titles(page.context["waits"].oldest) == ["Oldest", "Newer"]
    assert titles(page.context["waits"].late) == ["Late"]
    assert b'aria-label="2 waiting"' in page.content
    assert "You raised lately" not in text_of(page)


def test_control_is_told_when_nothing_waits(control_client: Client) -> None:
    words = text_of(control_client.get("/"))
    assert "There is no Work to assign" in words
    assert "Nobody is late" in words


def test_an_operative_sees_their_current_job_and_then_the_queue(
    operative: User, operative_client: Client, other_operative: User, response: User
) -> None:
    first = factories.raise_work("Second raised", at=factories.noon(2))
    second = factories.raise_work("First raised", at=factories.noon(1))
    for work_id in (first, second):
        factories.assign(work_id, held_by(operative))
    factories.work_at(Stage.ASSIGNED, held_by(other_operative), title="A colleague's")
    operative.roles.add(*response.roles.all())
    page = operative_client.get("/")
    assert titles(page.context["waits"].queue) == ["Second raised", "First raised"]
    assert f'href="/operatives/{operative.operative_id}/"'.encode() in page.content


def test_an_operative_lands_on_their_job(operative: User, operative_client: Client) -> None:
    factories.work_at(Stage.ASSIGNED, held_by(operative))
    page = operative_client.get("/", follow=True)
    assert page.redirect_chain == [(f"/operatives/{operative.operative_id}/", 302)]
    assert "Boiler out" in text_of(page)


def test_an_operative_without_work_is_told_kindly(
    operative: User, operative_client: Client, response: User
) -> None:
    operative.roles.add(*response.roles.all())
    words = text_of(operative_client.get("/"))
    assert "You have no work assigned" in words
    assert "Contact Control to arrange more Work." in words


def test_an_operative_who_is_linked_to_none_is_told_so(operative: User, operative_client: Client) -> None:
    User.objects.filter(pk=operative.pk).update(operative_id=None)
    page = operative_client.get("/")
    assert "Your account is not linked to an operative" in text_of(page)
    assert page.context["stages"] == []


def test_administration_sees_counts_and_who_has_no_role(
    administration_client: Client, stranger: User
) -> None:
    factories.release(factories.hire())
    factories.hire("Peter", "Quill")
    factories.acquire()
    words = text_of(administration_client.get("/"))
    assert "Operatives 1 employed" in words
    assert "Sites 1 active" in words
    assert "Permissions 1 without a role" in words
    assert "Read models all running" in words


def test_administration_sees_which_read_model_stopped(administration_client: Client) -> None:
    factories.acquire()
    Checkpoint.objects.filter(name="work").update(error="WorkRaised at 7: Ada does not fit")
    Checkpoint.objects.filter(name="sites").update(version=0)
    words = text_of(administration_client.get("/"))
    assert "Stopped Read model work cannot go on" in words
    assert "Ada" not in words
    assert "Stopped Read model sites wants a rebuild" in words


@pytest.mark.parametrize("who", ["response", "control", "operative", "administration", "root"])
def test_somebody_who_keeps_programs_has_the_api_in_their_menu(
    who: str, db: None, request: pytest.FixtureRequest
) -> None:
    page = request.getfixturevalue(f"{who}_client").get("/work/")
    assert (b'href="/api/docs"' in page.content) is (who in {"administration", "root"})


def test_nothing_is_changed_here(stranger_client: Client) -> None:
    assert stranger_client.post("/").status_code == 405


@pytest.mark.parametrize("who", ["response", "control", "operative", "administration", "root"])
def test_the_number_of_queries_does_not_grow(who: str, request: pytest.FixtureRequest) -> None:
    user, browser = request.getfixturevalue(who), request.getfixturevalue(f"{who}_client")
    counts = []
    for more in (1, 20):
        for _ in range(more):
            factories.raise_work(by=user.actor)
            factories.assign(factories.raise_work(by=user.actor), user.operative_id or factories.hire())
        late = factories.raise_work(at=factories.noon(1))
        factories.assign(late, factories.hire(), at=factories.noon(1))
        factories.set_out(late, at=factories.noon(1), estimated_arrival=factories.noon(1, 5))
        factories.abandon(factories.work_at(Stage.ASSIGNED))
        with CaptureQueriesContext(connection) as queries:
            browser.get("/")
        counts.append(len(queries))
    assert counts[0] == counts[1] <= (15 if who == "root" else 10)
