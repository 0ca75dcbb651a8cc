"""Reactions that answer an event when its time has come."""

from datetime import timedelta
from threading import Event

import pytest
from django.utils import timezone

from eventstore.models import ParkedEvent
from eventstore.reactions import reaction as reaction_module
from eventstore.reactions.delivery import Reactions
from eventstore.reactions.reaction import Cause, Reaction
from eventstore.worker.health import reaction_conditions
from sites.events import SiteAcquired, SiteCorrected
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)

SOON = timedelta(minutes=1)


@pytest.fixture
def answered() -> list[str]:
    """What the reaction has answered, in order."""
    return []


@pytest.fixture
def reaction(answered: list[str], monkeypatch: pytest.MonkeyPatch) -> Reaction:
    """Answers an acquired site a minute later, a corrected one at once."""
    monkeypatch.setattr(reaction_module, "registry", {})
    made = Reaction("patient")

    @made.on(SiteAcquired, after=lambda: SOON)
    def acquired(event: SiteAcquired, cause: Cause) -> None:
        answered.append(f"acquired {event.town}")

    @made.on(SiteCorrected)
    def corrected(event: SiteCorrected, cause: Cause) -> None:
        answered.append(f"corrected {event.town}")

    return made


def advance(reaction: Reaction) -> None:
    """As a worker does that has just been started, and then once more."""
    follower = Reactions([reaction], Event())
    position = follower.catch_up(follower.names)
    follower.take(follower.names, position, None)


def let_pass() -> None:
    ParkedEvent.objects.update(due_at=timezone.now() - timedelta(seconds=1))


def test_an_event_is_answered_when_its_time_has_come_and_once(
    reaction: Reaction, answered: list[str]
) -> None:
    factories.acquire(town="Whitby")
    advance(reaction)
    assert answered == []
    advance(reaction)
    assert answered == []
    let_pass()
    advance(reaction)
    advance(reaction)
    assert answered == ["acquired Whitby"]
    assert not ParkedEvent.objects.exists()


def test_its_time_is_counted_from_when_the_store_took_it(reaction: Reaction) -> None:
    factories.acquire(town="Whitby")
    advance(reaction)
    waiting = ParkedEvent.objects.get()
    assert waiting.due_at is not None
    assert timedelta(0) < waiting.due_at - timezone.now() <= SOON


def test_what_comes_after_it_in_the_stream_does_not_wait(reaction: Reaction, answered: list[str]) -> None:
    site_id = factories.acquire(town="Whitby")
    factories.correct(site_id, town="Staithes")
    advance(reaction)
    assert answered == ["corrected Staithes"]
    let_pass()
    advance(reaction)
    assert answered == ["corrected Staithes", "acquired Whitby"]


def test_a_timer_whose_handler_fails_is_tried_again_and_holds_up_nothing(
    reaction: Reaction, answered: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    site_id = factories.acquire(town="Whitby")
    advance(reaction)
    let_pass()
    with monkeypatch.context() as broken:
        broken.setitem(reaction._handlers, "SiteAcquired", lambda *_: 1 / 0)
        advance(reaction)
    failed = ParkedEvent.objects.get()
    assert (failed.attempts, failed.error.startswith("ZeroDivisionError")) == (1, True)
    factories.correct(site_id, town="Staithes")
    advance(reaction)
    assert answered == ["corrected Staithes"]
    let_pass()
    advance(reaction)
    assert answered == ["corrected Staithes", "acquired Whitby"]


def test_health_counts_timers_apart(reaction: Reaction, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eventstore.worker.health.reactions", {"patient": reaction})
    factories.acquire()
    advance(reaction)
    (condition,) = reaction_conditions()
    assert (condition.timers, condition.retrying, condition.parked) == (1, 0, 0)
