"""Work in the read model after a change is undone: as it was before that change."""

from collections.abc import Callable
from datetime import timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eventstore.decider import Refused
from eventstore.projections.read_model import registry
from eventstore.projections.rebuild import rebuild, verify
from readmodels.models import WorkCounter, WorkRow, WorkStepRow
from readmodels.queries.jobs import tally
from readmodels.work import work
from support.events import STEPS_KEPT, AbandonReason
from support.work import HELD, Stage
from tests import factories
from tests.factories import noon
from tests.readmodels.tables import contents, forget_everything

pytestmark = pytest.mark.django_db(transaction=True)


def values(work_id: UUID) -> dict[str, Any]:
    """The row."""
    return dict(WorkRow.objects.filter(pk=work_id).values().get().items())


def quietly(*_: int) -> None:
    """No progress bar."""


# A job that was given back once already, so that there is something in every column.
STEPS: list[tuple[str, Callable[[UUID], object]]] = [
    ("assigned", lambda job: factories.assign(job, factories.hire("Ada"), at=noon(2))),
    ("dispatched", lambda job: factories.set_out(job, at=noon(2, 5), estimated_arrival=noon(2, 30))),
    ("arrived", lambda job: factories.arrive(job, at=noon(2, 40))),
    ("abandoned", lambda job: factories.abandon(job, AbandonReason.OTHER, "Wasps.", at=noon(2, 50))),
    ("assigned again", lambda job: factories.assign(job, factories.hire("Grace"), at=noon(3))),
    ("on the way again", lambda job: factories.set_out(job, at=noon(3, 5), estimated_arrival=noon(3, 30))),
    ("there again", lambda job: factories.arrive(job, at=noon(3, 40))),
    ("abandoned again", lambda job: factories.abandon(job, AbandonReason.UNSAFE, "Gas.", at=noon(3, 50))),
    ("assigned at last", lambda job: factories.assign(job, factories.hire("Alan"), at=noon(4))),
    ("completed", lambda job: factories.complete(job, "New fuse.", at=noon(4, 9))),
]


@pytest.mark.parametrize("number", range(len(STEPS)), ids=[name for name, _ in STEPS])
def test_a_job_is_as_it_was_before_the_change_that_is_undone(number: int) -> None:
    work_id = factories.raise_work(at=noon(1))
    for _, step in STEPS[:number]:
        step(work_id)
    before = values(work_id)
    STEPS[number][1](work_id)
    assert values(work_id) != before
    factories.undo(work_id)
    assert values(work_id) == before
    assert verify(work, progress=quietly).count == 0


def test_the_steps_of_a_job_are_undone_one_after_another() -> None:
    work_id = factories.raise_work(at=noon(1))
    seen = [values(work_id)]
    for _, step in STEPS:
        step(work_id)
        seen.append(values(work_id))
    while len(seen) > 1:
        assert values(work_id) == seen.pop()
        factories.undo(work_id)
    assert values(work_id) == seen.pop()
    assert not WorkStepRow.objects.exists()
    assert verify(work, progress=quietly).count == 0


def test_a_job_that_went_to_and_fro_notes_no_more_than_can_be_undone() -> None:
    work_id, ada = factories.raise_work(), factories.hire()
    for _ in range(STEPS_KEPT):
        factories.assign(work_id, ada)
        factories.abandon(work_id)
    noted = WorkStepRow.objects.order_by("version").values_list("version", flat=True)
    assert list(noted) == list(range(STEPS_KEPT, 2 * STEPS_KEPT))
    assert verify(work, progress=quietly).count == 0


def test_a_withdrawn_job_waits_no_more_and_says_since_when() -> None:
    work_id = factories.raise_work(at=noon(1))
    before = values(work_id)
    factories.undo(work_id, at=noon(1, 3))
    assert values(work_id) == {
        **before,
        "stage": "withdrawn",
        "waiting_since": None,
        "withdrawn_at": noon(1, 3),
    }


def test_a_queue_has_the_job_back_in_its_old_place() -> None:
    ada = factories.hire()
    jobs = [factories.raise_work() for _ in range(3)]
    for job in jobs:
        factories.assign(job, ada)
    factories.complete(jobs[1])
    factories.undo(jobs[1])
    held = WorkRow.objects.filter(operative_id=ada, queue_place__isnull=False).order_by("queue_place")
    assert [row.pk for row in held] == jobs


def test_a_withdrawn_job_keeps_its_number_and_counts_as_nothing_else() -> None:
    factories.work_at(Stage.WITHDRAWN)
    factories.work_at(Stage.COMPLETED)
    assert WorkRow.objects.get(pk=factories.raise_work()).number == 3
    counter = WorkCounter.objects.get()
    assert (counter.jobs, counter.withdrawn) == (3, 1)
    counted = tally(noon(1))
    assert (counted.completed, counted.raised) == (1, 1)


def test_an_estimate_in_another_zone_is_noted_the_same_live_and_again() -> None:
    """In a rebuild the row is never read back from the database, which knows only one zone."""
    work_id = factories.work_at(Stage.ASSIGNED)
    there = timezone(timedelta(hours=5, minutes=30))
    factories.set_out(work_id, at=noon(2).astimezone(there), estimated_arrival=noon(3).astimezone(there))
    factories.abandon(work_id)
    live = contents()
    assert verify(work, progress=quietly).count == 0
    rebuild([work], progress=quietly)
    assert contents() == live
    factories.undo(work_id)
    assert WorkRow.objects.get().estimated_arrival == noon(3)


HAPPENINGS: list[Callable[[UUID], object]] = [
    lambda job: factories.assign(job, factories.hire()),
    factories.set_out,
    factories.arrive,
    lambda job: factories.complete(job, "Done"),
    factories.abandon,
    factories.undo,
]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(st.tuples(st.sampled_from(HAPPENINGS), st.integers(0, 1)), min_size=3, max_size=40))
def test_an_undo_always_restores_the_former_row(
    transactional_db: None, happenings: list[tuple[Callable[[UUID], object], int]]
) -> None:
    forget_everything()
    jobs = [factories.raise_work(), factories.raise_work()]
    before: dict[UUID, list[dict[str, Any]]] = {job: [] for job in jobs}
    for happen, number in happenings:
        work_id = jobs[number]
        then = values(work_id)
        try:
            happen(work_id)
        except Refused:
            continue
        now = values(work_id)
        assert (now["queue_place"] is not None) == (now["stage"] in HELD)
        if happen is not factories.undo:
            before[work_id].append(then)
        elif before[work_id]:
            assert now == before[work_id].pop()
        else:
            assert now["stage"] == "withdrawn"
    live = contents()
    rebuild(list(registry.values()), progress=quietly)
    assert contents() == live
