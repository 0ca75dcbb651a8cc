"""The result of an import: rows taken, and every row not taken with its line and the reason."""

from collections import Counter
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from uuid import UUID

from intake.importing.service_request import NotTaken


@dataclass(frozen=True, slots=True)
class Reported:
    """A row that was not taken. `line` is where it begins in the file."""

    line: int
    why: NotTaken

    def __str__(self) -> str:
        return f"Line {self.line}: {self.why}"


@dataclass
class Report:
    """Counts of one import; `rows` is counted separately, so that no row can get lost unnoticed. A row is
    taken when it brought something new; `stored` are the names of the events, and which aggregates they
    belong to."""

    rows: int
    taken: int = 0
    there_already: int = 0
    not_taken: list[Reported] = field(default_factory=list)
    stored: set[tuple[str, UUID]] = field(default_factory=set)

    def take(self, stored: AbstractSet[tuple[str, UUID]]) -> None:
        """Note a row without faults, and the events that it brought."""
        self.taken += bool(stored)
        self.there_already += not stored
        self.stored.update(stored)

    def report(
        self, line: int, why: NotTaken, *, stored: AbstractSet[tuple[str, UUID]] = frozenset()
    ) -> None:
        """Note a row that was not taken, and its events that could not be rolled back."""
        self.not_taken.append(Reported(line, why))
        self.stored.update(stored)

    def lines(self) -> Iterator[str]:
        """Every row not taken, in the order of the file."""
        yield from map(str, sorted(self.not_taken, key=lambda each: each.line))

    def summary(self) -> Iterator[str]:
        """The counts, then the reasons, the most frequent first."""
        counts = {
            "taken": self.taken,
            "there already": self.there_already,
            "not taken": len(self.not_taken),
        }
        assert sum(counts.values()) == self.rows, "a row was neither taken nor reported"
        yield f"{self.rows} rows: " + ", ".join(
            f"{count} {name}" for name, count in counts.items() if count or name != "there already"
        )
        reasons = Counter(each.why.reason for each in self.not_taken)
        for reason, count in sorted(reasons.items(), key=lambda each: (-each[1], each[0])):
            yield f"{count:>8} {reason}"
