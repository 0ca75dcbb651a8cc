"""The suite's own KurrentDB keeps the rules of the real one, as the real client meets them.

With KURRENTDB_URL set, all but the faults run against that server, each run in streams of its own.
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from uuid import uuid4

import grpc  # type: ignore[import-untyped]
import pytest
from esdbclient import EventStoreDBClient, NewEvent, RecordedEvent, StreamState
from esdbclient.common import AbstractCatchupSubscription
from esdbclient.exceptions import (
    AccessDeniedError,
    DeadlineExceeded,
    EventStoreDBClientException,
    GrpcError,
    MaximumAppendSizeExceededError,
    NodeIsNotLeader,
    NotFound,
    ServiceUnavailable,
    StreamIsDeleted,
    UnknownError,
    WrongCurrentVersion,
)
from esdbclient.protos.Grpc import shared_pb2

from tests.kurrent import Server

NO_STREAM, ANY, EXISTS = StreamState.NO_STREAM, StreamState.ANY, StreamState.EXISTS
RUN = f"run{uuid4().hex[:8]}"
"""The first part of the names of all streams of this run."""

ALL_ATTEMPTS = 4
"""How often the client calls before it lets its caller know that the server is away."""


@pytest.fixture
def server() -> Iterator[Server]:
    """Our server, for what cannot be done with a real one."""
    with Server() as server:
        yield server


@pytest.fixture
def client(request: pytest.FixtureRequest) -> Iterator[EventStoreDBClient]:
    url = os.environ.get("KURRENTDB_URL")
    if "server" in request.fixturenames and url:
        pytest.skip("no faults in a real server")
    with EventStoreDBClient(url or request.getfixturevalue("server").url) as client:
        yield client


@pytest.fixture
def stream() -> str:
    return f"{RUN}-{uuid4().hex}"


def events(count: int, kind: str = "Noted") -> list[NewEvent]:
    return [NewEvent(type=kind, data=b'{"text": "hello"}', metadata=b'{"actor": "x"}') for _ in range(count)]


def written(client: EventStoreDBClient, stream: str, count: int, kind: str = "Noted") -> list[NewEvent]:
    """These events at the stream's end."""
    new = events(count, kind)
    client.append_to_stream(stream, current_version=client.get_current_version(stream), events=new)
    return new


def revisions(recorded: Sequence[RecordedEvent]) -> list[int]:
    return [event.stream_position for event in recorded]


def position(client: EventStoreDBClient, stream: str, revision: int) -> int:
    place = client.get_stream(stream, stream_position=revision, limit=1)[0].commit_position
    assert place is not None
    return place


def until_caught_up(subscription: AbstractCatchupSubscription) -> list[RecordedEvent]:
    """What comes before the subscription has caught up."""
    return list(iter(lambda: next(subscription), CaughtUpOf()))


class CaughtUpOf:
    """Equal to every message that says that the reader has caught up."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RecordedEvent) and other.is_caught_up

    def __hash__(self) -> int:
        return 0


def when_back(client: EventStoreDBClient) -> EventStoreDBClient:
    """The client, once it gets through. gRPC waits a second or more before it calls again at an address that
    did not answer, and all clients of a process wait together."""
    for _ in range(50):
        try:
            client.get_commit_position()
            break
        except ServiceUnavailable:
            sleep(0.1)
    return client


# --- Append ----------------------------------------------------------------------------------------


def test_an_event_is_recorded_with_everything_it_had(client: EventStoreDBClient, stream: str) -> None:
    before = datetime.now(UTC) - timedelta(seconds=5)
    new = NewEvent(type="Noted", data=b"\x00\xff", metadata=b"m", content_type="application/octet-stream")
    answered = client.append_to_stream(stream, current_version=NO_STREAM, events=new)
    [recorded] = client.get_stream(stream)
    assert (recorded.id, recorded.type, recorded.stream_name) == (new.id, "Noted", stream)
    assert (recorded.data, recorded.metadata, recorded.content_type) == (b"\x00\xff", b"m", new.content_type)
    assert recorded.stream_position == 0
    assert recorded.commit_position == recorded.prepare_position == answered > 0
    assert recorded.recorded_at is not None
    assert before < recorded.recorded_at < datetime.now(UTC) + timedelta(seconds=5)


@pytest.mark.parametrize("count", [1, 3, 2000])
def test_an_append_answers_the_position_of_its_last_event(
    client: EventStoreDBClient, stream: str, count: int
) -> None:
    answered = client.append_to_stream(stream, current_version=NO_STREAM, events=events(count))
    recorded = client.get_stream(stream)
    positions = [event.commit_position or 0 for event in recorded]
    assert revisions(recorded) == list(range(count))
    assert positions == sorted(set(positions))
    assert positions[-1] == answered


@pytest.mark.parametrize("as_batch", [True, False])
@pytest.mark.parametrize("current_version", [NO_STREAM, 0, 7])
def test_a_wrong_version_is_refused(
    client: EventStoreDBClient, stream: str, current_version: int | StreamState, as_batch: bool
) -> None:
    written(client, stream, 3)
    new = events(1)
    with pytest.raises(WrongCurrentVersion):
        client.append_to_stream(stream, current_version=current_version, events=new if as_batch else new[0])
    assert len(client.get_stream(stream)) == 3


@pytest.mark.parametrize("current_version", [0, EXISTS])
def test_a_stream_that_is_not_there_has_no_version(
    client: EventStoreDBClient, stream: str, current_version: int | StreamState
) -> None:
    with pytest.raises(WrongCurrentVersion):
        client.append_to_stream(stream, current_version=current_version, events=events(1))


def test_any_version_will_do(client: EventStoreDBClient, stream: str) -> None:
    client.append_to_stream(stream, current_version=ANY, events=events(2))
    client.append_to_stream(stream, current_version=ANY, events=events(1))
    client.append_to_stream(stream, current_version=EXISTS, events=events(1))
    assert revisions(client.get_stream(stream)) == [0, 1, 2, 3]


@pytest.mark.parametrize("as_batch", [True, False])
@pytest.mark.parametrize("current_version", [NO_STREAM, ANY])
def test_the_same_append_again_answers_as_before(
    client: EventStoreDBClient, stream: str, current_version: StreamState, as_batch: bool
) -> None:
    new = events(3 if as_batch else 1)
    again = new if as_batch else new[0]
    first = client.append_to_stream(stream, current_version=current_version, events=again)
    written(client, stream, 2)
    assert client.append_to_stream(stream, current_version=current_version, events=again) == first
    assert len(client.get_stream(stream)) == len(new) + 2


def test_the_same_append_again_in_the_middle_of_a_stream(client: EventStoreDBClient, stream: str) -> None:
    written(client, stream, 2)
    new = events(2)
    first = client.append_to_stream(stream, current_version=1, events=new)
    written(client, stream, 1)
    assert client.append_to_stream(stream, current_version=1, events=new) == first
    part = client.append_to_stream(stream, current_version=1, events=new[:1])
    assert part == position(client, stream, 2) < first


def test_ids_that_stand_elsewhere_are_no_repetition(client: EventStoreDBClient, stream: str) -> None:
    new = written(client, stream, 3)
    for again in (new[::-1], new[1:]):
        with pytest.raises(WrongCurrentVersion):
            client.append_to_stream(stream, current_version=NO_STREAM, events=again)
    with pytest.raises(WrongCurrentVersion):
        client.append_to_stream(stream, current_version=0, events=new[:1])
    other = f"{stream}-other"
    written(client, other, 1)
    with pytest.raises(WrongCurrentVersion):
        client.append_to_stream(other, current_version=NO_STREAM, events=new[:1])


def test_an_id_may_come_again_at_the_end(client: EventStoreDBClient, stream: str) -> None:
    new = written(client, stream, 1)
    client.append_to_stream(stream, current_version=0, events=new)
    assert [event.id for event in client.get_stream(stream)] == [new[0].id] * 2


@pytest.mark.parametrize("current_version", [NO_STREAM, ANY])
def test_a_partial_repetition_is_a_wrong_version(
    client: EventStoreDBClient, stream: str, current_version: StreamState
) -> None:
    new = written(client, stream, 2)
    for mixed in (new[:1] + events(1), new + events(1)):
        with pytest.raises(WrongCurrentVersion):
            client.append_to_stream(stream, current_version=current_version, events=mixed)
    assert len(client.get_stream(stream)) == 2


def large(count: int, size: int) -> list[NewEvent]:
    return [NewEvent(type="Large", data=b" " * size) for _ in range(count)]


def test_an_append_of_megabytes_is_taken(client: EventStoreDBClient, stream: str) -> None:
    client.append_to_stream(stream, current_version=NO_STREAM, events=large(2, 600_000))
    client.append_to_stream(stream, current_version=1, events=large(1, 15_000_000))
    assert revisions(client.get_stream(stream)) == [0, 1, 2]


def test_an_event_of_twenty_megabytes_is_refused(client: EventStoreDBClient, stream: str) -> None:
    with pytest.raises(GrpcError, match="RESOURCE_EXHAUSTED"):
        client.append_to_stream(stream, current_version=NO_STREAM, events=large(1, 20_000_000))
    with pytest.raises(NotFound):
        client.get_stream(stream)


def test_an_older_server_takes_a_mebibyte(stream: str) -> None:
    with Server(largest_append=1024 * 1024) as server, EventStoreDBClient(server.url) as client:
        with pytest.raises(MaximumAppendSizeExceededError):
            client.append_to_stream(stream, current_version=NO_STREAM, events=large(2, 600_000))
        with pytest.raises(NotFound):
            client.get_stream(stream)


@pytest.mark.parametrize("as_batch", [True, False])
def test_what_has_no_name_is_refused(client: EventStoreDBClient, stream: str, as_batch: bool) -> None:
    nameless, named = events(1, ""), events(1)
    for name, new in ((stream, nameless), ("", named)):
        with pytest.raises(EventStoreDBClientException):
            client.append_to_stream(name, current_version=NO_STREAM, events=new if as_batch else new[0])
    with pytest.raises(NotFound):
        client.get_stream(stream)


def test_a_batch_that_comes_too_late_is_not_appended(client: EventStoreDBClient, stream: str) -> None:
    service = client.streams
    late = service._construct_batch_append_req(stream, NO_STREAM, events(1), uuid4(), timeout=0)
    (answer,) = service._stub.BatchAppend(iter([late]))
    assert answer.error.details.Is(shared_pb2.Timeout.DESCRIPTOR)
    with pytest.raises(NotFound):
        client.get_stream(stream)


@pytest.mark.parametrize(
    ("expected", "told"), [(NO_STREAM, "expected_no_stream"), (0, "expected_stream_position")]
)
def test_a_wrong_version_carries_what_was_expected(
    client: EventStoreDBClient, stream: str, expected: int | StreamState, told: str
) -> None:
    written(client, stream, 3)
    service = client.streams
    wrong = service._construct_batch_append_req(stream, expected, events(1), uuid4(), timeout=5)
    (answer,) = service._stub.BatchAppend(iter([wrong]))
    found = shared_pb2.WrongExpectedVersion()
    assert answer.error.details.Unpack(found)
    assert found.WhichOneof("expected_stream_position_option") == told
    assert found.current_stream_revision == 2


def test_of_many_writers_at_one_version_one_wins(client: EventStoreDBClient, stream: str) -> None:
    def append(_: int) -> bool:
        try:
            client.append_to_stream(stream, current_version=NO_STREAM, events=events(3))
        except WrongCurrentVersion:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(append, range(16))) == 1
    assert len(client.get_stream(stream)) == 3


# --- Delete ----------------------------------------------------------------------------------------


def test_a_deleted_stream_is_not_found_and_goes_on_where_it_ended(
    client: EventStoreDBClient, stream: str
) -> None:
    written(client, stream, 2)
    client.delete_stream(stream, current_version=1)
    with pytest.raises(NotFound):
        client.get_stream(stream)
    with pytest.raises(StreamIsDeleted):
        client.append_to_stream(stream, current_version=EXISTS, events=events(1))
    client.append_to_stream(stream, current_version=NO_STREAM, events=events(2))
    assert revisions(client.get_stream(stream)) == [2, 3]
    assert revisions(client.get_stream(stream, backwards=True)) == [3, 2]


def test_a_stream_is_deleted_at_its_version(client: EventStoreDBClient, stream: str) -> None:
    with pytest.raises(NotFound):
        client.delete_stream(stream, current_version=ANY)
    written(client, stream, 2)
    with pytest.raises(WrongCurrentVersion):
        client.delete_stream(stream, current_version=0)


def test_a_tombstone_is_for_good(client: EventStoreDBClient, stream: str) -> None:
    written(client, stream, 2)
    client.tombstone_stream(stream, current_version=1)
    with pytest.raises(StreamIsDeleted):
        client.get_stream(stream)
    for current_version in (NO_STREAM, 1, ANY):
        with pytest.raises(StreamIsDeleted):
            client.append_to_stream(stream, current_version=current_version, events=events(1))
    with pytest.raises(StreamIsDeleted):
        client.tombstone_stream(stream, current_version=ANY)


# --- Read ------------------------------------------------------------------------------------------


def test_a_stream_is_read_in_both_directions(client: EventStoreDBClient, stream: str) -> None:
    written(client, stream, 5)
    assert revisions(client.get_stream(stream, stream_position=3)) == [3, 4]
    assert revisions(client.get_stream(stream, limit=2)) == [0, 1]
    assert revisions(client.get_stream(stream, backwards=True, limit=2)) == [4, 3]
    assert revisions(client.get_stream(stream, stream_position=1, backwards=True)) == [1, 0]
    assert revisions(client.get_stream(stream, stream_position=9)) == []
    with pytest.raises(NotFound):
        client.get_stream(f"{stream}-not-there")


def test_all_is_read_from_a_position_on_and_backwards_from_before_it(
    client: EventStoreDBClient, stream: str
) -> None:
    written(client, stream, 5)
    ours = {"filter_include": [f"{stream}.*"], "filter_by_stream_name": True}
    middle = position(client, stream, 2)
    forwards = client.read_all(commit_position=middle, **ours)  # type: ignore[arg-type]
    assert revisions(list(forwards)) == [2, 3, 4]
    backwards = client.read_all(commit_position=middle, backwards=True, **ours)  # type: ignore[arg-type]
    assert revisions(list(backwards)) == [1, 0]
    last = client.read_all(backwards=True, limit=2, **ours)  # type: ignore[arg-type]
    assert revisions(list(last)) == [4, 3]


@pytest.mark.parametrize("backwards", [False, True])
def test_a_position_within_a_record_is_invalid(
    client: EventStoreDBClient, stream: str, backwards: bool
) -> None:
    written(client, stream, 2)
    within = position(client, stream, 0) + 1
    with pytest.raises(UnknownError, match="InvalidPosition"):
        list(client.read_all(commit_position=within, backwards=backwards))


def test_nobody_subscribes_from_within_a_record(client: EventStoreDBClient, stream: str) -> None:
    written(client, stream, 2)
    within = position(client, stream, 0) + 1
    with pytest.raises(EventStoreDBClientException, match="invalid position"):
        next(client.subscribe_to_all(commit_position=within, filter_exclude=()))


def test_a_subscriber_with_a_filter_hears_of_no_checkpoint_once_all_is_quiet(
    client: EventStoreDBClient, stream: str
) -> None:
    start = client.append_to_stream(stream, current_version=NO_STREAM, events=events(1))
    written(client, stream, 20, "Uninteresting")
    subscription = client.subscribe_to_all(
        commit_position=start,
        filter_include=["NeverWritten"],
        window_size=10,
        include_checkpoints=True,
        include_caught_up=True,
        timeout=2,
    )
    with subscription:
        until_caught_up(subscription)
        with pytest.raises(DeadlineExceeded):
            next(subscription)


def test_beyond_the_end_there_is_nothing_forwards_and_an_error_backwards(
    client: EventStoreDBClient, stream: str
) -> None:
    written(client, stream, 2)
    beyond = client.get_commit_position(filter_exclude=()) + 1_000_000
    assert list(client.read_all(commit_position=beyond)) == []
    with pytest.raises(UnknownError, match=f"Error.*{beyond}"):
        list(client.read_all(commit_position=beyond, backwards=True))


def test_nothing_can_be_read_of_nothing(client: EventStoreDBClient, stream: str) -> None:
    written(client, stream, 1)
    with pytest.raises(EventStoreDBClientException):
        client.get_stream(stream, limit=0)
    with pytest.raises(EventStoreDBClientException):
        list(client.read_all(limit=0))


def test_of_a_stream_that_keeps_few_events_the_newest_are_read(
    client: EventStoreDBClient, stream: str
) -> None:
    written(client, stream, 5)
    client.set_stream_metadata(stream, metadata={"$maxCount": 2}, current_version=NO_STREAM)
    assert revisions(client.get_stream(stream)) == [3, 4]
    assert revisions(client.get_stream(stream, backwards=True)) == [4, 3]


def test_the_server_writes_events_of_its_own(client: EventStoreDBClient, stream: str) -> None:
    written(client, stream, 1)
    first = next(client.read_all(filter_exclude=()))
    assert first.type == "$metadata"
    assert not any(event.type.startswith("$") for event in client.read_all(limit=50))


def test_filters_take_and_leave_by_type_and_by_stream(client: EventStoreDBClient, stream: str) -> None:
    start = client.append_to_stream(stream, current_version=NO_STREAM, events=events(1, "First"))
    client.append_to_stream(stream, current_version=0, events=events(1, "Second"))
    client.append_to_stream(f"{stream}-b", current_version=NO_STREAM, events=events(1, "SecondMore"))

    def types(**filters: object) -> list[str]:
        read = client.read_all(commit_position=start, **filters)  # type: ignore[arg-type]
        return [event.type for event in read if event.stream_name.startswith(stream)]

    assert types() == ["First", "Second", "SecondMore"]
    assert types(filter_include=["Second"]) == ["Second"]
    assert types(filter_include=["Sec.*"]) == ["Second", "SecondMore"]
    assert types(filter_exclude=["Second", "First"]) == ["SecondMore"]
    assert types(filter_include=[f"{stream}-b"], filter_by_stream_name=True) == ["SecondMore"]
    assert types(filter_exclude=[f"{stream}-b"], filter_by_stream_name=True) == ["First", "Second"]


# --- Subscribe -------------------------------------------------------------------------------------


def test_a_subscriber_catches_up_and_then_hears_what_happens(client: EventStoreDBClient, stream: str) -> None:
    written(client, stream, 40)
    subscription = client.subscribe_to_all(
        commit_position=position(client, stream, 4),
        filter_include=[f"{stream}.*"],
        filter_by_stream_name=True,
        include_caught_up=True,
    )
    with subscription:
        assert revisions(until_caught_up(subscription)) == list(range(5, 40))
        written(client, stream, 3)
        assert revisions([next(subscription) for _ in range(3)]) == [40, 41, 42]


def test_a_subscriber_from_the_end_hears_only_news(client: EventStoreDBClient, stream: str) -> None:
    written(client, stream, 2)
    with client.subscribe_to_all(from_end=True, include_caught_up=True) as subscription:
        assert until_caught_up(subscription) == []
        new = written(client, stream, 1)
        assert next(subscription).id == new[0].id


def test_a_subscriber_to_one_stream(client: EventStoreDBClient, stream: str) -> None:
    with client.subscribe_to_stream(stream, include_caught_up=True) as from_start:
        assert until_caught_up(from_start) == []
        written(client, stream, 3)
        assert revisions([next(from_start) for _ in range(3)]) == [0, 1, 2]
    with client.subscribe_to_stream(stream, stream_position=0, include_caught_up=True) as after:
        assert revisions(until_caught_up(after)) == [1, 2]
    with client.subscribe_to_stream(stream, from_end=True, include_caught_up=True) as from_end:
        assert until_caught_up(from_end) == []
        written(client, stream, 1)
        assert next(from_end).stream_position == 3


def test_a_subscriber_to_a_tombstoned_stream_is_told(client: EventStoreDBClient, stream: str) -> None:
    written(client, stream, 1)
    client.tombstone_stream(stream, current_version=0)
    with pytest.raises(StreamIsDeleted):
        next(client.subscribe_to_stream(stream))


def test_checkpoints_pass_by_what_the_filter_leaves_out(client: EventStoreDBClient, stream: str) -> None:
    start = client.append_to_stream(stream, current_version=NO_STREAM, events=events(1))
    written(client, stream, 100, "Uninteresting")
    subscription = client.subscribe_to_all(
        commit_position=start,
        filter_include=["NeverWritten"],
        window_size=10,
        checkpoint_interval_multiplier=2,
        include_checkpoints=True,
        include_caught_up=True,
    )
    with subscription:
        told = until_caught_up(subscription)
        assert all(message.is_checkpoint for message in told)
        positions = [message.commit_position or 0 for message in told]
        assert len(positions) >= 5
        assert positions == sorted(set(positions))
        assert positions[0] >= start
        # Live, too.
        written(client, stream, 40, "Uninteresting")
        assert next(subscription).is_checkpoint


def test_without_a_filter_there_are_no_checkpoints(client: EventStoreDBClient, stream: str) -> None:
    start = client.append_to_stream(stream, current_version=NO_STREAM, events=events(1))
    written(client, stream, 100)
    subscription = client.subscribe_to_all(
        commit_position=start, filter_exclude=(), include_checkpoints=True, include_caught_up=True
    )
    with subscription:
        assert not any(message.is_checkpoint for message in until_caught_up(subscription))


@pytest.mark.parametrize("count", range(7, 13))
def test_a_checkpoint_is_the_place_of_an_event_that_was_looked_at(
    client: EventStoreDBClient, stream: str, count: int
) -> None:
    """So a reader that resumes there misses nothing, even if a page was just full at the end of the log."""
    start = client.append_to_stream(stream, current_version=NO_STREAM, events=events(1))
    written(client, stream, count)
    filtered = {"filter_include": [f"{stream}.*"], "filter_by_stream_name": True}
    with client.subscribe_to_all(
        commit_position=start,
        window_size=10,
        include_checkpoints=True,
        include_caught_up=True,
        **filtered,  # type: ignore[arg-type]
    ) as subscription:
        told = [each.commit_position for each in until_caught_up(subscription) if each.is_checkpoint]
    places = [each.commit_position for each in client.read_all(commit_position=start, filter_exclude=())]
    assert set(told) <= set(places)
    [new] = written(client, stream, 1)
    with client.subscribe_to_all(
        commit_position=max(filter(None, told)),
        include_caught_up=True,
        **filtered,  # type: ignore[arg-type]
    ) as resumed:
        assert until_caught_up(resumed)[-1].id == new.id


def test_somebody_who_has_caught_up_is_told_when_and_where(client: EventStoreDBClient, stream: str) -> None:
    """In fields that are newer than the client."""
    written(client, stream, 3)

    def caught_up(**options: Any) -> Any:
        request = client.streams._construct_read_request(subscribe=True, **options)
        call = client.streams._stub.Read(request, metadata=(("requires-leader", "true"),))
        found = next(each for each in call if each.WhichOneof("content") == "caught_up")
        call.cancel()
        return fields_of(found.caught_up.SerializeToString())

    everything, one = caught_up(), caught_up(stream_name=stream)
    assert set(everything) == {1, 3}
    assert set(one) == {1, 2}
    assert one[2] == 2


def fields_of(message: bytes) -> dict[int, int | bytes]:
    """By number, those of a message whose numbers and lengths are small."""
    found: dict[int, int | bytes] = {}
    while message:
        number, kind = divmod(message[0], 8)
        if kind == 2:
            found[number], message = message[2 : 2 + message[1]], message[2 + message[1] :]
        else:
            found[number], message = message[1], message[2:]
    return found


def test_many_events_of_others_do_not_let_a_live_subscriber_fall_behind(
    client: EventStoreDBClient, stream: str
) -> None:
    subscription = client.subscribe_to_all(
        from_end=True,
        filter_include=["NeverWritten"],
        window_size=10,
        checkpoint_interval_multiplier=1,
        include_checkpoints=True,
        include_caught_up=True,
    )
    with subscription:
        until_caught_up(subscription)
        written(client, stream, 200, "Uninteresting")
        assert all(next(subscription).is_checkpoint for _ in range(10))


def test_a_tombstone_comes_before_the_end_of_the_subscription(
    client: EventStoreDBClient, stream: str
) -> None:
    written(client, stream, 1)
    with client.subscribe_to_stream(stream, include_caught_up=True) as subscription:
        until_caught_up(subscription)
        client.tombstone_stream(stream, current_version=0)
        last = next(subscription)
        assert (last.type, last.stream_position) == ("$streamDeleted", 2**63 - 1)
        with pytest.raises(StreamIsDeleted):
            next(subscription)


def test_the_server_says_which_version_it_is(client: EventStoreDBClient) -> None:
    channel = grpc.insecure_channel(client.connection_target)
    ask = channel.unary_unary("/event_store.client.server_features.ServerFeatures/GetSupportedMethods")
    assert b"\x12" in ask(b"")
    channel.close()


def test_two_subscribers_and_several_writers(client: EventStoreDBClient, stream: str) -> None:
    ours = {"filter_include": [f"{stream}.*"], "filter_by_stream_name": True}
    start = client.append_to_stream(stream, current_version=NO_STREAM, events=events(1))

    def follow(_: int) -> list[int]:
        with client.subscribe_to_all(commit_position=start, **ours) as subscription:  # type: ignore[arg-type]
            return [next(subscription).commit_position or 0 for _ in range(200)]

    def write(number: int) -> None:
        for _ in range(10):
            written(client, f"{stream}-{number}", 4)

    with ThreadPoolExecutor(8) as pool:
        followers = [pool.submit(follow, number) for number in range(2)]
        list(pool.map(write, range(5)))
        heard = [follower.result(timeout=30) for follower in followers]
    everything = [event.commit_position for event in client.read_all(commit_position=start, **ours)]  # type: ignore[arg-type]
    assert heard == [everything[1:]] * 2


# --- Faults, in ours alone -------------------------------------------------------------------------


def test_a_restart_keeps_port_and_log(server: Server, client: EventStoreDBClient, stream: str) -> None:
    url = server.url
    new = written(client, stream, 2)
    subscription = client.subscribe_to_all(from_end=True)
    server.stop()
    with pytest.raises(ServiceUnavailable):
        next(subscription)
    with pytest.raises(ServiceUnavailable):
        client.get_stream(stream)
    server.start()
    assert server.url == url
    with EventStoreDBClient(url) as again:
        assert [event.id for event in when_back(again).get_stream(stream)] == [event.id for event in new]


@pytest.mark.parametrize("as_batch", [True, False])
def test_the_client_repeats_what_was_cut_after_it_was_written(
    server: Server, client: EventStoreDBClient, stream: str, as_batch: bool
) -> None:
    new = events(3 if as_batch else 1)
    server.cut_after_append()
    answered = client.append_to_stream(stream, current_version=NO_STREAM, events=new if as_batch else new[0])
    assert server.appends == 2
    assert revisions(recorded := client.get_stream(stream)) == list(range(len(new)))
    assert recorded[-1].commit_position == answered


def test_what_is_cut_every_time_may_be_written(
    server: Server, client: EventStoreDBClient, stream: str
) -> None:
    server.cut_before_append(ALL_ATTEMPTS)
    with pytest.raises(ServiceUnavailable):
        client.append_to_stream(stream, current_version=NO_STREAM, events=events(1))
    assert server.appends == ALL_ATTEMPTS
    with pytest.raises(NotFound):
        client.get_stream(stream)
    server.cut_after_append(ALL_ATTEMPTS)
    with pytest.raises(ServiceUnavailable):
        client.append_to_stream(stream, current_version=NO_STREAM, events=events(1))
    assert revisions(client.get_stream(stream)) == [0]


def test_when_an_append_reconnects_readers_of_the_same_client_stop_without_a_word(
    server: Server, client: EventStoreDBClient, stream: str
) -> None:
    """Why the store must not share a client between appends and anything that reads for long."""
    written(client, stream, 2000)
    reader = client.read_stream(stream)
    next(reader)
    subscription = client.subscribe_to_all(from_end=True)
    server.cut_before_append()
    written(client, f"{stream}-other", 1)
    assert list(subscription) == []
    assert len(list(reader)) < 1999


def test_another_node_is_the_leader(server: Server, client: EventStoreDBClient, stream: str) -> None:
    server.not_leader(leader=("127.0.0.1", 1))
    with pytest.raises(NodeIsNotLeader) as refused:
        client.append_to_stream(stream, current_version=NO_STREAM, events=events(1))
    assert refused.value.leader_grpc_target == "127.0.0.1:1"
    written(client, stream, 1)


def test_subscriptions_are_dropped(server: Server, client: EventStoreDBClient, stream: str) -> None:
    subscriptions = [client.subscribe_to_all(from_end=True), client.subscribe_to_stream(stream)]
    server.drop_subscriptions()
    for subscription in subscriptions:
        with pytest.raises(ServiceUnavailable):
            next(subscription)
    written(client, stream, 1)


@pytest.mark.parametrize("is_written", [True, False])
def test_a_deadline_passes(server: Server, client: EventStoreDBClient, stream: str, is_written: bool) -> None:
    server.hang(60, written=is_written)
    began = monotonic()
    with pytest.raises(DeadlineExceeded):
        client.append_to_stream(stream, current_version=NO_STREAM, events=events(1), timeout=0.3)
    assert monotonic() - began > 0.6  # the client tries twice
    server.hang(0)
    assert client.get_current_version(stream) == (0 if is_written else NO_STREAM)


def test_a_subscriber_who_leaves_is_forgotten(server: Server, client: EventStoreDBClient) -> None:
    for _ in range(120):  # more than there are threads for
        client.subscribe_to_all(from_end=True).stop()
    with client.subscribe_to_all(from_end=True, timeout=10):
        for _ in range(100):
            if server.subscriptions == 1:
                break
            sleep(0.05)
        assert server.subscriptions == 1


def test_the_server_as_a_process(stream: str) -> None:
    command = [sys.executable, "-m", "tests.kurrent"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout
        with EventStoreDBClient(process.stdout.readline().strip()) as client:
            new = written(client, stream, 1)
            for order in ("stop", "start", "cut_after 1"):
                print(order, file=process.stdin, flush=True)
                assert process.stdout.readline() == "ok\n"
        process.terminate()
        assert process.wait(10) == 0
    assert new


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, bytes, Path]:
    """Key, certificate, and where the latter lies."""
    folder = tmp_path_factory.mktemp("tls")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=localhost",
    ]
    command += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    return key.read_bytes(), certificate.read_bytes(), certificate


def test_credentials_over_tls(certificate: tuple[bytes, bytes, Path], stream: str) -> None:
    key, pem, _ = certificate
    with Server(tls=(key, pem), credentials=("admin", "changeit")) as server:
        with EventStoreDBClient(server.url, root_certificates=pem) as client:
            written(client, stream, 1)
        with (
            EventStoreDBClient(server.url.replace("changeit", "wrong"), root_certificates=pem) as client,
            pytest.raises(GrpcError, match="Unauthenticated"),
        ):
            client.get_stream(stream)


def test_nobody_without_credentials(stream: str) -> None:
    # Without TLS the client sends none.
    with Server(credentials=("admin", "changeit")) as server, EventStoreDBClient(server.url) as client:
        with pytest.raises(AccessDeniedError):
            client.append_to_stream(stream, current_version=NO_STREAM, events=events(2))
        with pytest.raises(GrpcError, match="Access Denied"):
            client.append_to_stream(stream, current_version=NO_STREAM, events=events(1)[0])
