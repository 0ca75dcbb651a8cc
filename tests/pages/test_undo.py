"""Undoing the latest steps of a job: the button, what it does, and when it does not."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.html import escape

from accounts.models import User
from eventstore.current import current_store
from eventstore.models import StoredEvent
from readmodels.models import WorkRow
from support.undo import latest_step
from support.work import Stage
from tests import factories
from tests.conftest import browser_of, person
from tests.pages.page_requests import events_of, press, text_of

OK, NO_CONTENT = 200, 204
MOVED_ON = "This work has changed since; only its latest change can be undone"


def latest(work_id: UUID) -> UUID:
    """The event of the latest step that has not been undone."""
    return latest_step(current_store().read_stream(f"work-{work_id}")).id


def events_by_id(work_id: UUID) -> list[UUID]:
    return [each.id for each in current_store().read_stream(f"work-{work_id}")]


def undo(browser: Client, work_id: UUID, **data: object) -> Any:
    """Press the button for the latest change, unless another one is given."""
    return press(browser, "undo", work_id, **{"change": latest(work_id), **data})


def look(browser: Client, work_id: UUID) -> str:
    return text_of(browser.get(f"/work/{work_id}/"))


def offers(browser: Client, work_id: UUID) -> bool:
    """Whether the job's page has the button."""
    return f'action="/work/{work_id}/undo/"'.encode() in browser.get(f"/work/{work_id}/").content


def by(user: User, stage: Stage, operative_id: UUID | None = None) -> UUID:
    """A job that this person, and nobody else, has just brought to a stage."""
    work_id = factories.raise_work(by=user.actor)
    if stage is Stage.RAISED:
        return work_id
    factories.assign(work_id, operative_id or factories.hire(), by=user.actor)
    if stage in {Stage.DISPATCHED, Stage.ARRIVED}:
        factories.set_out(work_id, by=user.actor)
    if stage is Stage.ARRIVED:
        factories.arrive(work_id, by=user.actor)
    if stage is Stage.COMPLETED:
        factories.complete(work_id, by=user.actor)
    if stage is Stage.ABANDONED:
        factories.abandon(work_id, by=user.actor)
    return work_id


UNDONE = [
    (Stage.RAISED, "raising", "withdrawn", ""),
    (Stage.ASSIGNED, "assignment", "raised", "raising"),
    (Stage.DISPATCHED, "departure", "assigned", "assignment"),
    (Stage.ARRIVED, "arrival", "dispatched", "departure"),
    (Stage.COMPLETED, "completion", "assigned", "assignment"),
    (Stage.ABANDONED, "abandonment", "assigned", "assignment"),
]


@pytest.fixture
def everything(db: None) -> User:
    """A person who raises, assigns and deals with work."""
    return person("everything", "Response", "Control", "Operative")


# --- The button --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("stage", "what", "after", "then"), UNDONE)
def test_each_step_can_be_undone_from_the_jobs_page(
    everything: User, stage: Stage, what: str, after: str, then: str
) -> None:
    browser, work_id = browser_of(everything), by(everything, stage)
    assert f"Undo {what}" in look(browser, work_id)
    before = events_of(work_id)
    page = undo(browser, work_id)
    assert page.redirect_chain == [(f"/work/{work_id}/", 302)]
    assert f"Succeeded undoing {what}" in text_of(page)
    assert f"Everything undid the {what}" in text_of(page)
    assert events_of(work_id) == [*before, "WorkChangeUndone"]
    assert WorkRow.objects.get(pk=work_id).stage == after
    assert offers(browser, work_id) is bool(then)
    assert not then or f"Undo {then}" in look(browser, work_id)


def test_hasty_steps_are_undone_one_after_another(everything: User) -> None:
    """Each by the button beside the message of the undo before, which names it."""
    work_id = by(everything, Stage.ARRIVED)
    browser = browser_of(everything)
    page, undone = undo(browser, work_id), []
    while "message-undo" in page.content.decode():
        button = button_in(page)
        undone.append(button.pop("what"))
        page = browser.post(button.pop("address"), button, follow=True)
    assert undone == ["Undo departure", "Undo assignment", "Undo raising"]
    assert events_of(work_id) == [
        "WorkRaised",
        "WorkAssigned",
        "OperativeDispatched",
        "OperativeArrived",
        *["WorkChangeUndone"] * 4,
    ]
    assert WorkRow.objects.get(pk=work_id).stage == "withdrawn"


def test_they_are_undone_as_far_as_anothers_first_step(operative: User, control: User) -> None:
    work_id = by(control, Stage.ASSIGNED, operative.operative_id)
    factories.set_out(work_id, by=operative.actor)
    factories.arrive(work_id, by=operative.actor)
    theirs, others = browser_of(operative), browser_of(control)
    assert not offers(others, work_id)
    undo(theirs, work_id)
    undo(theirs, work_id)
    assert not offers(theirs, work_id)
    sentence = "Only the latest change can be undone, and somebody else made it"
    assert refused(theirs, work_id, sentence)
    undo(others, work_id)  # the steps of the operative count as gone
    assert WorkRow.objects.get(pk=work_id).stage == "raised"


def test_each_step_has_ten_minutes_of_its_own(control: User) -> None:
    """That a later step was undone just now does not make an old one young."""
    work_id = factories.raise_work()
    factories.assign(work_id, factories.hire(), by=control.actor, at=timezone.now() - timedelta(minutes=11))
    factories.set_out(work_id, by=control.actor)
    browser = browser_of(control)
    page = undo(browser, work_id)
    assert "message-undo" not in page.content.decode()
    assert not offers(browser, work_id)
    assert refused(browser, work_id, "A change can be undone within 10 minutes; this one was made at")


def test_nobody_else_is_offered_it(control: User, response_client: Client, operative_client: Client) -> None:
    work_id = by(control, Stage.ASSIGNED)
    assert offers(browser_of(control), work_id)
    for browser in (response_client, operative_client, browser_of(person("colleague", "Control"))):
        assert not offers(browser, work_id)


def test_it_is_offered_for_ten_minutes(control: User, monkeypatch: pytest.MonkeyPatch) -> None:
    work_id, browser = by(control, Stage.ASSIGNED), browser_of(control)
    now = timezone.now()
    for minutes, is_offered in ((9, True), (11, False)):
        with monkeypatch.context() as later:
            later.setattr(timezone, "now", lambda gap=minutes: now + timedelta(minutes=gap))
            assert offers(browser, work_id) is is_offered, minutes


def test_it_is_offered_for_a_job_that_no_read_model_knows_yet(control: User) -> None:
    work_id = by(control, Stage.ASSIGNED)
    WorkRow.objects.all().delete()
    assert offers(browser_of(control), work_id)


def test_it_is_not_offered_where_it_would_be_refused(control: User, response: User) -> None:
    ada = factories.hire()
    done, ordered = by(control, Stage.COMPLETED, ada), by(response, Stage.RAISED)
    factories.release(ada)
    order_id = factories.place_order(work_id=ordered)
    assert not offers(browser_of(control), done)
    assert not offers(browser_of(response), ordered)
    factories.cancel_order(order_id)
    assert offers(browser_of(response), ordered)


def test_a_page_that_offers_nothing_looks_nothing_up(control: User, stranger_client: Client) -> None:
    work_id = by(control, Stage.COMPLETED)
    queries = []
    for browser in (browser_of(control), stranger_client):
        with CaptureQueriesContext(connection) as captured:
            browser.get(f"/work/{work_id}/")
        queries.append(sum("readmodels_siterow" in each["sql"] for each in captured))
    assert queries == [2, 1]


def button_in(page: Any) -> dict[str, str]:
    """What the button beside the message sends, and where."""
    html = page.content.decode()
    form = html.split('class="message-undo"')[1].split("</form>")[0]
    sent = dict(re.findall(r'name="(\w+)" value="([^"]+)"', form))
    address, what = re.findall(r'action="([^"]+)"', form)[0], re.findall(r"</svg> ([^<]+)</button>", form)[0]
    return {**sent, "address": address, "what": what}


@pytest.mark.parametrize(
    ("step", "stage", "after"),
    [
        ("dispatch", Stage.ASSIGNED, "assigned"),
        ("arrive", Stage.DISPATCHED, "dispatched"),
        ("complete", Stage.ARRIVED, "arrived"),
        ("abandon", Stage.ARRIVED, "arrived"),
    ],
)
def test_an_operative_can_undo_at_once_and_stays_on_their_page(
    operative: User, operative_client: Client, step: str, stage: Stage, after: str
) -> None:
    work_id = factories.work_at(stage, operative.operative_id)
    page = press(operative_client, step, work_id, reason="unsafe", outcome="New pump")
    button, own = button_in(page), f"/operatives/{operative.operative_id}/"
    answer = operative_client.post(
        button.pop("address"), button, headers={"Referer": f"http://testserver{own}?x=1"}, follow=True
    )
    assert answer.redirect_chain == [(own, 302)]
    assert "Succeeded undoing" in text_of(answer)
    assert "message-undo" not in answer.content.decode()
    assert WorkRow.objects.get(pk=work_id).stage == after


def test_control_and_response_can_undo_at_once(control_client: Client, response_client: Client) -> None:
    work_id, ada = factories.raise_work(), factories.hire()
    assigned = button_in(press(control_client, "assign", work_id, operative_id=ada))
    assert control_client.post(assigned.pop("address"), assigned).status_code == 302
    call = {"command_id": uuid4(), "title": "Lift", "description": "Stuck", "sites": [factories.acquire()]}
    raised = button_in(response_client.post("/response/", call, follow=True))
    assert response_client.post(raised.pop("address"), raised).status_code == 302
    stages = WorkRow.objects.order_by("number").values_list("stage", flat=True)
    assert list(stages) == ["raised", "withdrawn"]


@pytest.mark.parametrize(
    "pressed_on",
    [
        "",
        "https://evil.example/control/",
        "http://testserver/nowhere/",
        "http://testserver/work/",
        "http://[",
    ],
)
def test_from_anywhere_else_it_leads_to_the_job(
    control: User, control_client: Client, pressed_on: str
) -> None:
    work_id = by(control, Stage.ASSIGNED)
    sent = {"command_id": uuid4(), "change": latest(work_id)}
    answer = control_client.post(f"/work/{work_id}/undo/", sent, headers={"Referer": pressed_on})
    assert answer.headers["Location"] == f"/work/{work_id}/"


# --- Refusals ----------------------------------------------------------------------------------------


def refused(browser: Client, work_id: UUID, sentence: str, **data: object) -> bool:
    """Whether pressing the button stores nothing and says why."""
    before = events_of(work_id)
    page = undo(browser, work_id, **data)
    assert page.redirect_chain == [(f"/work/{work_id}/", 302)]
    assert "Could not complete action: undoing" in text_of(page)
    return sentence in text_of(page) and events_of(work_id) == before


def test_somebody_elses_change(control: User, operative_client: Client) -> None:
    work_id = by(control, Stage.ASSIGNED)
    sentence = "Only the latest change can be undone, and somebody else made it"
    assert refused(operative_client, work_id, sentence)


def test_a_change_of_long_ago(control: User, control_client: Client) -> None:
    work_id = factories.raise_work(at=factories.noon(1))
    factories.assign(work_id, factories.hire(), by=control.actor, at=factories.noon(2))
    sentence = "A change can be undone within 10 minutes; this one was made at 12:00 on 2 Mar 2026"
    assert refused(control_client, work_id, sentence)


def test_a_change_that_is_the_latest_no_more(control: User, control_client: Client) -> None:
    work_id = by(control, Stage.ASSIGNED)
    seen = latest(work_id)
    factories.set_out(work_id, by=control.actor)
    assert refused(control_client, work_id, MOVED_ON, change=seen)


def test_an_undo(control: User, control_client: Client) -> None:
    work_id = by(control, Stage.ARRIVED)
    seen = latest(work_id)
    undo(control_client, work_id)
    assert refused(control_client, work_id, MOVED_ON, change=events_by_id(work_id)[-1])
    assert refused(control_client, work_id, MOVED_ON, change=seen)


def test_an_operative_who_has_been_released(control: User, control_client: Client) -> None:
    ada = factories.hire("Ada", "Lovelace")
    work_id = by(control, Stage.COMPLETED, ada)
    factories.release(ada)
    assert refused(control_client, work_id, "Ada Lovelace has been released since")


def test_a_site_that_has_been_relinquished(control: User, control_client: Client) -> None:
    site = factories.acquire("9 Cliff Road", "Staithes")
    work_id = factories.raise_work(site_ids=[site])
    factories.assign(work_id, factories.hire())
    factories.complete(work_id, by=control.actor)
    factories.relinquish(site)
    assert refused(control_client, work_id, "9 Cliff Road, Staithes has been relinquished since")


def test_work_for_which_parts_are_on_order(response: User, response_client: Client) -> None:
    work_id = by(response, Stage.RAISED)
    factories.place_order(work_id=work_id)
    sentence = "Parts have been ordered for this job, so raising it cannot be undone"
    assert refused(response_client, work_id, sentence)


@pytest.mark.parametrize(("stage", "role"), [(Stage.RAISED, "Response"), (Stage.ASSIGNED, "Control")])
def test_a_right_that_was_taken_away(db: None, stage: Stage, role: str) -> None:
    somebody = person("somebody", role)
    work_id = by(somebody, stage)
    assert offers(browser_of(somebody), work_id)
    somebody.roles.set(person("other", "Operative").roles.all())
    browser = browser_of(somebody)
    assert not offers(browser, work_id)
    assert refused(browser, work_id, "You may not make this change any more, and so cannot undo it")


def test_an_operative_who_is_no_longer_that_operative(operative: User) -> None:
    work_id = factories.work_at(Stage.ASSIGNED, operative.operative_id)
    factories.set_out(work_id, by=operative.actor)
    assert offers(browser_of(operative), work_id)
    User.objects.filter(pk=operative.pk).update(operative_id=factories.hire())
    sentence = "You may not make this change any more, and so cannot undo it"
    assert refused(browser_of(operative), work_id, sentence)


def test_somebody_who_may_change_no_work_may_undo_none(
    administration_client: Client, stranger_client: Client
) -> None:
    for browser in (administration_client, stranger_client):
        assert press(browser, "undo", factories.raise_work()).status_code == 403


@pytest.mark.parametrize("form", [{"change": ""}, {"change": "nonsense"}, {"command_id": ""}])
def test_an_incomplete_form(control: User, control_client: Client, form: dict[str, str]) -> None:
    work_id = by(control, Stage.ASSIGNED)
    assert refused(control_client, work_id, "This form is incomplete: load the page again", **form)


def test_unknown_work_and_methods(control_client: Client) -> None:
    unknown = press(control_client, "undo", uuid4(), change=uuid4())
    assert unknown.status_code == 404
    assert control_client.get(f"/work/{uuid4()}/undo/").status_code == 405


# --- Once --------------------------------------------------------------------------------------------


def test_a_double_click_undoes_once(control: User, control_client: Client) -> None:
    work_id = by(control, Stage.ARRIVED)
    sent = {"command_id": uuid4(), "change": latest(work_id)}
    for _ in range(2):
        assert "Succeeded undoing arrival" in text_of(undo(control_client, work_id, **sent))
    assert events_of(work_id).count("WorkChangeUndone") == 1


def test_sent_again_much_later_it_is_still_the_first(control: User, control_client: Client) -> None:
    """Also when the job has gone on, and the change could not be undone any more."""
    work_id = by(control, Stage.ARRIVED)
    sent = {"command_id": uuid4(), "change": latest(work_id)}
    undo(control_client, work_id, **sent)
    factories.arrive(work_id, by=control.actor)
    StoredEvent.objects.filter(id=sent["change"]).update(occurred_at=factories.noon(1))
    assert "Succeeded undoing arrival" in text_of(undo(control_client, work_id, **sent))
    assert events_of(work_id).count("WorkChangeUndone") == 1


# --- What is seen afterwards -------------------------------------------------------------------------


def test_the_story_says_what_was_undone(control: User, control_client: Client) -> None:
    work_id = by(control, Stage.ARRIVED, factories.hire("Ada", "Lovelace"))
    page = undo(control_client, work_id)
    words, html = text_of(page), page.content.decode()
    assert "Arrival reported by Control for Ada Lovelace Undone" in words
    assert "Control undid the arrival" in words
    assert "The job is again On the way" in words
    assert 'id="event-3" data-stage="arrived" class="is-undone"' in html
    assert 'undid the <a href="#event-3">arrival</a>' in html


def test_the_undo_of_a_change_that_this_code_does_not_know_is_told_all_the_same(
    control: User, control_client: Client
) -> None:
    work_id = by(control, Stage.ASSIGNED)
    undo(control_client, work_id)
    StoredEvent.objects.filter(stream=f"work-{work_id}", version__lt=2).update(type="WorkImagined")
    assert "Control undid WorkAssigned" in look(control_client, work_id)


def test_withdrawn_work_stands_in_its_own_list_and_nowhere_else(
    response: User, response_client: Client, control_client: Client
) -> None:
    site = factories.acquire()
    work_id = factories.raise_work("Boiler out", site_ids=[site], by=response.actor)
    page = undo(response_client, work_id)
    assert "Withdrawn" in text_of(page)
    assert "Order parts" not in text_of(page)
    for stage, listed in (("withdrawn", True), ("", True), ("open", False), ("raised", False)):
        jobs = response_client.get("/work/", {"stage": stage}).context["jobs"]
        assert [job.work.pk for job in jobs] == ([work_id] if listed else []), stage
    board = control_client.get("/control/").context["board"]
    assert (list(board.tray.rows), board.found) == ([], 0)
    desk = response_client.get("/response/", {"sites": str(site)}).context["desk"]
    assert (desk.places[0].open_jobs, desk.histories[0].open_count, desk.histories[0].done_count) == (0, 0, 0)
    home = dict(response_client.get("/").context["stages"])
    assert set(home.values()) == {0}


def test_a_site_whose_only_work_was_withdrawn_can_be_relinquished(administration_client: Client) -> None:
    site = factories.acquire()
    factories.undo(factories.raise_work(site_ids=[site]))
    page = press(administration_client, "relinquish-site", site)
    assert "Succeeded" in text_of(page)


def test_work_done_today_counts_no_more_once_its_completion_is_undone(
    operative: User, operative_client: Client
) -> None:
    work_id = factories.work_at(Stage.ARRIVED, operative.operative_id)
    factories.complete(work_id, by=operative.actor)
    duty = operative_client.get(f"/operatives/{operative.operative_id}/").context["duty"]
    assert (len(duty.queue.rows), len(duty.done)) == (0, 1)
    undo(operative_client, work_id)
    duty = operative_client.get(f"/operatives/{operative.operative_id}/").context["duty"]
    assert ([job.work.pk for job in duty.queue.rows], len(duty.done)) == ([work_id], 0)


def test_the_operative_from_whom_work_is_taken_hears_of_it(operative: User, operative_client: Client) -> None:
    work_id = factories.work_at(Stage.ASSIGNED, operative.operative_id)
    address = f"/operatives/{operative.operative_id}/"
    since = operative_client.get(address).context["duty"].position
    factories.undo(work_id)
    assert "Your work has changed" in text_of(operative_client.get(address, {"news": since}))


def test_the_list_of_events_shows_it(administration_client: Client) -> None:
    factories.work_at(Stage.WITHDRAWN)
    assert "WorkChangeUndone" in text_of(administration_client.get("/events/"))


def test_a_message_asks_whether_what_it_offers_to_undo_still_stands(
    control_client: Client, control: User
) -> None:
    work = factories.raise_work(by=control.actor)
    first, ada = latest(work), factories.hire()
    page = press(control_client, "assign", work, operative_id=ada)
    asks = f"/work/{work}/undo/still/?news&change={latest(work)}"
    assert f'data-look hx-get="{escape(asks)}"' in page.content.decode()
    assert control_client.get(asks).status_code == NO_CONTENT
    assert control_client.get(f"/work/{work}/undo/still/?news&change={first}").content == b""
    undo(control_client, work)
    session = control_client.session
    session["pressed_at"] = 0
    session.save()
    gone = control_client.get(asks)
    assert (gone.status_code, gone.content) == (OK, b"")
    assert control_client.session["pressed_at"] == 0
    assert control_client.get(f"/work/{uuid4()}/undo/still/?news&change=1").status_code == OK


def test_undone_on_the_board_it_leads_back_to_what_the_board_showed(control_client: Client) -> None:
    work, ada = factories.raise_work(), factories.hire()
    press(control_client, "assign", work, operative_id=ada)
    pressed_on = "http://testserver/control/?sort=free&tray_q=boiler&work=0&held=1"
    data = {"command_id": uuid4(), "change": latest(work)}
    sent = control_client.post(f"/work/{work}/undo/", data, headers={"Referer": pressed_on})
    assert sent.headers["Location"] == "/control/?sort=free&held=1&tray_q=boiler"
