"""How a reaction moves over many events: in one step if they cause nothing, at once after an effect; due
events come in between."""

from datetime import timedelta
from threading import Event

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from eventstore.current import current_store
from eventstore.database.trouble import Busy
from eventstore.models import Checkpoint, ParkedEvent
from eventstore.reactions import delivery
from eventstore.reactions import reaction as reaction_module
from eventstore.reactions.delivery import Reactions, followers
from eventstore.reactions.reaction import Cause, Reaction
from eventstore.worker.follow import follow
from integration.models import Delivery, Webhook
from integration.webhooks import webhooks
from sites.events import SiteAcquired, SiteCorrected
from tests import factories
from tests.eventstore.threads import PATIENCE, Beside
from tests.worker.processes import wait_for

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _no_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reaction_module, "registry", {})


@pytest.fixture
def met() -> list[str]:
    """The events that the reaction has met, in order."""
    return []


@pytest.fixture
def reaction(met: list[str]) -> Reaction:
    """Answers sites, but for those in Quiet Town; a corrected one an hour later. It dies in Last Town."""
    made = Reaction("greet")

    @made.on(SiteAcquired)
    def acquired(event: SiteAcquired, cause: Cause) -> None:
        met.append(event.town)
        if event.town == "Last Town":
            raise Killed
        if event.town == "Quiet Town":
            cause.nothing()

    @made.on(SiteCorrected, after=lambda: timedelta(hours=1))
    def corrected(event: SiteCorrected, _cause: Cause) -> None:
        met.append(f"corrected {event.town}")

    return made


class Killed(BaseException):
    """The process ends."""


def catch_up(reaction: Reaction) -> None:
    follower = Reactions([reaction], Event())
    follower.catch_up(follower.names)


def position(reaction: Reaction) -> int:
    return Checkpoint.objects.get(name=reaction.checkpoint).position


def test_over_events_that_cause_nothing_the_checkpoint_moves_once(reaction: Reaction, met: list[str]) -> None:
    for _ in range(30):
        factories.acquire(town="Quiet Town")
    catch_up(reaction)
    Checkpoint.objects.filter(name=reaction.checkpoint).update(position=0)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        catch_up(reaction)
    moved = [each["sql"] for each in queries if each["sql"].startswith('UPDATE "eventstore_checkpoint"')]
    assert len(moved) == 1
    assert met == ["Quiet Town"] * 60
    assert position(reaction) == current_store().head()


def test_behind_an_effect_it_moves_at_once(reaction: Reaction, met: list[str]) -> None:
    factories.acquire(town="Quiet Town")
    factories.acquire(town="Whitby")
    answered = current_store().head()
    factories.acquire(town="Quiet Town")
    factories.acquire(town="Last Town")
    with pytest.raises(Killed):
        catch_up(reaction)
    assert position(reaction) == answered
    with pytest.raises(Killed):
        catch_up(reaction)
    assert met.count("Whitby") == 1


def test_what_is_due_does_not_wait_until_many_events_are_answered(
    reaction: Reaction, met: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    site_id = factories.acquire(town="Whitby")
    factories.correct(site_id, town="Staithes")
    catch_up(reaction)
    assert met == ["Whitby"]
    for town in ("Goathland", "Grosmont"):
        factories.acquire(town=town)
    answer = delivery.answer

    def becomes_due_meanwhile(*args: object) -> object:
        ParkedEvent.objects.update(due_at=timezone.now())
        return answer(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(delivery, "LOOK", 0)
    monkeypatch.setattr(delivery, "answer", becomes_due_meanwhile)
    catch_up(reaction)
    assert met == ["Whitby", "Goathland", "corrected Staithes", "Grosmont"]


def test_what_was_moved_by_somebody_else_is_left_to_them(
    reaction: Reaction, met: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As by a successor, after our lock was lost."""
    for town in ("Whitby", "Staithes", "Goathland"):
        factories.acquire(town=town)
    answer = delivery.answer

    def somebody_else_moves_on(*args: object) -> object:
        Checkpoint.objects.filter(name=reaction.checkpoint).update(position=current_store().head())
        return answer(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(delivery, "answer", somebody_else_moves_on)
    with pytest.raises(Busy):
        catch_up(reaction)
    assert met == ["Whitby"]
    assert position(reaction) == current_store().head()


def test_who_has_lost_the_session_of_the_lock_answers_nothing_more(met: list[str]) -> None:
    """Also where nothing would show it, because no event moves the reaction on."""
    reaction = Reaction("look")

    @reaction.on(SiteAcquired)
    def acquired(event: SiteAcquired, cause: Cause) -> None:
        met.append(event.town)
        cause.nothing()
        connection.close()  # as by the server; Django opens another session with the next statement
        connection.ensure_connection()

    for town in ("Whitby", "Staithes"):
        factories.acquire(town=town)
    with pytest.raises(Busy, match="The session that held the locks has ended"):
        catch_up(reaction)
    assert met == ["Whitby"]


def test_an_attempt_that_somebody_else_has_begun_is_left_to_them_until_they_are_gone(
    reaction: Reaction, met: list[str]
) -> None:
    site_id = factories.acquire(town="Whitby")
    factories.correct(site_id, town="Staithes")
    catch_up(reaction)
    ParkedEvent.objects.update(due_at=timezone.now())
    (read,) = delivery._due(reaction)
    ParkedEvent.objects.update(claimed_at=timezone.now())
    assert delivery._claim(read) is None
    delivery.try_again(reaction, delivery.Turn(Event()))  # who has the lock now knows that they have not
    assert met == ["Whitby", "corrected Staithes"]
    assert not ParkedEvent.objects.exists()


@pytest.fixture
def work() -> int:
    """Pieces of work that were raised."""
    site_ids = [factories.acquire()]
    for number in range(20):
        factories.raise_work(f"Boiler {number}", site_ids=site_ids)
    return 20


def test_while_there_is_no_webhook_nobody_asks_for_one_at_each_event(work: int) -> None:
    catch_up(webhooks)
    Checkpoint.objects.filter(name=webhooks.checkpoint).update(position=0)
    with CaptureQueriesContext(connection) as queries:
        catch_up(webhooks)
    assert len([each for each in queries if "integration_webhook" in each["sql"]]) == 1
    assert position(webhooks) == current_store().head()


def test_a_webhook_that_is_added_hears_of_what_comes(work: int) -> None:
    catch_up(webhooks)
    Webhook.objects.create(
        url="https://example.com/", types=["callout.work.raised.v1"], secret="x", added_by="-"
    )
    factories.raise_work("Boiler out")
    catch_up(webhooks)
    assert Delivery.objects.count() == 1


def test_one_that_takes_long_holds_up_neither_others_nor_their_timers(
    reaction: Reaction, met: list[str]
) -> None:
    stop, goes_on, slow = Event(), Event(), Reaction("slow")

    @slow.on(SiteAcquired)
    def takes_long(_event: SiteAcquired, _cause: Cause) -> None:
        goes_on.wait(PATIENCE)

    with Beside(2) as beside:
        at_work = [beside.run(follow, each, stop) for each in followers([slow, reaction], stop)]
        try:
            site_id = factories.acquire(town="Whitby")
            factories.correct(site_id, town="Staithes")
            wait_for("the timer", lambda: ParkedEvent.objects.exists())
            ParkedEvent.objects.update(due_at=timezone.now())
            wait_for("the other", lambda: met == ["Whitby", "corrected Staithes"])
            assert not Checkpoint.objects.filter(name=slow.checkpoint, position__gt=0).exists()
        finally:
            goes_on.set()
            stop.set()
        for each in at_work:
            each.result(PATIENCE)
