"""One address in several spellings is one site; ids that were given stay, and duplicates stay too."""

import unicodedata
from pathlib import Path
from typing import Literal, get_args
from uuid import UUID

import pytest

from eventstore.models import StoredEvent
from intake.importing import identity
from readmodels.models import OperativeRow, SiteRow, WorkSiteRow
from tests.importing.csv_rows import import_work, open_row, row, write

pytestmark = pytest.mark.django_db

Form = Literal["NFC", "NFD"]
STREET = "12 RUE DE L'ÉGLISE"
BUREAU = "Bureau de l\u2019Éclairage"
SPELLINGS = [
    unicodedata.normalize(form, street)
    for form in get_args(Form)
    for street in (STREET, STREET.replace("'", "\u2019"))
]


def rows_of(spellings: list[str], first_key: int = 1) -> list[dict[str, str]]:
    return [open_row(key, Incident_Address=each) for key, each in enumerate(spellings, first_key)]


@pytest.fixture
def formerly(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Spellings are distinguished as they once were; `undo` returns to today's way."""

    def place_key(*text: str) -> str:
        return str(identity.former_site_id(*text))

    def crew_key(*text: str) -> str:
        return str(identity.former_operative_id("", *text))

    monkeypatch.setattr(identity, "site_id", identity.former_site_id)
    monkeypatch.setattr(identity, "place_key", place_key)
    monkeypatch.setattr(identity, "operative_id", identity.former_operative_id)
    monkeypatch.setattr(identity, "crew_key", crew_key)
    return monkeypatch


def test_four_spellings_of_one_address_are_one_site(tmp_path: Path) -> None:
    assert len(set(SPELLINGS)) == 4
    told = import_work(write(tmp_path / "requests.csv", rows_of(SPELLINGS)))
    assert "Newly stored: sites 1, jobs raised 4" in told
    assert SiteRow.objects.get().address_line_1 == SPELLINGS[0]


def test_an_old_file_stores_nothing_and_what_is_double_stays_two_and_is_named(
    tmp_path: Path, formerly: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "requests.csv", rows_of(SPELLINGS[:2]))
    import_work(path)
    assert SiteRow.objects.count() == 2
    before = StoredEvent.objects.count()
    formerly.undo()
    told = import_work(path)
    assert StoredEvent.objects.count() == before
    assert "2 rows: 0 taken, 2 there already, 0 not taken" in told
    assert "Stored 2 times before, and left so: " in told
    more = import_work(write(tmp_path / "more.csv", rows_of(SPELLINGS[:2], first_key=3)))
    (named,) = [line for line in more.splitlines() if line.startswith("Stored 2 times before, and left so: ")]
    assert set(named.partition(": ")[2].split("; ")) == {f"{each}, BROOKLYN" for each in SPELLINGS[:2]}
    assert "Newly stored: jobs raised 2\n" in more
    jobs = [WorkSiteRow.objects.filter(site_id=each.site_id).count() for each in SiteRow.objects.all()]
    assert jobs == [2, 2]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_any_spelling_finds_the_site_under_its_former_id(
    tmp_path: Path, formerly: pytest.MonkeyPatch, spelling: str
) -> None:
    import_work(write(tmp_path / "old.csv", rows_of(SPELLINGS[3:])))
    formerly.undo()
    told = import_work(write(tmp_path / "new.csv", rows_of([spelling], first_key=2)))
    assert "Newly stored: jobs raised 1\n" in told
    assert SiteRow.objects.get().site_id == identity.former_site_id(SPELLINGS[3], "BROOKLYN", "11201")


def test_a_third_spelling_of_what_is_double_goes_to_the_older(
    tmp_path: Path, formerly: pytest.MonkeyPatch
) -> None:
    first, second = rows_of(SPELLINGS[:2])
    import_work(write(tmp_path / "old.csv", [first, second | {"Created Date": "02/01/2011 09:00:00 AM"}]))
    formerly.undo()
    import_work(write(tmp_path / "new.csv", rows_of(SPELLINGS[2:], first_key=3)))
    older = identity.former_site_id(SPELLINGS[1], "BROOKLYN", "11201")
    assert WorkSiteRow.objects.filter(site_id=older).count() == 3
    assert SiteRow.objects.count() == 2


def test_an_agency_in_several_spellings_is_one_operative(
    tmp_path: Path, formerly: pytest.MonkeyPatch
) -> None:
    import_work(write(tmp_path / "old.csv", [row(1, Agency_Name=BUREAU)]))
    formerly.undo()
    rows = [
        row(key, Agency_Name=unicodedata.normalize("NFD", BUREAU.replace("\u2019", "'"))) for key in (1, 2)
    ]
    told = import_work(write(tmp_path / "new.csv", rows))
    assert "2 rows: 1 taken, 1 there already, 0 not taken" in told
    assert OperativeRow.objects.count() == 1


@pytest.mark.parametrize(
    ("made", "was"),
    [
        (identity.former_site_id(STREET, "Brooklyn", "11201"), "ff8db4eb-eabb-58c1-b208-6b43ebbf9c8e"),
        (identity.site_id(STREET, "Brooklyn", "11201"), "a1fb9212-60ae-5e56-87c0-addda46793e6"),
        (identity.site_id("12 ELM STREET", "BROOKLYN", "11201"), "354a322e-a169-53cc-a6ec-c6e3515bb954"),
        (
            identity.former_site_id("12 ELM STREET", "BROOKLYN", "11201"),
            "354a322e-a169-53cc-a6ec-c6e3515bb954",
        ),
        (
            identity.former_operative_id("nyc311", BUREAU, "crew"),
            "74b01e36-1b0d-5fd3-b8b6-892d8bd3335a",
        ),
        (
            identity.operative_id("nyc311", BUREAU, "crew"),
            "b31e5e41-4ee8-5411-99f7-175a1ccb7cbb",
        ),
    ],
)
def test_ids_are_those_that_are_stored_somewhere(made: UUID, was: str) -> None:
    assert str(made) == was
