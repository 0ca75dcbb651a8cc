"""`python -m bench`: every figure, or those named. Measures and reports; a missed target is no failure."""

import argparse
import os
import platform
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter

from bench.databases import SERVER, postgresql, sqlite, why_no_postgresql
from bench.figures import FIGURES, SIZES, Scratch, Sizes, append
from bench.table import Line, table


def main() -> None:
    arguments = parser().parse_args()
    names = arguments.figures or list(FIGURES)
    began, load = perf_counter(), os.getloadavg()[0]
    scratches = available()
    measure = together if arguments.size == "tiny" else measured
    lines = list(measure(names, scratches, SIZES[arguments.size]))
    print(f"\n{table(lines)}\n" if lines else "\nNothing measured.\n")
    met, missed = (sum(line.is_met is side for line in lines) for side in (True, False))
    print(f"{met} targets met, {missed} missed, in {perf_counter() - began:.0f} s.")
    print(f"Load when it began {load:.1f}, now {os.getloadavg()[0]:.1f}, of which bench itself is 1 to 2.")
    if any(line.is_unsure for line in lines):
        print("?: single rounds came out on both sides. Measure again when the machine has less to do.")
    print("The ratios count. Times are those of this machine at this moment and say little elsewhere.")
    if arguments.size != "usual":
        print(f"Of {arguments.size} size: not for the record.")


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="python -m bench", description="Measure Callout on this machine.")
    made.add_argument("figures", nargs="*", metavar="FIGURE", help=f"of {', '.join(FIGURES)}; without: all")
    sizes = "quick for a first look, tiny to see that everything runs"
    made.add_argument("--size", choices=SIZES, default="usual", help=sizes)
    return made


def available() -> list[Scratch]:
    """The databases that can be measured here; also says which cannot, and why."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    print(f"Python {platform.python_version()}, {cores} cores")
    reason = why_no_postgresql()
    if not reason:
        return [postgresql, sqlite]
    print(f"No PostgreSQL at {SERVER.rpartition('@')[2]} ({reason}).")
    print("Left out: appends, and PostgreSQL's side of every other figure. TEST_POSTGRES_URL names a server.")
    return [sqlite]


def measured(names: list[str], scratches: list[Scratch], sizes: Sizes) -> Iterator[Line]:
    """The lines of these figures, each printed when it is known."""
    for name in names:
        for scratch in scratches:
            if FIGURES[name] is append and scratch is sqlite:
                continue  # only on PostgreSQL do writers meet; SQLite has one at a time anyway
            for line in FIGURES[name](scratch, sizes):
                print("  ".join(cell for cell in line.cells() if cell), flush=True)
                yield line


def together(names: list[str], scratches: list[Scratch], sizes: Sizes) -> Iterator[Line]:
    """The same on all databases at once, when nobody needs the figures."""
    with ThreadPoolExecutor() as pool:
        for lines in pool.map(lambda scratch: list(measured(names, [scratch], sizes)), scratches):
            yield from lines


if __name__ == "__main__":
    main()
