"""How often a program, a person or an address may ask, so that one of them does not use up what all need.

Counted in Django's cache by windows of the rate's period, which begin when the clock says so: across the end
of one, up to twice as many requests may pass within a period. Where the cache is in memory (CACHE_URL) each
process counts by itself, so the rate holds for each. In the database requests at the same moment may count as
one.

Not ninja's own AuthRateThrottle: that keeps the request it looks at in itself, and one throttle serves
every thread, so that one's requests may be counted as another's; and it stores a moment for every request.
"""

import time
from math import ceil
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from ninja.errors import Throttled
from ninja.throttling import BaseThrottle

from accounts.client_address import client_address


class Limit(BaseThrottle):
    """For every operation: API_RATE for each token and each person, however many browsers they have."""

    def allow_request(self, request: Any) -> bool:
        """Count this one, and say whether it still fits. ninja asks once it is known who asks."""
        return count(request.auth.actor) <= settings.API_RATE[0]

    def wait(self) -> float:
        """Seconds until the next window; ninja answers them as Retry-After."""
        return until_next()


def may_guess(request: HttpRequest) -> None:
    """Before a secret is looked up: whether this address has shown too many that nobody has. ninja asks a
    throttle only once somebody is known, so those are counted here. Raises Throttled."""
    if cache.get(key_of(client_address(request)), 0) >= settings.API_RATE[0]:
        raise Throttled(ceil(until_next()))


def guessed_wrong(request: HttpRequest) -> None:
    """Count a secret that nobody has against the address that showed it."""
    count(client_address(request))


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
