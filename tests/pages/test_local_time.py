"""Times as people type them, on the nights on which the clocks go back or forward."""

from argparse import ArgumentTypeError
from datetime import UTC, datetime, time
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from eventlog.moments import MomentField
from intake.management.commands.seed_demo import moment
from pages.local_time import SKIPPED, Skipped, latest_moment, moments_of, next_moment
from readmodels.models import WorkRow
from support.forms.past import PastForm
from support.forms.steps import next_at
from support.work import Stage
from tests import factories
from tests.pages.page_requests import press, text_of

BACK, FORWARD = datetime(2026, 10, 25), datetime(2026, 3, 29)  # noqa: DTZ001  as a calendar shows them


def at(hour: int, minute: int, day: int = 25, month: int = 10) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


# In London 01:00 to 02:00 came first from midnight UTC and again from 01:00 UTC.
FIRST, SECOND = at(0, 40), at(1, 40)
TWICE = BACK.replace(hour=1, minute=40)


@pytest.mark.parametrize(
    ("now", "coming", "past"),
    [
        (at(0, 10), FIRST, FIRST),  # neither has come yet
        (at(0, 50), SECOND, FIRST),
        (at(1, 10), SECOND, FIRST),
        (at(1, 40), SECOND, SECOND),  # at this very moment
        (at(1, 50), SECOND, SECOND),  # both have been
    ],
)
def test_a_time_that_comes_twice(now: datetime, coming: datetime, past: datetime) -> None:
    assert next_moment(TWICE, now) == coming
    assert latest_moment(TWICE, now) == past


@given(st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)), st.datetimes(timezones=st.just(UTC)))  # noqa: DTZ001
def test_every_moment_of_a_time_shows_it(shown: datetime, now: datetime) -> None:
    try:
        moments = moments_of(shown)
    except Skipped:
        assert (shown.month, shown.hour) == (3, 1)
        return
    assert {timezone.localtime(each).replace(tzinfo=None) for each in moments} == {shown}
    assert moments == sorted(set(moments))
    assert next_moment(shown, now) in moments
    assert latest_moment(shown, now) in moments


@pytest.mark.parametrize(
    ("now", "wanted", "meant"),
    [
        (at(0, 10), time(1, 40), FIRST),
        (at(0, 50), time(1, 40), SECOND),  # ten minutes ago too, but that is no arrival to expect
        (at(1, 10), time(1, 40), SECOND),
        (at(2, 10), time(1, 40), SECOND),  # past, and to be refused
        (at(22, 50, day=24), time(1, 40), FIRST),
        (at(12, 0, day=25), time(0, 30), at(0, 30, day=26)),
    ],
)
def test_an_estimated_arrival_in_the_night_of_two_hours(now: datetime, wanted: time, meant: datetime) -> None:
    assert next_at(wanted, now) == meant


@pytest.mark.parametrize("now", [at(23, 50, 28, 3), at(0, 50, 29, 3), at(4, 0, 29, 3)])
def test_an_estimated_arrival_in_the_hour_that_is_skipped(now: datetime) -> None:
    with pytest.raises(Skipped):
        next_at(time(1, 30), now)
    assert next_at(time(1, 30), at(12, 0, 29, 3)) == at(0, 30, 30, 3)


@pytest.mark.django_db
def test_an_arrival_in_the_second_of_two_hours_is_no_longer_refused(
    operative: User, operative_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    work_id = factories.work_at(Stage.ASSIGNED, operative.operative_id)
    monkeypatch.setattr(timezone, "now", lambda: at(1, 10))
    page = press(operative_client, "dispatch", work_id, command_id=uuid4(), estimated_arrival="01:40")
    assert page.status_code == 200
    assert WorkRow.objects.get(pk=work_id).estimated_arrival == SECOND


@pytest.mark.django_db
def test_a_skipped_arrival_is_refused_beside_its_field(
    operative: User, operative_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    work_id = factories.work_at(Stage.ASSIGNED, operative.operative_id)
    monkeypatch.setattr(timezone, "now", lambda: at(0, 50, 29, 3))
    page = press(operative_client, "dispatch", work_id, command_id=uuid4(), estimated_arrival="01:30")
    assert page.status_code == 422
    assert SKIPPED in text_of(page)
    assert 'value="01:30"' in page.content.decode()


# --- Times in addresses: how it was, which events ---------------------------------------------------


def past_at(text: str) -> Any:
    form = PastForm({"at": text})
    return form.cleaned_data["at"].astimezone(UTC) if form.is_valid() else form.sentence


def since(text: str) -> Any:
    return MomentField(label="From").clean(text)


@pytest.mark.parametrize("read", [past_at, since, moment])
def test_a_past_time_is_the_latest_called_so(read: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for now, meant in ((at(1, 10), FIRST), (at(12, 0), SECOND)):
        monkeypatch.setattr(timezone, "now", lambda now=now: now)
        assert read("2026-10-25T01:40").astimezone(UTC) == meant
    assert read("2026-10-25T01:40+01:00").astimezone(UTC) == FIRST


@pytest.mark.parametrize("read", [since, moment])
def test_a_skipped_time_is_refused(read: Any) -> None:
    with pytest.raises((ArgumentTypeError, Exception), match="skip this time"):
        read("2026-03-29T01:30")
    assert past_at("2026-03-29T01:30") == SKIPPED


def test_a_day_begins_at_its_first_moment() -> None:
    with timezone.override("America/Havana"):  # where the clocks go back and forward at midnight
        assert since("2026-11-01") == at(4, 0, 1, 11)
        assert since("2026-03-08") == at(5, 0, 8, 3)
    assert MomentField(label="Before", end=True).clean("2026-10-25") == at(0, 0, 26)
