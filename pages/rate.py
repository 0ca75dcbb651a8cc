"""How often a program, a person or an address has asked, so that none of them uses up what all need.

Django's cache counts by windows of the rate's period, which begin by the clock. Across the end of a
window, up to twice as many requests may pass within one period. If the cache is in memory (CACHE_URL),
each process counts for itself, so the rate holds for each process. In the database, requests at the same
moment may count as one.
"""

import time

from django.conf import settings
from django.core.cache import cache


def asks_too_often(whose: str) -> bool:
    """Count one more request, and say whether that is more than API_RATE allows."""
    return count(whose) > settings.API_RATE[0]


def has_asked_too_often(whose: str) -> bool:
    """Whether one more would be too many. Counts nothing."""
    return bool(cache.get(key_of(whose), 0) >= settings.API_RATE[0])


def count(whose: str) -> int:
    """Count one more in this window, and return the total."""
    key = key_of(whose)
    try:
        return cache.incr(key)
    except ValueError:  # the first, or removed from the cache meanwhile
        cache.add(key, 1, settings.API_RATE[1])
        return 1


def key_of(whose: str) -> str:
    """The key under which the requests of this window are counted."""
    return f"api-{whose}-{int(time.time() // settings.API_RATE[1])}"


def until_next() -> float:
    """Seconds until the next window begins."""
    period: int = settings.API_RATE[1]
    return period - time.time() % period
