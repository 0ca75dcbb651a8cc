"""A reaction whose other side is away for a while, and what continues meanwhile."""

from collections.abc import Iterator
from threading import Event

import pytest

from eventstore.current import current_store
from eventstore.models import Checkpoint, ParkedEvent
from eventstore.reactions import reaction
from eventstore.reactions.delivery import followers
from eventstore.reactions.reaction import Away, Cause, Reaction
from eventstore.worker import follow as following
from eventstore.worker.follow import follow
from sites.events import SiteAcquired
from tests import factories
from tests.eventstore.threads import PATIENCE, Beside
from tests.worker.processes import wait_for

pytestmark = pytest.mark.django_db(transaction=True)


class OtherSide:
    """What the reaction talks to."""

    def __init__(self) -> None:
        self.is_away = False
        self.tries = 0
        self.heard: list[str] = []

    def hear(self, event: SiteAcquired, _cause: Cause) -> None:
        self.tries += 1
        if self.is_away:
            raise Away("no answer")
        self.heard.append(event.town)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reaction, "registry", {})
    monkeypatch.setattr(following, "RETRY", 0.01)
    monkeypatch.setattr(following, "LONGEST_RETRY", 0.05)


@pytest.fixture
def stop() -> Iterator[Event]:
    stop = Event()
    yield stop
    stop.set()


def answers(name: str, side: OtherSide) -> Reaction:
    """A reaction that passes towns on to the other side."""
    made = Reaction(name)
    made.on(SiteAcquired)(side.hear)
    return made


def test_an_event_waits_for_as_long_as_it_takes_and_the_others_go_on(stop: Event) -> None:
    far, near = OtherSide(), OtherSide()
    both = [answers("far", far), answers("near", near)]
    far.is_away = True
    with Beside(2) as beside:
        at_work = [beside.run(follow, each, stop) for each in followers(both, stop)]
        assert len(at_work) == 2
        try:
            factories.acquire(town="Whitby")
            factories.acquire(town="Staithes")
            # More often than a failing event is tried before it is parked.
            wait_for("many tries", lambda: far.tries > 20)
            wait_for("the other reaction", lambda: near.heard == ["Whitby", "Staithes"])
            assert far.heard == []
            far.is_away = False
            wait_for("the one that was away", lambda: far.heard == ["Whitby", "Staithes"])
        finally:
            stop.set()
        for each in at_work:
            each.result(PATIENCE)
    assert not ParkedEvent.objects.exists()
    assert Checkpoint.objects.get(name="reaction far").position == current_store().head()


def test_what_was_answered_before_it_went_away_is_not_answered_again(stop: Event) -> None:
    far = OtherSide()
    (follower,) = followers([answers("far", far)], stop)
    factories.acquire(town="Whitby")
    follower.catch_up(follower.names)
    far.is_away = True
    factories.acquire(town="Staithes")
    with pytest.raises(Away):
        follower.catch_up(follower.names)
    far.is_away = False
    follower.catch_up(follower.names)
    assert far.heard == ["Whitby", "Staithes"]
