"""The conformance suite: what every event store must do. A store is done when it passes all of it."""

from concurrent.futures import Future
from datetime import UTC, datetime, timedelta, timezone
from threading import Barrier
from uuid import UUID, uuid4

import pytest

from eventstore.store import (
    NO_STREAM,
    EventStore,
    Found,
    Metadata,
    NewEvent,
    RecordedEvent,
    Selection,
    WrongVersion,
)
from tests.eventstore.new_events import HAPPENED, new_stream, note, notes
from tests.eventstore.threads import PATIENCE, Beside


def ids(events: list[RecordedEvent] | list[NewEvent]) -> list[UUID]:
    return [each.id for each in events]


# --- Streams ---------------------------------------------------------------------------------------


def test_a_stream_that_does_not_exist_is_empty(store: EventStore) -> None:
    assert store.read_stream(new_stream()) == []


def test_a_stream_is_read_back_in_order_with_versions_from_zero(store: EventStore) -> None:
    stream, events = new_stream(), notes(4)
    store.append(stream, NO_STREAM, events[:1])
    store.append(stream, 0, events[1:3])
    store.append(stream, 2, events[3:])
    recorded = store.read_stream(stream)
    assert ids(recorded) == ids(events)
    assert [each.version for each in recorded] == [0, 1, 2, 3]


def test_streams_whose_names_begin_alike_are_kept_apart(store: EventStore) -> None:
    stream, event, other = new_stream(), note(), note()
    store.append(stream, NO_STREAM, [event])
    store.append(f"{stream}0", NO_STREAM, [other])
    assert ids(store.read_stream(stream)) == [event.id]
    assert ids(store.read_stream(f"{stream}0")) == [other.id]


# --- Expected versions -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("standing", "expected"),
    [
        pytest.param(1, NO_STREAM, id="no stream expected, but there is one"),
        pytest.param(3, 0, id="far behind"),
        pytest.param(3, 1, id="one behind"),
        pytest.param(3, 3, id="one ahead"),
        pytest.param(3, 10, id="far ahead"),
        pytest.param(0, 0, id="a stream expected, but there is none"),
    ],
)
def test_an_append_at_another_version_is_refused_and_appends_nothing(
    store: EventStore, standing: int, expected: int
) -> None:
    stream, events = new_stream(), notes(standing)
    if events:
        store.append(stream, NO_STREAM, events)
    head = store.head()
    with pytest.raises(WrongVersion):
        store.append(stream, expected, notes(2))
    assert ids(store.read_stream(stream)) == ids(events)
    assert store.read_all(head, 10) == []


def test_a_stream_goes_on_after_a_refused_append(store: EventStore) -> None:
    stream, events = new_stream(), notes(2)
    store.append(stream, NO_STREAM, events[:1])
    with pytest.raises(WrongVersion):
        store.append(stream, NO_STREAM, [note()])
    store.append(stream, 0, events[1:])
    assert ids(store.read_stream(stream)) == ids(events)


# --- Batches ---------------------------------------------------------------------------------------


def test_a_batch_is_appended_whole_and_in_order(store: EventStore) -> None:
    stream, events, head = new_stream(), notes(25), store.head()
    position = store.append(stream, NO_STREAM, events)
    recorded = store.read_all(head, 100)
    assert ids(recorded) == ids(events)
    assert [each.version for each in recorded] == list(range(25))
    assert recorded[-1].position == position


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_batch_with_one_id_that_is_taken_appends_nothing(embedded: EventStore, place: int) -> None:
    store = embedded
    taken, stream, batch = note("taken"), new_stream(), notes(3)
    store.append(new_stream(), NO_STREAM, [taken])
    head = store.head()
    batch[place] = note("again", event_id=taken.id)
    with pytest.raises(WrongVersion):
        store.append(stream, NO_STREAM, batch)
    assert store.read_stream(stream) == []
    assert store.read_all(head, 10) == []


def test_a_batch_with_the_same_id_twice_appends_nothing(embedded: EventStore) -> None:
    store = embedded
    stream, event = new_stream(), note()
    with pytest.raises(WrongVersion):
        store.append(stream, NO_STREAM, [event, note(), event])
    assert store.read_stream(stream) == []


# --- Part of a stream -------------------------------------------------------------------------------


def test_a_stream_is_read_from_a_version_on(store: EventStore) -> None:
    stream, events = new_stream(), notes(4)
    store.append(stream, NO_STREAM, events)
    assert ids(store.read_stream(stream, 2)) == ids(events[2:])
    assert [each.version for each in store.read_stream(stream, 3)] == [3]
    assert store.read_stream(stream, 4) == []


@pytest.mark.parametrize(
    ("start", "limit", "backwards", "versions"),
    [
        (None, 2, False, [0, 1]),
        (1, 2, False, [1, 2]),
        (3, 9, False, [3]),
        (None, None, True, [3, 2, 1, 0]),
        (None, 2, True, [3, 2]),
        (1, 5, True, [1, 0]),
        (9, 1, True, [3]),
        (None, 0, False, []),
        (4, 1, False, []),
    ],
)
def test_so_many_of_a_stream_are_read_either_way(
    store: EventStore, start: int | None, limit: int | None, backwards: bool, versions: list[int]
) -> None:
    stream = new_stream()
    store.append(stream, NO_STREAM, notes(4))
    store.append(f"{stream}0", NO_STREAM, notes(1))
    found = store.read_stream(stream, start, limit, backwards=backwards)
    assert [each.version for each in found] == versions


def test_the_newest_of_a_stream_is_found_without_what_came_before(store: EventStore) -> None:
    stream = new_stream()
    store.append(stream, NO_STREAM, notes(5))
    first = store.browse(Selection(stream=stream), limit=2)
    assert [each.version for each in first.events] == [4, 3]
    rest = store.browse(Selection(stream=stream), limit=9, before=first.before)
    assert ([each.version for each in rest.events], rest.before) == ([2, 1, 0], None)


# --- The same ids again ----------------------------------------------------------------------------


def test_the_same_ids_at_the_same_places_answer_the_first_position_and_change_nothing(
    store: EventStore,
) -> None:
    stream, events = new_stream(), notes(3)
    store.append(stream, NO_STREAM, events[:1])
    first = store.append(stream, 0, events[1:])
    assert store.append(stream, 0, events[1:]) == first
    assert ids(store.read_stream(stream)) == ids(events)
    assert store.head() == first


def test_the_same_ids_are_known_again_after_the_stream_has_gone_on(store: EventStore) -> None:
    stream, events = new_stream(), notes(4)
    first = store.append(stream, NO_STREAM, events[:2])
    store.append(stream, 1, events[2:])
    assert store.append(stream, NO_STREAM, events[:2]) == first
    assert ids(store.read_stream(stream)) == ids(events)


def test_the_same_id_with_other_data_is_refused_and_what_stands_is_kept(store: EventStore) -> None:
    """Of two who send other contents under one id at once, the second must not seem to have been taken."""
    stream, event = new_stream(), note("first")
    store.append(stream, NO_STREAM, [event])
    with pytest.raises(WrongVersion):
        store.append(stream, NO_STREAM, [note("second", event_id=event.id)])
    assert [each.data for each in store.read_stream(stream)] == [event.data]


def test_the_same_ids_at_other_places_are_refused(store: EventStore) -> None:
    stream, (one, two, three) = new_stream(), notes(3)
    store.append(stream, NO_STREAM, [one, two, three])
    for version, batch in [(NO_STREAM, [two, one]), (NO_STREAM, [two]), (0, [one, two])]:
        with pytest.raises(WrongVersion):
            store.append(stream, version, batch)
    assert ids(store.read_stream(stream)) == ids([one, two, three])


def test_an_id_that_stands_earlier_in_the_stream_is_refused(embedded: EventStore) -> None:
    """KurrentDB would take it; dispatch, which has read the stream, does not send it."""
    stream, events = new_stream(), notes(3)
    embedded.append(stream, NO_STREAM, events)
    with pytest.raises(WrongVersion):
        embedded.append(stream, 2, [events[2]])
    assert ids(embedded.read_stream(stream)) == ids(events)


def test_a_batch_that_stands_in_part_is_refused(store: EventStore) -> None:
    stream, (one, two) = new_stream(), notes(2)
    store.append(stream, NO_STREAM, [one, two])
    partly = [[note(), two], [one, note()], [one, two, note()]]
    for batch in partly:
        with pytest.raises(WrongVersion):
            store.append(stream, NO_STREAM, batch)
    with pytest.raises(WrongVersion):
        store.append(stream, 0, [two, note()])
    assert ids(store.read_stream(stream)) == ids([one, two])


def test_an_id_that_stands_in_another_stream_is_refused(embedded: EventStore) -> None:
    """KurrentDB looks for ids at the expected places alone (docs/reliability.md)."""
    store = embedded
    event, other = note(), new_stream()
    store.append(new_stream(), NO_STREAM, [event])
    with pytest.raises(WrongVersion):
        store.append(other, NO_STREAM, [event])
    assert store.read_stream(other) == []


# --- What is kept ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Žluťoučký kůň",
        "漢字 العربية עברית",
        "\U0001f6a8 \U00010348",
        "e\u0301 is not \u00e9",
        '\\u0041 \\\\ \\n \\"',
        "100% %s {} $1 ' ; --",
        "x" * 100_000,
    ],
    ids=["empty", "accents", "scripts", "astral", "combining", "escapes", "not SQL", "long"],
)
def test_data_is_kept_exactly(store: EventStore, text: str) -> None:
    stream, event, head = new_stream(), note(text), store.head()
    store.append(stream, NO_STREAM, [event])
    (recorded,) = store.read_stream(stream)
    assert recorded.data == event.data
    (recorded,) = store.read_all(head, 1)
    assert recorded.data == event.data


def test_the_spelling_of_json_is_kept(store: EventStore) -> None:
    data = '{ "b" : 1.0,\n"a":[ 12345678901234567890, 1e3 ], "a": null }'
    metadata = Metadata(actor="user-1", correlation_id=uuid4(), causation_id=uuid4(), source="test")
    stream = new_stream()
    event = NewEvent(
        id=uuid4(), type="Noted", schema_version=1, data=data, metadata=metadata, occurred_at=HAPPENED
    )
    store.append(stream, NO_STREAM, [event])
    assert store.read_stream(stream)[0].data == data


def test_the_envelope_is_kept_exactly(store: EventStore) -> None:
    metadata = Metadata(
        actor="user-\U0001f6a8 Jiří",
        correlation_id=uuid4(),
        causation_id=uuid4(),
        source="import",
        command_digest="0a1b2c3d:" + "d" * 24,
    )
    stream = new_stream()
    event = NewEvent(
        id=uuid4(), type="Noted", schema_version=17, data="{}", metadata=metadata, occurred_at=HAPPENED
    )
    head = store.head()
    position = store.append(stream, NO_STREAM, [event])
    (recorded,) = store.read_stream(stream)
    assert store.read_all(head, 1) == [recorded]
    assert store.browse(Selection(stream=stream), limit=1) == Found([recorded], before=None)
    assert (recorded.position, recorded.id, recorded.stream) == (position, event.id, stream)
    assert (recorded.version, recorded.type, recorded.schema_version) == (0, "Noted", 17)
    assert (recorded.actor, recorded.source) == (metadata.actor, metadata.source)
    assert recorded.correlation_id == metadata.correlation_id
    assert recorded.causation_id == metadata.causation_id
    assert recorded.command_digest == metadata.command_digest


@pytest.mark.parametrize(
    "happened",
    [
        HAPPENED,
        datetime(2026, 3, 29, 1, 59, 59, 999999, tzinfo=UTC),
        datetime(2026, 10, 25, 1, 30, 0, 1, tzinfo=timezone(timedelta(hours=1))),
        datetime(2024, 2, 29, 23, 59, 59, tzinfo=timezone(timedelta(hours=-9, minutes=-30))),
        datetime(1969, 12, 31, 23, 59, 59, 500000, tzinfo=UTC),
    ],
    ids=["microseconds", "last microsecond", "summer time", "west of here", "before 1970"],
)
def test_when_it_happened_is_kept_to_the_microsecond(store: EventStore, happened: datetime) -> None:
    stream, head = new_stream(), store.head()
    store.append(stream, NO_STREAM, [note(occurred_at=happened)])
    for recorded in (store.read_stream(stream)[0], store.read_all(head, 1)[0]):
        assert recorded.occurred_at == happened
        assert recorded.occurred_at.utcoffset() == timedelta(0)
        assert recorded.recorded_at.utcoffset() == timedelta(0)


def test_when_it_was_recorded_is_the_stores_own_time(store: EventStore) -> None:
    stream, before = new_stream(), datetime.now(UTC) - timedelta(seconds=1)
    store.append(stream, NO_STREAM, [note(occurred_at=HAPPENED)])
    (recorded,) = store.read_stream(stream)
    assert before < recorded.recorded_at < datetime.now(UTC) + timedelta(seconds=1)


# --- The whole store -------------------------------------------------------------------------------


def test_everything_is_read_in_the_order_of_positions(store: EventStore) -> None:
    head, streams = store.head(), [new_stream() for _ in range(3)]
    appended = []
    for version in range(NO_STREAM, 3):
        for stream in streams:
            event = note()
            appended.append((store.append(stream, version, [event]), event.id))
    recorded = store.read_all(head, 100)
    assert [(each.position, each.id) for each in recorded] == appended
    assert appended == sorted(appended, key=lambda pair: pair[0])


def test_reading_page_by_page_gives_every_event_once(store: EventStore) -> None:
    events, after = notes(10), store.head()
    store.append(new_stream(), NO_STREAM, events[:7])
    store.append(new_stream(), NO_STREAM, events[7:])
    seen: list[RecordedEvent] = []
    while page := store.read_all(after, 3):
        assert len(page) <= 3
        seen += page
        after = page[-1].position
    assert ids(seen) == ids(events)


def test_there_is_nothing_beyond_the_head(store: EventStore) -> None:
    position = store.append(new_stream(), NO_STREAM, notes(2))
    assert store.head() == position
    assert store.read_all(position, 10) == []
    assert store.read_all(position + 1_000_000, 10) == []


def test_a_refused_append_does_not_move_the_head(store: EventStore) -> None:
    stream = new_stream()
    position = store.append(stream, NO_STREAM, [note()])
    with pytest.raises(WrongVersion):
        store.append(stream, NO_STREAM, [note()])
    assert store.head() == position


# --- Browsing --------------------------------------------------------------------------------------


def test_browsing_shows_the_newest_first(store: EventStore) -> None:
    stream, events = new_stream(), notes(3)
    store.append(stream, NO_STREAM, events)
    shown = store.browse(Selection(), limit=2).events
    assert ids(shown) == [events[2].id, events[1].id]


def test_browsing_pages_back_to_the_beginning(store: EventStore) -> None:
    stream, events = new_stream(), notes(7)
    store.append(stream, NO_STREAM, events)
    seen: list[RecordedEvent] = []
    page = store.browse(Selection(stream=stream), limit=3)
    while page.before is not None:
        seen += page.events
        assert len(page.events) == 3
        page = store.browse(Selection(stream=stream), limit=3, before=page.before)
    seen += page.events
    assert ids(seen) == ids(events)[::-1]


def test_browsing_selects_by_stream_type_actor_and_all_of_them(store: EventStore) -> None:
    stream, actor = new_stream(), f"user-{uuid4()}"
    mine = note(actor=actor, event_type="Kept")
    others = [note(actor=actor), note(event_type="Kept")]
    store.append(stream, NO_STREAM, [mine, *others])
    store.append(new_stream(), NO_STREAM, [elsewhere := note(actor=actor, event_type="Kept")])

    def shown(selection: Selection) -> list[UUID]:
        return ids(store.browse(selection, limit=10).events)[::-1]

    assert shown(Selection(stream=stream)) == ids([mine, *others])
    assert shown(Selection(actor=actor)) == ids([mine, others[0], elsewhere])
    assert shown(Selection(stream=stream, types=["Kept"])) == ids([mine, others[1]])
    assert shown(Selection(stream=stream, types=["Kept", "Noted"])) == ids([mine, *others])
    assert shown(Selection(stream=stream, types=["Kept"], actor=actor)) == ids([mine])
    assert shown(Selection(stream=stream, types=[])) == []
    assert shown(Selection(stream=new_stream())) == []


def test_browsing_bounds_when_it_happened_with_the_end_left_out(store: EventStore) -> None:
    stream, minute = new_stream(), timedelta(minutes=1)
    events = [note(occurred_at=HAPPENED + minute * number) for number in range(4)]
    store.append(stream, NO_STREAM, events)
    since, until = HAPPENED + minute, HAPPENED + minute * 3
    assert ids(store.browse(Selection(stream=stream, since=since), limit=9).events) == ids(events[:0:-1])
    assert ids(store.browse(Selection(stream=stream, until=until), limit=9).events) == ids(events[2::-1])
    both = Selection(stream=stream, since=since, until=until)
    assert ids(store.browse(both, limit=9).events) == ids([events[2], events[1]])


# --- Several at once -------------------------------------------------------------------------------


def test_of_several_appenders_at_one_version_one_wins(store: EventStore) -> None:
    stream, contenders, contests = new_stream(), 4, 8
    start = Barrier(contenders, timeout=PATIENCE)

    def contend() -> list[UUID]:
        won = []
        for contest in range(contests):
            event = note()
            start.wait()
            try:
                store.append(stream, contest - 1, [event])
                won.append(event.id)
            except WrongVersion:
                pass
        return won

    with Beside(contenders) as beside:
        futures: list[Future[list[UUID]]] = [beside.run(contend) for _ in range(contenders)]
        winners = [each for future in futures for each in future.result(PATIENCE)]
    assert sorted(winners) == sorted(ids(store.read_stream(stream)))
    assert len(winners) == contests


def test_the_same_events_appended_by_two_at_once_stand_once(store: EventStore) -> None:
    start = Barrier(2, timeout=PATIENCE)
    stream, events = new_stream(), notes(3)

    def append() -> int:
        start.wait()
        return store.append(stream, NO_STREAM, events)

    with Beside(2) as beside:
        futures = [beside.run(append) for _ in range(2)]
        positions = {future.result(PATIENCE) for future in futures}
    assert positions == {store.head()}
    assert ids(store.read_stream(stream)) == ids(events)


def test_a_follower_sees_every_event_once_and_in_order_while_many_append(store: EventStore) -> None:
    head = store.head()

    def append() -> list[UUID]:
        stream, made = new_stream(), []
        for version in range(NO_STREAM, 19, 2):
            batch = notes(2)
            store.append(stream, version, batch)
            made += ids(batch)
        return made

    with Beside(6) as beside:
        futures = [beside.run(append) for _ in range(6)]
        seen: list[RecordedEvent] = []
        busy = True
        while busy:
            busy = not all(future.done() for future in futures)
            while page := store.read_all(seen[-1].position if seen else head, 5):
                seen += page
        appended = [each for future in futures for each in future.result(PATIENCE)]
    positions = [each.position for each in seen]
    assert sorted(ids(seen)) == sorted(appended)
    assert positions == sorted(set(positions))
