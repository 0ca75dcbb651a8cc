"""Importing twice changes nothing; a killed import is finished by another; a dry run stores nothing."""

from pathlib import Path

import pytest

from eventstore.dispatch import dispatch
from eventstore.models import StoredEvent
from intake.importing import batches, intake
from intake.importing.service_request import ServiceRequest
from readmodels.models import OperativeRow, SiteRow, WorkRow
from sites.commands import RelinquishSite
from sites.site import SITE
from tests.importing.csv_rows import import_work, open_row, row, write

pytestmark = pytest.mark.django_db


def stored() -> list[tuple[object, ...]]:
    return list(StoredEvent.objects.order_by("position").values_list("id", "stream", "data", "occurred_at"))


def test_importing_twice_changes_nothing(tmp_path: Path) -> None:
    path = write(tmp_path / "requests.csv", [row(1), open_row(2), row(3, City="")])
    import_work(path)
    before = stored()
    told = import_work(path)
    assert stored() == before
    assert "3 rows: 0 taken, 2 there already, 1 not taken" in told
    assert "Newly stored: nothing" in told


def test_importing_again_changes_nothing_where_the_site_is_gone_since(tmp_path: Path) -> None:
    path = write(tmp_path / "requests.csv", [row(1)])
    import_work(path)
    dispatch(RelinquishSite(site_id=SiteRow.objects.get().site_id, open_jobs=0), to=SITE, by="user-0")
    before = stored()
    assert "1 rows: 0 taken, 1 there already, 0 not taken" in import_work(path)
    assert stored() == before


def test_a_request_closed_since_the_last_file_is_completed(tmp_path: Path) -> None:
    import_work(write(tmp_path / "march.csv", [open_row(1)]))
    import_work(write(tmp_path / "april.csv", [row(1)]))
    assert WorkRow.objects.get().stage == WorkRow.Stage.COMPLETED


def test_an_import_that_was_killed_is_finished_by_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "requests.csv", [row(key) for key in range(5)])
    with monkeypatch.context() as patched:
        patched.setattr(batches, "BATCH", 2)
        patched.setattr(intake.Intake, "take", killed_at_the(4, intake.Intake.take))
        with pytest.raises(KeyboardInterrupt):
            import_work(path)
    assert WorkRow.objects.count() == 2  # the batch that had ended; nothing of the one under way
    import_work(path)
    assert WorkRow.objects.filter(stage=WorkRow.Stage.COMPLETED).count() == 5
    assert StoredEvent.objects.count() == 1 + 1 + 5 * 3


def killed_at_the(count: int, take: object) -> object:
    left = iter(range(count - 1))

    def take_or_die(self: intake.Intake, request: ServiceRequest) -> None:
        take(self, request)  # type: ignore[operator]
        if next(left, None) is None:
            raise KeyboardInterrupt

    return take_or_die


def test_a_dry_run_says_the_same_and_stores_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "BATCH", 2)
    path = write(tmp_path / "requests.csv", [row(1), open_row(2), row(3, City=""), row(4), row(5)])
    told = import_work(path, "--dry-run").splitlines()
    assert told.pop() == "This was a dry run: nothing was stored."
    assert stored() == []
    assert not any(table.objects.exists() for table in (WorkRow, SiteRow, OperativeRow))
    assert import_work(path).splitlines() == told


def test_a_dry_run_after_the_import_finds_nothing_new(tmp_path: Path) -> None:
    path = write(tmp_path / "requests.csv", [row(1)])
    import_work(path)
    before = stored()
    assert "Newly stored: nothing" in import_work(path, "--dry-run")
    assert stored() == before
