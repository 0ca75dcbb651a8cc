"""Which of many places a run visits.

Killing a process at each of two thousand places, or measuring each page in all its shapes, takes longer than
one waits for a run of the tests. So a run visits every fifth place and two pages of five, beginning with ones
that move on each half hour: who runs them at regular times, hourly or daily, has been everywhere after five
runs. The first lines of a run name its seed. CRASH_SEED=<number> visits the same again, CRASH_TESTS=every
visits all.
"""

import os
import time
import zlib
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

STRIDE = 5
"""Prime to the half hours of an hour, a day and a week."""
HALF_HOUR = 1800  # seconds


def choose_seed() -> None:
    """Once for all processes of a run, which inherit it."""
    os.environ.setdefault("CRASH_SEED", str(int(time.time()) // HALF_HOUR))


def takes_every() -> bool:
    return os.environ.get("CRASH_TESTS") == "every"


def described() -> str:
    """What to say of the places of this run."""
    if takes_every():
        return "crashes: at every place"
    return (
        f"crashes: at every fifth place; accessibility: two pages of five; pages, API and KurrentDB beside "
        f"PostgreSQL: two tests of five, CRASH_SEED={os.environ['CRASH_SEED']} (CRASH_TESTS=every for all)"
    )


def sampled(places: Sequence[T]) -> list[T]:
    """Those of these places that this run visits."""
    return list(places if takes_every() else places[int(os.environ["CRASH_SEED"]) % STRIDE :: STRIDE])


def is_for_another_time(test: str) -> bool:
    """Whether this run leaves a test or page of this name to others: three of five, and other ones each half
    hour."""
    return not takes_every() and (zlib.crc32(test.encode()) - int(os.environ["CRASH_SEED"])) % STRIDE >= 2


def share(times: int) -> int:
    """How often this run does what a full run would do so many times."""
    return times if takes_every() else times // STRIDE
