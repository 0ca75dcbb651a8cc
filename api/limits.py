"""How often a program, a person or an address may ask: API_RATE, counted by pages/rate.py.

Not ninja's own AuthRateThrottle: it keeps the present request in itself, and one throttle serves every
thread, so that one asker's requests may count as another's. It also stores a moment for every request.
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
        """Count this request, and say whether it is still within the rate. ninja calls this once it knows
        who asks."""
        return not asks_too_often(request.auth.actor)

    def wait(self) -> float:
        """Seconds until the next window; ninja sends them as Retry-After."""
        return until_next()


def may_guess(request: HttpRequest) -> None:
    """Check, before a secret is looked up, whether this address has sent too many unknown ones. ninja asks
    a throttle only once the asker is known, so wrong secrets are counted here. Raises Throttled."""
    if has_asked_too_often(client_address(request)):
        raise Throttled(ceil(until_next()))


def guessed_wrong(request: HttpRequest) -> None:
    """Count an unknown secret against the address that sent it."""
    count(client_address(request))
