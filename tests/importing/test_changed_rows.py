"""A row that differs from what was imported is reported as not taken; only what was stored is counted."""

from pathlib import Path

import pytest

from eventstore.decider import Refused
from eventstore.models import StoredEvent
from eventstore.store import EventStore
from intake.importing import intake
from intake.importing.column_mapping import READY_MADE
from readmodels.models import WorkRow
from tests.importing.csv_rows import OPEN, import_work, open_row, row, write

pytestmark = pytest.mark.django_db


def again(tmp_path: Path, first: dict[str, str], second: dict[str, str]) -> list[str]:
    """What the second import says of the same request; it must store nothing."""
    import_work(write(tmp_path / "first.csv", [first]))
    before = StoredEvent.objects.count()
    told = import_work(write(tmp_path / "second.csv", [second])).splitlines()
    assert StoredEvent.objects.count() == before
    assert told[-1] == "Newly stored: nothing, all of it is there already"
    return told


def test_a_request_that_the_source_has_reopened_is_not_taken(tmp_path: Path) -> None:
    told = again(tmp_path, row(1), row(1) | OPEN)
    assert told[:2] == [
        "Line 2: The source has reopened it since it was imported; what is there stays.",
        "1 rows: 0 taken, 1 not taken",
    ]
    assert WorkRow.objects.get().stage == WorkRow.Stage.COMPLETED


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"Created Date": "03/01/2011 08:00:00 AM"}, "created date"),
        ({"Complaint Type": "Street Lamp"}, "title"),
        ({"Descriptor": "Lamp is out"}, "description"),
        ({"Incident Address": "13 ELM STREET"}, "address"),
        ({"City": "QUEENS"}, "address"),
        ({"Incident Zip": "11202"}, "address"),
        ({"Closed Date": "03/03/2011 04:30:00 PM"}, "closed date"),
        ({"Resolution Description": "Nothing was found."}, "outcome"),
        ({"Agency Name": "Department of Poles"}, "who dealt with it"),
        ({"Complaint Type": "Lamp", "Resolution Description": ""}, "title, outcome"),
    ],
)
def test_whatever_differs_is_named(tmp_path: Path, change: dict[str, str], named: str) -> None:
    told = again(tmp_path, row(1), row(1) | change)
    assert told[:2] == [
        f"Line 2: It was imported before with other contents; what is there stays: {named}.",
        "1 rows: 0 taken, 1 not taken",
    ]


def test_what_differs_in_an_open_request_keeps_its_closing_out_too(tmp_path: Path) -> None:
    told = again(tmp_path, open_row(1), row(1, Descriptor="Lamp is out"))
    assert told[0].endswith("what is there stays: description.")


def test_another_spelling_of_its_address_is_no_difference(tmp_path: Path) -> None:
    told = again(tmp_path, row(1), row(1, Incident_Address="12  Elm Street", City="Brooklyn"))
    assert told[0] == "1 rows: 0 taken, 1 there already, 0 not taken"


def test_the_telephone_number_of_a_site_is_named_where_the_row_brought_it(tmp_path: Path) -> None:
    mapping = tmp_path / "mine.toml"
    text = (READY_MADE / "nyc311.toml").read_text()
    mapping.write_text(text.replace('{ constant = "311" }', '{ column = "Telephone" }'))
    for number, told in (("718 555 0101", "1 taken"), ("718 555 0102", "stays: telephone number.")):
        path = write(tmp_path / "requests.csv", [row(1) | {"Telephone": number}])
        assert told in import_work(path, "--mapping", str(mapping))


def test_what_a_refusal_takes_back_is_not_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: object, *_: object) -> None:
        raise Refused("No more today")

    monkeypatch.setattr(intake.Intake, "_complete", refuse)
    rows = [row(1), open_row(2, Incident_Address="14 ELM STREET")]
    told = import_work(write(tmp_path / "requests.csv", rows))
    assert "2 rows: 1 taken, 1 not taken" in told
    assert "Newly stored: sites 1, jobs raised 1" in told
    assert StoredEvent.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_what_kurrentdb_keeps_of_a_refused_row_is_counted(
    kurrent: EventStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: object, *_: object) -> None:
        raise Refused("No more today")

    monkeypatch.setattr(intake.Intake, "_complete", refuse)
    told = import_work(write(tmp_path / "requests.csv", [row(1)]))
    assert "1 rows: 0 taken, 1 not taken" in told
    assert "Newly stored: sites 1, jobs raised 1" in told
    assert len(kurrent.read_all(0, 10)) == 2


def test_only_rows_that_brought_something_are_taken(tmp_path: Path) -> None:
    import_work(write(tmp_path / "march.csv", [row(1), open_row(2)]))
    told = import_work(write(tmp_path / "april.csv", [row(1), row(2), open_row(3)]))
    assert "3 rows: 2 taken, 1 there already, 0 not taken" in told
    assert "Newly stored: jobs raised 1, jobs completed 1" in told


def test_controls_of_direction_are_no_change(tmp_path: Path) -> None:
    turned = row(1) | {
        "Descriptor": "Lamp \u202eout",
        "Complaint Type": "Street\u2066 Lamp",
        "Resolution Description": "\u202aMended",
    }
    told = again(tmp_path, turned, turned)
    assert told[0] == "1 rows: 0 taken, 1 there already, 0 not taken"
