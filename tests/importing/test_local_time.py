"""Times without a time zone, when the clocks change."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from intake.importing.local_time import BadTime, moment

NEW_YORK = ZoneInfo("America/New_York")
LAYOUT = ("%m/%d/%Y %I:%M:%S %p",)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("03/01/2011 12:00:00 AM", utc(2011, 3, 1, 5)),
        ("03/13/2011 01:59:59 AM", utc(2011, 3, 13, 6, 59, 59)),
        ("03/13/2011 03:00:00 AM", utc(2011, 3, 13, 7)),
        ("11/06/2011 01:30:00 AM", utc(2011, 11, 6, 5, 30)),  # came twice; the first
        ("11/06/2011 02:00:00 AM", utc(2011, 11, 6, 7)),
    ],
)
def test_the_clock_follows_daylight_saving(text: str, expected: datetime) -> None:
    assert moment(text, LAYOUT, NEW_YORK) == expected


def test_an_hour_that_came_twice_is_the_second_where_the_first_would_be_too_early() -> None:
    created = moment("11/06/2011 01:50:00 AM", LAYOUT, NEW_YORK)
    closed = moment("11/06/2011 01:10:00 AM", LAYOUT, NEW_YORK, after=created)
    assert closed == utc(2011, 11, 6, 6, 10)


def test_no_second_pass_is_made_up_for_a_time_that_came_once() -> None:
    after = utc(2011, 11, 7)
    assert moment("11/06/2011 12:30:00 AM", LAYOUT, NEW_YORK, after=after) == utc(2011, 11, 6, 4, 30)


def test_a_time_that_says_its_own_zone_keeps_it() -> None:
    assert moment("2011-03-13T02:30:00+0000", ("%Y-%m-%dT%H:%M:%S%z",), NEW_YORK) == utc(2011, 3, 13, 2, 30)


@pytest.mark.parametrize("text", ["", "soon", "02/30/2011 01:00:00 AM", "03/13/2011 02:30:00 AM"])
def test_a_text_that_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(BadTime):
        moment(text, LAYOUT, NEW_YORK)


def test_a_time_before_the_first_year_is_refused() -> None:
    with pytest.raises(BadTime):
        moment("01/01/0001 12:00:00 AM", LAYOUT, ZoneInfo("Europe/Helsinki"))
