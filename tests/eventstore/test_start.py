"""Where read models and reactions begin: with the first event, now, after a position, since a moment."""

from collections.abc import Iterator
from datetime import timedelta
from threading import Event

import pytest

from eventstore.models import Checkpoint
from eventstore.projections.advance import advance
from eventstore.projections.read_model import ReadModel, registry
from eventstore.projections.rebuild import rebuild, verify
from eventstore.projections.start import After, Beginning, Now, Since, Start, position_of
from eventstore.reactions.delivery import Reactions
from eventstore.reactions.reaction import Cause, Reaction
from eventstore.reactions.reaction import registry as reactions
from eventstore.store import EventStore, RecordedEvent
from readmodels.models import SiteRow
from readmodels.sites import sites
from sites.events import SiteAcquired
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def history(store: EventStore) -> list[RecordedEvent]:
    """Four sites, acquired before anybody took an interest."""
    for number in range(4):
        factories.acquire(town=f"Town {number}")
    Checkpoint.objects.all().delete()
    for table in sites.tables:
        table._default_manager.all().delete()
    return store.read_all(0, 10)


def begins(history: list[RecordedEvent], start: str) -> Start:
    """A start by its name: the positions and times are known only when there is a history."""
    starts: dict[str, Start] = {
        "the beginning": Beginning(),
        "now": Now(),
        "after the second": After(history[1].position),
        "since the third": Since(history[2].recorded_at),
        "since before the third": Since(history[2].recorded_at - timedelta(microseconds=1)),
        "since long ago": Since(history[0].recorded_at - timedelta(days=1)),
        "since tomorrow": Since(history[0].recorded_at + timedelta(days=1)),
    }
    return starts[start]


STARTS = [
    ("the beginning", {"Town 0", "Town 1", "Town 2", "Town 3", "New Town"}),
    ("now", {"New Town"}),
    ("after the second", {"Town 2", "Town 3", "New Town"}),
    ("since the third", {"Town 2", "Town 3", "New Town"}),
    ("since before the third", {"Town 2", "Town 3", "New Town"}),
    ("since long ago", {"Town 0", "Town 1", "Town 2", "Town 3", "New Town"}),
]


def towns() -> set[str]:
    return set(SiteRow.objects.values_list("town", flat=True))


def advanced(read_model: ReadModel) -> set[str]:
    while advance([read_model]):
        pass
    return towns()


@pytest.mark.parametrize(("start", "taken"), STARTS)
def test_a_read_model_takes_in_what_comes_after_its_start_also_when_it_is_rebuilt(
    history: list[RecordedEvent], monkeypatch: pytest.MonkeyPatch, start: str, taken: set[str]
) -> None:
    monkeypatch.setattr(sites, "start", begins(history, start))
    assert advanced(sites) == taken - {"New Town"}
    factories.acquire(town="New Town")
    assert advanced(sites) == taken
    assert verify(sites, progress=lambda *_: None).count == 0
    SiteRow.objects.all().delete()
    assert verify(sites, progress=lambda *_: None).count == len(taken)
    rebuild([sites], progress=lambda *_: None)
    assert towns() == taken
    assert verify(sites, progress=lambda *_: None).count == 0
    factories.acquire(town="Newer Town")
    assert advanced(sites) == {*taken, "Newer Town"}


def test_a_rebuild_of_all_gives_each_what_comes_after_its_own_start(
    history: list[RecordedEvent], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sites, "start", After(history[1].position))
    while advance():
        pass
    rebuild(list(registry.values()), progress=lambda *_: None)
    assert towns() == {"Town 2", "Town 3"}
    assert {each.start for each in Checkpoint.objects.filter(name__in=["operatives", "work"])} == {0}


def test_a_rebuild_of_one_that_begins_now_leaves_out_what_came_before(
    history: list[RecordedEvent], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also if it is rebuilt before it ever advanced."""
    monkeypatch.setattr(sites, "start", Now())
    rebuild([sites], progress=lambda *_: None)
    assert towns() == set()
    factories.acquire(town="New Town")
    assert advanced(sites) == {"New Town"}


def test_where_it_began_is_kept_although_the_code_says_otherwise_later(
    history: list[RecordedEvent], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sites, "start", After(history[1].position))
    assert advanced(sites) == {"Town 2", "Town 3"}
    monkeypatch.setattr(sites, "start", Now())
    rebuild([sites], progress=lambda *_: None)
    assert towns() == {"Town 2", "Town 3"}


def test_a_position_that_the_store_has_not_reached_is_now(
    store: EventStore, history: list[RecordedEvent], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A read model beyond the end would draw others after it, past events that are yet to come."""
    monkeypatch.setattr(sites, "start", After(store.head() + 1_000_000))
    while advance():
        pass
    assert set(Checkpoint.objects.values_list("position", flat=True)) == {store.head()}
    factories.acquire(town="New Town")
    while advance():
        pass
    assert towns() == {"New Town"}
    assert set(Checkpoint.objects.values_list("position", flat=True)) == {store.head()}


def test_tomorrow_is_now_until_it_comes(store: EventStore, history: list[RecordedEvent]) -> None:
    assert position_of(begins(history, "since tomorrow"), store) == store.head()


# --- Reactions -------------------------------------------------------------------------------------


@pytest.fixture
def met() -> list[str]:
    """The towns of the sites that the reaction has met."""
    return []


@pytest.fixture
def reaction(met: list[str]) -> Iterator[Reaction]:
    reaction = Reaction("greet sites")

    @reaction.on(SiteAcquired)
    def greet(event: SiteAcquired, cause: Cause) -> None:
        met.append(event.town)

    yield reaction
    del reactions["greet sites"]


@pytest.mark.parametrize(("start", "taken"), STARTS)
def test_a_reaction_meets_what_comes_after_its_start(
    history: list[RecordedEvent], reaction: Reaction, met: list[str], start: str, taken: set[str]
) -> None:
    reaction.start = begins(history, start)
    follower = Reactions([reaction], Event())
    follower.catch_up({reaction.checkpoint})
    assert met == sorted(taken - {"New Town"})
    factories.acquire(town="New Town")
    follower.catch_up({reaction.checkpoint})
    assert met == [*sorted(taken - {"New Town"}), "New Town"]


def test_a_rebuild_makes_no_reaction_begin_again(
    history: list[RecordedEvent], reaction: Reaction, met: list[str]
) -> None:
    follower = Reactions([reaction], Event())
    follower.catch_up({reaction.checkpoint})
    rebuild(list(registry.values()), progress=lambda *_: None)
    follower.catch_up({reaction.checkpoint})
    assert met == [f"Town {number}" for number in range(4)]
