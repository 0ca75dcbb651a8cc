"""Several processes on one store, and processes that are killed in the middle of something."""

from contextlib import ExitStack

import pytest

from eventstore.embedded.store import EmbeddedStore
from eventstore.projections.read_model import registry
from eventstore.projections.rebuild import rebuild, verify
from eventstore.store import NO_STREAM
from readmodels.models import SiteRow, WorkRow
from tests import factories
from tests.eventstore.new_events import new_stream, note, notes
from tests.eventstore.processes import Child

pytestmark = pytest.mark.django_db(transaction=True)


def doing(task: str, argument: str) -> Child:
    """A process that does a task of tests/eventstore/child.py."""
    return Child("tests.eventstore.child", task, argument)


def test_of_two_processes_contesting_a_stream_one_wins_each_contest() -> None:
    stream, contests = new_stream(), 30
    winners = []
    with ExitStack() as stack:
        children = [stack.enter_context(doing("contend", stream)) for _ in range(2)]
        assert [child.hear() for child in children] == ["ready", "ready"]
        for version in range(NO_STREAM, contests - 1):
            for child in children:
                child.tell(version)
            answers = [child.hear() for child in children]
            assert answers.count("lost") == 1
            winners += [answer for answer in answers if answer != "lost"]
    assert [str(each.id) for each in EmbeddedStore().read_stream(stream)] == winners


def test_a_process_killed_during_an_append_leaves_nothing_half_done() -> None:
    stream, store = new_stream(), EmbeddedStore()
    head = store.head()
    with doing("append", stream) as child:
        assert child.hear() == "in the middle"
        child.kill()
    assert store.read_stream(stream) == []
    assert store.read_all(head, 10) == []
    batch = notes(2)
    store.append(stream, NO_STREAM, batch)
    assert [each.id for each in store.read_all(head, 10)] == [each.id for each in batch]


def test_a_process_killed_after_projecting_leaves_neither_event_nor_row() -> None:
    site_id = factories.acquire()
    store, head = EmbeddedStore(), EmbeddedStore().head()
    with doing("raise_work", str(site_id)) as child:
        assert child.hear() == "in the middle"
        child.kill()
    assert store.read_all(head, 10) == []
    assert not WorkRow.objects.exists()
    factories.raise_work("Raised afterwards", site_ids=[site_id])
    assert WorkRow.objects.get().number == 1
    for read_model in registry.values():
        assert verify(read_model, progress=lambda *_: None).count == 0


def test_what_a_killed_process_was_told_is_stored_and_batches_are_whole() -> None:
    stream = new_stream()
    with doing("append_without_end", stream) as child:
        told = [child.hear() for _ in range(10)]
        child.kill()
        told += child.last_words()
    versions = [each.version for each in EmbeddedStore().read_stream(stream)]
    assert versions == list(range(len(versions)))
    assert len(versions) % 3 == 0
    assert len(versions) > int(told[-1])


def test_a_process_killed_while_rebuilding_leaves_the_live_tables_as_they_were() -> None:
    for town in ("Whitby", "Staithes"):
        factories.acquire(town=town)
    SiteRow.objects.filter(town="Whitby").update(town="Tampered with")  # a rebuild would repair this
    with doing("rebuild_all", "") as child:
        assert child.hear() == "in the middle"
        child.kill()
    assert set(SiteRow.objects.values_list("town", flat=True)) == {"Tampered with", "Staithes"}
    factories.acquire(town="Goathland")
    rebuild(list(registry.values()), progress=lambda *_: None)
    assert set(SiteRow.objects.values_list("town", flat=True)) == {"Whitby", "Staithes", "Goathland"}


def test_appends_go_on_after_another_process_was_killed() -> None:
    store, stream = EmbeddedStore(), new_stream()
    with doing("append", new_stream()) as child:
        assert child.hear() == "in the middle"
        child.kill()
        for version in range(NO_STREAM, 4):
            store.append(stream, version, [note()])
    assert len(store.read_stream(stream)) == 5
