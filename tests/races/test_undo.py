"""An undo and another change at the same moment: the undo hits the change it was meant for, or none."""

from collections.abc import Callable
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import pytest

from accounts.models import User
from eventstore.current import current_store
from eventstore.decider import Refused
from eventstore.dispatch import dispatch
from eventstore.projections.rebuild import verify
from eventstore.store import WrongVersion
from readmodels.models import WorkRow
from readmodels.work import work
from support.events import WorkChangeUndone
from support.undo import Undoing, undo_command
from support.work import WORK, Stage
from tests import factories
from tests.conftest import person
from tests.eventstore.threads import PATIENCE, Beside

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 25


def carry_out(undoing: Undoing, user: User) -> bool:
    """Whether the undo was taken."""
    try:
        dispatch(
            undoing.command,
            to=WORK,
            by=user.actor,
            command_id=uuid4(),
            expected_version=undoing.expected_version,
        )
    except (WrongVersion, Refused):
        return False
    return True


def undo(work_id: UUID, user: User) -> bool:
    """Whether a person who presses the button has their latest change undone."""
    try:
        return carry_out(undo_command(work_id, user), user)
    except Refused:
        return False


def at_once(*tasks: Callable[[], Any]) -> list[Any]:
    """The results of tasks that begin together."""
    ready = Barrier(len(tasks), timeout=PATIENCE)

    def begin(task: Callable[[], Any]) -> Any:
        ready.wait()
        return task()

    with Beside(len(tasks)) as beside:
        return [each.result(PATIENCE) for each in [beside.run(begin, task) for task in tasks]]


def undone_in(work_id: UUID) -> int:
    """How many undos there are; each takes back the event right before it."""
    history = current_store().read_stream(f"work-{work_id}")
    places = [place for place, each in enumerate(history) if each.type == "WorkChangeUndone"]
    for place in places:
        event, before = history[place].event, history[place - 1]
        assert isinstance(event, WorkChangeUndone)
        assert (event.undone, event.undone_id) == (before.type, before.id)
    return len(places)


@pytest.fixture
def control(db: None) -> User:
    return person("control", "Control")


def arrived(user: User) -> UUID:
    """A job at which this person has just reported an arrival."""
    work_id = factories.work_at(Stage.DISPATCHED)
    factories.arrive(work_id, by=user.actor)
    return work_id


def test_an_undo_prepared_before_somebody_elses_change_is_not_taken(control: User) -> None:
    work_id = arrived(control)
    undoing = undo_command(work_id, control)
    factories.complete(work_id, by="user-0")
    assert not carry_out(undoing, control)
    assert undone_in(work_id) == 0


def test_an_undo_does_not_overtake_a_second_change_of_the_same_person(control: User) -> None:
    """The rules of work alone would allow it: this step is the same person's, too, and the latest."""
    work_id = arrived(control)
    undoing = undo_command(work_id, control)
    factories.complete(work_id, by=control.actor)
    assert not carry_out(undoing, control)
    assert undone_in(work_id) == 0


def test_an_undo_beside_a_colleagues_change(control: User) -> None:
    for _ in range(ROUNDS):
        work_id = arrived(control)
        taken, _ = at_once(
            lambda job=work_id: undo(job, control),  # type: ignore[misc]
            lambda job=work_id: factories.complete(job, by="user-0"),  # type: ignore[misc]
        )
        assert undone_in(work_id) == taken
        assert WorkRow.objects.get(pk=work_id).stage == "completed"
    assert verify(work, progress=lambda *_: None).count == 0


def test_the_same_undo_pressed_in_two_windows_is_taken_once(control: User) -> None:
    for _ in range(ROUNDS):
        work_id = arrived(control)
        taken = at_once(*[lambda job=work_id: undo(job, control)] * 2)
        assert sorted(taken) == [False, True]
        assert undone_in(work_id) == 1
        assert WorkRow.objects.get(pk=work_id).stage == "dispatched"
    assert verify(work, progress=lambda *_: None).count == 0
