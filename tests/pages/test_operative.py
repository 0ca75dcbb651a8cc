"""One operative's page: the current job with its next step, the queue, what is done."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from eventstore.models import StoredEvent
from pages.news import NEWEST
from readmodels.models import WorkRow
from readmodels.queries.duty import QUEUE
from support.work import Stage
from tests import factories
from tests.pages.page_requests import FRAGMENT, press, text_of


def address(user: User) -> str:
    return f"/operatives/{user.operative_id}/"


def test_the_current_job_with_numbers_to_call_and_addresses_to_find(
    operative: User, operative_client: Client
) -> None:
    site = factories.acquire("4 Cliff Lane", "Scarborough", "YO11 2BB", "+44 (0)1723 555 123")
    work_id = factories.raise_work("Gas smell", "Near the kitchen", site_ids=[site])
    factories.assign(work_id, operative.operative_id or uuid4())
    page = operative_client.get(address(operative))
    words = text_of(page)
    assert "Olive Marsh Assigned 0 of 1 done today" in words
    assert "Gas smell Near the kitchen 4 Cliff Lane, Scarborough YO11 2BB +44 (0)1723 555 123" in words
    html = page.content.decode()
    assert 'href="tel:+441723555123"' in html
    assert "query=4+Cliff+Lane%2C+Scarborough+YO11+2BB" in html
    assert "Refreshed at" in words


@pytest.mark.parametrize(
    ("stage", "button", "step"),
    [
        (Stage.ASSIGNED, "On my way", "dispatch"),
        (Stage.DISPATCHED, "Arrived", "arrive"),
        (Stage.ARRIVED, "Work Complete", "complete"),
    ],
)
def test_one_button_for_the_next_step(
    operative: User, operative_client: Client, stage: Stage, button: str, step: str
) -> None:
    work_id = factories.work_at(stage, operative.operative_id)
    page = operative_client.get(address(operative))
    current = page.context["current"]
    assert (current.job.work.pk, current.next) == (work_id, step)
    html = page.content.decode()
    assert html.count("btn-step") == 1
    form = html[html.index('<form class="next-step"') :].split("</form>")[0]
    assert f'action="/work/{work_id}/{step}/"' in form
    assert button in form
    assert "Abandon Work" in text_of(page)


@pytest.mark.parametrize("stage", [Stage.ASSIGNED, Stage.DISPATCHED])
def test_work_can_be_settled_without_a_visit(operative: User, operative_client: Client, stage: Stage) -> None:
    work_id = factories.work_at(stage, operative.operative_id)
    page = operative_client.get(address(operative))
    assert "Settled without a visit" in text_of(page)
    assert f'action="/work/{work_id}/complete/"'.encode() in page.content


def test_the_queue_follows_in_the_order_of_assignment(operative: User, operative_client: Client) -> None:
    for title in ("Boiler out", "Lift stuck", "Gas smell"):
        factories.work_at(Stage.ASSIGNED, operative.operative_id, title=title)
    page = operative_client.get(address(operative))
    assert page.context["current"].job.work.title == "Boiler out"
    assert [task.job.work.title for task in page.context["queue"]] == ["Lift stuck", "Gas smell"]


def test_a_queued_job_can_be_set_off_for(operative: User, operative_client: Client) -> None:
    factories.work_at(Stage.ASSIGNED, operative.operative_id, title="Boiler out")
    queued = factories.work_at(Stage.ASSIGNED, operative.operative_id, title="Lift stuck")
    page = operative_client.get(address(operative))
    form = page.content.decode().split('class="queued-task"')[1]
    assert f'action="/work/{queued}/dispatch/"' in form
    assert "On my way" in form
    press(operative_client, "dispatch", queued)
    assert dict(WorkRow.objects.values_list("title", "stage")) == {
        "Boiler out": "assigned",
        "Lift stuck": "dispatched",
    }


def test_every_element_has_an_id_of_its_own(operative: User, operative_client: Client) -> None:
    for stage in (Stage.ARRIVED, Stage.DISPATCHED, Stage.ASSIGNED):
        factories.work_at(stage, operative.operative_id)
    html = operative_client.get(address(operative)).content.decode()
    ids = [each.split('"')[0] for each in html.split(' id="')[1:]]
    assert len(ids) == len(set(ids))


def test_nothing_to_do_is_said_kindly(operative: User, operative_client: Client) -> None:
    words = text_of(operative_client.get(address(operative)))
    assert "Olive Marsh has no work assigned Contact Control to arrange more Work." in words


def test_what_is_done_today(operative: User, operative_client: Client) -> None:
    work_id = factories.work_at(Stage.ASSIGNED, operative.operative_id, title="Lift stuck")
    factories.complete(work_id, "Cleared the doors")
    words = text_of(operative_client.get(address(operative)))
    assert "1 of 1 done today" in words
    assert "Done today" in words
    assert "Lift stuck Cleared the doors" in words


def test_control_sees_the_same_page(operative: User, control_client: Client) -> None:
    factories.work_at(Stage.ASSIGNED, operative.operative_id)
    page = control_client.get(address(operative))
    assert "On my way" in text_of(page)


def test_others_do_not(
    operative: User, other_operative_client: Client, response_client: Client, stranger_client: Client
) -> None:
    for browser in (other_operative_client, response_client, stranger_client):
        assert browser.get(address(operative)).status_code == 403


def test_unknown_operative_and_methods(control_client: Client, operative: User) -> None:
    assert control_client.get(f"/operatives/{uuid4()}/").status_code == 404
    assert control_client.get(f"/operatives/{uuid4()}/?since=0", headers=FRAGMENT).status_code == 404
    assert control_client.post(address(operative)).status_code == 405


def test_the_page_of_somebody_who_has_left(control_client: Client) -> None:
    peter = factories.hire("Peter", "Quill")
    factories.release(peter)
    assert "Peter Quill Released" in text_of(control_client.get(f"/operatives/{peter}/"))


def test_page_and_fragment(operative: User, operative_client: Client) -> None:
    assert "<html" in operative_client.get(address(operative)).content.decode()
    fragment = operative_client.get(address(operative), headers=FRAGMENT).content.decode()
    assert fragment.lstrip().startswith('<div id="duty"')
    assert "<html" not in fragment


def test_the_page_says_quietly_that_it_has_changed(operative: User, operative_client: Client) -> None:
    position = operative_client.get(address(operative)).context["duty"].position
    factories.work_at(Stage.ARRIVED)  # another operative's
    query = {"news": position}
    assert operative_client.get(address(operative), query, headers=FRAGMENT).status_code == 204
    factories.work_at(Stage.ASSIGNED, operative.operative_id)
    answer = operative_client.get(address(operative), query, headers=FRAGMENT)
    assert text_of(answer) == "Your work has changed Show"


def test_more_news_than_is_looked_at_may_be_about_anybody(operative: User, operative_client: Client) -> None:
    position = operative_client.get(address(operative)).context["duty"].position
    factories.work_at(Stage.ASSIGNED, operative.operative_id)
    for _ in range(NEWEST):
        factories.hire()
    answer = operative_client.get(address(operative), {"news": position}, headers=FRAGMENT)
    assert text_of(answer) == "Your work may have changed Show"


@pytest.mark.parametrize("unreadable", [{"type": "NeverHeardOf"}, {"data": "{}"}])
def test_news_that_this_code_cannot_read_may_be_about_anybody(
    operative: User, operative_client: Client, unreadable: dict[str, str]
) -> None:
    position = operative_client.get(address(operative)).context["duty"].position
    work_id = factories.work_at(Stage.ASSIGNED)
    StoredEvent.objects.filter(stream=f"work-{work_id}", version=1).update(**unreadable)
    answer = operative_client.get(address(operative), {"news": position}, headers=FRAGMENT)
    assert text_of(answer) == "Your work may have changed Show"


def test_queries(
    operative: User, operative_client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for stage in (Stage.ASSIGNED, Stage.COMPLETED):
        factories.work_at(stage, operative.operative_id)
    with django_assert_max_num_queries(10) as few:
        operative_client.get(address(operative))
    for stage in (Stage.ARRIVED, Stage.ASSIGNED, Stage.COMPLETED):
        factories.work_at(stage, operative.operative_id)
    with django_assert_max_num_queries(10) as many:
        operative_client.get(address(operative))
    assert len(few) == len(many)


def test_the_page_is_bounded_however_much_is_open_and_all_of_it_is_reached(
    operative: User, operative_client: Client
) -> None:
    titles = [f"Fault {number}" for number in range(2 * QUEUE + 5)]
    jobs = [factories.work_at(Stage.ASSIGNED, operative.operative_id, title=title) for title in titles]
    factories.set_out(jobs[-1])
    first = operative_client.get(address(operative))
    assert first.context["current"].job.work.pk == jobs[-1]  # the running job, wherever it was in the queue
    seen, after = [titles[-1]], ""
    for _ in range(4):
        page = operative_client.get(address(operative), {"after": after})
        seen += [task.job.work.title for task in page.context["queue"]]
        assert len(page.context["queue"]) <= QUEUE
        assert f"Next in the queue {len(titles) - (0 if after else 1)}" in text_of(page)
        after = page.context["duty"].queue.after
        if after is None:
            break
    assert seen == [titles[-1], *titles[:-1]]
    assert f"0 of {len(titles)} done today" in text_of(first)


def test_of_two_on_the_way_the_one_set_out_for_last_runs(operative: User, operative_client: Client) -> None:
    first, last = (factories.work_at(Stage.ASSIGNED, operative.operative_id, title=t) for t in ("A", "B"))
    factories.set_out(last, at=timezone.now() - timedelta(minutes=20))
    factories.set_out(first, at=timezone.now() - timedelta(minutes=5))
    page = operative_client.get(address(operative))
    assert page.context["current"].job.work.title == "A"
    factories.arrive(last)
    assert operative_client.get(address(operative)).context["current"].job.work.title == "B"


def test_what_was_typed_for_a_job_beyond_the_first_page_is_handed_back(
    operative: User, operative_client: Client
) -> None:
    jobs = [factories.work_at(Stage.ASSIGNED, operative.operative_id) for _ in range(QUEUE + 5)]
    page = press(operative_client, "abandon", jobs[-1], reason="other", note="")
    assert page.status_code == 422
    assert jobs[-1] in [task.job.work.pk for task in page.context["queue"]]
    assert "needs a note that says which" in text_of(page)
    page = press(operative_client, "abandon", jobs[0], reason="other", note="")
    assert page.context["current"].job.work.pk == jobs[0]
    assert len(page.context["queue"]) == QUEUE - 1


def test_what_is_done_today_is_counted_whole_and_shown_in_part(
    operative: User, operative_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("readmodels.queries.duty.DONE", 2)
    for _ in range(3):
        factories.work_at(Stage.COMPLETED, operative.operative_id)
    words = text_of(operative_client.get(address(operative)))
    assert "3 of 3 done today" in words
    assert "The latest 2 are shown." in words
