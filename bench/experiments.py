"""What else was tried: `python -m bench.experiments`. Each variant is compared with the one that was
chosen.

Not part of `make bench`: no target depends on these. They are the reasons in docs/performance.md.
"""

import sys

from bench.databases import postgresql, sqlite, why_no_postgresql

WORKER = {"appends", "locks"}
"""Steps without inline projection."""

STEPS = {
    postgresql: ("appends", "commands", "rows", "locks"),
    sqlite: ("rows", "wal"),
}


def main() -> None:
    chosen = set(sys.argv[1:])
    for scratch, steps in STEPS.items():
        if scratch is postgresql and why_no_postgresql():
            print("No PostgreSQL: its half is left out.")
            continue
        for step in steps:
            if not chosen or step in chosen:
                with scratch() as database:
                    projection = "worker" if step in WORKER else "inline"
                    report(database.vendor, database.run(f"bench.variants:{step}", projection=projection))


def report(vendor: str, found: dict[str, dict[str, float]]) -> None:
    """The time of each variant, and as a multiple of the first."""
    for name, ways in found.items():
        first = next(iter(ways.values()))
        for way, seconds in ways.items():
            cells = f"{vendor:10}  {name:22}  {way:26}  {seconds * 1000:9.2f} ms  {seconds / first:5.2f}x"
            print(cells, flush=True)


if __name__ == "__main__":
    main()
