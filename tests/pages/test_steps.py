"""The steps of dealing with a job, by the operative who holds it or by Control on their behalf."""

import re
from datetime import datetime, time, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from readmodels.models import WorkRow
from support.forms.steps import next_at
from support.work import Stage
from tests import factories
from tests.pages.page_requests import FRAGMENT, events_of, press, text_of

STEPS = ["dispatch", "arrive", "complete", "abandon"]


@pytest.mark.parametrize(
    ("stage", "step", "data", "message", "after"),
    [
        (Stage.ASSIGNED, "dispatch", {}, "Succeeded dispatching operative", "dispatched"),
        (Stage.DISPATCHED, "arrive", {}, "Succeeded arriving on site", "arrived"),
        (Stage.ARRIVED, "complete", {"outcome": "New pump"}, "Succeeded completing work", "completed"),
        (Stage.ARRIVED, "complete", {"without_word": "yes"}, "Succeeded completing work", "completed"),
        (Stage.ASSIGNED, "complete", {"outcome": "By telephone"}, "Succeeded completing work", "completed"),
        (Stage.ARRIVED, "abandon", {"reason": "unsafe"}, "Succeeded abandoning work", "abandoned"),
    ],
)
@pytest.mark.parametrize("who", ["operative_client", "control_client"])
def test_a_step_and_its_message(  # noqa: PLR0917
    request: pytest.FixtureRequest,
    operative: User,
    who: str,
    stage: Stage,
    step: str,
    data: dict[str, str],
    message: str,
    after: str,
) -> None:
    browser = request.getfixturevalue(who)
    work_id = factories.work_at(stage, operative.operative_id)
    page = press(browser, step, work_id, **data)
    assert page.redirect_chain == [(f"/operatives/{operative.operative_id}/", 302)]
    assert message in text_of(page)
    assert WorkRow.objects.get(pk=work_id).stage == after


@pytest.mark.parametrize(
    ("stage", "step", "action", "refusal"),
    [
        (
            Stage.DISPATCHED,
            "dispatch",
            "dispatching operative",
            "The operative has already been dispatched to this work",
        ),
        (
            Stage.ASSIGNED,
            "arrive",
            "arriving on site",
            "The operative must be dispatched before arriving on site",
        ),
        (
            Stage.COMPLETED,
            "complete",
            "completing work",
            "You cannot complete work that's already completed",
        ),
        (
            Stage.COMPLETED,
            "abandon",
            "abandoning work",
            "An operative cannot abandon work when it's already been completed",
        ),
    ],
)
def test_a_refused_step_says_why(
    operative: User, operative_client: Client, stage: Stage, step: str, action: str, refusal: str
) -> None:
    work_id = factories.work_at(stage, operative.operative_id)
    before = events_of(work_id)
    page = press(operative_client, step, work_id, reason="unsafe", outcome="New pump")
    assert page.status_code == 422
    assert f"Could not complete action: {action} {refusal}" in text_of(page)
    assert events_of(work_id) == before


def test_work_that_nobody_holds_is_refused_and_its_own_page_says_so(control_client: Client) -> None:
    work_id = factories.raise_work()
    page = press(control_client, "dispatch", work_id)
    assert page.redirect_chain == [(f"/work/{work_id}/", 302)]
    assert "There is no operative assigned to this work to dispatch" in text_of(page)


@pytest.mark.parametrize("step", STEPS)
def test_an_operative_may_not_touch_anothers_job(
    other_operative: User, operative_client: Client, step: str
) -> None:
    work_id = factories.work_at(Stage.DISPATCHED, other_operative.operative_id)
    before = events_of(work_id)
    assert press(operative_client, step, work_id, reason="unsafe").status_code == 403
    assert events_of(work_id) == before


@pytest.mark.parametrize("stage", [Stage.RAISED, Stage.ABANDONED])
def test_nor_a_job_that_waits(operative_client: Client, stage: Stage) -> None:
    assert press(operative_client, "complete", factories.work_at(stage)).status_code == 403


@pytest.mark.parametrize("step", STEPS)
def test_somebody_who_may_not_is_refused(
    response_client: Client, administration_client: Client, step: str
) -> None:
    work_id = factories.work_at(Stage.ASSIGNED)
    for browser in (response_client, administration_client):
        assert press(browser, step, work_id, reason="unsafe").status_code == 403


@pytest.mark.parametrize("step", STEPS)
def test_unknown_work_and_methods(control_client: Client, step: str) -> None:
    assert press(control_client, step, uuid4()).status_code == 404
    assert control_client.get(f"/work/{uuid4()}/{step}/").status_code == 405


@pytest.mark.parametrize(
    ("stage", "step"),
    [(Stage.ASSIGNED, "dispatch"), (Stage.DISPATCHED, "arrive"), (Stage.ARRIVED, "complete")],
)
def test_a_double_click_takes_one_step(
    operative: User, operative_client: Client, stage: Stage, step: str
) -> None:
    work_id = factories.work_at(stage, operative.operative_id)
    sent = {"command_id": uuid4(), "outcome": "New pump"}
    first = press(operative_client, step, work_id, **sent)
    once = events_of(work_id)
    again = press(operative_client, step, work_id, **sent)
    assert first.redirect_chain == again.redirect_chain
    assert "Succeeded" in text_of(again)
    assert events_of(work_id) == once


def test_abandoning_twice_by_a_double_click(operative: User, operative_client: Client) -> None:
    work_id = factories.work_at(Stage.ARRIVED, operative.operative_id)
    sent = {"command_id": uuid4(), "reason": "other", "note": "Locked\r\ngate"}
    for _ in range(2):
        assert "Succeeded abandoning work" in text_of(press(operative_client, "abandon", work_id, **sent))
    assert events_of(work_id).count("WorkAbandoned") == 1
    assert WorkRow.objects.get(pk=work_id).abandoned_note == "Locked\ngate"


def test_an_estimated_arrival_sent_twice_is_the_same(operative: User, operative_client: Client) -> None:
    work_id = factories.work_at(Stage.ASSIGNED, operative.operative_id)
    wanted = timezone.localtime() + timedelta(hours=1)
    sent = {"command_id": uuid4(), "estimated_arrival": wanted.strftime("%H:%M")}
    for _ in range(2):
        page = press(operative_client, "dispatch", work_id, **sent)
        assert "Succeeded dispatching operative" in text_of(page)
    expected = WorkRow.objects.get(pk=work_id).estimated_arrival
    assert expected == wanted.replace(second=0, microsecond=0)


def test_an_estimated_arrival_in_the_past_keeps_what_was_typed(
    operative: User, operative_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    work_id = factories.work_at(Stage.ASSIGNED, operative.operative_id)
    # An hour ago is another day just after midnight.
    noon = timezone.localtime().replace(hour=12)
    monkeypatch.setattr(timezone, "now", lambda: noon)
    past = (noon - timedelta(hours=1)).strftime("%H:%M")
    page = press(operative_client, "dispatch", work_id, estimated_arrival=past)
    assert page.status_code == 422
    assert "The estimated arrival must be in the future" in text_of(page)
    html = page.content.decode()
    assert f'value="{past}"' in html
    assert html.count('aria-invalid="true"') == 1


@pytest.mark.parametrize(
    ("now", "wanted", "day"),
    [
        ((9, 0), time(9, 30), 10),
        ((9, 0), time(22, 0), 10),  # further ahead than yesterday's is back
        ((9, 0), time(8, 30), 10),  # past, and to be refused
        ((9, 0), time(3, 0), 10),
        ((9, 0), time(2, 59), 11),
        ((23, 50), time(0, 20), 11),
        ((0, 10), time(23, 50), 10),
    ],
)
def test_a_time_of_day_is_today_unless_that_is_long_past(
    now: tuple[int, int], wanted: time, day: int
) -> None:
    zone = timezone.get_current_timezone()
    moment = datetime(2026, 3, 10, *now, tzinfo=zone)
    assert next_at(wanted, moment) == datetime(2026, 3, day, wanted.hour, wanted.minute, tzinfo=zone)


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        ({"reason": "", "note": "Locked gate"}, "Choose a reason"),
        ({"reason": "bored", "note": "Locked gate"}, "Choose a reason"),
        (
            {"reason": "other", "note": "  "},
            "Abandoning work for another reason needs a note that says which",
        ),
    ],
)
@pytest.mark.parametrize("position", [0, 1])
def test_a_refused_abandonment_keeps_what_was_typed(
    operative: User, operative_client: Client, data: dict[str, str], fault: str, position: int
) -> None:
    queue = [factories.work_at(Stage.ASSIGNED, operative.operative_id) for _ in range(2)]
    work_id, command_id = queue[position], uuid4()
    page = press(operative_client, "abandon", work_id, command_id=command_id, **data)
    assert page.status_code == 422
    assert f"Could not complete action: abandoning work {fault}" in text_of(page)
    html = page.content.decode()
    assert html.count('aria-invalid="true"') == 1
    shown = [task for task in (page.context["current"], *page.context["queue"]) if task.refused]
    assert [task.job.work.pk for task in shown] == [work_id]
    assert shown[0].forms["abandon"]["note"].value() == data["note"]
    assert "open>" in html
    assert str(command_id) not in html
    assert "WorkAbandoned" not in events_of(work_id)


@pytest.mark.parametrize("stage", [Stage.ARRIVED, Stage.ASSIGNED], ids=["on site", "without a visit"])
@pytest.mark.parametrize("left_empty", ["", " \r\n ", "\u200b\r\n\u2060"])
def test_completing_asks_once_what_was_done(
    operative: User, operative_client: Client, stage: Stage, left_empty: str
) -> None:
    work_id = factories.work_at(stage, operative.operative_id)
    before = events_of(work_id)
    shown = operative_client.get(f"/operatives/{operative.operative_id}/")
    assert "Complete without a word" not in text_of(shown)
    page = press(operative_client, "complete", work_id, outcome=left_empty)
    assert page.status_code == 422
    assert "Could not complete action: completing work Say what was done" in text_of(page)
    assert events_of(work_id) == before
    form = page.content.decode().split(f'action="/work/{work_id}/complete/"')[1].split("</form>")[0]
    assert 'name="without_word" value="yes"' in form
    assert 'aria-invalid="true"' in form
    answer = press(operative_client, "complete", work_id, outcome=left_empty, without_word="yes")
    assert "Succeeded completing work" in text_of(answer)
    assert WorkRow.objects.get(pk=work_id).outcome == ""


@pytest.mark.parametrize("given_to", ["nobody", "somebody else"])
def test_a_step_that_was_taken_away_hands_back_what_was_written(
    operative: User, other_operative: User, operative_client: Client, given_to: str
) -> None:
    work_id = factories.work_at(Stage.ASSIGNED, operative.operative_id)
    factories.undo(work_id)
    if given_to == "somebody else":
        assert other_operative.operative_id
        factories.assign(work_id, other_operative.operative_id)
    before = events_of(work_id)
    page = press(operative_client, "complete", work_id, outcome="New <hose>, by Thursday")
    assert page.status_code == 422
    assert "Could not complete action: completing work" in text_of(page)
    assert page.context["current"] is None
    handed_back = page.content.decode().split("readonly>")[1].split("</textarea>")[0]
    assert handed_back == "New &lt;hose&gt;, by Thursday"
    assert events_of(work_id) == before


def test_control_is_handed_back_what_was_written_for_work_that_waits_again(
    operative: User, control_client: Client
) -> None:
    work_id = factories.work_at(Stage.ASSIGNED, operative.operative_id)
    factories.undo(work_id)
    page = press(control_client, "abandon", work_id, reason="unsafe", note="The dog is loose")
    assert page.status_code == 422
    assert "There is no operative assigned to this work to abandon it" in text_of(page)
    assert "The dog is loose</textarea>" in page.content.decode()


def test_what_can_be_shown_in_its_form_is_not_handed_back(operative: User, operative_client: Client) -> None:
    work_id = factories.work_at(Stage.ASSIGNED, operative.operative_id)
    page = press(operative_client, "abandon", work_id, reason="", note="The dog is loose")
    assert page.content.decode().count("The dog is loose") == 1


def test_a_message_names_the_job_and_whose_it_is(operative: User, operative_client: Client) -> None:
    work_id = factories.work_at(Stage.ASSIGNED, operative.operative_id)
    number = WorkRow.objects.get(pk=work_id).number
    done = press(operative_client, "dispatch", work_id)
    assert f"Succeeded dispatching operative {number} Boiler out, Olive Marsh" in text_of(done)
    refused = press(operative_client, "dispatch", work_id)
    assert f"already been dispatched to this work {number} Boiler out, Olive Marsh" in text_of(refused)


def test_with_htmx_the_answer_is_the_fragment(operative: User, operative_client: Client) -> None:
    work_id = factories.work_at(Stage.ASSIGNED, operative.operative_id)
    for step, status in (("arrive", 422), ("dispatch", 200)):
        answer = operative_client.post(
            f"/work/{work_id}/{step}/", {"command_id": uuid4()}, headers=FRAGMENT, follow=True
        )
        assert answer.status_code == status
        html = answer.content.decode()
        assert html.lstrip().startswith('<div id="duty"')
        assert '<div id="messages" hx-swap-oob="innerHTML">' in html
        assert "<html" not in html


def test_the_domain_judges_who_holds_the_work_at_that_moment(
    monkeypatch: pytest.MonkeyPatch, operative: User, other_operative: User, operative_client: Client
) -> None:
    work_id = factories.work_at(Stage.ASSIGNED, other_operative.operative_id)
    WorkRow.objects.filter(pk=work_id).update(operative_id=operative.operative_id)  # the row is behind
    page = press(operative_client, "complete", work_id, outcome="New pump")
    assert page.status_code == 422
    assert "This work is assigned to another operative" in text_of(page)


@pytest.mark.parametrize("step", STEPS)
def test_a_press_belongs_to_the_operative_on_whose_page_it_was_made(
    operative: User, other_operative: User, control_client: Client, step: str
) -> None:
    assert operative.operative_id
    assert other_operative.operative_id
    work_id = factories.work_at(Stage.ASSIGNED, operative.operative_id)
    if step == "arrive":
        factories.set_out(work_id)
    seen = shown_of(control_client, step, operative)
    factories.abandon(work_id)
    factories.assign(work_id, other_operative.operative_id)
    if step == "arrive":
        factories.set_out(work_id)
    before = events_of(work_id)
    words = {"complete": {"outcome": "New hose"}, "abandon": {"reason": "other", "note": "New hose"}}
    page = press(control_client, step, work_id, **seen, **words.get(step, {}))
    assert page.status_code == 422
    assert "This work has been assigned to another operative meanwhile" in text_of(page)
    assert page.context["duty"].member.operative.pk == operative.operative_id
    assert events_of(work_id) == before
    assert ("New hose</textarea>" in page.content.decode()) == (step in words)


def test_what_ends_a_job_is_refused_when_it_has_moved_on_and_goes_on_when_seen(
    operative: User, control_client: Client
) -> None:
    work_id = factories.work_at(Stage.DISPATCHED, operative.operative_id)
    seen = shown_of(control_client, "complete", operative)
    factories.arrive(work_id)
    page = press(control_client, "complete", work_id, **seen, outcome="By telephone")
    assert page.status_code == 422
    assert "This work has moved on meanwhile; look at it again" in text_of(page)
    assert "By telephone</textarea>" in page.content.decode()
    again = press(control_client, "complete", work_id, **shown_in(page, "complete"), outcome="By telephone")
    assert "Succeeded completing work" in text_of(again)


def shown_of(browser: Client, step: str, operative: User) -> dict[str, str]:
    """What the form of a step on an operative's page says that it shows."""
    return shown_in(browser.get(f"/operatives/{operative.operative_id}/"), step)


def shown_in(page: Any, step: str) -> dict[str, str]:
    form = re.split(rf'hx-post="[^"]*/{step}/"', page.content.decode())[1].split("</form>")[0]
    found = dict(re.findall(r'name="(shown_\w+)" value="([^"]+)"', form))
    assert found.keys() == {"shown_operative", "shown_stage"}
    return found
