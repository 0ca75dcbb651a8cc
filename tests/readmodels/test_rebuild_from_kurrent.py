"""Rebuild and verify with KurrentDB as the store: the same, with positions that leave gaps."""

from io import StringIO
from uuid import UUID

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from eventstore.models import Checkpoint
from eventstore.projections import rebuild as rebuilding
from eventstore.projections.advance import advance
from eventstore.projections.rebuild import rebuild, verify
from eventstore.store import EventStore
from readmodels.models import SiteRow, WorkRow
from tests import factories
from tests.eventstore.threads import PATIENCE, Beside
from tests.readmodels.tables import EVERYTHING, a_busy_day, contents, quietly

pytestmark = pytest.mark.django_db(transaction=True)


def catch_up() -> None:
    while advance():
        pass


def test_a_rebuild_gives_the_rows_that_were_live(
    kurrent: EventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_busy_day()
    catch_up()
    live = contents()
    assert all(live.values())
    monkeypatch.setattr(rebuilding, "BATCH", 2)
    SiteRow.objects.update(town="Tampered")
    assert rebuild(EVERYTHING, progress=quietly) == kurrent.head()
    assert contents() == live
    assert [verify(each, progress=quietly).count for each in EVERYTHING] == [0] * len(EVERYTHING)


def test_progress_is_told_in_events_and_in_positions(kurrent: EventStore) -> None:
    a_busy_day()
    told: list[tuple[int, int]] = []
    rebuild(EVERYTHING, progress=lambda events, position: told.append((events, position)))
    assert sum(events for events, _ in told) == len(kurrent.read_all(0, 1000))
    assert told[-1][1] == kurrent.head()


def test_what_is_appended_while_a_rebuild_runs_is_not_lost(
    kurrent: EventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_busy_day()
    catch_up()
    monkeypatch.setattr(rebuilding, "BATCH", 10)
    jobs: list[UUID] = []

    def somebody_calls(*_: int) -> None:
        if len(jobs) < 3:
            jobs.append(beside.run(factories.raise_work, "Raised meanwhile").result(PATIENCE))

    with Beside(1) as beside:
        rebuild(EVERYTHING, progress=somebody_calls)
    raised = WorkRow.objects.filter(title="Raised meanwhile").values_list("work_id", flat=True)
    assert set(raised) == set(jobs)
    assert {each.position for each in Checkpoint.objects.all()} == {kurrent.head()}


def test_the_commands_say_what_they_found(kurrent: EventStore) -> None:
    a_busy_day()
    catch_up()
    out = StringIO()
    call_command("rebuild", "--all", stdout=out)
    assert f"up to position {kurrent.head()}" in out.getvalue()
    SiteRow.objects.filter(address_line_1="The New Mill").update(town="Tampered")
    with pytest.raises(CommandError, match="1 rows differ"):
        call_command("verify", stdout=out)
    assert "town is 'Tampered', should be 'Whitby'" in out.getvalue()
