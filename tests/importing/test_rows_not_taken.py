"""Every row that cannot be taken is reported with its line and why, and the others are taken."""

from pathlib import Path

import pytest

from eventstore.decider import Refused
from eventstore.dispatch import dispatch
from intake.importing import intake
from intake.importing.identity import site_id
from readmodels.models import WorkRow
from sites.commands import RelinquishSite
from sites.site import SITE
from tests.importing.csv_rows import ROW, import_work, open_row, row, write

pytestmark = pytest.mark.django_db

FAULTS = [
    ({"Incident Address": " "}, "There is no address"),
    ({"City": ""}, "There is no town (City)."),
    ({"Incident Zip": "Unspecified"}, "There is no post code (Incident Zip)."),
    ({"Unique Key": ""}, "There is no key (Unique Key)."),
    ({"Complaint Type": ""}, "There is no title (Complaint Type)."),
    ({"Created Date": ""}, "There is no created date (Created Date)."),
    ({"Created Date": "2011-03-01"}, "The created date cannot be read: “2011-03-01” is not a time as"),
    (
        {"Created Date": "03/13/2011 02:30:00 AM"},
        "was skipped when the clocks in America/New_York went forward.",
    ),
    (
        {"Created Date": "03/01/9999 09:00:00 AM"},
        "The created date is in the future: 03/01/9999 09:00:00 AM.",
    ),
    ({"Closed Date": ""}, "There is no closed date (Closed Date)."),
    ({"Closed Date": "02/30/2011 09:00:00 AM"}, "The closed date cannot be read: “02/30/2011 09:00:00 AM”"),
    (
        {"Closed Date": "02/28/2011 09:00:00 AM"},
        "It was closed before it was created: 02/28/2011 09:00:00 AM.",
    ),
    ({"Agency Name": ""}, "There is no forename (Agency Name)."),
    ({"Descriptor": "Lamp\0flickers"}, "It holds a NUL character."),
]


@pytest.mark.parametrize(("fault", "reason"), FAULTS, ids=[reason for _, reason in FAULTS])
def test_a_row_with_a_fault_is_reported_and_the_rest_is_taken(
    tmp_path: Path, fault: dict[str, str], reason: str
) -> None:
    told = import_work(write(tmp_path / "requests.csv", [row(1), row(2) | fault, row(3)]))
    line = next(line for line in told.splitlines() if line.startswith("Line "))
    assert line.startswith("Line 3: ")
    assert reason in line
    assert "3 rows: 2 taken, 1 not taken" in told
    assert WorkRow.objects.count() == 2


def test_a_key_used_twice_is_taken_once(tmp_path: Path) -> None:
    told = import_work(write(tmp_path / "requests.csv", [row(7), row(8), row(7, Descriptor="Another")]))
    assert "Line 4: Its key was used before: 7 is on line 2." in told
    assert WorkRow.objects.count() == 2


def test_lines_are_those_of_the_file_where_values_hold_line_breaks(tmp_path: Path) -> None:
    rows = [row(1, Descriptor="one\ntwo\nthree"), row(2, City=""), row(3, City="")]
    told = import_work(write(tmp_path / "requests.csv", rows))
    assert [line[:7] for line in told.splitlines() if line.startswith("Line")] == ["Line 5:", "Line 6:"]


def test_blank_lines_are_no_rows_but_count_as_lines(tmp_path: Path) -> None:
    path = write(tmp_path / "requests.csv", [row(1)])
    with path.open("a") as file:
        file.write("\n\n" + ",".join(["x"] * len(ROW)) + "\n")
    told = import_work(path)
    assert "Line 5: " in told
    assert "2 rows: 1 taken, 1 not taken" in told


@pytest.mark.parametrize("ragged", ["2,too,few", ",".join(["2"] * 13)])
def test_a_ragged_row_is_reported(tmp_path: Path, ragged: str) -> None:
    path = write(tmp_path / "requests.csv", [row(1)])
    with path.open("a") as file:
        file.write(ragged + "\n")
    told = import_work(path)
    count = ragged.count(",") + 1
    assert f"Line 3: It has the wrong number of values: {count} where the header has 12." in told
    assert WorkRow.objects.count() == 1


def test_a_missing_quotation_mark_is_suspected_where_a_row_runs_on(tmp_path: Path) -> None:
    path = write(tmp_path / "requests.csv", [row(1)])
    with path.open("a") as file:
        file.write('2,"03/01/2011,and\nso,on\n')
    assert "it runs on to line 4, so a quotation mark may be missing" in import_work(path)


def test_a_value_too_long_for_csv_is_reported(tmp_path: Path) -> None:
    told = import_work(write(tmp_path / "requests.csv", [row(1, Descriptor="x" * 200_000), row(2)]))
    assert "Line 2: It cannot be read as CSV" in told
    assert WorkRow.objects.count() == 1


def test_what_a_rule_refuses_is_reported_in_the_rule_s_own_words(tmp_path: Path) -> None:
    import_work(write(tmp_path / "first.csv", [open_row(1)]))
    relinquish("12 ELM STREET", "BROOKLYN", "11201")
    rows = [open_row(2), open_row(3, Incident_Address="14 ELM STREET")]
    told = import_work(write(tmp_path / "second.csv", rows))
    assert "Line 2: 12 ELM STREET, BROOKLYN has been relinquished; no new work can be raised there." in told
    assert WorkRow.objects.count() == 2


def relinquish(address_line_1: str, town: str, post_code: str) -> None:
    command = RelinquishSite(site_id=site_id(address_line_1, town, post_code), open_jobs=0)
    dispatch(command, to=SITE, by="user-0")


def test_a_refused_row_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Here the site and the work were stored before the refusal, and are rolled back."""

    def refuse(self: object, *_: object) -> None:
        raise Refused("No more today")

    monkeypatch.setattr(intake.Intake, "_complete", refuse)
    told = import_work(
        write(tmp_path / "requests.csv", [row(1), open_row(2, Incident_Address="14 ELM STREET")])
    )
    assert "Line 2: No more today." in told
    assert WorkRow.objects.count() == 1


def test_reasons_are_counted(tmp_path: Path) -> None:
    rows = [row(1, City=""), row(2, City=""), row(3, Incident_Zip="")]
    told = import_work(write(tmp_path / "requests.csv", rows)).splitlines()
    assert told[4:6] == ["       2 There is no town (City)", "       1 There is no post code (Incident Zip)"]


def test_the_rows_not_taken_can_be_written_to_a_file(tmp_path: Path) -> None:
    report = tmp_path / "report.txt"
    told = import_work(write(tmp_path / "requests.csv", [row(1, City="")]), "--report", str(report))
    assert report.read_text() == "Line 2: There is no town (City).\n"
    assert "Line 2" not in told
