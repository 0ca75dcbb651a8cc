"""Files of other years and other makers: renamed columns, times in another form, other delimiters."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.management.base import CommandError

from eventstore.models import StoredEvent
from intake.importing.column_mapping import READY_MADE
from readmodels.models import WorkRow
from tests.importing.csv_rows import import_work, open_row, row, write

pytestmark = pytest.mark.django_db

TODAY = {
    "Complaint Type": "Problem (formerly Complaint Type)",
    "Descriptor": "Problem Detail (formerly Descriptor)",
}


def of_today(old: dict[str, str]) -> dict[str, str]:
    """The row under the names that the exports of today give its columns."""
    return {TODAY.get(name, name): text for name, text in old.items()} | {"Additional Details": ""}


def write_today(path: Path, rows: list[dict[str, str]]) -> Path:
    """A file in which the former names do not occur."""
    names = list(of_today(rows[0]))
    lines = [names, *([each[name] for name in names] for each in map(of_today, rows))]
    path.write_text("".join(",".join(f'"{text}"' for text in line) + "\n" for line in lines))
    return path


def test_the_columns_of_today_are_taken_as_those_of_before(tmp_path: Path) -> None:
    told = import_work(write_today(tmp_path / "today.csv", [row(1), open_row(2)]))
    assert "2 rows: 2 taken, 0 not taken" in told
    assert set(WorkRow.objects.values_list("title", "description")) == {
        ("Street Light", "Lamp flickers, Street")
    }


def test_a_request_that_came_in_an_older_file_is_the_same_in_one_of_today(tmp_path: Path) -> None:
    import_work(write(tmp_path / "older.csv", [row(1)]))
    told = import_work(write_today(tmp_path / "today.csv", [row(1)]))
    assert "1 rows: 0 taken, 1 there already, 0 not taken" in told
    assert "Newly stored: nothing" in told


@pytest.mark.parametrize("created", ["2011 Mar 01 09:00:00 AM", "2011-03-01T09:00:00.000"])
def test_times_as_the_exports_of_today_write_them(tmp_path: Path, created: str) -> None:
    import_work(write_today(tmp_path / "today.csv", [open_row(1, Created_Date=created)]))
    assert WorkRow.objects.get().raised_at == datetime(2011, 3, 1, 14, 0, tzinfo=UTC)


def test_a_column_that_is_there_under_both_names_is_there_twice(tmp_path: Path) -> None:
    path = write(tmp_path / "both.csv", [row(1) | of_today(row(1))])
    with pytest.raises(CommandError, match=r"has two columns named Complaint Type\.$"):
        import_work(path)


@pytest.mark.parametrize(
    ("delimiter", "name", "written"),
    [(";", "semicolons", '";"'), ("\t", "tabs", r'"\t"'), ("|", "bars", '"|"')],
)
def test_a_file_with_another_delimiter_says_so(
    tmp_path: Path, delimiter: str, name: str, written: str
) -> None:
    path = write(tmp_path / "requests.csv", [row(1)], delimiter=delimiter)
    with pytest.raises(CommandError) as refused:
        import_work(path)
    assert str(refused.value) == (
        f"{path} has {name} between its values, where the mapping says commas. "
        f"A mapping of your own can name them: delimiter = {written}."
    )
    assert not StoredEvent.objects.exists()


def own_mapping(folder: Path, delimiter: str) -> Path:
    mapping = folder / "mine.toml"
    mapping.write_text(f"delimiter = {delimiter}\n" + (READY_MADE / "nyc311.toml").read_text())
    return mapping


@pytest.mark.parametrize(("delimiter", "written"), [(";", '";"'), ("\t", r'"\t"')])
def test_a_mapping_can_name_its_delimiter(tmp_path: Path, delimiter: str, written: str) -> None:
    rows = [row(1, Descriptor='Lamp; "flickers", at night'), open_row(2)]
    path = write(tmp_path / "requests.csv", rows, delimiter=delimiter)
    assert "2 rows: 2 taken" in import_work(path, "--mapping", str(own_mapping(tmp_path, written)))
    assert WorkRow.objects.filter(description='Lamp; "flickers", at night, Street').count() == 1


def test_a_file_with_commas_under_a_mapping_that_says_semicolons_says_so(tmp_path: Path) -> None:
    path = write(tmp_path / "requests.csv", [row(1)])
    with pytest.raises(
        CommandError, match="has commas between its values, where the mapping says semicolons"
    ):
        import_work(path, "--mapping", str(own_mapping(tmp_path, '";"')))


@pytest.mark.parametrize("delimiter", ['""', '";;"', r'"\""', r'"\n"'])
def test_what_can_be_no_delimiter(tmp_path: Path, delimiter: str) -> None:
    path = write(tmp_path / "requests.csv", [row(1)])
    with pytest.raises(
        CommandError, match="the delimiter must be one character, and neither a quotation mark"
    ):
        import_work(path, "--mapping", str(own_mapping(tmp_path, delimiter)))
