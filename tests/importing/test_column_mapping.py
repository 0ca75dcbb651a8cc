"""A mapping of one's own: other columns, constants, another clock."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from readmodels.models import OperativeRow, SiteRow, WorkRow
from tests.importing.csv_rows import import_work

pytestmark = pytest.mark.django_db

MAPPING = """
source = "depot"
time_zone = "Europe/London"
time_format = "%d.%m.%Y %H:%M"
encoding = "latin-1"

[fields]
key = { column = "No" }
created = { columns = ["Day", "Time"] }
closed = { column = "Done" }
title = { column = "What" }
description = { column = "What" }
address_line_1 = { columns = ["House", "Street"] }
town = { constant = "Whitby" }
post_code = { column = "Code" }
telephone_number = { constant = "01632 960001" }
forename = { constant = "Depot" }
surname = { constant = "crew" }
"""


def test_a_mapping_of_one_s_own(tmp_path: Path) -> None:
    (tmp_path / "depot.toml").write_text(MAPPING)
    path = tmp_path / "depot.csv"
    path.write_text(
        "No,Day,Time,Done,What,House,Street,Code\n"
        "1,01.07.2025,09:00,02.07.2025 10:00,Café door jams,3,Quay,YO21 1AA\n"
        "2,01.07.2025,10:00,,Lift stuck,3,Quay,YO21 1AA\n",
        encoding="latin-1",
    )
    told = import_work(path, "--mapping", str(tmp_path / "depot.toml"))
    assert "2 rows: 2 taken, 0 not taken" in told
    done, waiting = WorkRow.objects.order_by("number")
    assert (done.title, done.raised_at) == ("Café door jams", datetime(2025, 7, 1, 8, tzinfo=UTC))
    # Without a status, only the closed date says that it is closed.
    assert (done.stage, waiting.stage) == (WorkRow.Stage.COMPLETED, WorkRow.Stage.RAISED)
    assert str(SiteRow.objects.get()) == "3 Quay, Whitby"
    assert str(OperativeRow.objects.get()) == "Depot crew"
