"""Dispatch: one command to one aggregate, safely, once."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from threading import Barrier
from uuid import UUID, uuid4, uuid5

import pytest
from django.conf import LazySettings
from django.utils import timezone

from eventstore import dispatch as dispatching
from eventstore.current import current_store
from eventstore.decider import Refused
from eventstore.dispatch import ATTEMPTS, CommandIdOfAnother, Outcome, dispatch
from eventstore.embedded.store import EmbeddedStore
from eventstore.models import StoredEvent
from eventstore.store import NO_STREAM, NewEvent, RecordedEvent, WrongVersion
from operatives.commands import HireOperative, ReleaseOperative, RenameOperative
from operatives.events import OperativeHired, OperativeRenamed
from operatives.operative import OPERATIVE
from support.commands import AssignWork, CompleteWork
from support.work import WORK
from tests import factories
from tests.eventstore.threads import PATIENCE, Beside

pytestmark = pytest.mark.django_db


def history(aggregate_id: UUID) -> list[RecordedEvent]:
    return current_store().read_stream(OPERATIVE.stream(aggregate_id))


def hire(forename: str = "Ada") -> HireOperative:
    return HireOperative(operative_id=uuid4(), forename=forename, surname="Lovelace")


# --- What is stored --------------------------------------------------------------------------------


def test_a_command_becomes_the_events_it_causes() -> None:
    command = hire()
    outcome = dispatch(command, to=OPERATIVE, by="user-7")
    hired = OperativeHired(operative_id=command.operative_id, forename="Ada", surname="Lovelace")
    (recorded,) = history(command.operative_id)
    assert recorded.event == hired
    assert outcome == Outcome(
        aggregate_id=command.operative_id, version=0, position=recorded.position, events=(hired,)
    )


def test_the_envelope_says_who_why_and_by_which_door() -> None:
    command, command_id, cause, together = hire(), uuid4(), uuid4(), uuid4()
    dispatch(
        command,
        to=OPERATIVE,
        by="user-7",
        command_id=command_id,
        correlation_id=together,
        causation_id=cause,
        source="import",
    )
    (recorded,) = history(command.operative_id)
    assert (recorded.actor, recorded.source) == ("user-7", "import")
    assert (recorded.correlation_id, recorded.causation_id) == (together, cause)
    assert recorded.id == uuid5(command_id, "0")


def test_a_command_from_a_page_is_its_own_cause() -> None:
    command, command_id = hire(), uuid4()
    dispatch(command, to=OPERATIVE, by="user-7", command_id=command_id)
    (recorded,) = history(command.operative_id)
    assert (recorded.correlation_id, recorded.causation_id) == (command_id, command_id)
    assert recorded.source == "web"


def test_when_it_happened_may_be_told_and_is_now_otherwise() -> None:
    told, untold = hire(), hire()
    long_ago = factories.noon(1)
    before = timezone.now()
    dispatch(told, to=OPERATIVE, by="user-7", occurred_at=long_ago)
    dispatch(untold, to=OPERATIVE, by="user-7")
    assert history(told.operative_id)[0].occurred_at == long_ago
    assert before <= history(untold.operative_id)[0].occurred_at <= timezone.now()


def test_a_command_that_changes_nothing_appends_nothing() -> None:
    operative_id = factories.hire("Ada", "Lovelace")
    head = current_store().head()
    outcome = factories.rename(operative_id, "Ada", "Lovelace")
    assert outcome == Outcome(
        aggregate_id=operative_id, version=0, position=history(operative_id)[0].position, events=()
    )
    assert current_store().head() == head


def test_text_with_nul_is_refused_and_text_that_only_looks_like_it_is_not() -> None:
    with pytest.raises(Refused, match="Text must not contain NUL characters"):
        dispatch(hire("A\0da"), to=OPERATIVE, by="user-7")
    for harmless in ("A\\u0000da", "A\\\\u0000da", "\\"):
        command = hire(harmless)
        dispatch(command, to=OPERATIVE, by="user-7")
        assert history(command.operative_id)[0].event.forename == harmless
    with pytest.raises(Refused, match="Text must not contain NUL characters"):
        dispatch(hire("A\\\0da"), to=OPERATIVE, by="user-7")


# --- Twice -----------------------------------------------------------------------------------------


def test_the_same_command_again_changes_nothing_and_answers_the_first_outcome() -> None:
    command, command_id = hire(), uuid4()
    first = dispatch(command, to=OPERATIVE, by="user-7", command_id=command_id)
    assert dispatch(command, to=OPERATIVE, by="user-7", command_id=command_id) == first
    assert len(history(command.operative_id)) == 1
    assert current_store().head() == first.position


def test_the_same_command_is_known_again_after_the_aggregate_has_gone_on() -> None:
    operative_id, command_id = factories.hire("Ada", "Lovelace"), uuid4()
    command = RenameOperative(operative_id=operative_id, forename="Ada", surname="King")
    first = dispatch(command, to=OPERATIVE, by="user-7", command_id=command_id)
    factories.rename(operative_id, "Ada", "Byron")
    factories.release(operative_id)
    assert dispatch(command, to=OPERATIVE, by="user-7", command_id=command_id) == first
    assert len(history(operative_id)) == 4


def test_the_same_command_at_another_time_keeps_what_was_recorded_and_by_another_is_refused() -> None:
    command, command_id = hire(), uuid4()
    dispatch(command, to=OPERATIVE, by="user-7", command_id=command_id, occurred_at=factories.noon(1))
    dispatch(command, to=OPERATIVE, by="user-7", command_id=command_id, occurred_at=factories.noon(2))
    with pytest.raises(CommandIdOfAnother):
        dispatch(command, to=OPERATIVE, by="user-8", command_id=command_id)
    (recorded,) = history(command.operative_id)
    assert (recorded.actor, recorded.occurred_at) == ("user-7", factories.noon(1))


def test_the_first_outcome_stands_although_facts_have_changed_since() -> None:
    """Whoever assigned Ada and is sent again after she was released is told what was done then."""
    work_id, operative_id, command_id = factories.raise_work(), factories.hire(), uuid4()
    command = AssignWork(work_id=work_id, operative=factories.employed(operative_id))
    first = dispatch(command, to=WORK, by="user-7", command_id=command_id)
    stale = AssignWork(work_id=work_id, operative=factories.released(operative_id))
    assert dispatch(stale, to=WORK, by="user-7", command_id=command_id) == first


def test_the_same_id_with_other_contents_is_refused_and_says_so() -> None:
    operative_id, command_id = factories.hire("Ada", "Lovelace"), uuid4()
    dispatch(
        RenameOperative(operative_id=operative_id, forename="Ada", surname="King"),
        to=OPERATIVE,
        by="user-7",
        command_id=command_id,
    )
    other = RenameOperative(operative_id=operative_id, forename="Ada", surname="Byron")
    with pytest.raises(Refused, match="This form was sent before with other contents"):
        dispatch(other, to=OPERATIVE, by="user-7", command_id=command_id)
    assert len(history(operative_id)) == 2


@pytest.mark.parametrize("is_of_before", [True, False])
def test_what_cannot_be_compared_counts_as_the_same(settings: LazySettings, is_of_before: bool) -> None:
    """Either the event is of before commands were noted, or the key has been changed since."""
    command, command_id = hire(), uuid4()
    first = dispatch(command, to=OPERATIVE, by="user-7", command_id=command_id)
    if is_of_before:
        StoredEvent.objects.update(command_digest="")
    else:
        settings.COMMAND_DIGEST_KEY = "changed"
    other = replace(command, surname="King")
    assert dispatch(other, to=OPERATIVE, by="user-7", command_id=command_id) == first


def test_other_contents_that_a_rule_forbids_are_not_what_was_sent_before() -> None:
    """Neither what is never allowed nor what facts speak against: nobody hears that Len has got the work."""
    operative_id, naming, assigning = factories.hire("Ada", "Lovelace"), uuid4(), uuid4()
    named = RenameOperative(operative_id=operative_id, forename="Ada", surname="King")
    dispatch(named, to=OPERATIVE, by="user-7", command_id=naming)
    with pytest.raises(Refused, match="This form was sent before with other contents"):
        dispatch(replace(named, surname=" "), to=OPERATIVE, by="user-7", command_id=naming)
    work_id, len_gone = factories.raise_work(), factories.hire("Len", "Gone")
    assigned = AssignWork(work_id=work_id, operative=factories.employed(operative_id))
    dispatch(assigned, to=WORK, by="user-7", command_id=assigning)
    other = AssignWork(work_id=work_id, operative=factories.released(len_gone))
    with pytest.raises(Refused, match="This form was sent before with other contents"):
        dispatch(other, to=WORK, by="user-7", command_id=assigning)


def test_two_commands_of_the_same_contents_are_two_commands() -> None:
    operative_id = factories.hire("Ada", "Lovelace")
    for surname in ("King", "Lovelace", "King"):
        factories.rename(operative_id, "Ada", surname)
    assert len(history(operative_id)) == 4


# --- Refused ---------------------------------------------------------------------------------------


def test_a_refused_command_leaves_no_trace() -> None:
    head = current_store().head()
    command = hire(" ")
    with pytest.raises(Refused, match=r"^Operative must have a forename$"):
        dispatch(command, to=OPERATIVE, by="user-7")
    assert history(command.operative_id) == []
    assert current_store().head() == head


def test_a_refused_command_sent_again_is_judged_again() -> None:
    operative_id, command_id = factories.hire(), uuid4()
    held = ReleaseOperative(operative_id=operative_id, open_jobs=1)
    with pytest.raises(Refused):
        dispatch(held, to=OPERATIVE, by="user-7", command_id=command_id)
    free = ReleaseOperative(operative_id=operative_id, open_jobs=0)
    outcome = dispatch(free, to=OPERATIVE, by="user-7", command_id=command_id)
    assert (outcome.version, len(outcome.events)) == (1, 1)


# --- Versions --------------------------------------------------------------------------------------


def test_an_expected_version_that_holds_lets_the_command_through() -> None:
    operative_id = factories.hire()
    command = RenameOperative(operative_id=operative_id, forename="Ada", surname="King")
    assert dispatch(command, to=OPERATIVE, by="user-7", expected_version=0).version == 1


@pytest.mark.parametrize("expected", [NO_STREAM, 1, 5])
def test_another_version_than_the_expected_is_a_conflict_and_stores_nothing(expected: int) -> None:
    operative_id = factories.hire()
    command = RenameOperative(operative_id=operative_id, forename="Ada", surname="King")
    with pytest.raises(WrongVersion):
        dispatch(command, to=OPERATIVE, by="user-7", expected_version=expected)
    assert len(history(operative_id)) == 1


def test_a_command_sent_again_with_the_version_it_expected_then_answers_the_first_outcome() -> None:
    operative_id, command_id = factories.hire(), uuid4()
    command = RenameOperative(operative_id=operative_id, forename="Ada", surname="King")
    first = dispatch(command, to=OPERATIVE, by="user-7", command_id=command_id, expected_version=0)
    factories.release(operative_id)
    again = dispatch(command, to=OPERATIVE, by="user-7", command_id=command_id, expected_version=0)
    assert again == first


class Contested(EmbeddedStore):
    """A store in which somebody else is quicker, so many times."""

    def __init__(self, operative_id: UUID, times: int) -> None:
        super().__init__()
        self.operative_id = operative_id
        self.times = times
        self.attempts = 0

    def append(
        self, stream: str, expected_version: int, events: Sequence[NewEvent], *, waits: bool = True
    ) -> int:
        self.attempts += 1
        if self.times:
            self.times -= 1
            quicker = RenameOperative(
                operative_id=self.operative_id, forename=f"Quick {self.times}", surname="Other"
            )
            (event,) = OPERATIVE.decide(
                quicker, OPERATIVE.fold(each.event for each in self.read_stream(stream))
            )
            new = dispatching._new_event(event, uuid4(), events[0].metadata, timezone.now())
            super().append(stream, expected_version, [new])
        return super().append(stream, expected_version, events, waits=waits)


def contested(monkeypatch: pytest.MonkeyPatch, operative_id: UUID, times: int) -> Contested:
    store = Contested(operative_id, times)
    monkeypatch.setattr(dispatching, "current_store", lambda: store)
    return store


def test_after_a_conflict_the_command_is_judged_again(monkeypatch: pytest.MonkeyPatch) -> None:
    operative_id = factories.hire()
    store = contested(monkeypatch, operative_id, times=ATTEMPTS - 1)
    outcome = factories.rename(operative_id, "Ada", "King")
    assert outcome.events == (OperativeRenamed(operative_id=operative_id, forename="Ada", surname="King"),)
    assert store.attempts == ATTEMPTS
    assert outcome.version == len(history(operative_id)) - 1 == ATTEMPTS


def test_after_a_conflict_the_command_may_be_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody else released the operative between reading and appending."""
    operative_id = factories.hire("Ada", "Lovelace")

    class Releasing(EmbeddedStore):
        def append(
            self, stream: str, expected_version: int, events: Sequence[NewEvent], *, waits: bool = True
        ) -> int:
            monkeypatch.undo()
            factories.release(operative_id)
            return super().append(stream, expected_version, events, waits=waits)

    monkeypatch.setattr(dispatching, "current_store", Releasing)
    with pytest.raises(Refused, match="Ada Lovelace has been released"):
        factories.rename(operative_id, "Ada", "King")
    assert len(history(operative_id)) == 2


def test_conflicts_without_end_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    operative_id = factories.hire()
    store = contested(monkeypatch, operative_id, times=100)
    with pytest.raises(WrongVersion):
        factories.rename(operative_id, "Ada", "King")
    assert store.attempts == ATTEMPTS


def test_a_conflict_is_never_tried_again_when_a_version_was_expected(monkeypatch: pytest.MonkeyPatch) -> None:
    operative_id = factories.hire()
    store = contested(monkeypatch, operative_id, times=1)
    command = RenameOperative(operative_id=operative_id, forename="Ada", surname="King")
    with pytest.raises(WrongVersion):
        dispatch(command, to=OPERATIVE, by="user-7", expected_version=0)
    assert store.attempts == 1


# --- At once ---------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_the_same_command_twice_at_once_has_one_effect_and_one_outcome() -> None:
    for _ in range(5):
        command, command_id = hire(), uuid4()
        start = Barrier(2, timeout=PATIENCE)

        def send(
            command: HireOperative = command, command_id: UUID = command_id, start: Barrier = start
        ) -> Outcome:
            start.wait()
            return dispatch(command, to=OPERATIVE, by="user-7", command_id=command_id)

        with Beside(2) as beside:
            one, two = [beside.run(send) for _ in range(2)]
            assert one.result(PATIENCE) == two.result(PATIENCE)
        assert len(history(command.operative_id)) == 1


def assign_at(start: Barrier, work_id: UUID, operative_id: UUID) -> UUID | str:
    """Who got the work, or why not they."""
    start.wait()
    try:
        factories.assign(work_id, operative_id)
    except Refused as refusal:
        return str(refusal)
    return operative_id


@pytest.mark.django_db(transaction=True)
def test_when_two_assign_the_same_work_at_once_one_wins_and_the_other_reads_why() -> None:
    for _ in range(5):
        work_id, ada, grace = factories.raise_work(), factories.hire("Ada"), factories.hire("Grace")
        start = Barrier(2, timeout=PATIENCE)
        with Beside(2) as beside:
            futures = [beside.run(assign_at, start, work_id, each) for each in (ada, grace)]
            answers = [future.result(PATIENCE) for future in futures]
        (winner,) = (answer for answer in answers if isinstance(answer, UUID))
        assert "An operative is already assigned to this work" in answers
        recorded = current_store().read_stream(WORK.stream(work_id))
        assert [each.event.operative_id for each in recorded[1:]] == [winner]


@pytest.mark.django_db(transaction=True)
def test_many_commands_to_one_aggregate_at_once_all_have_their_effect() -> None:
    """Nobody's change is lost: each is judged against what the others did."""
    operative_id, others = factories.hire(), 3
    start = Barrier(others, timeout=PATIENCE)

    def rename(number: int) -> None:
        start.wait()
        factories.rename(operative_id, f"Ada {number}", "Lovelace")

    with Beside(others) as beside:
        for future in [beside.run(rename, number) for number in range(others)]:
            future.result(PATIENCE)
    assert [each.version for each in history(operative_id)] == [0, 1, 2, 3]


def test_a_command_is_dated_once_whatever_becomes_of_its_attempts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time told is kept through every attempt."""
    operative_id = factories.hire()
    contested(monkeypatch, operative_id, times=2)
    told: datetime = factories.noon(3)
    factories.rename(operative_id, "Ada", "King", at=told)
    assert history(operative_id)[-1].occurred_at == told


def test_work_is_completed_once_however_often_it_is_asked_for() -> None:
    work_id = factories.raise_work()
    factories.assign(work_id, factories.hire())
    command_id = uuid4()
    for _ in range(3):
        dispatch(CompleteWork(work_id=work_id), to=WORK, by="user-7", command_id=command_id)
    assert len(current_store().read_stream(WORK.stream(work_id))) == 3


def test_what_was_stored_with_controls_of_direction_is_the_same_command_still(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Rules drop them now; a file that is imported again must neither be refused nor store anything."""
    command, command_id = hire("A\u202eda"), uuid4()
    with monkeypatch.context() as before:
        before.setattr("operatives.operative.trimmed", str.strip)
        first = dispatch(command, to=OPERATIVE, by="import", command_id=command_id)
    assert dispatch(command, to=OPERATIVE, by="import", command_id=command_id) == first
    (stored,) = history(command.operative_id)
    assert stored.event.forename == "A\u202eda"
