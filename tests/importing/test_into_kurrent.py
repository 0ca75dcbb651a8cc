"""With KurrentDB as the store, an import is taken once all the same, and cannot be tried dry."""

from pathlib import Path

import pytest
from django.core.management.base import CommandError

from eventstore.projections.advance import advance
from eventstore.store import EventStore
from readmodels.models import WorkRow
from tests.importing.csv_rows import import_work, open_row, row, write

pytestmark = pytest.mark.django_db(transaction=True)


def test_importing_twice_changes_nothing(kurrent: EventStore, tmp_path: Path) -> None:
    path = write(tmp_path / "requests.csv", [row(1), open_row(2), row(3, City="")])
    assert "3 rows: 2 taken, 1 not taken" in import_work(path)
    before = kurrent.read_all(0, 1000)
    assert "Newly stored: nothing" in import_work(path)
    assert kurrent.read_all(0, 1000) == before
    while advance():
        pass
    assert WorkRow.objects.count() == 2


def test_a_dry_run_is_refused_since_nothing_could_be_taken_back(kurrent: EventStore, tmp_path: Path) -> None:
    path = write(tmp_path / "requests.csv", [row(1)])
    with pytest.raises(CommandError, match="KurrentDB cannot"):
        import_work(path, "--dry-run")
    assert kurrent.head() == 0
