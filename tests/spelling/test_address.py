"""Which addresses are one."""

import pytest

from spelling.address import address_key


@pytest.mark.parametrize(
    ("line_1", "post_code"),
    [
        ("12 high street", "OX1 1AA"),
        ("12, High St.", "ox11aa"),
        ("12  HIGH STR", "OX1-1AA"),
        ("12 Hígh Street", "OX1\N{NO-BREAK SPACE}1AA"),
    ],
)
def test_spellings_of_one_address(line_1: str, post_code: str) -> None:
    assert address_key(line_1, post_code) == address_key("12 High Street", "OX1 1AA")


@pytest.mark.parametrize(
    ("line_1", "post_code"),
    [("12 High Road", "OX1 1AA"), ("21 High Street", "OX1 1AA"), ("12 High Street", "OX1 1AB")],
)
def test_other_addresses(line_1: str, post_code: str) -> None:
    assert address_key(line_1, post_code) != address_key("12 High Street", "OX1 1AA")


def test_a_road_that_is_one_word() -> None:
    assert address_key("Hauptstr. 5", "1") == address_key("Hauptstraße 5", "1")


def test_roads_and_saints_that_are_shortened_alike() -> None:
    assert address_key("St Anne's Rd", "1") == address_key("Saint Annes Road", "1")
