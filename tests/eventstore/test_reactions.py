"""Reactions: at least once for each event, with effect once, in order within a stream, never in the way."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from io import StringIO
from threading import Event
from uuid import UUID, uuid5

import pytest
from django.core.management import call_command
from django.utils import timezone

from eventstore.dispatch import dispatch
from eventstore.models import Checkpoint, ParkedEvent
from eventstore.reactions import delivery
from eventstore.reactions.delivery import ATTEMPTS, FIRST_PAUSE, Reactions
from eventstore.reactions.reaction import Cause, Reaction, registry
from eventstore.store import NO_STREAM, Batch, EventStore, Unreachable
from operatives.commands import HireOperative, RenameOperative
from operatives.operative import OPERATIVE
from sites.events import SiteAcquired, SiteCorrected
from tests import factories
from tests.eventstore.new_events import new_stream, notes

pytestmark = pytest.mark.django_db(transaction=True)


class Caretakers:
    """A reaction that hires a caretaker for each site, named after its town; it fails for towns that it is
    told to."""

    def __init__(self) -> None:
        self.met: list[str] = []
        self.fails_in: set[str] = set()
        self.dies_in: str | None = None
        self.stop = Event()
        self.reaction = Reaction("hire caretakers")
        self.reaction.on(SiteAcquired)(self._hire)
        self.reaction.on(SiteCorrected)(self._rename)

    def _hire(self, event: SiteAcquired, cause: Cause) -> None:
        self._meet(event.town)
        command = HireOperative(
            operative_id=caretaker_of(event.site_id), forename="Caretaker", surname=event.town
        )
        cause.dispatch(command, to=OPERATIVE)
        self._die(event.town)

    def _rename(self, event: SiteCorrected, cause: Cause) -> None:
        self._meet(event.town)
        command = RenameOperative(
            operative_id=caretaker_of(event.site_id), forename="Caretaker", surname=event.town
        )
        cause.dispatch(command, to=OPERATIVE)

    def _meet(self, town: str) -> None:
        self.met.append(town)
        if town in self.fails_in:
            raise LookupError(f"no way to {town}")

    def _die(self, town: str) -> None:
        if town == self.dies_in:
            self.dies_in = None
            raise Killed

    @property
    def follower(self) -> Reactions:
        return Reactions([self.reaction], self.stop)

    def catch_up(self) -> int:
        return self.follower.catch_up({self.reaction.checkpoint})

    def look(self) -> bool:
        """What a worker does when nothing has come for a while."""
        return self.follower.take({self.reaction.checkpoint}, self.position, None)

    @property
    def position(self) -> int:
        return Checkpoint.objects.get(name=self.reaction.checkpoint).position


class Killed(BaseException):
    """The process ends after the command was taken and before the reaction has moved on."""


def caretaker_of(site_id: UUID) -> UUID:
    return uuid5(site_id, "caretaker")


@pytest.fixture
def caretakers() -> Iterator[Caretakers]:
    yield Caretakers()
    del registry["hire caretakers"]


def history_of(store: EventStore, site_id: UUID) -> list[str]:
    """The names that the caretaker had, one for each event."""
    return [each.event.surname for each in store.read_stream(f"operative-{caretaker_of(site_id)}")]


@pytest.fixture
def pass_time(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    passed = [timedelta()]
    now = timezone.now

    def pass_(by: timedelta) -> None:
        passed[0] += by
        monkeypatch.setattr("eventstore.reactions.delivery.timezone.now", lambda: now() + passed[0])

    return pass_


# --- Once ------------------------------------------------------------------------------------------


def test_each_event_is_answered_in_order_and_the_reaction_moves_on(
    store: EventStore, caretakers: Caretakers
) -> None:
    site_ids = [factories.acquire(town=f"Town {number}") for number in range(3)]
    head = store.append(new_stream(), NO_STREAM, notes(1))
    caretakers.catch_up()
    assert caretakers.met == ["Town 0", "Town 1", "Town 2"]
    assert caretakers.position >= head  # the caretakers' own events lie beyond
    assert [history_of(store, each) for each in site_ids] == [["Town 0"], ["Town 1"], ["Town 2"]]


def test_a_command_says_by_which_reaction_and_because_of_which_event_it_was_sent(
    store: EventStore, caretakers: Caretakers
) -> None:
    site_id = factories.acquire()
    caretakers.catch_up()
    cause = store.read_stream(f"site-{site_id}")[0]
    effect = store.read_stream(f"operative-{caretaker_of(site_id)}")[0]
    assert effect.causation_id == cause.id
    assert effect.correlation_id == cause.correlation_id
    assert (effect.actor, effect.source) == ("reaction hire caretakers", "reaction")


def test_an_event_that_is_met_again_has_its_effect_once(store: EventStore, caretakers: Caretakers) -> None:
    """Killed after the command was taken, before the reaction moved on."""
    site_id = factories.acquire(town="Whitby")
    caretakers.dies_in = "Whitby"
    with pytest.raises(Killed):
        caretakers.catch_up()
    assert history_of(store, site_id) == ["Whitby"]
    caretakers.catch_up()
    assert caretakers.met == ["Whitby", "Whitby"]
    assert history_of(store, site_id) == ["Whitby"]
    assert not ParkedEvent.objects.exists()


def test_everything_met_again_from_the_beginning_changes_nothing(
    store: EventStore, caretakers: Caretakers
) -> None:
    site_ids = [factories.acquire(town=f"Town {number}") for number in range(3)]
    factories.correct(site_ids[0], town="Other Town")
    caretakers.catch_up()
    head = store.head()
    Checkpoint.objects.filter(name=caretakers.reaction.checkpoint).update(position=0)
    caretakers.catch_up()
    assert len(caretakers.met) == 8
    assert store.head() == head
    assert history_of(store, site_ids[0]) == ["Town 0", "Other Town"]
    assert not ParkedEvent.objects.exists()


def test_a_command_that_was_sent_before_with_other_contents_counts_as_done(
    store: EventStore, caretakers: Caretakers
) -> None:
    """With the facts of that time it said something else; the first effect stays."""
    site_id = factories.acquire(town="Whitby")
    cause = store.read_stream(f"site-{site_id}")[0]
    earlier = HireOperative(operative_id=caretaker_of(site_id), forename="Caretaker", surname="Of old")
    Cause(cause, caretakers.reaction).dispatch(earlier, to=OPERATIVE)
    caretakers.catch_up()
    assert history_of(store, site_id) == ["Of old"]
    assert not ParkedEvent.objects.exists()
    assert caretakers.position >= cause.position


# --- When it does not go well ----------------------------------------------------------------------


def test_an_event_that_fails_is_parked_and_other_streams_go_on(
    store: EventStore, caretakers: Caretakers
) -> None:
    caretakers.fails_in = {"Grim Town"}
    grim, whitby = factories.acquire(town="Grim Town"), factories.acquire(town="Whitby")
    caretakers.catch_up()
    assert caretakers.met == ["Grim Town", "Whitby"]
    assert history_of(store, whitby) == ["Whitby"]
    parked = ParkedEvent.objects.get()
    assert parked.stream == f"site-{grim}"
    assert (parked.attempts, parked.error) == (1, "LookupError: no way to Grim Town")
    assert caretakers.position > parked.position


def test_it_is_tried_again_ever_more_seldom_and_then_parked(
    store: EventStore, caretakers: Caretakers, pass_time: Callable[[timedelta], None]
) -> None:
    caretakers.fails_in = {"Grim Town"}
    factories.acquire(town="Grim Town")
    caretakers.catch_up()
    pause = FIRST_PAUSE
    for attempt in range(2, ATTEMPTS + 1):
        caretakers.look()
        assert len(caretakers.met) == attempt - 1, "tried too early"
        pass_time(pause)
        caretakers.look()
        assert len(caretakers.met) == attempt, "not tried when it was due"
        pause *= 2
    parked = ParkedEvent.objects.get()
    assert (parked.attempts, parked.due_at) == (ATTEMPTS, None)
    pass_time(timedelta(days=365))
    caretakers.look()
    assert len(caretakers.met) == ATTEMPTS


def test_it_is_done_when_a_later_attempt_succeeds(
    store: EventStore, caretakers: Caretakers, pass_time: Callable[[timedelta], None]
) -> None:
    caretakers.fails_in = {"Grim Town"}
    grim = factories.acquire(town="Grim Town")
    caretakers.catch_up()
    caretakers.fails_in = set()
    pass_time(FIRST_PAUSE)
    caretakers.look()
    assert history_of(store, grim) == ["Grim Town"]
    assert not ParkedEvent.objects.exists()


def test_later_events_of_its_stream_wait_and_stay_in_order(
    store: EventStore, caretakers: Caretakers, pass_time: Callable[[timedelta], None]
) -> None:
    caretakers.fails_in = {"Grim Town"}
    grim = factories.acquire(town="Grim Town")
    caretakers.catch_up()
    factories.correct(grim, town="Fair Town")
    factories.acquire(town="Whitby")
    factories.correct(grim, town="Fairer Town")
    caretakers.catch_up()
    assert caretakers.met == ["Grim Town", "Whitby"]
    assert history_of(store, grim) == []
    pass_time(FIRST_PAUSE)
    caretakers.look()  # the first fails again, so the others go on waiting
    assert caretakers.met == ["Grim Town", "Whitby", "Grim Town"]
    caretakers.fails_in = set()
    pass_time(2 * FIRST_PAUSE)
    caretakers.look()
    assert caretakers.met[3:] == ["Grim Town", "Fair Town", "Fairer Town"]
    assert history_of(store, grim) == ["Grim Town", "Fair Town", "Fairer Town"]
    assert not ParkedEvent.objects.exists()


def test_what_comes_while_others_wait_comes_after_them(
    store: EventStore, caretakers: Caretakers, pass_time: Callable[[timedelta], None]
) -> None:
    """A live batch with an event of a stream whose earlier event has just become due."""
    caretakers.fails_in = {"Grim Town"}
    grim = factories.acquire(town="Grim Town")
    position = caretakers.catch_up()
    caretakers.fails_in = set()
    pass_time(FIRST_PAUSE)
    factories.correct(grim, town="Fair Town")
    events = store.read_all(position, 10)
    caretakers.follower.take({caretakers.reaction.checkpoint}, position, Batch(events, events[-1].position))
    assert history_of(store, grim) == ["Grim Town", "Fair Town"]


def test_a_refused_command_is_an_error_like_any_other(store: EventStore, caretakers: Caretakers) -> None:
    site_id = factories.acquire(town="Whitby")
    hired = HireOperative(operative_id=caretaker_of(site_id), forename="Hired", surname="By somebody")
    dispatch(hired, to=OPERATIVE, by="user-1")
    caretakers.catch_up()
    assert ParkedEvent.objects.get().error.startswith("Refused: ")
    assert history_of(store, site_id) == ["By somebody"]


def test_an_absence_of_the_store_is_no_fault_of_the_event(
    store: EventStore, caretakers: Caretakers, monkeypatch: pytest.MonkeyPatch
) -> None:
    site_id = factories.acquire(town="Whitby")

    def away(*_: object, **__: object) -> None:
        raise Unreachable("away")

    with monkeypatch.context() as patched:
        patched.setattr("eventstore.reactions.reaction.dispatch", away)
        with pytest.raises(Unreachable):
            caretakers.catch_up()
    assert not ParkedEvent.objects.exists()
    assert caretakers.position == 0
    caretakers.catch_up()
    assert history_of(store, site_id) == ["Whitby"]


# --- Stopping --------------------------------------------------------------------------------------


def test_a_reaction_that_is_told_to_stop_goes_on_there_the_next_time(
    store: EventStore, caretakers: Caretakers, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        factories.acquire(town=f"Town {number}")
    answer = delivery.answer

    def stops_after_the_second(*args: object) -> delivery.Answered:
        answered = answer(*args)  # type: ignore[arg-type]
        if len(caretakers.met) == 2:
            caretakers.stop.set()
        return answered

    monkeypatch.setattr(delivery, "answer", stops_after_the_second)
    caretakers.catch_up()
    assert caretakers.met == ["Town 0", "Town 1"]
    caretakers.stop.clear()
    caretakers.catch_up()
    assert caretakers.met == [f"Town {number}" for number in range(5)]


# --- Wiring ----------------------------------------------------------------------------------------


def test_a_second_handler_of_an_event_is_an_error(caretakers: Caretakers) -> None:
    connect = caretakers.reaction.on(SiteAcquired)
    with pytest.raises(ValueError, match="two handlers for SiteAcquired"):
        connect(lambda *_: None)


def test_two_reactions_of_one_name_are_an_error(caretakers: Caretakers) -> None:
    with pytest.raises(ValueError, match="Two reactions are named"):
        Reaction("hire caretakers")


# --- After moving to another store -----------------------------------------------------------------


def test_reactions_go_on_from_now_after_a_move(store: EventStore, caretakers: Caretakers) -> None:
    """Their positions, and those of the events that they had parked, belonged to the old store."""
    caretakers.fails_in = {"Whitby"}
    factories.acquire(town="Whitby")
    caretakers.catch_up()
    out = StringIO()
    call_command("project", "--reactions-at", "now", stdout=out)
    assert f"Reactions go on from position {store.head()}." in out.getvalue()
    assert caretakers.position == store.head()
    assert not ParkedEvent.objects.exists()
    factories.acquire(town="Staithes")
    caretakers.catch_up()
    assert caretakers.met == ["Whitby", "Staithes"]


def test_reactions_go_through_everything_again_when_told_to(
    store: EventStore, caretakers: Caretakers
) -> None:
    factories.acquire(town="Whitby")
    caretakers.catch_up()
    events = store.read_all(0, 100)
    call_command("project", "--reactions-at", "beginning", stdout=StringIO())
    caretakers.catch_up()
    assert caretakers.met == ["Whitby", "Whitby"]
    assert store.read_all(0, 100) == events


def test_a_parked_event_that_the_store_does_not_hold_is_a_failed_attempt(
    store: EventStore, caretakers: Caretakers, pass_time: Callable[[timedelta], None]
) -> None:
    caretakers.fails_in = {"Whitby"}
    factories.acquire(town="Whitby")
    caretakers.catch_up()
    ParkedEvent.objects.update(stream="site-of-another-store")
    pass_time(timedelta(minutes=1))
    caretakers.look()
    assert ParkedEvent.objects.get().error == "The store does not hold this event"
