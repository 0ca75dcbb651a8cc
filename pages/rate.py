"""How often a program, a person or an address has asked, so that one of them does not use up what all need.

Counted in Django's cache by windows of the rate's period, which begin when the clock says so: across the end
of one, up to twice as many requests may pass within a period. Where the cache is in memory (CACHE_URL) each
process counts by itself, so the rate holds for each. In the database requests at the same moment may count as
one.
"""

import time

from django.conf import settings
from django.core.cache import cache


def asks_too_often(whose: str) -> bool:
    """Count one more request, and say whether that is more than API_RATE allows."""
    return count(whose) > settings.API_RATE[0]


def has_asked_too_often(whose: str) -> bool:
    """Whether one more would be. Counts nothing."""
    return bool(cache.get(key_of(whose), 0) >= settings.API_RATE[0])


def count(whose: str) -> int:
    """One more in this window: how many that makes."""
    key = key_of(whose)
    try:
        return cache.incr(key)
    except ValueError:  # the first, or thrown out of the cache meanwhile
        cache.add(key, 1, settings.API_RATE[1])
        return 1


def key_of(whose: str) -> str:
    """Under which this window's requests are counted."""
    return f"api-{whose}-{int(time.time() // settings.API_RATE[1])}"


def until_next() -> float:
    """Seconds until the next window begins."""
    period: int = settings.API_RATE[1]
    return period - time.time() % period
