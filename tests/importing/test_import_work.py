"""Service requests become sites, operatives, work and completed work, at the times when it happened."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from eventstore.models import StoredEvent
from readmodels.models import OperativeRow, SiteRow, WorkRow, WorkSiteRow
from tests.importing.csv_rows import import_work, open_row, row, write

pytestmark = pytest.mark.django_db


def test_a_closed_request_is_work_that_its_agency_completed(tmp_path: Path) -> None:
    import_work(write(tmp_path / "requests.csv", [row(1)]))
    work, operative = WorkRow.objects.get(), OperativeRow.objects.get()
    assert (work.title, work.description) == ("Street Light", "Lamp flickers, Street")
    assert (work.stage, work.outcome) == (WorkRow.Stage.COMPLETED, "A new lamp was put in.")
    assert work.operative_id == operative.operative_id
    assert str(operative) == "Department of Lamps crew"


def test_times_are_those_of_the_file_in_its_own_time_zone(tmp_path: Path) -> None:
    import_work(write(tmp_path / "requests.csv", [row(1)]))
    work = WorkRow.objects.get()
    assert work.raised_at == datetime(2011, 3, 1, 14, 0, tzinfo=UTC)  # New York: five hours behind in winter
    assert work.assigned_at == work.raised_at
    assert work.completed_at == datetime(2011, 3, 2, 21, 30, tzinfo=UTC)


def test_an_open_request_waits_for_control(tmp_path: Path) -> None:
    import_work(write(tmp_path / "requests.csv", [open_row(1)]))
    assert WorkRow.objects.get().stage == WorkRow.Stage.RAISED
    assert not OperativeRow.objects.exists()


def test_a_pending_request_is_open_whatever_its_closed_date(tmp_path: Path) -> None:
    import_work(write(tmp_path / "requests.csv", [row(1, Status="Pending")]))
    assert WorkRow.objects.get().stage == WorkRow.Stage.RAISED


def test_a_site_is_acquired_once_however_its_address_is_spelt(tmp_path: Path) -> None:
    rows = [open_row(1), open_row(2, Incident_Address="12  Elm Street", City="Brooklyn ")]
    import_work(write(tmp_path / "requests.csv", rows))
    site = SiteRow.objects.get()
    assert (site.address_line_1, site.town, site.telephone_number) == ("12 ELM STREET", "BROOKLYN", "311")
    assert set(WorkSiteRow.objects.values_list("site_id", flat=True)) == {site.site_id}


def test_an_agency_is_hired_once(tmp_path: Path) -> None:
    rows = [row(1), row(2), row(3, Agency_Name="Parks")]
    import_work(write(tmp_path / "requests.csv", rows))
    assert {each.forename for each in OperativeRow.objects.all()} == {"Department of Lamps", "Parks"}


def test_post_codes_are_kept_as_published(tmp_path: Path) -> None:
    import_work(write(tmp_path / "requests.csv", [open_row(1, Incident_Zip=" 99432-01234 ")]))
    assert SiteRow.objects.get().post_code == "99432-01234"


def test_a_corner_of_two_streets_is_an_address(tmp_path: Path) -> None:
    corner = {"Intersection Street 1": "ELM STREET", "Intersection Street 2": "3 AVENUE"}
    import_work(write(tmp_path / "requests.csv", [open_row(1, Incident_Address="") | corner]))
    assert SiteRow.objects.get().address_line_1 == "ELM STREET and 3 AVENUE"


@pytest.mark.parametrize(
    ("descriptor", "place", "description"),
    [("Loud", "N/A", "Loud"), ("N/A", "Street", "Street"), ("N/A", "", "Street Light")],
)
def test_the_description_is_the_best_there_is(
    tmp_path: Path, descriptor: str, place: str, description: str
) -> None:
    rows = [open_row(1, Descriptor=descriptor, Location_Type=place)]
    import_work(write(tmp_path / "requests.csv", rows))
    assert WorkRow.objects.get().description == description


def test_a_file_of_a_year_without_resolutions_is_taken(tmp_path: Path) -> None:
    import_work(write(tmp_path / "requests.csv", [row(1)], without="Resolution Description"))
    assert WorkRow.objects.get().outcome == ""


def test_numbers_follow_the_order_of_the_calls_and_not_of_the_file(tmp_path: Path) -> None:
    rows = [
        open_row(1, Created_Date="03/03/2011 09:00:00 AM", Complaint_Type="later"),
        open_row(2, Created_Date="03/02/2011 11:00:00 PM", Complaint_Type="sooner"),
    ]
    import_work(write(tmp_path / "requests.csv", rows))
    assert list(WorkRow.objects.order_by("number").values_list("title", flat=True)) == ["sooner", "later"]


def test_every_event_says_that_it_was_imported(tmp_path: Path) -> None:
    import_work(write(tmp_path / "requests.csv", [row(1)]))
    assert set(StoredEvent.objects.values_list("actor", "source")) == {("import", "import")}


def test_the_counts_are_told(tmp_path: Path) -> None:
    told = import_work(write(tmp_path / "requests.csv", [row(1), row(2), open_row(3)]))
    assert "3 rows: 3 taken, 0 not taken" in told
    assert "Newly stored: sites 1, operatives 1, jobs raised 3, jobs completed 2" in told
