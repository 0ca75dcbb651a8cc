"""Control's board: the waiting work, the operatives who could take it, and assigning it."""

from datetime import timedelta
from threading import Barrier
from typing import Any
from unittest.mock import Mock
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from eventstore.store import WrongVersion
from readmodels.queries.board import FULL, LANES
from readmodels.queries.jobs import Job
from readmodels.queries.tray import TRAY
from support.events import AbandonReason
from support.work import Stage
from tests import factories
from tests.eventstore.threads import Beside
from tests.pages.page_requests import FRAGMENT, events_of, press, text_of

ASSIGNED = ["WorkRaised", "WorkAssigned"]


def titles(jobs: list[Job]) -> list[str]:
    return [job.work.title for job in jobs]


def test_next_up_is_the_oldest_and_shown_in_full(control_client: Client) -> None:
    site = factories.acquire("4 Cliff Lane", "Scarborough", "YO11 2BB", "01723 555 123")
    factories.raise_work("Lift stuck", "Between two floors", at=factories.noon(2))
    oldest = factories.raise_work("Gas smell", "Near the\nkitchen", site_ids=[site], at=factories.noon(1))
    factories.hire()
    page = control_client.get("/control/")
    assert page.context["board"].chosen.work.pk == oldest
    words = text_of(page)
    assert "Next up" in words
    assert "Near the kitchen" in words
    assert "4 Cliff Lane, Scarborough YO11 2BB 01723 555 123" in words
    assert b'href="tel:01723555123"' in page.content
    assert b"Between two floors" not in page.content


def test_abandoned_work_keeps_its_place_and_says_by_whom_and_why(control_client: Client) -> None:
    peter = factories.hire("Peter", "Quill")
    first = factories.raise_work("Boiler out", at=factories.noon(1))
    factories.raise_work("Lift stuck", at=factories.noon(2))
    factories.assign(first, peter)
    factories.abandon(first, AbandonReason.PARTS_NEEDED, "Needs a new pump")
    page = control_client.get("/control/")
    assert page.context["board"].tray.rows[0].work.pk == first
    words = text_of(page)
    assert (
        "Abandoned back from Peter Quill , reported by user-0 just now : Parts needed Needs a new pump"
        in words
    )
    assert "Back from Peter Quill , reported by user-0: Parts needed" in words


def test_somebody_who_abandoned_it_is_named_after_they_have_left(control_client: Client) -> None:
    peter = factories.hire("Peter", "Quill")
    factories.work_at(Stage.ABANDONED, peter)
    factories.release(peter)
    words = text_of(control_client.get("/control/"))
    assert "back from Peter Quill" in words
    assert "No available Operatives found" in words


def test_a_lane_shows_the_numbered_queue_and_the_day(control_client: Client) -> None:
    ada = factories.hire("Ada", "Lovelace")
    for title in ("Boiler out", "Lift stuck"):
        factories.assign(factories.raise_work(title), ada)
    factories.work_at(Stage.COMPLETED, ada)
    factories.hire("Ben", "Zander")
    page = control_client.get("/control/")
    ada_lane, ben_lane = page.context["board"].lanes.rows
    assert [job.work.title for job in ada_lane.queue] == ["Boiler out", "Lift stuck"]
    words = text_of(page)
    assert "Ada Lovelace Assigned 1 of 3 done today" in words
    assert "Ben Zander Free 0 of 0 done today" in words
    assert "No Work currently assigned to Ben" in words
    assert not ben_lane.queue


def test_work_completed_yesterday_is_not_done_today(control_client: Client) -> None:
    ada = factories.hire()
    work_id = factories.raise_work(at=factories.noon(1))
    factories.assign(work_id, ada, at=factories.noon(1))
    factories.complete(work_id, at=timezone.now() - timedelta(days=1))
    assert "0 of 0 done today" in text_of(control_client.get("/control/"))


@pytest.mark.parametrize(
    ("stage", "label"),
    [(Stage.ASSIGNED, "Assigned"), (Stage.DISPATCHED, "On the way"), (Stage.ARRIVED, "On site")],
)
def test_an_operative_is_in_the_state_of_their_furthest_job(
    control_client: Client, stage: Stage, label: str
) -> None:
    ada = factories.hire("Ada", "Lovelace")
    factories.work_at(Stage.ASSIGNED, ada)
    factories.work_at(stage, ada)
    assert f"Ada Lovelace {label}" in text_of(control_client.get("/control/"))


def test_somebody_who_should_have_arrived_is_late(control_client: Client) -> None:
    work_id = factories.work_at(Stage.ASSIGNED, factories.hire("Ada", "Lovelace"))
    left = timezone.now() - timedelta(hours=2)
    factories.set_out(work_id, at=left, estimated_arrival=left + timedelta(hours=1, minutes=15))
    words = text_of(control_client.get("/control/"))
    assert "Late 45 min" in words
    assert "On the way" in words  # the alarm does not hide the stage
    factories.hire("Ben", "Zander")
    late = control_client.get("/control/?state=late").context["board"].lanes.rows
    assert [str(lane.member.operative) for lane in late] == ["Ada Lovelace"]


def test_somebody_with_six_open_jobs_is_overloaded_but_may_get_more(control_client: Client) -> None:
    ada = factories.hire("Ada", "Lovelace")
    for _ in range(5):
        factories.work_at(Stage.ASSIGNED, ada)
    assert "Overloaded" not in text_of(control_client.get("/control/"))
    factories.work_at(Stage.ASSIGNED, ada)
    work_id = factories.raise_work()
    words = text_of(control_client.get("/control/"))
    assert "Overloaded" in words
    assert "Assign to Ada" in words
    assert "Succeeded assigning work" in text_of(press(control_client, "assign", work_id, operative_id=ada))


def test_the_queues_are_visible_when_nothing_waits(control_client: Client) -> None:
    factories.work_at(Stage.ASSIGNED, factories.hire("Ada", "Lovelace"), title="Lift stuck")
    words = text_of(control_client.get("/control/"))
    assert "There is no Work to assign" in words
    assert "Lift stuck" in words
    assert "Assign to Ada" not in words


def test_work_waits_also_when_nobody_is_employed(control_client: Client) -> None:
    factories.raise_work("Lift stuck")
    words = text_of(control_client.get("/control/"))
    assert "No available Operatives found" in words
    assert "Lift stuck" in words


def test_the_released_are_not_offered(control_client: Client) -> None:
    factories.raise_work()
    factories.hire("Ada", "Lovelace")
    factories.release(factories.hire("Peter", "Quill"))
    assert "Peter" not in text_of(control_client.get("/control/"))


def test_somebody_who_left_with_open_work_keeps_a_lane_but_is_not_offered(control_client: Client) -> None:
    peter = factories.hire("Peter", "Quill")
    left_behind = factories.work_at(Stage.ASSIGNED, peter, title="Lift stuck")
    factories.release(peter)
    factories.raise_work()
    page = control_client.get("/control/")
    words = text_of(page)
    assert "No available Operatives found" in words
    assert "Peter Quill Released 0 of 1 done today" in words
    assert "Peter has left. Give the work back" in words
    assert "Lift stuck" in words
    assert "Assign to Peter" not in words
    assert "Peter Quill ·" not in words
    assert f'href="/operatives/{peter}/"'.encode() in page.content
    assert "Succeeded" in text_of(press(control_client, "abandon", left_behind, reason="unsafe"))
    assert not control_client.get("/control/").context["board"].lanes.rows


def test_any_waiting_job_can_be_chosen(control_client: Client) -> None:
    factories.hire("Ada", "Lovelace")
    factories.raise_work("Boiler out", at=factories.noon(1))
    later = factories.raise_work("Lift stuck", "Between two floors", at=factories.noon(2))
    page = control_client.get(f"/control/?work={later}")
    words = text_of(page)
    assert "Chosen" in words
    assert "Between two floors" in words
    assert f'action="/work/{later}/assign/"'.encode() in page.content


def test_what_was_chosen_may_be_gone(control_client: Client) -> None:
    taken = factories.work_at(Stage.ASSIGNED)
    waiting = factories.raise_work()
    for choice in (taken, uuid4()):
        page = control_client.get(f"/control/?work={choice}")
        assert "What you chose no longer waits." in text_of(page)
        assert page.context["board"].chosen.work.pk == waiting
    assert "no longer waits" not in text_of(control_client.get("/control/?work=nonsense"))


def test_a_long_tray_shows_the_oldest_and_counts_the_rest(control_client: Client) -> None:
    raised = [factories.raise_work(f"Fault {n}", at=factories.noon(1, n)) for n in range(TRAY + 3)]
    page = control_client.get("/control/")
    oldest = [f"Fault {n}" for n in range(TRAY)]
    assert titles(page.context["board"].tray.rows) == oldest
    # Only paper says how many of them are on the page.
    assert f"Waiting All that waits {TRAY} of {TRAY + 3}" in text_of(page)
    board = control_client.get(f"/control/?work={raised[-1]}").context["board"]
    assert board.chosen.work.pk == raised[-1]
    assert titles(board.tray.rows) == oldest
    rest = control_client.get("/control/", {"tray_after": board.tray.after}).context["board"]
    assert titles(rest.tray.rows) == [f"Fault {n}" for n in range(TRAY, TRAY + 3)]
    assert rest.tray.after is None
    assert rest.chosen.work.pk == raised[TRAY]  # the next press assigns what is visible


def test_operatives_are_found_by_name_and_by_state(control_client: Client) -> None:
    factories.work_at(Stage.ARRIVED, factories.hire("Ada", "Lovelace"))
    factories.hire("Ben", "Zander")

    def lanes(query: str) -> list[str]:
        rows = control_client.get(f"/control/?{query}").context["board"].lanes.rows
        return [str(lane.member.operative) for lane in rows]

    assert lanes("q=LOVE+ada") == ["Ada Lovelace"]
    assert lanes("state=free") == ["Ben Zander"]
    assert lanes("state=arrived") == ["Ada Lovelace"]
    assert lanes("state=nonsense") == ["Ada Lovelace", "Ben Zander"]
    assert "No operative like that" in text_of(control_client.get("/control/?q=nobody"))


def test_many_lanes_are_paged(control_client: Client) -> None:
    for number in range(LANES[FULL] + 2):
        factories.hire("Ada", f"Number {number:03}")
    assert len(control_client.get("/control/").context["board"].lanes.rows) == LANES[FULL] + 2  # compact
    first = control_client.get("/control/?lanes=full")
    assert len(first.context["board"].lanes.rows) == LANES[FULL]
    after = first.context["board"].lanes.after
    rows = control_client.get("/control/?lanes=full", {"after": after}).context["board"].lanes.rows
    assert [lane.member.operative.surname for lane in rows] == ["Number 024", "Number 025"]


def test_one_press_assigns(control_client: Client, control: User) -> None:
    ada, work_id = factories.hire("Ada", "Lovelace"), factories.raise_work()
    page = press(control_client, "assign", work_id, operative_id=ada)
    assert page.redirect_chain == [("/control/", 302)]
    assert "Succeeded assigning work" in text_of(page)
    assert page.context["board"].lanes.rows[0].queue[0].work.pk == work_id
    assert "Succeeded" not in text_of(control_client.get("/control/"))


def test_the_board_shows_the_same_operatives_after_an_assignment(control_client: Client) -> None:
    ada, work_id = factories.hire("Ada", "Lovelace"), factories.raise_work()
    kept = {"q": "ada", "state": "free", "next": "https://elsewhere.example"}
    page = press(control_client, "assign", work_id, operative_id=ada, **kept)
    assert page.redirect_chain == [(f"/control/?q=ada&state=free&held={ada.hex}", 302)]
    assert (
        page.context["board"].lanes.rows[0].member.operative.pk == ada
    )  # no longer free, but in the same place


def test_with_htmx_the_answer_is_the_board_with_its_message(control_client: Client) -> None:
    ada, work_id = factories.hire("Ada", "Lovelace"), factories.raise_work()
    sent = {"operative_id": ada, "command_id": uuid4()}
    answer = control_client.post(f"/work/{work_id}/assign/", sent, headers=FRAGMENT, follow=True)
    html = answer.content.decode()
    assert html.lstrip().startswith('<div id="board"')
    assert '<div id="messages" hx-swap-oob="innerHTML">' in html
    assert "Succeeded assigning work" in html
    assert "<html" not in html
    assert "<html" in control_client.get("/control/").content.decode()


def test_a_dispatcher_whose_job_was_taken_reads_why(control_client: Client) -> None:
    ada, work_id = factories.hire("Ada", "Lovelace"), factories.work_at(Stage.ASSIGNED)
    page = press(control_client, "assign", work_id, operative_id=ada)
    words = text_of(page)
    assert "Could not complete action: assigning work An operative is already assigned to this work" in words
    assert "What you chose no longer waits." in words
    assert events_of(work_id) == ASSIGNED


def test_completed_work_is_refused(control_client: Client) -> None:
    ada, work_id = factories.hire(), factories.work_at(Stage.COMPLETED)
    words = text_of(press(control_client, "assign", work_id, operative_id=ada))
    assert "You cannot assign work if it's already completed" in words


def test_an_operative_who_has_left_is_refused(control_client: Client) -> None:
    peter, work_id = factories.hire("Peter", "Quill"), factories.raise_work()
    factories.release(peter)
    words = text_of(press(control_client, "assign", work_id, operative_id=peter))
    assert "Peter Quill has been released and cannot be assigned work" in words


def test_a_refusal_keeps_the_operative_until_something_else_is_chosen(
    control_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, work_id = factories.hire("Ada", "Lovelace"), factories.raise_work()
    unlucky = Mock(side_effect=WrongVersion(f"work-{work_id}", 0))
    monkeypatch.setattr("pages.respond.dispatch", unlucky)
    page = press(control_client, "assign", work_id, operative_id=ada, state="free")
    html = " ".join(page.content.decode().split())
    assert "Somebody else changed this at the same moment" in html
    assert f'<option value="{ada}" selected>' in html
    assert html.count('aria-invalid="true"') == 1  # there the focus goes
    assert f"operative={ada}" not in html.split("<main")[1]


def test_what_was_refused_because_it_is_gone_proposes_nobody_for_the_next(control_client: Client) -> None:
    ada, taken = factories.hire("Ada", "Lovelace"), factories.work_at(Stage.ASSIGNED)
    factories.raise_work()
    html = press(control_client, "assign", taken, operative_id=ada).content.decode()
    assert "selected>" not in html.split('id="assign-whom"')[1].split("</select>")[0]
    assert "aria-invalid" not in html


@pytest.mark.parametrize("operative_id", ["", "nonsense"])
def test_an_operative_must_be_chosen(control_client: Client, operative_id: str) -> None:
    work_id = factories.raise_work()
    words = text_of(press(control_client, "assign", work_id, operative_id=operative_id))
    assert "Could not complete action: assigning work Choose an operative" in words
    assert events_of(work_id) == ["WorkRaised"]


def test_unknown_operatives_and_work(control_client: Client) -> None:
    work_id, nobody = factories.raise_work(), uuid4()
    words = text_of(press(control_client, "assign", work_id, operative_id=nobody))
    assert f"There is no operative {nobody}" in words
    assert press(control_client, "assign", uuid4(), operative_id=factories.hire()).status_code == 404


def test_a_form_sent_twice_assigns_once(control_client: Client) -> None:
    ada, work_id, command_id = factories.hire(), factories.raise_work(), uuid4()
    for _ in range(2):
        page = press(control_client, "assign", work_id, operative_id=ada, command_id=command_id)
        assert "Succeeded assigning work" in text_of(page)
    assert events_of(work_id) == ASSIGNED


@pytest.mark.django_db(transaction=True)
def test_of_two_dispatchers_at_once_one_wins_and_the_other_reads_why(control: User) -> None:
    people = [factories.hire("Ada", "Lovelace"), factories.hire("Ben", "Zander")]
    browsers = [Client(), Client()]
    for browser in browsers:
        browser.force_login(control)
    for _ in range(5):
        work_id, together = factories.raise_work(), Barrier(2, timeout=30)

        def send(number: int, work_id: UUID = work_id, together: Barrier = together) -> str:
            together.wait()
            return text_of(press(browsers[number], "assign", work_id, operative_id=people[number]))

        with Beside(2) as beside:
            answers = [each.result() for each in [beside.run(send, number) for number in (0, 1)]]
        assert sorted("Succeeded assigning work" in words for words in answers) == [False, True]
        loser = next(words for words in answers if "Succeeded" not in words)
        assert "An operative is already assigned to this work" in loser
        assert events_of(work_id) == ASSIGNED


@pytest.mark.parametrize("who", ["response_client", "operative_client", "administration_client"])
def test_only_control_assigns(request: pytest.FixtureRequest, who: str) -> None:
    browser, ada, work_id = request.getfixturevalue(who), factories.hire(), factories.raise_work()
    assert browser.get("/control/").status_code == 403
    assert press(browser, "assign", work_id, operative_id=ada).status_code == 403
    assert events_of(work_id) == ["WorkRaised"]


def test_methods(control_client: Client) -> None:
    assert control_client.post("/control/").status_code == 405
    assert control_client.get(f"/work/{factories.raise_work()}/assign/").status_code == 405


def test_the_board_says_quietly_what_is_new(control_client: Client) -> None:
    factories.hire()
    board = control_client.get("/control/", headers=FRAGMENT).context["board"]

    def news(told: str = "") -> Any:
        here = {"HX-Current-URL": "http://testserver/control/?state=free"}
        query = {"news": board.position, "told": told}
        return control_client.get("/control/", query, headers={**FRAGMENT, **here})

    assert news().status_code == 204
    work_id = factories.raise_work()
    factories.raise_work()
    answer = news()
    assert text_of(answer) == "2 new Show"
    assert b'hx-get="/control/?state=free&amp;tray_new=1.2"' in answer.content
    assert news(told="2 new").status_code == 204
    board = control_client.get("/control/").context["board"]
    assert news().status_code == 204
    factories.assign(work_id, factories.hire())
    assert text_of(news()) == "The board has changed Show"


def test_the_board_costs_the_same_number_of_queries_whatever_is_on_it(
    control_client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    def one_of_each(number: int) -> UUID:
        ada = factories.hire("Ada", f"Number {number}")
        for stage in (Stage.ARRIVED, Stage.ASSIGNED, Stage.COMPLETED, Stage.ABANDONED):
            factories.work_at(stage, ada)
        return factories.raise_work(site_ids=[factories.acquire(), factories.acquire()])

    chosen = one_of_each(0)
    with django_assert_max_num_queries(10) as few:
        control_client.get("/control/")
    for number in range(1, 8):
        chosen = one_of_each(number)
    with django_assert_max_num_queries(10) as many:
        control_client.get(f"/control/?work={chosen}&q=ada")
    assert len(few) == len(many)
    with django_assert_max_num_queries(5):
        control_client.get("/control/?news=0", headers=FRAGMENT)
