"""How often a program, a person or an address may ask: API_RATE, as pages/rate.py counts.

Not ninja's own AuthRateThrottle: that keeps the request it looks at in itself, and one throttle serves
every thread, so that one's requests may be counted as another's; and it stores a moment for every request.
"""

from math import ceil
from typing import Any

from django.http import HttpRequest
from ninja.errors import Throttled
from ninja.throttling import BaseThrottle

from accounts.client_address import client_address
from pages.rate import asks_too_often, count, has_asked_too_often, until_next


class Limit(BaseThrottle):
    """For every operation: API_RATE for each token and each person, however many browsers they have."""

    def allow_request(self, request: Any) -> bool:
        """Count this one, and say whether it still fits. ninja asks once it is known who asks."""
        return not asks_too_often(request.auth.actor)

    def wait(self) -> float:
        """Seconds until the next window; ninja answers them as Retry-After."""
        return until_next()


def may_guess(request: HttpRequest) -> None:
    """Before a secret is looked up: whether this address has shown too many that nobody has. ninja asks a
    throttle only once somebody is known, so those are counted here. Raises Throttled."""
    if has_asked_too_often(client_address(request)):
        raise Throttled(ceil(until_next()))


def guessed_wrong(request: HttpRequest) -> None:
    """Count a secret that nobody has against the address that showed it."""
    count(client_address(request))
