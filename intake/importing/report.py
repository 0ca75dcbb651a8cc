"""What an import came to: rows taken, and every row not taken with its line and the reason."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

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
    """Counts of one import; `rows` is counted on its own, so that no row can get lost unnoticed."""

    rows: int
    taken: int = 0
    not_taken: list[Reported] = field(default_factory=list)

    def report(self, line: int, why: NotTaken) -> None:
        """Note a row that was not taken."""
        self.not_taken.append(Reported(line, why))

    def lines(self) -> Iterator[str]:
        """Every row not taken, in the order of the file."""
        yield from map(str, sorted(self.not_taken, key=lambda each: each.line))

    def summary(self) -> Iterator[str]:
        """The counts, then the reasons, the most frequent first."""
        assert self.taken + len(self.not_taken) == self.rows, "a row was neither taken nor reported"
        yield f"{self.rows} rows: {self.taken} taken, {len(self.not_taken)} not taken"
        reasons = Counter(each.why.reason for each in self.not_taken)
        for reason, count in sorted(reasons.items(), key=lambda each: (-each[1], each[0])):
            yield f"{count:>8} {reason}"
