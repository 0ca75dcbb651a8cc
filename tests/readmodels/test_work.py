"""Work as it is now: each job, its place in the queues and its number."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from eventstore.dispatch import Outcome
from readmodels.models import WorkCounter, WorkRow, WorkSiteRow
from support.events import AbandonReason
from support.work import Stage
from tests import factories
from tests.factories import noon

pytestmark = pytest.mark.django_db


def row(work_id: UUID) -> WorkRow:
    return WorkRow.objects.get(work_id=work_id)


def waiting() -> list[UUID]:
    """What waits for Control, the next first."""
    waits = WorkRow.objects.filter(waiting_since__isnull=False).order_by("waiting_since", "number")
    return list(waits.values_list("work_id", flat=True))


def queue(operative_id: UUID) -> list[UUID]:
    """An operative's jobs, the current one first."""
    held = WorkRow.objects.filter(operative_id=operative_id, queue_place__isnull=False)
    return list(held.order_by("queue_place").values_list("work_id", flat=True))


# --- One job through its stages --------------------------------------------------------------------


def test_raised_work_waits_for_control() -> None:
    harbour, mill = factories.acquire("1 Harbour Street"), factories.acquire("The Old Mill")
    work_id = factories.raise_work(
        "Boiler out", "No heating.", site_ids=[mill, harbour], at=noon(1), by="user-7"
    )
    raised = row(work_id)
    assert (raised.title, raised.description, raised.stage) == ("Boiler out", "No heating.", "raised")
    assert (raised.raised_at, raised.raised_by, raised.waiting_since) == (noon(1), "user-7", noon(1))
    assert (raised.operative_id, raised.queue_place) == (None, None)
    places = WorkSiteRow.objects.filter(work_id=work_id).order_by("place")
    assert list(places.values_list("place", "site_id")) == [(0, mill), (1, harbour)]


def test_assigned_work_waits_no_more_and_is_in_its_operatives_queue() -> None:
    work_id, operative_id = factories.raise_work(at=noon(1)), factories.hire()
    outcome = factories.assign(work_id, operative_id, at=noon(2))
    assigned = row(work_id)
    assert (assigned.stage, assigned.operative_id, assigned.assigned_at) == (
        "assigned",
        operative_id,
        noon(2),
    )
    assert (assigned.waiting_since, assigned.queue_place) == (None, outcome.position)
    assert assigned.raised_at == noon(1)


def test_an_operative_on_the_way_is_expected_when_they_said() -> None:
    work_id = factories.raise_work(at=noon(1))
    factories.assign(work_id, factories.hire(), at=noon(1, 10))
    factories.set_out(work_id, at=noon(1, 20), estimated_arrival=noon(1, 45))
    dispatched = row(work_id)
    assert (dispatched.stage, dispatched.dispatched_at) == ("dispatched", noon(1, 20))
    assert dispatched.estimated_arrival == noon(1, 45)
    factories.arrive(work_id, at=noon(1, 50))
    assert (row(work_id).stage, row(work_id).arrived_at) == ("arrived", noon(1, 50))


def test_completed_work_leaves_the_queue_and_keeps_its_operative_and_times() -> None:
    operative_id = factories.hire()
    work_id = factories.work_at(Stage.ARRIVED, operative_id)
    before = row(work_id)
    factories.complete(work_id, "New fuse.", at=noon(9))
    after = row(work_id)
    assert (after.stage, after.completed_at, after.outcome) == ("completed", noon(9), "New fuse.")
    assert (after.operative_id, after.queue_place, after.waiting_since) == (operative_id, None, None)
    assert (after.assigned_at, after.arrived_at) == (before.assigned_at, before.arrived_at)


def test_abandoned_work_says_who_gave_it_back_and_why_and_forgets_the_visit() -> None:
    operative_id = factories.hire()
    work_id = factories.raise_work(at=noon(1))
    factories.assign(work_id, operative_id, at=noon(2))
    factories.set_out(work_id, at=noon(3), estimated_arrival=noon(4))
    factories.arrive(work_id, at=noon(4))
    factories.abandon(work_id, AbandonReason.OTHER, "Wasps.", at=noon(5))
    left = row(work_id)
    assert (left.stage, left.abandoned_at, left.abandoned_by) == ("abandoned", noon(5), operative_id)
    assert (left.abandoned_reason, left.abandoned_note) == ("other", "Wasps.")
    assert (left.operative_id, left.queue_place) == (None, None)
    assert (left.assigned_at, left.dispatched_at) == (None, None)
    assert (left.estimated_arrival, left.arrived_at) == (None, None)


def test_work_taken_over_remembers_who_gave_it_back() -> None:
    first, second = factories.hire("Ada"), factories.hire("Grace")
    work_id = factories.work_at(Stage.ABANDONED, first)
    factories.assign(work_id, second)
    taken = row(work_id)
    assert (taken.stage, taken.operative_id, taken.abandoned_by) == ("assigned", second, first)
    assert taken.waiting_since is None


# --- Next up, and queues ---------------------------------------------------------------------------


def test_next_up_is_the_oldest_by_when_it_was_raised_not_by_when_it_was_stored() -> None:
    newest = factories.raise_work(at=noon(3))
    oldest = factories.raise_work(at=noon(1))
    middle = factories.raise_work(at=noon(2))
    assert waiting() == [oldest, middle, newest]


def test_work_raised_at_the_same_time_waits_in_the_order_in_which_it_was_stored() -> None:
    jobs = [factories.raise_work(at=noon(1)) for _ in range(4)]
    assert waiting() == jobs


def test_abandoned_work_keeps_its_place() -> None:
    first, second, third = (factories.raise_work(at=noon(day)) for day in (1, 2, 3))
    factories.assign(second, factories.hire(), at=noon(4))
    assert waiting() == [first, third]
    factories.abandon(second, at=noon(5))
    assert waiting() == [first, second, third]
    assert row(second).waiting_since == noon(2)


def test_a_queue_is_in_the_order_of_assignment() -> None:
    operative_id, colleague = factories.hire(), factories.hire()
    jobs = [factories.raise_work(at=noon(day)) for day in (1, 2, 3, 4)]
    for job in (jobs[2], jobs[0], jobs[3]):
        factories.assign(job, operative_id)
    factories.assign(jobs[1], colleague)
    assert queue(operative_id) == [jobs[2], jobs[0], jobs[3]]
    assert queue(colleague) == [jobs[1]]


def test_the_head_of_the_queue_goes_when_it_is_completed_or_abandoned() -> None:
    operative_id = factories.hire()
    jobs = [factories.raise_work() for _ in range(3)]
    for job in jobs:
        factories.assign(job, operative_id)
    factories.complete(jobs[0])
    assert queue(operative_id) == jobs[1:]
    factories.abandon(jobs[1])
    assert queue(operative_id) == jobs[2:]


def test_work_assigned_again_goes_to_the_end_of_the_queue() -> None:
    operative_id = factories.hire()
    jobs = [factories.raise_work() for _ in range(2)]
    for job in jobs:
        factories.assign(job, operative_id)
    factories.abandon(jobs[0])
    factories.assign(jobs[0], operative_id)
    assert queue(operative_id) == [jobs[1], jobs[0]]


def test_setting_out_and_arriving_keep_the_place_in_the_queue() -> None:
    operative_id = factories.hire()
    jobs = [factories.raise_work() for _ in range(2)]
    for job in jobs:
        factories.assign(job, operative_id)
    factories.set_out(jobs[0])
    factories.arrive(jobs[0])
    assert queue(operative_id) == jobs


# --- Numbers and stages -------------------------------------------------------------------------------


def test_jobs_are_numbered_in_the_order_in_which_they_were_recorded() -> None:
    jobs = [factories.raise_work(at=noon(day)) for day in (3, 1, 2)]
    assert [row(job).number for job in jobs] == [1, 2, 3]


def test_numbers_go_on_whatever_becomes_of_earlier_jobs() -> None:
    for stage in (Stage.COMPLETED, Stage.ABANDONED, Stage.ARRIVED):
        factories.work_at(stage)
    assert row(factories.raise_work()).number == 4


STEPS: list[tuple[str, Callable[[UUID], Outcome]]] = [
    ("assigned", lambda work_id: factories.assign(work_id, factories.hire())),
    ("dispatched", factories.set_out),
    ("arrived", factories.arrive),
    ("abandoned", factories.abandon),
    ("assigned", lambda work_id: factories.assign(work_id, factories.hire())),
    ("completed", factories.complete),
]


def test_a_job_stands_at_the_stage_of_its_last_event() -> None:
    work_id = factories.raise_work()
    for stage, step in STEPS:
        step(work_id)
        assert row(work_id).stage == stage


def test_the_counter_counts_every_job_once_whatever_becomes_of_it() -> None:
    stages = [stage for stage in Stage if stage is not Stage.NONE]
    for stage in stages:
        factories.work_at(stage)
    assert WorkCounter.objects.get().jobs == len(stages) == WorkRow.objects.count()


def test_times_are_those_at_which_things_happened() -> None:
    """An import reports what happened years ago; nothing may show the time at which it was stored."""
    start = noon(1) - timedelta(days=3000)
    work_id = factories.raise_work(at=start)
    factories.assign(work_id, factories.hire(), at=start + timedelta(hours=1))
    factories.complete(work_id, at=start + timedelta(hours=2))
    done = row(work_id)
    assert (done.raised_at, done.assigned_at) == (start, start + timedelta(hours=1))
    assert done.completed_at == start + timedelta(hours=2)


def test_the_reporter_of_the_end_of_a_visit_is_kept_and_an_undo_restores_the_one_before() -> None:
    work_id = factories.raise_work()
    assert row(work_id).reported_by == ""
    factories.assign(work_id, factories.hire())
    factories.abandon(work_id, by="user-1")
    factories.assign(work_id, factories.hire())
    assert row(work_id).reported_by == "user-1"
    factories.complete(work_id, by="user-2")
    assert row(work_id).reported_by == "user-2"
    factories.undo(work_id)
    assert row(work_id).reported_by == "user-1"
