"""The lanes of Control's board: their order, the head of each queue, and what people are called."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone

from readmodels.queries.board import FULL, LANES
from support.work import Stage
from tests import factories
from tests.pages.page_requests import press, text_of


def board_of(browser: Client, **asked: str) -> Any:
    return browser.get("/control/", asked).context["board"]


def lanes_of(browser: Client, **asked: str) -> list[str]:
    return [lane.member.operative.forename for lane in board_of(browser, **asked).lanes.rows]


@pytest.fixture
def crew(db: None) -> dict[str, UUID]:
    """In the order of their names: Ada on site, Ben free, Cem late."""
    people = {
        name: factories.hire(name, surname) for name, surname in (("Ada", "A"), ("Ben", "B"), ("Cem", "C"))
    }
    factories.work_at(Stage.ARRIVED, people["Ada"])
    late = factories.work_at(Stage.ASSIGNED, people["Cem"])
    left = timezone.now() - timedelta(hours=2)
    factories.set_out(late, at=left, estimated_arrival=left + timedelta(hours=1))
    return people


def test_lanes_are_by_name_or_free_first_or_late_first(control_client: Client, crew: dict[str, UUID]) -> None:
    assert lanes_of(control_client) == ["Ada", "Ben", "Cem"]
    assert lanes_of(control_client, sort="free") == ["Ben", "Ada", "Cem"]
    assert lanes_of(control_client, sort="late") == ["Cem", "Ada", "Ben"]
    assert lanes_of(control_client, sort="nonsense") == ["Ada", "Ben", "Cem"]


def test_somebody_who_is_given_work_among_the_free_stays_in_their_place(
    control_client: Client, crew: dict[str, UUID]
) -> None:
    dan = factories.hire("Dan", "D")
    for asked in ({"sort": "free"}, {"state": "free"}):
        before = lanes_of(control_client, **asked)
        page = press(control_client, "assign", factories.raise_work(), operative_id=crew["Ben"], **asked)
        here = [lane.member.operative.forename for lane in page.context["board"].lanes.rows]
        assert here == before
        crew["Ben"] = dan
    assert lanes_of(control_client, state="free") == []


def test_the_running_job_is_first_and_late_ones_are_never_folded(control_client: Client) -> None:
    ada = factories.hire("Ada", "Lovelace")
    jobs = [factories.work_at(Stage.ASSIGNED, ada, title=f"Fault {n}") for n in range(7)]
    left = timezone.now() - timedelta(hours=3)
    for minutes, n in ((0, 6), (10, 5), (20, 4), (30, 3)):
        arrival = left + timedelta(minutes=240 if n == 3 else 60 + minutes)
        factories.set_out(jobs[n], at=left + timedelta(minutes=minutes), estimated_arrival=arrival)
    (lane,) = board_of(control_client).lanes.rows
    assert [job.work.title for _, job in lane.shown] == ["Fault 3", "Fault 6", "Fault 5", "Fault 4"]
    assert [job.work.title for _, job in lane.folded] == ["Fault 0", "Fault 1", "Fault 2"]
    (lane,) = board_of(control_client, lanes="compact").lanes.rows
    assert [job.work.title for _, job in lane.shown] == ["Fault 3", "Fault 6", "Fault 5", "Fault 4"]


def test_with_many_operatives_lanes_are_compact_unless_asked_otherwise(control_client: Client) -> None:
    for n in range(LANES[FULL]):
        factories.hire("Ada", f"Number {n:02}")
    assert board_of(control_client).density == "full"
    factories.hire("Ben", "Zander")
    assert board_of(control_client).density == "compact"
    assert len(board_of(control_client).lanes.rows) == LANES[FULL] + 1
    assert board_of(control_client, lanes="full").density == "full"


def test_the_board_and_the_page_are_bounded_however_much_one_operative_holds(control_client: Client) -> None:
    ada = factories.hire("Ada", "Lovelace")
    for _ in range(30):
        factories.work_at(Stage.ASSIGNED, ada)
    sizes = [len(control_client.get(address).content) for address in ("/control/", f"/operatives/{ada}/")]
    for _ in range(30):
        factories.work_at(Stage.ASSIGNED, ada)
    more = [len(control_client.get(address).content) for address in ("/control/", f"/operatives/{ada}/")]
    assert all(new < old * 1.02 for old, new in zip(sizes, more, strict=True))
    (lane,) = board_of(control_client).lanes.rows
    assert (len(lane.shown), len(lane.folded), lane.unread) == (3, 5, 52)
    assert "All 60 in the queue" in text_of(control_client.get("/control/"))


def test_people_of_one_name_are_distinguished_wherever_they_are_chosen(control_client: Client) -> None:
    factories.raise_work()
    names = [("Ada", "Lovelace"), ("Ada", "Byron"), ("Ben", "Zander"), ("Cem", "Ash"), ("Cem", "Alp")]
    for forename, surname in names:
        factories.hire(forename, surname)
    for day in (1, 2):
        factories.hire("Eve", "Hall", at=factories.noon(day))
    words = text_of(control_client.get("/control/"))
    for name in ("Ada L.", "Ada B.", "Ben", "Cem Ash", "Cem Alp"):
        assert f"Assign to {name} " in words
    for name in ("Eve Hall (since 1 Mar 2026)", "Eve Hall (since 2 Mar 2026)"):
        assert f"Assign to {name} " in words
        assert f"{name} · Free" in words


def test_namesakes_hired_on_one_day_are_distinguished_by_the_time_everywhere(control_client: Client) -> None:
    work = factories.raise_work("Boiler out")
    _, second = (factories.hire("Eve", "Hall", at=factories.noon(1, minute)) for minute in (0, 45))
    names = ("Eve Hall (since 1 Mar 2026 at 12:00)", "Eve Hall (since 1 Mar 2026 at 12:45)")
    board, roster = (text_of(control_client.get(page)) for page in ("/control/", "/operatives/"))
    for name in names:
        assert f"Assign to {name} " in board
        assert f"{name} · Free" in board
        assert name in roster
    sent = press(control_client, "assign", work, operative_id=second)
    assert f"Boiler out, to {names[1]}" in text_of(sent)
    factories.abandon(work)
    assert f"Back from {names[1]}" in text_of(control_client.get("/control/"))
    factories.release(second)
    assert "Assign to Eve (" not in text_of(control_client.get("/control/"))


def test_names_from_right_to_left_turn_nothing_round(control_client: Client) -> None:
    name = "\u0645\u062d\u0645\u062f"
    work = factories.raise_work("Boiler out")
    holder = factories.hire(name, "1")
    content = control_client.get("/control/").content.decode()
    assert f"Assign to <bdi>{name}</bdi>" in content
    assert f"<bdi>{name} 1</bdi></a></h3>" in content
    sent = text_of(press(control_client, "assign", work, operative_id=holder))
    assert f"Boiler out, to \u2068{name} 1\u2069" in sent
    released = factories.hire(name, "2")
    factories.release(released)
    again = factories.raise_work("Lift stuck")
    refused = text_of(press(control_client, "assign", again, operative_id=released))
    assert f"\u2068{name} 2\u2069 has been released" in refused
