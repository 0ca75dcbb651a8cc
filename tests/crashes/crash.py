"""One crash: an operation that was killed somewhere and done again, and what must hold."""

from dataclasses import dataclass

from tests.crashes.child import Ended, Standing

HISTORY = 5
"""Events that were stored before any operation."""


@dataclass(frozen=True)
class Crash:
    """`before` is the state after the process was killed, `after` the state when the operation was done."""

    place: str
    killed: Ended
    before: Standing
    after: Standing

    @property
    def is_stored_unacknowledged(self) -> bool:
        """Whether something was stored of which the process never knew."""
        return not self._streams.issubset(self.killed.acknowledged)

    def check(self, complete: Standing) -> None:
        """What holds for every operation on every store. `complete`: the end state when nothing is killed."""
        stored = complete["events"][: len(self.before["events"])]
        assert self.before["events"] == stored, f"other events when killed at {self.place}"
        lost = set(self.killed.acknowledged) - self._streams
        assert not lost, f"acknowledged and lost when killed at {self.place}"
        assert self.after["events"] == complete["events"], f"lost, doubled or new after {self.place}"
        assert self.after["differences"] == [], f"not what a replay gives after {self.place}"
        assert self.after["behind"] == [], f"not caught up after {self.place}"
        assert self.after["parked"] == 0, f"left parked after {self.place}"
        # A sent mail cannot be taken back, so it may go twice; but it goes.
        assert set(self.after["mail"]) == set(complete["mail"]), f"mail not sent after {self.place}"

    @property
    def _streams(self) -> set[str]:
        """The places of the operation's events: "<stream>@<version>"."""
        return {each.split()[-1] for each in self.before["events"][HISTORY:]}

    def check_at_once(self, deed: str, *, inline: bool) -> None:
        """What holds right after the crash, before anything is done again."""
        differences = self.before["differences"]
        if deed == "rebuild":
            # Two read models were tampered with: either both are unchanged, or both are repaired.
            assert len(differences) in {0, 2}, f"half swapped at {self.place}"
        else:
            assert differences == [], f"not what a replay gives at {self.place}"
        if deed == "batch":
            stored = len(self.before["events"]) - HISTORY
            assert stored in {0, 4, 6}, f"part of an append at {self.place}"
        if inline and deed in {"command", "batch", "reaction"}:
            assert self.before["behind"] == [], f"stored, but not projected at {self.place}"
