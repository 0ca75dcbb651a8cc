"""Verify: every row of the live tables against a replay, while everybody goes on."""

from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, models, transaction

from eventstore.current import current_store
from eventstore.embedded import in_flight
from eventstore.embedded.in_flight import APPENDERS
from eventstore.management.commands import verify as command
from eventstore.models import Checkpoint
from eventstore.projections import rebuild as rebuilding
from eventstore.projections.advance import advance
from eventstore.projections.differences import NAMED, Differences
from eventstore.projections.differences import differences as differences_of
from eventstore.projections.read_model import ReadModel
from eventstore.projections.rebuild import verify
from readmodels.models import OperativeRow, SiteRow, SiteText, WorkCounter, WorkRow, WorkSiteRow
from readmodels.operatives import operatives
from readmodels.sites import sites
from readmodels.work import work
from tests import factories
from tests.eventstore.new_events import new_stream, note
from tests.eventstore.threads import PATIENCE, Beside
from tests.readmodels.tables import a_busy_day, contents, differences, quietly

pytestmark = pytest.mark.django_db(transaction=True)


def test_verify_finds_nothing_where_nothing_was_tampered_with() -> None:
    a_busy_day()
    assert differences() == []


def test_verify_changes_nothing() -> None:
    a_busy_day()
    SiteRow.objects.update(town="Tampered")
    live, stood = contents(), list(Checkpoint.objects.values())
    differences()
    assert (contents(), list(Checkpoint.objects.values())) == (live, stood)


def test_verify_names_a_changed_row_and_its_columns() -> None:
    a_busy_day()
    row = WorkRow.objects.filter(stage="completed").get()
    WorkRow.objects.filter(pk=row.pk).update(title="Tampered", outcome="Never said")
    (found,) = differences()
    assert found.table == "readmodels_workrow"
    assert sorted(found.columns) == ["outcome", "title"]
    assert found.live is not None
    assert found.replayed is not None
    assert (found.live["title"], found.replayed["title"]) == ("Tampered", row.title)


def test_verify_names_a_row_that_is_missing() -> None:
    a_busy_day()
    OperativeRow.objects.filter(surname="King").delete()
    (found,) = differences()
    assert (found.table, found.live, found.columns) == ("readmodels_operativerow", None, [])
    assert found.replayed is not None
    assert found.replayed["surname"] == "King"


def test_verify_names_a_row_that_no_event_tells_of() -> None:
    a_busy_day()
    OperativeRow.objects.create(
        operative_id=uuid4(), forename="No", surname="One", hired_at=factories.noon(1)
    )
    (found,) = differences()
    assert found.replayed is None
    assert found.live is not None
    assert found.live["surname"] == "One"


TAMPERED: list[tuple[ReadModel, type[models.Model], dict[str, Any]]] = [
    (work, WorkSiteRow, {"place": 7}),
    (work, WorkCounter, {"jobs": 99}),
    (work, WorkRow, {"abandoned_at": None}),
    (sites, SiteRow, {"relinquished_at": None}),
    (sites, SiteText, {"text": ""}),
    (operatives, OperativeRow, {"released_at": factories.noon(1)}),
]


@pytest.mark.parametrize(("read_model", "table", "change"), TAMPERED)
def test_verify_finds_every_kind_of_tampering(
    read_model: ReadModel, table: type[models.Model], change: dict[str, Any]
) -> None:
    a_busy_day()
    table._default_manager.update(**change)
    found = verify(read_model, progress=quietly).first
    assert found
    assert {each.table for each in found} == {table._meta.db_table}


def test_verify_compares_at_the_place_where_the_read_model_stands(worker: None) -> None:
    """One that is behind is not wrong."""
    factories.acquire(town="Whitby")
    call_command("project", stdout=StringIO())
    factories.acquire(town="Staithes")
    assert differences() == []


def test_the_command_verify_says_that_all_is_well() -> None:
    a_busy_day()
    out = StringIO()
    call_command("verify", stdout=out)
    assert "6 read models are what the events say." in out.getvalue()


def test_the_command_verify_names_each_row_and_fails() -> None:
    a_busy_day()
    missing = OperativeRow.objects.get(surname="King")
    OperativeRow.objects.filter(pk=missing.pk).delete()
    changed = SiteRow.objects.get(address_line_1="The New Mill")
    SiteRow.objects.filter(pk=changed.pk).update(town="Tampered")
    out = StringIO()
    with pytest.raises(CommandError, match="2 rows differ"):
        call_command("verify", stdout=out)
    said = out.getvalue()
    assert "missing from the live table" in said
    assert "town is 'Tampered', should be 'Whitby'" in said


def test_of_many_differences_the_first_are_named_and_all_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    a_busy_day()
    rows = OperativeRow.objects.count() + SiteRow.objects.count()
    OperativeRow.objects.update(surname="Tampered")
    SiteRow.objects.update(town="Tampered")
    found = verify(sites, progress=quietly, most=2)
    assert (len(found.first), found.count) == (2, SiteRow.objects.count())
    assert NAMED == 1000
    named = OperativeRow.objects.count() + 1
    monkeypatch.setattr(command, "NAMED", named)
    out = StringIO()
    with pytest.raises(CommandError, match=f"{rows} rows differ"):
        call_command("verify", stdout=out)
    assert out.getvalue().count("is 'Tampered', should be") == named
    assert f"... and {SiteRow.objects.count() - 1} more." in out.getvalue()


# --- Meanwhile -------------------------------------------------------------------------------------


def test_commands_are_taken_while_it_compares(monkeypatch: pytest.MonkeyPatch) -> None:
    """And they are not in what it compares: that is the state of one moment."""
    a_busy_day()
    compare = differences_of

    def somebody_calls(*args: Any, **options: Any) -> Differences:
        beside.run(factories.acquire, "1 Meanwhile Street").result(PATIENCE)
        return compare(*args, **options)

    monkeypatch.setattr(rebuilding, "differences", somebody_calls)
    with Beside(1) as beside:
        assert verify(sites, progress=quietly).count == 0
        SiteRow.objects.update(town="Tampered")
        assert verify(sites, progress=quietly).count == SiteRow.objects.count() - 1
    assert SiteRow.objects.filter(address_line_1="1 Meanwhile Street").count() == 2


def test_commands_are_taken_while_it_replays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between an event and the writing of its row."""
    a_busy_day()
    take = ReadModel.take

    def somebody_calls(read_model: ReadModel, *args: Any) -> None:
        if not beside.over.is_set():
            beside.over.set()
            beside.run(factories.acquire, "1 Meanwhile Street").result(PATIENCE)
        take(read_model, *args)

    with Beside(1) as beside:
        monkeypatch.setattr(ReadModel, "take", somebody_calls)
        assert verify(sites, progress=quietly).count == 0
    assert SiteRow.objects.filter(address_line_1="1 Meanwhile Street").exists()


@pytest.mark.postgresql
def test_no_hole_below_the_checkpoint_is_waited_for(worker: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The read model has passed it; in a snapshot it would never be filled. Here somebody appends without
    end, and more has been appended than the read model has taken in."""
    monkeypatch.setattr(in_flight, "PATIENCE", 0.2)
    with transaction.atomic():
        current_store().append(new_stream(), -1, [note()])
        transaction.set_rollback(True)
    factories.acquire("1 Beyond the Hole")
    while advance():
        pass
    factories.acquire("2 Beyond the Checkpoint")
    with Beside(1) as beside:

        def stand_still() -> None:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [APPENDERS])
                beside.over.wait(PATIENCE)

        stands = beside.run(stand_still)
        while in_flight._holders(current_store()._query) == {}:  # type: ignore[attr-defined]
            pass
        try:
            assert verify(sites, progress=quietly).count == 0
        finally:
            beside.over.set()
        stands.result(PATIENCE)
