"""Two contenders in turns: what disturbs the machine for a while then disturbs both."""

from collections.abc import Callable
from statistics import median
from time import perf_counter

Work = Callable[[], object]


def seconds(work: Work, times: int) -> float:
    """What one call takes, on average over so many."""
    began = perf_counter()
    for _ in range(times):
        work()
    return (perf_counter() - began) / times


def in_turns(ours: Work, rival: Work, *, rounds: int, times: int) -> dict[str, float]:
    """The median over the rounds of what one call takes, in seconds, after one round that does not count."""
    taken: dict[str, list[float]] = {"ours": [], "rival": []}
    for _ in range(rounds + 1):
        taken["ours"].append(seconds(ours, times))
        taken["rival"].append(seconds(rival, times))
    return {name: median(each[1:]) for name, each in taken.items()}
