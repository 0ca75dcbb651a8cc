"""What people do about an event that a reaction could not answer."""

import logging
from datetime import timedelta
from threading import Event
from uuid import UUID

import pytest
from django.utils import timezone

from eventstore.current import current_store
from eventstore.models import ParkedEvent
from eventstore.reactions import reaction
from eventstore.reactions.delivery import ATTEMPTS, Reactions
from eventstore.reactions.parked import ParkedReason, count_parked, dismiss, parked_events, retry_now
from eventstore.reactions.reaction import Cause, Reaction
from sites.events import SiteAcquired, SiteCorrected, SiteRelinquished
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


class Grim:
    """A reaction that cannot answer events in Grim Town while it is `unhappy`."""

    def __init__(self) -> None:
        self.unhappy = True
        self.answered: list[str] = []
        self.reaction = Reaction("grim")
        self.reaction.on(SiteAcquired)(self.answer)
        self.reaction.on(SiteCorrected)(self.answer)
        self.reaction.on(SiteRelinquished, after=lambda: timedelta(hours=1))(lambda *_: None)

    def answer(self, event: SiteAcquired | SiteCorrected, _cause: Cause) -> None:
        if self.unhappy and event.town == "Grim Town":
            raise LookupError("secret: nobody wants to work there")
        self.answered.append(f"{type(event).__name__} {event.town}")

    def work(self) -> None:
        """As a worker does that has just been started, and then once more."""
        follower = Reactions([self.reaction], Event())
        follower.take(follower.names, follower.catch_up(follower.names), None)


@pytest.fixture
def grim(monkeypatch: pytest.MonkeyPatch) -> Grim:
    monkeypatch.setattr(reaction, "registry", {})
    return Grim()


@pytest.fixture
def parked(grim: Grim) -> ParkedEvent:
    """An event that failed too often, and another of its stream behind it."""
    site_id = factories.acquire(town="Grim Town")
    factories.correct(site_id, town="Whitby")
    grim.work()
    ParkedEvent.objects.filter(attempts=1).update(attempts=ATTEMPTS, due_at=None)
    return ParkedEvent.objects.get(attempts=ATTEMPTS)


def reasons() -> list[ParkedReason]:
    return [ParkedReason(each.reason) for each in parked_events()]  # type: ignore[attr-defined]


def test_parked_events_say_why_the_most_pressing_first(grim: Grim, parked: ParkedEvent) -> None:
    factories.relinquish(factories.acquire(town="Staithes"))
    factories.acquire(town="Grim Town")
    grim.work()
    assert reasons() == [ParkedReason.PARKED, ParkedReason.RETRYING, ParkedReason.BEHIND, ParkedReason.TIMER]
    assert count_parked() == {"parked": 1, "retrying": 1, "behind": 1, "timer": 1}
    assert timezone.now() - parked.since < timedelta(minutes=5)


def test_a_parked_event_is_left_alone_until_somebody_asks(grim: Grim, parked: ParkedEvent) -> None:
    grim.unhappy = False
    grim.work()
    assert grim.answered == []
    assert retry_now(parked.pk, attempts=ATTEMPTS)
    grim.work()
    assert grim.answered == ["SiteAcquired Grim Town", "SiteCorrected Whitby"]
    assert not parked_events()


def test_one_more_attempt_that_fails_parks_it_again(grim: Grim, parked: ParkedEvent) -> None:
    retry_now(parked.pk, attempts=ATTEMPTS)
    grim.work()
    parked.refresh_from_db()
    assert (parked.attempts, parked.due_at) == (ATTEMPTS + 1, None)
    assert grim.answered == []


def test_pressed_twice_it_is_tried_once_more_not_twice(grim: Grim, parked: ParkedEvent) -> None:
    assert retry_now(parked.pk, attempts=ATTEMPTS)
    assert retry_now(parked.pk, attempts=ATTEMPTS)
    grim.work()
    assert not retry_now(parked.pk, attempts=ATTEMPTS)
    grim.work()
    parked.refresh_from_db()
    assert parked.attempts == ATTEMPTS + 1


def test_one_that_is_being_tried_again_need_not_be_waited_for(grim: Grim) -> None:
    factories.acquire(town="Grim Town")
    grim.work()
    grim.unhappy = False
    grim.work()
    assert grim.answered == []
    assert retry_now(ParkedEvent.objects.get().pk, attempts=1)
    grim.work()
    assert grim.answered == ["SiteAcquired Grim Town"]


def test_a_dismissed_event_is_never_answered_and_the_next_of_its_stream_is(
    grim: Grim, parked: ParkedEvent
) -> None:
    assert dismiss(parked.pk, by="user-7")
    grim.unhappy = False
    grim.work()
    assert grim.answered == ["SiteCorrected Whitby"]
    assert not parked_events()


def test_the_log_says_who_dismissed_what_and_nothing_of_what_is_in_it(
    parked: ParkedEvent, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "eventstore.reactions.parked"):
        assert dismiss(parked.pk, by="user-7")
        assert not dismiss(parked.pk, by="user-8")
    (line,) = caplog.messages
    assert line.startswith("user-7 dismissed what reaction grim could not answer: SiteAcquired at position")
    assert f"{parked.stream}@0, after {ATTEMPTS} attempts (LookupError)" in line
    assert "secret" not in line


def test_what_waits_is_neither_tried_nor_dismissed_before_its_turn(grim: Grim, parked: ParkedEvent) -> None:
    site_id = UUID(parked.stream.removeprefix("site-"))
    factories.relinquish(site_id)
    grim.work()
    for waits in ParkedEvent.objects.filter(attempts=0):
        assert not retry_now(waits.pk, attempts=0)
        assert not dismiss(waits.pk, by="user-7")
    assert reasons() == [ParkedReason.PARKED, ParkedReason.BEHIND, ParkedReason.TIMER]


def test_what_is_dismissed_while_the_worker_is_at_it_does_not_come_back(
    grim: Grim, parked: ParkedEvent, monkeypatch: pytest.MonkeyPatch
) -> None:
    retry_now(parked.pk, attempts=ATTEMPTS)

    def dismissed_meanwhile(event: object, cause: Cause) -> None:
        dismiss(parked.pk, by="user-7")
        raise LookupError("too late")

    monkeypatch.setitem(grim.reaction._handlers, "SiteAcquired", dismissed_meanwhile)
    grim.work()
    assert [each.type for each in parked_events()] == []
    assert grim.answered == ["SiteCorrected Whitby"]
    assert current_store().head() > 0
