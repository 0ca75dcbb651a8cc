"""The first page: how much work stands where, and what waits for whom; an operative's is their own."""

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
from tests import scenes
from tests.pages.browsing import text_of


def titles(jobs: Any) -> list[str]:
    return [job.work.title for job in jobs]


def held_by(user: User) -> UUID:
    assert user.operative_id is not None
    return user.operative_id


def test_everybody_else_sees_work_by_stage_with_links_to_the_lists(stranger_client: Client) -> None:
    long_ago = scenes.raise_work(at=scenes.noon(1))
    scenes.assign(long_ago, scenes.hire(), at=scenes.noon(1))
    scenes.complete(long_ago, at=scenes.noon(1))  # is not of today
    for stage in (Stage.RAISED, Stage.RAISED, Stage.ARRIVED, Stage.COMPLETED, Stage.ABANDONED):
        scenes.work_at(stage)
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


def test_who_has_no_role_is_told_kindly(stranger_client: Client) -> None:
    words = text_of(stranger_client.get("/"))
    assert "You have no role yet" in words
    assert "ask Administration for a role" in words


def test_response_sees_what_they_raised_lately(response: User, response_client: Client) -> None:
    now = timezone.now()
    scenes.raise_work("Mine", by=response.actor, at=now - timedelta(days=1))
    scenes.raise_work("Mine, newer", by=response.actor, at=now - timedelta(hours=1))
    scenes.raise_work("Mine, long ago", by=response.actor, at=now - timedelta(days=8))
    scenes.raise_work("A colleague's", by="user-0")
    page = response_client.get("/")
    assert titles(page.context["waits"].raised) == ["Mine, newer", "Mine"]
    assert "Take a call" in text_of(page)
    assert "Waiting longest" not in text_of(page)


def test_control_sees_what_waits_longest_and_who_is_late(control_client: Client) -> None:
    scenes.raise_work("Newer", at=scenes.noon(2))
    scenes.raise_work("Oldest", at=scenes.noon(1))
    for title, estimate in (("Late", scenes.noon(3, 30)), ("In time", timezone.now() + timedelta(hours=1))):
        work_id = scenes.raise_work(title, at=scenes.noon(3))
        scenes.assign(work_id, scenes.hire(), at=scenes.noon(3))
        scenes.set_out(work_id, at=scenes.noon(3), estimated_arrival=estimate)
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
    first = scenes.raise_work("Second raised", at=scenes.noon(2))
    second = scenes.raise_work("First raised", at=scenes.noon(1))
    for work_id in (first, second):
        scenes.assign(work_id, held_by(operative))
    scenes.work_at(Stage.ASSIGNED, held_by(other_operative), title="A colleague's")
    operative.roles.add(*response.roles.all())
    page = operative_client.get("/")
    assert titles(page.context["waits"].queue) == ["Second raised", "First raised"]
    assert f'href="/operatives/{operative.operative_id}/"'.encode() in page.content


def test_an_operative_lands_on_their_job(operative: User, operative_client: Client) -> None:
    scenes.work_at(Stage.ASSIGNED, held_by(operative))
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
    scenes.release(scenes.hire())
    scenes.hire("Peter", "Quill")
    scenes.acquire()
    words = text_of(administration_client.get("/"))
    assert "Operatives 1 employed" in words
    assert "Sites 1 active" in words
    assert "Permissions 1 without a role" in words
    assert "Read models all running" in words


def test_administration_sees_which_read_model_stopped(administration_client: Client) -> None:
    scenes.acquire()
    Checkpoint.objects.filter(name="work").update(error="WorkRaised at 7: Ada does not fit")
    Checkpoint.objects.filter(name="sites").update(version=0)
    words = text_of(administration_client.get("/"))
    assert "Stopped Read model work cannot go on" in words
    assert "Ada" not in words
    assert "Stopped Read model sites wants a rebuild" in words


@pytest.mark.parametrize("who", ["response", "control", "operative", "administration", "root"])
def test_who_keeps_programs_has_the_api_in_their_menu(
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
            scenes.raise_work(by=user.actor)
            scenes.assign(scenes.raise_work(by=user.actor), user.operative_id or scenes.hire())
        late = scenes.raise_work(at=scenes.noon(1))
        scenes.assign(late, scenes.hire(), at=scenes.noon(1))
        scenes.set_out(late, at=scenes.noon(1), estimated_arrival=scenes.noon(1, 5))
        scenes.abandon(scenes.work_at(Stage.ASSIGNED))
        with CaptureQueriesContext(connection) as queries:
            browser.get("/")
        counts.append(len(queries))
    assert counts[0] == counts[1] <= (15 if who == "root" else 10)
