"""How read models keep up, and what happens when one cannot."""

import logging
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import models

from eventstore import codec
from eventstore.current import current_store
from eventstore.models import Checkpoint
from eventstore.projections.advance import advance
from eventstore.projections.checks import read_models_are_current
from eventstore.projections.read_model import ReadModel, registry
from eventstore.projections.unit_of_work import Rows
from eventstore.store import NO_STREAM, Metadata, NewEvent, RecordedEvent
from operatives.events import OperativeHired
from readmodels import sites as sites_updater
from readmodels import work as work_updater
from readmodels.models import OperativeRow, SiteRow, SiteText, WorkCounter, WorkRow, WorkSiteRow
from readmodels.operatives import operatives
from readmodels.sites import sites
from sites.events import SiteAcquired, SiteCorrected
from tests import factories
from tests.readmodels.tables import contents, forget_rows

pytestmark = pytest.mark.django_db


def checkpoint(name: str) -> Checkpoint:
    return Checkpoint.objects.get(name=name)


def towns() -> set[str]:
    return set(SiteRow.objects.values_list("town", flat=True))


def append_raw(event_type: str, data: str, *, schema_version: int = 1, stream: str | None = None) -> int:
    """An event as another version of the code might have written it."""
    metadata = Metadata(actor="user-0", correlation_id=uuid4(), causation_id=uuid4(), source="test")
    event = NewEvent(
        id=uuid4(),
        type=event_type,
        schema_version=schema_version,
        data=data,
        metadata=metadata,
        occurred_at=factories.noon(1),
    )
    return current_store().append(stream or f"raw-{uuid4()}", NO_STREAM, [event])


# --- Keeping up ------------------------------------------------------------------------------------


def test_inline_every_read_model_is_at_the_head_after_each_command() -> None:
    for _ in range(2):
        factories.raise_work()
        head = current_store().head()
        assert {each.name: each.position for each in Checkpoint.objects.all()} == dict.fromkeys(
            registry, head
        )


def test_events_that_nobody_handles_are_passed_over() -> None:
    factories.acquire()
    position = append_raw("NeverHeardOf", '{"anything":1}')
    assert {each.position for each in Checkpoint.objects.all()} == {position}
    assert not Checkpoint.objects.exclude(error="").exists()


def test_an_event_that_other_read_models_handle_moves_everyone_on() -> None:
    factories.hire()
    assert checkpoint("sites").position == current_store().head()


def test_inline_a_read_model_that_is_behind_catches_up_with_the_next_command() -> None:
    factories.acquire(town="Whitby")
    SiteRow.objects.all().delete()
    SiteText.objects.all().delete()
    Checkpoint.objects.filter(name="sites").update(position=0)
    factories.acquire(town="Staithes")
    assert towns() == {"Whitby", "Staithes"}
    assert checkpoint("sites").position == current_store().head()


def test_inline_a_new_read_model_begins_with_the_first_event() -> None:
    factories.acquire(town="Whitby")
    forget_rows()
    factories.acquire(town="Staithes")
    assert towns() == {"Whitby", "Staithes"}
    assert {each.position for each in Checkpoint.objects.all()} == {current_store().head()}


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("worker")
def test_in_a_worker_nothing_is_projected_until_it_advances() -> None:
    factories.acquire(town="Whitby")
    assert towns() == set()
    assert advance() > 0
    assert towns() == {"Whitby"}
    assert advance() == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("worker")
def test_a_read_model_that_is_behind_is_caught_up_in_batches() -> None:
    for number in range(5):
        factories.acquire(town=f"Town {number}")
    seen = []
    while advance([sites], limit=2):
        seen.append(SiteRow.objects.count())
    assert seen == [2, 4, 5]
    assert checkpoint("sites").position == current_store().head()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("worker")
def test_read_models_at_different_places_are_each_taken_on_from_theirs() -> None:
    factories.hire("Ada")
    factories.acquire(town="Whitby")
    advance([sites])
    factories.hire("Grace")
    factories.acquire(town="Staithes")
    while advance():
        pass
    assert towns() == {"Whitby", "Staithes"}
    assert set(OperativeRow.objects.values_list("forename", flat=True)) == {"Ada", "Grace"}
    assert {each.position for each in Checkpoint.objects.all()} == {current_store().head()}


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("worker")
def test_a_read_model_advances_alone_when_it_alone_is_asked_to() -> None:
    factories.hire()
    factories.acquire()
    advance([operatives])
    assert OperativeRow.objects.count() == 1
    assert SiteRow.objects.count() == 0
    assert not Checkpoint.objects.filter(name="sites").exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("limit", [1, 2, 3, 7, 1000])
@pytest.mark.usefixtures("worker")
def test_the_size_of_batches_makes_no_difference(limit: int) -> None:
    ada = factories.hire("Ada")
    jobs = [factories.raise_work(title) for title in ("One", "Two", "Three")]
    for job in jobs:
        factories.assign(job, ada)
    factories.abandon(jobs[0])
    factories.complete(jobs[1], "Done.")
    factories.rename(ada, "Augusta", "King")
    while advance(limit=limit):
        pass
    found = contents()
    forget_rows()
    while advance():
        pass
    assert contents() == found


# --- Poison ----------------------------------------------------------------------------------------


@pytest.fixture
def poison(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """The sites' updater cannot take in a site in Poison Town; in Null Town it writes a bad row."""
    set_particulars = sites_updater.set_particulars

    def fails(row: SiteRow, event: SiteAcquired | SiteCorrected) -> None:
        set_particulars(row, event)
        if event.town == "Poison Town":
            raise LookupError("no such town")
        if event.town == "Null Town":
            row.town = None  # type: ignore[assignment]  # what the database refuses

    with monkeypatch.context() as patched:
        patched.setattr(sites_updater, "set_particulars", fails)
        yield patched


@pytest.mark.parametrize("town", ["Poison Town", "Null Town"])
def test_poison_stops_its_read_model_alone_and_the_command_succeeds(
    poison: pytest.MonkeyPatch, town: str, caplog: pytest.LogCaptureFixture
) -> None:
    factories.acquire(town="Whitby")
    before = current_store().head()
    with caplog.at_level(logging.ERROR):
        factories.acquire(town=town)
    bad = current_store().head()
    assert bad > before
    assert towns() == {"Whitby"}
    stopped = checkpoint("sites")
    assert (stopped.position, stopped.failed_position) == (before, bad)
    assert "SiteAcquired" in stopped.error
    assert "sites" in caplog.text
    assert {checkpoint(name).position for name in ("operatives", "work")} == {bad}
    assert not Checkpoint.objects.exclude(name="sites").exclude(error="").exists()


def test_poison_found_while_writing_leaves_none_of_its_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Raising work writes to three tables; the last refuses its row."""
    factories.raise_work("Good")

    def no_place(work_id: UUID, site_id: UUID, place: int) -> WorkSiteRow:
        return WorkSiteRow(work_id=work_id, site_id=site_id, place=None)  # type: ignore[misc]

    monkeypatch.setattr(work_updater, "WorkSiteRow", no_place)
    factories.raise_work("Bad")
    assert checkpoint("work").failed_position == current_store().head()
    assert list(WorkRow.objects.values_list("title", flat=True)) == ["Good"]
    assert WorkCounter.objects.get().jobs == 1


def test_the_error_says_which_event_and_what_went_wrong(poison: pytest.MonkeyPatch) -> None:
    factories.acquire(town="Poison Town")
    position = current_store().head()
    assert checkpoint("sites").error == f"SiteAcquired at {position}: LookupError: no such town"


def test_a_stopped_read_model_stays_just_before_the_bad_event_while_others_go_on(
    poison: pytest.MonkeyPatch,
) -> None:
    factories.acquire(town="Poison Town")
    stopped = checkpoint("sites")
    factories.acquire(town="Staithes")
    work_id = factories.raise_work()
    assert checkpoint("sites").position == stopped.position
    assert towns() == set()
    assert WorkRow.objects.filter(work_id=work_id).exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("worker")
def test_events_before_the_poison_in_the_same_batch_stay_taken_in(poison: pytest.MonkeyPatch) -> None:
    factories.acquire(town="Whitby")
    factories.hire()
    factories.acquire(town="Staithes")
    good = current_store().head()
    factories.acquire(town="Poison Town")
    bad = current_store().head()
    factories.acquire(town="Goathland")
    while advance():
        pass
    assert towns() == {"Whitby", "Staithes"}
    stopped = checkpoint("sites")
    assert good <= stopped.position < bad == stopped.failed_position
    assert checkpoint("operatives").position == current_store().head()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("worker")
def test_poison_at_the_beginning_of_a_batch_takes_nothing_in(poison: pytest.MonkeyPatch) -> None:
    factories.acquire(town="Poison Town")
    factories.acquire(town="Whitby")
    while advance():
        pass
    assert towns() == set()
    assert checkpoint("sites").position < checkpoint("sites").failed_position  # type: ignore[operator]


def test_after_the_cause_is_mended_the_read_model_catches_up(poison: pytest.MonkeyPatch) -> None:
    factories.acquire(town="Poison Town")
    factories.acquire(town="Staithes")
    poison.undo()
    call_command("project", "sites")
    assert towns() == {"Poison Town", "Staithes"}
    mended = checkpoint("sites")
    assert (mended.position, mended.failed_position, mended.error) == (current_store().head(), None, "")
    factories.acquire(town="Whitby")
    assert towns() == {"Poison Town", "Staithes", "Whitby"}


def test_while_the_cause_is_not_mended_project_says_so_and_fails(poison: pytest.MonkeyPatch) -> None:
    factories.acquire(town="Poison Town")
    with pytest.raises(CommandError, match=r"sites stopped: SiteAcquired at .* no such town"):
        call_command("project")
    assert checkpoint("sites").error


def test_an_event_newer_than_the_code_stops_whoever_handles_it() -> None:
    position = append_raw("SiteAcquired", "{}", schema_version=99)
    assert checkpoint("sites").failed_position == position
    assert "version 99" in checkpoint("sites").error
    assert checkpoint("operatives").error == ""


def test_an_event_that_does_not_fit_its_class_stops_whoever_handles_it() -> None:
    position = append_raw("SiteAcquired", '{"site_id":"not one"}')
    assert checkpoint("sites").failed_position == position
    assert "Undecodable" in checkpoint("sites").error


def test_an_event_about_a_row_that_is_not_there_stops_its_read_model() -> None:
    """Rows vanished: going on would build nonsense upon it."""
    site_id = factories.acquire()
    SiteRow.objects.all().delete()
    factories.correct(site_id, town="Elsewhere")
    assert "DoesNotExist" in checkpoint("sites").error


def test_poison_is_reported_by_the_system_check(poison: pytest.MonkeyPatch) -> None:
    factories.acquire(town="Poison Town")
    (warning,) = read_models_are_current(["default"])
    assert warning.id == "eventstore.W002"
    assert "sites stopped" in warning.msg
    assert "manage.py project sites" in str(warning.hint)


# --- Versions --------------------------------------------------------------------------------------


def test_a_read_model_of_another_version_is_left_alone_and_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    factories.acquire(town="Whitby")
    stood = checkpoint("sites").position
    monkeypatch.setattr(sites, "version", sites.version + 1)
    factories.acquire(town="Staithes")
    assert towns() == {"Whitby"}
    assert checkpoint("sites").position == stood
    assert checkpoint("operatives").position == current_store().head()
    (warning,) = read_models_are_current(["default"])
    assert warning.id == "eventstore.W001"
    assert "sites" in warning.msg
    assert "manage.py rebuild sites" in str(warning.hint)


def test_the_system_check_finds_nothing_when_all_is_well() -> None:
    factories.acquire()
    assert read_models_are_current(["default"]) == []


def test_the_system_check_does_not_touch_a_database_that_was_not_named() -> None:
    assert read_models_are_current(None) == []


# --- Handlers --------------------------------------------------------------------------------------


def test_a_second_handler_of_one_event_is_an_error() -> None:
    with pytest.raises(ValueError, match="sites has two handlers for SiteAcquired"):

        @sites.on(SiteAcquired)
        def again(event: SiteAcquired, recorded: RecordedEvent, rows: Rows) -> None: ...


def test_a_second_read_model_of_one_name_is_an_error() -> None:
    with pytest.raises(ValueError, match="Two read models are named 'sites'"):
        ReadModel("sites", version=1, tables=[])


def test_no_read_model_has_another_ones_tables() -> None:
    owned: list[type[models.Model]] = [table for each in registry.values() for table in each.tables]
    assert len(owned) == len(set(owned))


@pytest.fixture
def listener() -> Iterator[list[tuple[Any, RecordedEvent]]]:
    """A read model without tables that notes what it gets."""
    told: list[tuple[Any, RecordedEvent]] = []
    listening = ReadModel("listener", version=1, tables=[])

    @listening.on(OperativeHired)
    def hired(event: OperativeHired, recorded: RecordedEvent, rows: Rows) -> None:
        told.append((event, recorded))

    yield told
    del registry["listener"]


def test_a_handler_is_told_the_event_and_when_it_happened(listener: list[tuple[Any, RecordedEvent]]) -> None:
    factories.acquire()
    operative_id = factories.hire("Ada", "Lovelace", at=factories.noon(1), by="user-7")
    ((event, recorded),) = listener
    assert event == OperativeHired(operative_id=operative_id, forename="Ada", surname="Lovelace")
    assert (recorded.occurred_at, recorded.actor) == (factories.noon(1), "user-7")
    assert (recorded.position, recorded.version) == (current_store().head(), 0)
    assert recorded.event == event
    assert codec.encode(event) == recorded.data


def test_a_handler_is_told_the_same_live_and_when_catching_up(
    listener: list[tuple[Any, RecordedEvent]],
) -> None:
    factories.hire("Edith", at=factories.noon(0))  # the first command of all makes the checkpoints
    listener.clear()
    before = Checkpoint.objects.get(name="listener").position
    factories.hire("Ada", at=factories.noon(1))
    factories.hire("Grace", at=factories.noon(2))
    live = list(listener)
    listener.clear()
    Checkpoint.objects.filter(name="listener").update(position=before)
    advance([registry["listener"]])
    assert listener == live


def test_live_rows_are_found_by_later_events_of_the_same_batch() -> None:
    """One batch acquires, corrects and relinquishes; the changes apply to rows that are not yet written."""
    site_id: UUID = factories.acquire(town="Whitby", at=factories.noon(1))
    factories.correct(site_id, town="Staithes", at=factories.noon(2))
    factories.relinquish(site_id, at=factories.noon(3))
    forget_rows()
    while advance():
        pass
    row = SiteRow.objects.get()
    assert (row.town, row.acquired_at, row.relinquished_at) == (
        "Staithes",
        factories.noon(1),
        factories.noon(3),
    )
