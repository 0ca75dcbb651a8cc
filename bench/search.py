"""How long a page of work takes that is found by text, with generated jobs: `python -m bench.search [JOBS]`.

The rows are made without events: what is measured only reads them. Words are as unevenly common as those of a
language; each of the 60 operatives and 5,000 sites has its share.
"""

import sys
from statistics import median
from time import perf_counter
from typing import Any

from bench.databases import postgresql, sqlite, why_no_postgresql

JOBS = 1_000_000
ROUNDS = 5
ASKED: dict[str, dict[str, Any]] = {
    "two common words": {"text": "common1 common3"},
    "two words never together": {"text": "oddword evenword"},
    "a common and a rare word": {"text": "common1 rareword"},
    "two rare words": {"text": "rareword scarceword"},
    "two words that nothing holds": {"text": "zzz yyy"},
    "a word and a town": {"text": "w9x town17"},
    "a rare word and a town": {"text": "rareword town17"},
    "two words of an address": {"text": "street4321 town21"},
    "a word and an operative": {"text": "w40x surname33"},
    "a slip in one of two words": {"text": "common1 rarewrod"},
    "stage=waiting, nothing holds it": {"text": "zzz", "stage": "waiting"},
}


def main() -> None:
    jobs = int(sys.argv[1]) if len(sys.argv) > 1 else JOBS
    for scratch in [sqlite] if why_no_postgresql() else [postgresql, sqlite]:
        with scratch("_search") as database:
            database.run("bench.search:furnish", jobs=jobs)
            taken = database.run("bench.search:measure")
        print(f"\n{database.vendor}, {jobs:,} jobs, medians of {ROUNDS} pages of 50, and the slowest")
        for asked, (middle, most, found) in taken.items():
            print(f"  {asked:34} {middle * 1000:8.1f} ms {most * 1000:8.1f} ms   {found} found")


def furnish(jobs: int) -> int:
    """A step: the rows."""
    from bench.search_rows import fill

    fill(jobs)
    return jobs


def measure() -> dict[str, tuple[float, float, int]]:
    """A step: for each question the median time and the longest, and how many jobs its first page holds."""
    from readmodels.queries.work_list import Wanted, page

    taken = {}
    for name, asked in ASKED.items():
        times, found = [], 0
        page(Wanted(**asked), None, 50)
        for _ in range(ROUNDS):
            began = perf_counter()
            found = len(page(Wanted(**asked), None, 50)[0])
            times.append(perf_counter() - began)
        taken[name] = (median(times), max(times), found)
    return taken


if __name__ == "__main__":
    main()
