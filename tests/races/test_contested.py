"""Eight processes assign pieces of work to different operatives, four contending for each: each goes to
exactly one. 2,000 pieces, of which a run takes a fifth (tests/sampling.py)."""

import subprocess
import sys
from collections import Counter, defaultdict
from contextlib import ExitStack
from uuid import uuid4

import pytest
from django.conf import settings

from eventstore.store import EventStore, RecordedEvent
from support.events import WorkAssigned
from tests.races.contender import CONTESTS, operative_of, work_of
from tests.worker.processes import environment

pytestmark = pytest.mark.django_db(transaction=True)

CONTENDERS = 8


def started(contender: int, seed: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "tests.races.contender", str(contender), str(CONTENDERS), seed],
        cwd=settings.BASE_DIR,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def raced(seed: str) -> tuple[int, list[list[int]]]:
    """How often one was overtaken between reading and appending, and what each contender says that it won."""
    with ExitStack() as stack:
        contenders = [stack.enter_context(started(number, seed)) for number in range(CONTENDERS)]
        for each in contenders:
            assert each.stdout
            assert each.stdout.readline() == "ready\n"
        for each in contenders:
            print("go", file=each.stdin, flush=True)
        said = [each.communicate()[0] for each in contenders]
        assert {each.returncode for each in contenders} == {0}
    told = [[int(number) for number in line.split()] for line in said]
    return sum(lost_late for lost_late, *_ in told), [won for _, *won in told]


def streams_of(store: EventStore) -> dict[str, list[RecordedEvent]]:
    """All that is stored, by stream."""
    streams = defaultdict(list)
    position = 0
    while batch := store.read_all(position, 1000):
        for each in batch:
            streams[each.stream].append(each)
        position = batch[-1].position
    return streams


def contested(store: EventStore) -> int:
    """A race in which each piece went to the one that was told so; returns how many were lost at the last
    moment."""
    seed = uuid4().hex
    lost_late, won = raced(seed)
    shares = [len(each) for each in won]
    print(f"seed {seed}: {lost_late} were lost between reading and appending; won: {shares}")
    winners = {number: contender for contender, numbers in enumerate(won) for number in numbers}
    assert Counter(number for numbers in won for number in numbers) == Counter(range(CONTESTS))
    streams = streams_of(store)
    assert len(streams) % CONTESTS == 0
    for number in range(CONTESTS):
        raised, assigned = streams[f"work-{work_of(seed, number)}"]
        assert (raised.type, assigned.type) == ("WorkRaised", "WorkAssigned")
        event = assigned.event
        assert isinstance(event, WorkAssigned)
        assert event.operative_id == operative_of(seed, winners[number])
    return lost_late


def test_each_contested_assignment_has_exactly_one_winner(store: EventStore) -> None:
    """On a busy machine a race may happen to be none, all coming one after the other."""
    assert any(contested(store) for _ in range(5)), "nobody ever came in between: that was no contest"
