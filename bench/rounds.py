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


def in_turns(ours: Work, rival: Work, *, rounds: int, times: int, turns: int = 1) -> dict[str, float]:
    """The median over the rounds of what one call takes, in seconds, after one round that does not count.

    In each round both have so many turns, of so many calls each. A round should be long enough to hold
    whatever comes only now and then, such as a checkpoint of SQLite's log: a median of shorter ones would
    hide it.
    """
    taken: dict[str, list[float]] = {"ours": [], "rival": []}
    for _ in range(rounds + 1):
        summed = {"ours": 0.0, "rival": 0.0}
        for _ in range(turns):
            summed["ours"] += seconds(ours, times)
            summed["rival"] += seconds(rival, times)
        for name, each in summed.items():
            taken[name].append(each / turns)
    return summary(taken["ours"], taken["rival"])


def summary(ours: list[float], rival: list[float]) -> dict[str, float]:
    """Both medians, and how far apart single rounds were: rival over ours, the lowest and the highest.

    The first round, which warms up, does not count.
    """
    ratios = [theirs / mine for mine, theirs in zip(ours[1:], rival[1:], strict=True)]
    return {"ours": median(ours[1:]), "rival": median(rival[1:]), "low": min(ratios), "high": max(ratios)}
