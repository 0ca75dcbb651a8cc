"""Whenever and however large the demo is made, no rule refuses any of it, and it ends in a full present."""

import itertools
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from intake.demo.calls import make_calls
from intake.demo.cast import Actors, make_operatives, make_sites
from intake.demo.diary import Diary
from intake.demo.month import Month
from intake.demo.organisation import new_job, write_diary
from intake.demo.plan import Plan
from intake.demo.present import SCRIPTED, STORIES, busy_until
from operatives.operative import OPERATIVE, Status
from orders.order import ORDER, Order
from orders.order import Status as OrderStatus
from sites.site import SITE
from support.commands import AbandonWork, ArriveOnSite, AssignWork, CompleteWork, DispatchOperative
from support.events import OperativeDispatched, WorkEvent
from support.work import WORK, Stage, Work

ACTORS = Actors(response="user-1", control="user-2", operative="user-3", administration="user-4")
NOON = datetime(2026, 3, 11, 12, 0, tzinfo=UTC)


def plan(**changes: object) -> Plan:
    sizes = {"seed": 1, "now": NOON, "days": 30, "jobs": 120, "operatives": 9, "sites": 20}
    return Plan(**(sizes | changes))  # type: ignore[arg-type]


def histories(diary: Diary) -> dict[str, list[object]]:
    """Every stream that the diary makes. Raises Refused if a rule forbids a command."""
    streams: dict[str, list[object]] = defaultdict(list)
    for entry in diary.entries:
        stream = streams[entry.to.stream(entry.to.identify(entry.command))]
        stream.extend(entry.to.decide(entry.command, entry.to.fold(stream)))
    return streams


def works(streams: dict[str, list[object]]) -> list[Work]:
    return [WORK.fold(events) for name, events in streams.items() if name.startswith("work-")]  # type: ignore[arg-type]


def orders_of(streams: dict[str, list[object]]) -> list[Order]:
    return [ORDER.fold(events) for name, events in streams.items() if name.startswith("order-")]  # type: ignore[arg-type]


def queue(streams: dict[str, list[object]], operative_id: UUID) -> list[Work]:
    open_work = (each for each in works(streams) if each.stage is not Stage.COMPLETED)
    return [each for each in open_work if each.operative_id == operative_id]


NOWS = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
CLOCKS_CHANGE = [datetime(2026, 3, 29, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)]


@hypothesis_settings(max_examples=25)
@given(
    now=NOWS | st.sampled_from(CLOCKS_CHANGE).map(lambda at: at + timedelta(hours=2)),
    seed=st.integers(0, 2**32),
    days=st.integers(7, 40),
    jobs=st.integers(len(STORIES), 200),
    operatives=st.integers(SCRIPTED + 2, 15),
    sites=st.integers(6, 200),
)
def test_no_rule_refuses_anything_and_nothing_is_ahead_of_its_time(
    now: datetime, seed: int, days: int, jobs: int, operatives: int, sites: int
) -> None:
    sizes = {"days": days, "jobs": jobs, "operatives": operatives, "sites": sites}
    wanted = plan(now=now.replace(second=0, microsecond=0), seed=seed, **sizes)
    diary, operative = write_diary(wanted, ACTORS)
    streams = histories(diary)
    assert all(entry.at <= wanted.now for entry in diary.entries)
    assert len(works(streams)) == jobs
    assert {each.stage for each in works(streams)} == set(Stage) - {Stage.NONE, Stage.WITHDRAWN}
    assert {each.status for each in orders_of(streams)} == set(OrderStatus) - {OrderStatus.NONE}
    assert len([name for name in streams if name.startswith("site-")]) == sites
    assert len(queue(streams, operative.operative_id)) == 3


@pytest.mark.parametrize("minutes", [0, 1, 45, 200, 700, 1439])
def test_something_was_completed_today_at_any_hour(minutes: int) -> None:
    wanted = plan(now=datetime(2026, 2, 4, tzinfo=UTC) + timedelta(minutes=minutes))
    diary, _ = write_diary(wanted, ACTORS)
    today = [e for e in diary.entries if isinstance(e.command, CompleteWork) and e.at >= wanted.midnight]
    assert len(today) >= 3


def test_operatives_are_free_overloaded_late_and_gone() -> None:
    streams = histories(write_diary(plan(), ACTORS)[0])
    crew = [name for name in streams if name.startswith("operative-")]
    employed = [name for name in crew if OPERATIVE.fold(streams[name]).status is Status.EMPLOYED]  # type: ignore[arg-type]
    queues = sorted(len(queue(streams, UUID(name.removeprefix("operative-")))) for name in employed)
    assert len(employed) == len(crew) - 1
    assert queues[0] == 0
    assert queues[-1] >= 6
    assert any(is_late(events) for name, events in streams.items() if name.startswith("work-"))
    assert len([n for n in streams if n.startswith("site-") and is_relinquished(streams[n])]) == 1


def is_late(events: list[WorkEvent] | list[object]) -> bool:
    last = events[-1]
    return isinstance(last, OperativeDispatched) and (last.estimated_arrival or NOON) < NOON


def is_relinquished(events: list[object]) -> bool:
    return SITE.fold(events).status.value == "relinquished"  # type: ignore[arg-type]


def test_more_jobs_than_so_few_people_could_do_are_done_quicker() -> None:
    diary, _ = write_diary(plan(jobs=3000, days=7, operatives=SCRIPTED + 2), ACTORS)
    assert len(works(histories(diary))) == 3000
    by_telephone = 3000 - len([e for e in diary.entries if isinstance(e.command, ArriveOnSite)])
    assert by_telephone < 1000


def test_what_cannot_be_done_in_time_is_settled_by_telephone() -> None:
    """With journeys and repairs twenty times as long: the past must not reach into the present."""
    wanted, rng, diary = plan(), Random(1), Diary()
    operatives = make_operatives(wanted, ACTORS, rng, busy_until(wanted))
    month = Month(rng, operatives, pace=20)
    sites = make_sites(wanted, rng)
    for number, call in enumerate(make_calls(rng, sites, wanted.start, wanted.ago(600), 200)):
        month.wait(new_job(wanted.id(number), call.fault, call.fault.case(rng), diary, ACTORS, rng), call.at)
    month.play(wanted.ago(480))
    until = {each.operative_id: each.until for each in operatives}
    assigned = [e.command for e in diary.entries if isinstance(e.command, AssignWork)]
    holder = {command.work_id: command.operative.operative_id for command in assigned}
    assert len(holder) == 200
    assert all(entry.at < until[holder[entry.command.work_id]] for entry in diary.entries)


def test_the_past_ends_before_the_stories_of_today_begin() -> None:
    until = busy_until(plan())
    for story in STORIES:
        if story.assigned is not None and story.abandoned is None:
            assert until[story.to] < plan().ago(story.assigned)


@pytest.mark.parametrize(("jobs", "seed"), [(150, 1), (150, 2), (600, 3)])
def test_nobody_is_in_two_places_at_once(jobs: int, seed: int) -> None:
    diary, _ = write_diary(plan(jobs=jobs, seed=seed, days=10), ACTORS)
    for visits in visits_by_operative(diary).values():
        visits.sort()
        for (_, done), (left, _) in itertools.pairwise(visits):
            assert done <= left


def visits_by_operative(diary: Diary) -> dict[UUID, list[tuple[datetime, datetime]]]:
    """From setting out to the end, for every visit that has ended."""
    holder: dict[UUID, UUID] = {}
    left: dict[UUID, datetime] = {}
    visits: dict[UUID, list[tuple[datetime, datetime]]] = defaultdict(list)
    for entry in diary.entries:
        match entry.command:
            case AssignWork(work_id=work_id, operative=operative):
                holder[work_id] = operative.operative_id
            case DispatchOperative(work_id=work_id):
                left[work_id] = entry.at
            case CompleteWork(work_id=work_id) | AbandonWork(work_id=work_id) if work_id in left:
                visits[holder[work_id]].append((left.pop(work_id), entry.at))
    return visits


def test_the_same_plan_is_the_same_diary_and_another_seed_another() -> None:
    first, second, other = (write_diary(plan(seed=seed), ACTORS)[0] for seed in (1, 1, 2))
    assert first.entries == second.entries
    assert first.entries != other.entries
    shared = set(histories(first)) & set(histories(other))
    assert all(stream.startswith("buyer-") for stream in shared)  # people are known by their addresses
