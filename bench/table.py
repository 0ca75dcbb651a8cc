"""Results as a table."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """One figure. `value` is what the target is about; `at_least` says on which side of it to be. Without a
    target it is there to explain another."""

    figure: str
    database: str
    ours: str
    rival: str
    value: float
    target: float | None
    at_least: bool = True
    unit: str = "x"
    low: float | None = None
    high: float | None = None

    @property
    def is_met(self) -> bool | None:
        if self.target is None:
            return None
        return self.value >= self.target if self.at_least else self.value <= self.target

    @property
    def is_unsure(self) -> bool:
        """Whether single rounds came out on both sides of the target."""
        if self.target is None or self.low is None or self.high is None:
            return False
        return self.low < self.target < self.high

    def cells(self) -> tuple[str, ...]:
        side = ">=" if self.at_least else "<="
        target = "" if self.target is None else f"{side} {self.target:,g}{self.unit}"
        return (
            self.figure,
            self.database,
            self.ours,
            self.rival,
            amount(self.value) + self.unit,
            target,
            "" if self.low is None or self.high is None else f"{amount(self.low)}-{amount(self.high)}",
            {True: "met", False: "MISSED", None: ""}[self.is_met] + ("?" if self.is_unsure else ""),
        )


HEAD = ("figure", "database", "ours", "rival", "result", "target", "rounds", "")


def amount(value: float) -> str:
    """With two digits after the point where these say something."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.2f} ms"


def a_second(rate: float) -> str:
    return f"{rate:,.0f}/s"


def table(lines: Iterable[Line]) -> str:
    """The lines under their heads, in columns."""
    rows = [HEAD, *[line.cells() for line in lines]]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    rows.insert(1, tuple("-" * width for width in widths))
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)
