"""Effects that must happen once, when the lock that ensures this is lost by a process that goes on, or
that hangs."""

import time
from collections import Counter
from functools import partial
from pathlib import Path

import pytest
from django.db import connection

from eventstore.database.lock import SILENCE
from eventstore.models import Checkpoint, DoneEffect, ParkedEvent
from eventstore.projections.read_model import registry
from eventstore.projections.rebuild import rebuild
from eventstore.projections.shadow import Busy
from tests import factories
from tests.eventstore.processes import Child
from tests.worker.processes import Worker, wait_for

pytestmark = [
    pytest.mark.postgresql,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("worker"),
]

TOWNS = [f"Town {number}" for number in range(20)]
SESSION_ENDS = 3
LETTERS = "reaction letters"


class Post:
    """The file to which two workers write letters; one of them stands by."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "letters"
        self.file.touch()

    @property
    def towns(self) -> Counter[str]:
        return Counter(self.file.read_text().split("\n")[:-1])

    @property
    def twice(self) -> int:
        """How many letters were written once more than they should be."""
        return self.towns.total() - len(self.towns)

    def worker(self, folder: Path, *, takes: float, silence: float = SILENCE) -> Worker:
        return Worker(folder, LETTERS=str(self.file), LETTER_TAKES=str(takes), SILENCE=str(silence))

    def is_complete(self) -> bool:
        return set(self.towns) == set(TOWNS) and not DoneEffect.objects.filter(done_at=None).exists()


@pytest.fixture
def post(tmp_path: Path) -> Post:
    return Post(tmp_path)


def end_session_that_holds(name: str) -> int:
    """As an administrator does; how many there were."""
    from eventstore.database.lock import _KEY, _number

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted "
            "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
            "AND classid = %s AND objid = %s",
            [_KEY, _number(name)],
        )
        return len(cursor.fetchall())


def moved() -> int:
    return Checkpoint.objects.filter(name=LETTERS).values_list("position", flat=True).first() or 0


def test_somebody_who_loses_the_lock_repeats_at_most_what_was_in_hand(post: Post, tmp_path: Path) -> None:
    """Nobody dies: the server ends the session that holds the lock while letters are written, three times."""
    for town in TOWNS:
        factories.acquire(town=town)
    with post.worker(tmp_path, takes=0.2) as one, post.worker(tmp_path, takes=0.2) as other:
        wait_for("the first letter", lambda: len(post.towns) > 0)
        for _ in range(SESSION_ENDS):
            stood, written = moved(), len(post.towns)
            wait_for("it to write", lambda: moved() > stood and len(post.towns) > written)  # noqa: B023
            assert end_session_that_holds(LETTERS) == 1
        wait_for("all letters", post.is_complete)
        assert one.terminate() == other.terminate() == 0
    print(f"{post.twice} of {len(TOWNS)} letters were written twice, the lock was lost {SESSION_ENDS} times")
    assert post.twice <= SESSION_ENDS
    assert not ParkedEvent.objects.exists()


def test_a_successor_goes_on_for_a_worker_that_stands_still(post: Post, tmp_path: Path) -> None:
    """Here it may be silent for three seconds; with the usual settings a successor takes over within half
    a minute."""
    assert SILENCE < 30
    patient = partial(post.worker, tmp_path, takes=0.2, silence=3)
    with patient() as one:
        one.says("Following the store")
        with patient() as other:
            other.says("standing by")
            for town in TOWNS[:5]:
                factories.acquire(town=town)
            wait_for("it to write", lambda: len(post.towns) > 0)
            one.stop()
            written, began = len(post.towns), time.monotonic()
            for town in TOWNS[5:]:
                factories.acquire(town=town)
            wait_for("a successor", lambda: len(post.towns) > written)
            print(f"it went on after {time.monotonic() - began:.1f} s")
            wait_for("all letters", post.is_complete)
            one.wake()
            one.says("Cannot go on")
            assert one.terminate() == other.terminate() == 0
    assert post.twice <= 1
    assert not ParkedEvent.objects.exists()


def test_a_rebuild_that_stands_still_is_in_nobodys_way_for_long() -> None:
    factories.acquire()
    with Child("tests.eventstore.child", "rebuild_all", "", SILENCE="2") as child:
        assert child.hear() == "in the middle"
        child.stop()
        with pytest.raises(Busy):
            rebuild(list(registry.values()), progress=lambda *_: None)
        wait_for("another rebuild", is_rebuilt)


def is_rebuilt() -> bool:
    try:
        rebuild(list(registry.values()), progress=lambda *_: None)
    except Busy:
        return False
    return True
