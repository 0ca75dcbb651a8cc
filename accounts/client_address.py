"""Where a request comes from, for code that counts requests: sign-in and the API."""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

ONE_HOUSEHOLD = 64
"""The bits of an IPv6 address that say whose it is. Its owner may choose the rest anew for every request."""


def client_address(request: HttpRequest) -> str:
    """The client's IPv4 address, or the network of its IPv6 address.

    X-Forwarded-For is believed only with BEHIND_PROXY, and then only its last entry: our proxy wrote that
    one, and anybody may have written the others.
    """
    found = None
    if settings.BEHIND_PROXY:
        found = parsed(request.headers.get("X-Forwarded-For", "").rpartition(",")[2])
    found = found or parsed(request.META.get("REMOTE_ADDR", ""))
    if isinstance(found, IPv6Address):
        return str(ip_network((found, ONE_HOUSEHOLD), strict=False))
    return str(found or "unknown")


WITH_PORT = re.compile(r"\[(?P<v6>[^\]]*)\](:[0-9]{1,5})?|(?P<v4>[0-9.]+):[0-9]{1,5}")
"""How some proxies write an address: IPv6 in brackets, and both kinds perhaps followed by a port."""


def parsed(text: str) -> IPv4Address | IPv6Address | None:
    """The address in this text, or None. An IPv4 address written as IPv6 becomes IPv4."""
    text = text.strip()
    if found := WITH_PORT.fullmatch(text):
        text = found["v6"] or found["v4"] or ""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
