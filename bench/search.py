"""How long a page of work takes that is found by text, with generated jobs.

The rows are made without events: what is measured only reads them. Words are as unevenly common as those of a
language; each of the 60 operatives and 5,000 sites has its share.
"""

from statistics import median
from time import perf_counter
from typing import Any

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


def furnish(jobs: int) -> int:
    """A step: the rows."""
    from bench.search_rows import fill

    fill(jobs)
    return jobs


def measure(rounds: int) -> dict[str, tuple[float, float, float]]:
    """A step: for each question the shortest, the median and the longest time of a page of 50, in ms."""
    from readmodels.queries.work_list import Wanted, page

    taken = {}
    for name, asked in ASKED.items():
        times = []
        page(Wanted(**asked), None, 50)
        for _ in range(rounds):
            began = perf_counter()
            page(Wanted(**asked), None, 50)
            times.append((perf_counter() - began) * 1000)
        taken[name] = (min(times), median(times), max(times))
    return taken
