"""Where a request comes from, and which statements about it are believed."""

import pytest
from django.conf import LazySettings
from django.test import RequestFactory

from accounts.client_address import client_address


def seen(address: str, forwarded: str = "") -> str:
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    return client_address(RequestFactory().get("/", REMOTE_ADDR=address, headers=headers))


@pytest.mark.parametrize("forwarded", ["", "203.0.113.9", "203.0.113.9, 203.0.113.10"])
def test_without_a_proxy_nobody_says_where_they_come_from(settings: LazySettings, forwarded: str) -> None:
    settings.BEHIND_PROXY = False
    assert seen("198.51.100.7", forwarded) == "198.51.100.7"


@pytest.mark.parametrize(
    ("forwarded", "believed"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("1.1.1.1, 203.0.113.9", "203.0.113.9"),
        ("203.0.113.9:50123", "203.0.113.9"),
        ("1.1.1.1, [2001:db8:1:2:3::6]:443", "2001:db8:1:2::/64"),
        ("[2001:db8:1:2:3::6]", "2001:db8:1:2::/64"),
        ("[::ffff:203.0.113.9]:50123", "203.0.113.9"),
        ("203.0.113.9:port", "10.0.0.1"),
        ("[]:443", "10.0.0.1"),
        ("1.1.1.1,2.2.2.2 ,  203.0.113.9 ", "203.0.113.9"),
        ("", "10.0.0.1"),
        ("203.0.113.9,", "10.0.0.1"),
        ("203.0.113.9, unknown", "10.0.0.1"),
        ("203.0.113.9, <script>", "10.0.0.1"),
    ],
)
def test_behind_our_proxy_its_own_entry_alone_is_believed(
    settings: LazySettings, forwarded: str, believed: str
) -> None:
    settings.BEHIND_PROXY = True
    assert seen("10.0.0.1", forwarded) == believed


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("", "unknown"),
    ],
)
def test_somebody_who_has_one_address_of_a_network_has_them_all(
    settings: LazySettings, address: str, counted: str
) -> None:
    settings.BEHIND_PROXY = False
    assert seen(address) == counted
