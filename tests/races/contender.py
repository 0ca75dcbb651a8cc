"""One of several processes that want the same work: `python -m tests.races.contender NUMBER OF SEED`.

It raises its share of the work and says "ready". When it is told to, it tries to assign work to its own
operative, as somebody does who saw it unassigned; four contend for each piece. It says how many it lost only
when it came to append, and which it got.
"""

import random
import sys
from collections.abc import Sequence
from uuid import UUID, uuid5

import django

django.setup()

from eventstore.current import current_store  # noqa: E402
from eventstore.dispatch import dispatch  # noqa: E402  Django must be set up first
from eventstore.store import NewEvent, WrongVersion  # noqa: E402
from support.commands import AssignWork, RaiseWork  # noqa: E402
from support.work import WORK  # noqa: E402
from tests import factories, sampling  # noqa: E402

CONTESTS = sampling.share(2000)
RIVALS = 4
"""How many of the contenders want each piece of work."""
TOGETHER = 10
"""Pieces of work that are contended for at a time, by each in an order of its own."""


def work_of(seed: str, number: int) -> UUID:
    """Which piece of work it is."""
    return uuid5(UUID(int=0), f"{seed} work {number}")


def operative_of(seed: str, contender: int) -> UUID:
    """The operative of this contender."""
    return uuid5(UUID(int=0), f"{seed} operative {contender}")


def raise_share(seed: str, contender: int, contenders: int) -> None:
    """Every so-manieth piece of work."""
    for number in range(contender, CONTESTS, contenders):
        work_id = work_of(seed, number)
        site = factories.active_site(uuid5(work_id, "site"))
        command = RaiseWork(work_id=work_id, title=f"Job {number}", description="Contested.", sites=(site,))
        dispatch(command, to=WORK, by="user-0")


def rivals_for(seed: str, number: int, contenders: int) -> list[int]:
    """The contenders for this piece of work."""
    return random.Random(f"{seed} rivals {number}").sample(range(contenders), RIVALS)


def contend(seed: str, contender: int, contenders: int) -> tuple[int, list[int]]:
    """How many were lost at the last moment, and the numbers of those won."""
    chance, operative = (
        random.Random(f"{seed} {contender}"),
        factories.employed(operative_of(seed, contender)),
    )
    won, lost_late = list[int](), counting_losses()
    for first in range(0, CONTESTS, TOGETHER):
        numbers = list(range(first, first + TOGETHER))
        chance.shuffle(numbers)
        for number in numbers:
            if contender not in rivals_for(seed, number, contenders):
                continue
            command = AssignWork(work_id=work_of(seed, number), operative=operative)
            try:
                dispatch(command, to=WORK, by=f"user-{contender}", expected_version=0)
                won.append(number)
            except WrongVersion:
                continue
    return len(lost_late), won


def counting_losses() -> list[WrongVersion]:
    """What this process loses only when it appends: the store's own refusals, as they come."""
    store = current_store()
    append, lost = store.append, list[WrongVersion]()

    def counted(stream: str, expected_version: int, events: Sequence[NewEvent], *, waits: bool = True) -> int:
        try:
            return append(stream, expected_version, events, waits=waits)
        except WrongVersion as error:
            lost.append(error)
            raise

    store.append = counted  # type: ignore[method-assign]
    return lost


def main(contender: int, contenders: int, seed: str) -> None:
    raise_share(seed, contender, contenders)
    print("ready", flush=True)
    sys.stdin.readline()
    lost_late, won = contend(seed, contender, contenders)
    print(lost_late, *won, flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
