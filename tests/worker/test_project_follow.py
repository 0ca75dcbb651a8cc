"""`manage.py project --follow` as its own process, on each store that it may follow."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from threading import Event
from uuid import UUID

import pytest
from django.conf import LazySettings

from eventstore.models import Checkpoint, ParkedEvent
from eventstore.projections.advance import advance
from eventstore.projections.read_model import registry
from eventstore.projections.rebuild import verify
from eventstore.store import NO_STREAM, EventStore
from readmodels.models import OperativeRow, SiteRow, WorkRow
from tests import factories
from tests.eventstore.new_events import new_stream, notes
from tests.eventstore.threads import Beside
from tests.worker.extras import caretaker_of
from tests.worker.processes import PATIENCE, Worker, project, wait_for

pytestmark = pytest.mark.django_db(transaction=True)

REACTION = "reaction hire caretakers"


def towns() -> list[str]:
    return sorted(SiteRow.objects.values_list("town", flat=True))


def stand(*names: str) -> set[int]:
    """The positions of these, 0 if they have not begun; of all read models if none is named."""
    stood = dict(Checkpoint.objects.values_list("name", "position"))
    return {stood.get(name, 0) for name in names or registry}


def all_projected(store: EventStore) -> bool:
    return stand() == {store.head()}


def all_hired(store: EventStore, site_ids: list[UUID]) -> bool:
    return all(store.read_stream(f"operative-{caretaker_of(each)}") for each in site_ids)


def nothing_differs() -> bool:
    """Whether all read models are as a replay makes them."""
    return not any(verify(each, progress=lambda *_: None).count for each in registry.values())


# --- Catching up, and going on live ----------------------------------------------------------------


def test_a_worker_catches_up_and_goes_on_live(store: EventStore, tmp_path: Path) -> None:
    before = [factories.acquire(town=f"Before {number}") for number in range(30)]
    with Worker(tmp_path) as worker:
        wait_for("what was there", lambda: len(towns()) == 30 and all_hired(store, before))
        after = [factories.acquire(town=f"After {number}") for number in range(10)]
        factories.assign(factories.raise_work(site_ids=after[:1]), factories.hire())
        wait_for("what came", lambda: all_hired(store, after) and all_projected(store))
        assert worker.terminate() == 0
    assert len(towns()) == 40
    assert WorkRow.objects.get().stage == "assigned"
    assert OperativeRow.objects.count() == 41  # the caretakers, and the one to whom the work was assigned
    assert nothing_differs()
    for each in before + after:
        assert len(store.read_stream(f"operative-{caretaker_of(each)}")) == 1


def test_a_worker_takes_each_read_model_on_from_where_it_stands(store: EventStore, tmp_path: Path) -> None:
    factories.hire("Ada")
    factories.acquire(town="Whitby")
    advance([registry["sites"]])
    factories.acquire(town="Staithes")
    advance([registry["work"]])
    SiteRow.objects.filter(town="Whitby").update(town="Whitby, taken in before")
    with Worker(tmp_path):
        wait_for("all to stand together", lambda: len(stand()) == 1 and len(towns()) == 2)
    assert towns() == ["Staithes", "Whitby, taken in before"]


def test_a_worker_for_one_read_model_leaves_the_others_and_the_reactions_alone(
    store: EventStore, tmp_path: Path
) -> None:
    factories.acquire(town="Whitby")
    with Worker(tmp_path, "sites"):
        wait_for("the sites", lambda: towns() == ["Whitby"])
        factories.hire()
        wait_for("the position of what others handle", lambda: stand("sites") == {store.head()})
    assert set(Checkpoint.objects.values_list("name", flat=True)) == {"sites"}
    assert not OperativeRow.objects.exists()


def test_checkpoints_move_on_over_what_nobody_handles(store: EventStore, tmp_path: Path) -> None:
    with Worker(tmp_path).started():
        position = store.append(new_stream(), NO_STREAM, notes(5))
        names = [*registry, REACTION]
        wait_for("all to stand there", lambda: stand(*names) == {position})


# --- Poison ----------------------------------------------------------------------------------------


def test_poison_stops_one_read_model_until_somebody_frees_it_and_the_worker_takes_it_in_again(
    store: EventStore, tmp_path: Path
) -> None:
    poison = tmp_path / "poison"
    poison.touch()
    with Worker(tmp_path, POISON=str(poison)).started() as worker:
        factories.acquire(town="Whitby")
        factories.acquire(town="Poison Town")
        worker.says("Read model sites stopped")
        factories.acquire(town="Staithes")
        wait_for("the others", lambda: stand("work", "operatives") == {store.head()})
        assert towns() == ["Whitby"]
        status = project("--status")
        assert status.returncode == 1
        assert "LookupError: no such town" in status.stdout
        assert "sites stopped: SiteAcquired at " in status.stderr
        poison.unlink()
        freed = project("sites", POISON=str(poison))
        assert freed.returncode == 0, freed.stderr
        factories.acquire(town="Goathland")
        wait_for("the worker to take it in again", lambda: len(towns()) == 4)
        assert worker.terminate() == 0
    assert towns() == ["Goathland", "Poison Town", "Staithes", "Whitby"]


# --- Stopping --------------------------------------------------------------------------------------


@pytest.fixture
def streaming(store: EventStore) -> Iterator[list[UUID]]:
    """Sites are acquired without a pause, by a thread; those there are so far."""
    over, site_ids = Event(), list[UUID]()

    def acquire() -> None:
        while not over.is_set():
            site_ids.append(factories.acquire(town=f"Town {len(site_ids)}"))
            over.wait(0.005)

    with Beside(1) as beside:
        done = beside.run(acquire)
        try:
            yield site_ids
        finally:
            over.set()
        done.result(PATIENCE)


def test_a_worker_that_is_told_to_stop_ends_cleanly_while_events_stream_in(
    store: EventStore, streaming: list[UUID], tmp_path: Path
) -> None:
    for _ in range(2):  # the second continues where the first stopped
        seen = len(towns())
        with Worker(tmp_path) as worker:
            wait_for("some sites", lambda: len(towns()) > seen + 10)  # noqa: B023
            assert worker.terminate() == 0
            assert "Stopped" in worker.log
            assert "Traceback" not in worker.log
    assert len(stand()) == 1
    assert nothing_differs()


# --- Several workers -------------------------------------------------------------------------------


def test_of_two_workers_one_stands_by_and_takes_over_when_the_other_is_killed(
    store: EventStore, streaming: list[UUID], tmp_path: Path
) -> None:
    with Worker(tmp_path) as busy, ExitStack() as later:
        # Of two that begin at once each may be first with something.
        wait_for("some sites and caretakers", lambda: len(towns()) > 10 and OperativeRow.objects.exists())
        standing_by = later.enter_context(Worker(tmp_path)).says("standing by")
        assert "standing by" not in busy.log
        busy.kill()
        seen = len(towns())
        wait_for("the other to take over", lambda: len(towns()) > seen + 10)
        assert "stopped" not in standing_by.log  # a site that came twice would be poison
        assert standing_by.terminate() == 0
    assert not ParkedEvent.objects.exists()
    assert nothing_differs()
    for each in streaming:
        assert len(store.read_stream(f"operative-{caretaker_of(each)}")) <= 1


def test_workers_for_different_read_models_share(store: EventStore, tmp_path: Path) -> None:
    rest = sorted(set(registry) - {"sites"})
    with Worker(tmp_path, "sites") as sites, Worker(tmp_path, *rest) as others:
        sites.started()
        others.started()
        factories.raise_work("Boiler out")
        wait_for("all of them", lambda: all_projected(store))
        assert "standing by" not in sites.log + others.log
    assert WorkRow.objects.get().title == "Boiler out"


def test_reactions_are_followed_by_name_and_shared_by_several_workers(
    store: EventStore, tmp_path: Path
) -> None:
    with Worker(tmp_path, "--reaction", "hire caretakers") as one:
        one.started()
        site_ids = [factories.acquire(town="Whitby")]
        wait_for("the caretaker", lambda: all_hired(store, site_ids))
        assert set(Checkpoint.objects.values_list("name", flat=True)) == {REACTION}
        with Worker(tmp_path, "sites", "--reaction", "stock", "--reaction", "payment") as other:
            names = ["sites", "reaction stock", "reaction payment", REACTION]
            wait_for("all of them", lambda: stand(*names) == {store.head()})
            assert "standing by" not in one.log + other.log
    assert set(Checkpoint.objects.values_list("name", flat=True)) == set(names)


def test_a_reaction_that_there_is_not_is_named_with_those_that_there_are(store: EventStore) -> None:
    unknown = project("--follow", "--reaction", "stocks")
    assert unknown.returncode == 1
    assert "There is no reaction stocks; there are " in unknown.stderr
    assert "stock" in unknown.stderr
    assert "--reaction asks for --follow." in project("--reaction", "stock").stderr


# --- Status ----------------------------------------------------------------------------------------


def test_the_status_says_position_and_lag_of_each(store: EventStore, tmp_path: Path) -> None:
    factories.acquire()
    while advance():
        pass
    position = store.head()
    current = project("--status")
    assert current.returncode == 0, current.stderr
    assert f"sites: position {position:d}, up to date" in current.stdout
    assert "reaction hire caretakers: position 0, 1 event and " in current.stdout
    factories.acquire()
    factories.acquire()
    behind = project("--status")
    assert behind.returncode == 0
    assert f"sites: position {position}, 2 events and " in behind.stdout
    assert " s behind" in behind.stdout


# --- Inline ----------------------------------------------------------------------------------------


@pytest.mark.usefixtures("transactional_db")
def test_where_read_models_are_projected_inline_a_worker_runs_reactions_alone(
    settings: LazySettings, tmp_path: Path
) -> None:
    from eventstore.embedded.store import EmbeddedStore

    assert settings.PROJECTION == "inline"
    first = factories.acquire(town="Whitby")
    Checkpoint.objects.filter(name="sites").update(position=0, error="left alone")
    with Worker(tmp_path) as worker:
        worker.says("leaves them alone")
        wait_for("the first caretaker", lambda: all_hired(EmbeddedStore(), [first]))
        second = factories.acquire(town="Staithes")
        wait_for("the second caretaker", lambda: all_hired(EmbeddedStore(), [second]))
        assert worker.terminate() == 0
    assert OperativeRow.objects.filter(surname="Staithes").exists()
    assert towns() == ["Whitby"]
