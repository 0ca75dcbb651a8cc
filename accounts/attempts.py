"""Too many attempts to sign in: with one name from one address, which django-axes counts
(config/settings.py), or with any names from one address. Those are counted here, because each attempt
costs a third of a second of processor time."""

import time
from contextlib import suppress
from math import ceil

from axes.helpers import get_cache_timeout, get_client_cache_keys
from django.core.cache import cache
from django.http import HttpRequest

from accounts.client_address import client_address

TOO_MANY = 429
FROM_ADDRESS, PERIOD = 30, 60
"""The most wrong passwords from one address, in so many seconds by the clock."""


def is_one_too_many(request: HttpRequest) -> bool:
    """Count one more password from this address, and say whether it is too many to be tried."""
    key = key_of(request)
    cache.add(key, 0, PERIOD)
    try:
        count = cache.incr(key)
    except ValueError:  # removed from the cache meanwhile
        count = 1
    if count <= FROM_ADDRESS:
        return False
    request.address_waits = ceil(PERIOD - time.time() % PERIOD)  # type: ignore[attr-defined]
    return True


def was_right(request: HttpRequest) -> None:
    """Take a right password out of the count: an office shares an address."""
    with suppress(ValueError):
        cache.decr(key_of(request))


def key_of(request: HttpRequest) -> str:
    """The key under which the passwords of this time window are counted."""
    return f"passwords-{client_address(request)}-{int(time.time() // PERIOD)}"


def seconds_to_wait(request: HttpRequest) -> int:
    """Seconds until the username, or any, may be tried again from this address; 0 unless this was one too
    many.

    A cache does not say how long it will still keep something, so the end is kept beside the count.
    """
    if waits := getattr(request, "address_waits", 0):
        return int(waits)
    if not getattr(request, "axes_locked_out", False):
        return 0
    (counted,) = get_client_cache_keys(request, request.axes_credentials)  # type: ignore[attr-defined]
    wait = get_cache_timeout(request) or 0
    until = cache.get_or_set(f"{counted}-until", time.time() + wait, wait) or 0
    return max(1, ceil(until - time.time()))


def minutes_to_wait(seconds: int) -> int:
    """The same in minutes, for people."""
    return ceil(seconds / 60)
