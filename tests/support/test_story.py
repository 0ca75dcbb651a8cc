"""A job's story, from recorded events and without a database."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from eventstore import codec
from eventstore.store import RecordedEvent
from support.events import (
    AbandonReason,
    OperativeArrived,
    OperativeDispatched,
    WorkAbandoned,
    WorkAssigned,
    WorkChangeUndone,
    WorkCompleted,
    WorkRaised,
)
from support.story import Leg, tell

WORK, PETER = uuid4(), uuid4()
RAISED = WorkRaised(work_id=WORK, title="Boiler out", description="Cold", site_ids=(uuid4(),))
ASSIGNED = WorkAssigned(work_id=WORK, operative_id=PETER)
ARRIVED = OperativeArrived(work_id=WORK, operative_id=PETER)
COMPLETED = WorkCompleted(work_id=WORK, operative_id=PETER, outcome="Mended")
ABANDONED = WorkAbandoned(work_id=WORK, operative_id=PETER, reason=AbandonReason.UNSAFE, note="")


def at(minute: int) -> datetime:
    return datetime(2026, 3, 1, 12, tzinfo=UTC) + timedelta(minutes=minute)


def minutes(number: int) -> timedelta:
    return timedelta(minutes=number)


def set_off(estimate: int | None = None) -> OperativeDispatched:
    expected = None if estimate is None else at(estimate)
    return OperativeDispatched(work_id=WORK, operative_id=PETER, estimated_arrival=expected)


def recorded(event: Any, minute: int, **changes: Any) -> RecordedEvent:
    name, schema_version = codec.registered(event)
    made = RecordedEvent(
        position=1,
        id=uuid4(),
        stream=f"work-{WORK}",
        version=0,
        type=name,
        schema_version=schema_version,
        data=codec.encode(event),
        actor="user-1",
        correlation_id=uuid4(),
        causation_id=uuid4(),
        source="web",
        command_digest="",
        occurred_at=at(minute),
        recorded_at=at(minute),
    )
    return made._replace(**changes)


def history(*events: tuple[Any, int]) -> list[RecordedEvent]:
    return [recorded(event, minute) for event, minute in events]


def test_each_leg_says_on_what_the_time_was_spent() -> None:
    happened = history(
        (RAISED, 0),
        (ASSIGNED, 5),
        (set_off(), 20),
        (ARRIVED, 50),
        (ABANDONED, 55),
        (ASSIGNED, 60),
        (COMPLETED, 70),
    )
    story = tell(happened, now=at(1000))
    assert [entry.leg for entry in story.entries] == [
        None,
        Leg("waiting for Control", minutes(5)),
        Leg("in the queue", minutes(15)),
        Leg("on the way", minutes(30)),
        Leg("on site", minutes(5)),
        Leg("waiting for Control again", minutes(5)),
        Leg("in the queue", minutes(10)),
    ]
    assert [entry.stage for entry in story.entries] == [
        "raised",
        "assigned",
        "dispatched",
        "arrived",
        "abandoned",
        "assigned",
        "completed",
    ]


def test_completed_work_took_so_long_and_takes_no_longer() -> None:
    story = tell(history((RAISED, 0), (ASSIGNED, 5), (COMPLETED, 70)), now=at(1000))
    assert story.total == minutes(70)
    assert story.since is None


def test_open_work_still_takes_its_time() -> None:
    story = tell(history((RAISED, 0), (ASSIGNED, 5)), now=at(65))
    assert story.total is None
    assert story.since == Leg("in the queue", minutes(60))


def test_an_arrival_is_compared_with_the_estimate() -> None:
    late = tell(history((RAISED, 0), (ASSIGNED, 1), (set_off(30), 2), (ARRIVED, 42)), now=at(50))
    early = tell(history((RAISED, 0), (ASSIGNED, 1), (set_off(30), 2), (ARRIVED, 25)), now=at(50))
    unknown = tell(history((RAISED, 0), (ASSIGNED, 1), (set_off(), 2), (ARRIVED, 25)), now=at(50))
    assert [story.entries[-1].behind for story in (late, early, unknown)] == [minutes(12), minutes(-5), None]


def test_work_settled_by_telephone_was_no_visit() -> None:
    by_telephone = tell(history((RAISED, 0), (ASSIGNED, 1), (COMPLETED, 2)), now=at(3))
    on_the_way = tell(history((RAISED, 0), (ASSIGNED, 1), (set_off(), 2), (COMPLETED, 3)), now=at(4))
    on_site = tell(
        history((RAISED, 0), (ASSIGNED, 1), (set_off(), 2), (ARRIVED, 3), (COMPLETED, 4)), now=at(5)
    )
    assert [story.entries[-1].visited for story in (by_telephone, on_the_way, on_site)] == [
        False,
        False,
        True,
    ]


def test_a_visit_that_was_abandoned_does_not_count_for_the_next() -> None:
    happened = history(
        (RAISED, 0),
        (ASSIGNED, 1),
        (set_off(), 2),
        (ARRIVED, 3),
        (ABANDONED, 4),
        (ASSIGNED, 5),
        (COMPLETED, 6),
    )
    story = tell(happened, now=at(7))
    assert (story.entries[4].visited, story.entries[-1].visited) == (True, False)


def test_time_does_not_run_backwards_where_clocks_differ() -> None:
    story = tell(history((RAISED, 10), (ASSIGNED, 5)), now=at(2))
    assert story.entries[1].leg == Leg("waiting for Control", minutes(0))
    assert story.since == Leg("in the queue", minutes(0))


def test_what_this_code_cannot_read_is_still_told() -> None:
    newer = recorded(RAISED, 3, type="WorkPostponed", data="{}")
    broken = recorded(RAISED, 4, data='{"work_id": 1}')
    story = tell([recorded(RAISED, 0), newer, broken, recorded(ASSIGNED, 5)], now=at(6))
    assert [(entry.stage, entry.event is None) for entry in story.entries] == [
        ("raised", False),
        ("", True),
        ("", True),
        ("assigned", False),
    ]
    assert story.entries[3].leg == Leg("waiting for Control", minutes(5))


def test_a_stream_of_which_nothing_can_be_read_has_a_story_without_times() -> None:
    story = tell([recorded(RAISED, 0, type="WorkImagined", data="{}")], now=at(6))
    assert (len(story.entries), story.since, story.total) == (1, None, None)


def test_each_entry_names_the_operative_it_concerns() -> None:
    story = tell(history((RAISED, 0), (ASSIGNED, 5)), now=at(6))
    concerned: list[UUID | None] = [entry.operative_id for entry in story.entries]
    assert concerned == [None, PETER]


def taken_back(happened: RecordedEvent, stage: str, minute: int) -> RecordedEvent:
    """The undo of this event, after which the job is at a stage."""
    undo = WorkChangeUndone(
        work_id=WORK, undone=happened.type, undone_id=happened.id, stage=stage, operative_id=PETER
    )
    return recorded(undo, minute)


def test_an_undo_names_what_it_undoes_and_the_time_goes_on_as_before() -> None:
    happened = history((RAISED, 0), (ASSIGNED, 1), (set_off(), 2), (ARRIVED, 10))
    story = tell([*happened, taken_back(happened[-1], "dispatched", 12)], now=at(20))
    *_, arrival, undo = story.entries
    assert arrival.is_undone
    assert undo.undoes == arrival
    assert (undo.undoes.noun, undo.noun, undo.stage) == ("arrival", "undo", "dispatched")
    assert undo.leg == Leg("on site", minutes(2))
    assert story.since == Leg("on the way", minutes(8))
    assert [entry.is_undone for entry in story.entries] == [False, False, False, True, False]


def test_an_undone_arrival_is_no_visit_and_its_estimate_counts_for_the_next() -> None:
    happened = history((RAISED, 0), (ASSIGNED, 1), (set_off(30), 2), (ARRIVED, 10))
    undo = taken_back(happened[-1], "dispatched", 12)
    by_telephone = tell([*happened, undo, recorded(COMPLETED, 20)], now=at(30))
    there_at_last = tell([*happened, undo, recorded(ARRIVED, 42), recorded(COMPLETED, 50)], now=at(60))
    assert not by_telephone.entries[-1].visited
    assert there_at_last.entries[-1].visited
    assert there_at_last.entries[-2].behind == minutes(12)


def test_a_visit_counts_when_only_its_end_was_undone() -> None:
    happened = history((RAISED, 0), (ASSIGNED, 1), (set_off(), 2), (ARRIVED, 10), (COMPLETED, 11))
    undo = taken_back(happened[-1], "arrived", 12)
    story = tell([*happened, undo, recorded(COMPLETED, 20)], now=at(30))
    assert story.entries[-1].visited
    assert story.total == minutes(20)


def test_work_whose_completion_was_undone_still_takes_its_time() -> None:
    happened = history((RAISED, 0), (ASSIGNED, 1), (COMPLETED, 11))
    story = tell([*happened, taken_back(happened[-1], "assigned", 12)], now=at(30))
    assert (story.total, story.since) == (None, Leg("in the queue", minutes(18)))


def test_withdrawn_work_takes_no_time_any_more() -> None:
    raised = recorded(RAISED, 0)
    story = tell([raised, taken_back(raised, "withdrawn", 3)], now=at(30))
    assert (story.total, story.since) == (None, None)
    assert story.entries[-1].leg == Leg("waiting for Control", minutes(3))


def test_an_undo_of_what_this_code_cannot_read_is_told_all_the_same() -> None:
    newer = recorded(RAISED, 3, type="WorkPostponed", data="{}")
    story = tell([newer, taken_back(newer, "raised", 4)], now=at(6))
    assert story.entries[-1].undoes is None
    assert story.entries[-1].stage == "raised"
