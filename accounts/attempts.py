"""Too many attempts to sign in: django-axes counts them (config/settings.py); this says how long to wait."""

import time
from math import ceil

from axes.helpers import get_cache_timeout, get_client_cache_keys
from django.core.cache import cache
from django.http import HttpRequest

TOO_MANY = 429


def seconds_to_wait(request: HttpRequest) -> int:
    """Until the username may be tried again from this address; 0 unless this attempt was one too many.

    A cache does not say how long it will still keep something, so the end is kept beside the count.
    """
    if not getattr(request, "axes_locked_out", False):
        return 0
    (counted,) = get_client_cache_keys(request, request.axes_credentials)  # type: ignore[attr-defined]
    wait = get_cache_timeout(request) or 0
    until = cache.get_or_set(f"{counted}-until", time.time() + wait, wait) or 0
    return max(1, ceil(until - time.time()))


def minutes_to_wait(seconds: int) -> int:
    """The same as people read it."""
    return ceil(seconds / 60)
