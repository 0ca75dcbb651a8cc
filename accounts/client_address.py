"""Where a request comes from, for those who count: sign-in and the API."""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

ONE_HOUSEHOLD = 64
"""Bits of an IPv6 address that say whose it is. The rest whoever has one may choose for every request."""


def client_address(request: HttpRequest) -> str:
    """The client's IPv4 address, or the network of its IPv6 address.

    X-Forwarded-For is believed with BEHIND_PROXY alone, and then its last entry alone: our proxy wrote it,
    anybody may have written what stands before it.
    """
    found = None
    if settings.BEHIND_PROXY:
        found = parsed(request.headers.get("X-Forwarded-For", "").rpartition(",")[2])
    found = found or parsed(request.META.get("REMOTE_ADDR", ""))
    if isinstance(found, IPv6Address):
        return str(ip_network((found, ONE_HOUSEHOLD), strict=False))
    return str(found or "unknown")


WITH_PORT = re.compile(r"\[(?P<v6>[^\]]*)\](:[0-9]{1,5})?|(?P<v4>[0-9.]+):[0-9]{1,5}")
"""How some proxies write an address: IPv6 in brackets, and either with a port behind it."""


def parsed(text: str) -> IPv4Address | IPv6Address | None:
    """The address that stands there, if it is one; an IPv4 address in the clothes of IPv6 is that."""
    text = text.strip()
    if found := WITH_PORT.fullmatch(text):
        text = found["v6"] or found["v4"] or ""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
