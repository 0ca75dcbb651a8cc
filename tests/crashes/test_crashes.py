"""A process is killed at each place at which it speaks to the outside, and starts again.

Then no event is missing that was acknowledged, none is there twice, each append is there as a whole or not
at all, every read model is what a replay gives, and reactions had their effect once. The places are found
by counting them (tests/crashes/boundaries.py), and a run visits some of them (tests/sampling.py), always the
one between an append and its answer; `-rP` shows how many there were.
"""

import pytest

from tests.crashes.child import KILLED, Children
from tests.crashes.crash import Crash
from tests.eventstore.conftest import INLINE, KURRENT, STORES, WORKER
from tests.sampling import sampled

EVERYWHERE = ["command", "batch", "projection", "reaction", "rebuild"]
SCENES = [(store, deed) for store in STORES for deed in EVERYWHERE]
SCENES += [(INLINE, "command while behind")]  # the long way
SCENES += [(WORKER, "live"), (KURRENT, "live")]


@pytest.mark.parametrize(("store", "deed"), SCENES)
def test_killed_anywhere_and_started_again_it_ends_as_if_nothing_had_happened(
    store: str, deed: str, children: Children
) -> None:
    children.prepare(deed)
    undisturbed = children.run(deed, kill_at=0)
    assert undisturbed.status == 0, undisturbed.said
    _, complete = children.restart(deed)
    places, crashes = undisturbed.said["passed"], []
    numbers = {*sampled(range(1, places + 1))}
    if undisturbed.acknowledged:
        numbers.add(undisturbed.said["answered at"])
    for number in sorted(numbers):
        killed = children.run(deed, kill_at=number)
        if killed.status == 0:  # what a subscription sends by itself may come too late to count
            assert (store, deed) == (KURRENT, "live"), f"{number} of {places} places was not met"
            children.restart(deed)
            continue
        assert killed.status == KILLED, killed.said
        crash = Crash(f"place {number}, {killed.said['killed']}", killed, *children.restart(deed))
        crash.check(complete)
        crash.check_at_once(deed, inline=store == INLINE)
        crashes.append(crash)
    print(f"{store}, {deed}: killed at {len(crashes)} of {places} places")
    assert len(crashes) > len(numbers) / 2
    if undisturbed.acknowledged:
        assert any(each.is_stored_unacknowledged for each in crashes), (
            "never between an append and its answer"
        )
