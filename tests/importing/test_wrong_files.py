"""A file or a mapping that cannot be used at all stops the import before anything is stored."""

from pathlib import Path

import pytest
from django.core.management.base import CommandError

from eventstore.models import StoredEvent
from intake.importing.column_mapping import READY_MADE
from tests.importing.csv_rows import import_work, row, write

pytestmark = pytest.mark.django_db


def refusal(path: Path, *options: str) -> str:
    with pytest.raises(CommandError) as refused:
        import_work(path, *options)
    assert not StoredEvent.objects.exists()
    return str(refused.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.csv") == f"There is no file {tmp_path / 'none.csv'}."


def test_a_directory(tmp_path: Path) -> None:
    assert "is a directory, not a CSV file" in refusal(tmp_path)


def test_an_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "empty.csv"
    path.touch()
    assert refusal(path).endswith("empty.csv is empty.")


def test_another_encoding(tmp_path: Path) -> None:
    path = tmp_path / "latin.csv"
    path.write_bytes("Unique Key,Café\n".encode("latin-1"))
    assert "is not utf-8 text: byte 15 is 0xe9. Save it as UTF-8" in refusal(path)


def test_something_that_is_no_csv(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear all,\nplease find attached.\n")
    assert "lacks columns that the mapping names: Agency Name, City, " in refusal(path)


def test_a_file_that_lacks_a_column(tmp_path: Path) -> None:
    path = write(tmp_path / "requests.csv", [row(1)], without="City")
    assert refusal(path).endswith("requests.csv lacks columns that the mapping names: City.")


def test_a_column_that_is_there_twice(tmp_path: Path) -> None:
    path = tmp_path / "twice.csv"
    path.write_text("City,City\n")
    assert refusal(path).endswith("twice.csv has two columns named City.")


def test_a_report_that_cannot_be_written(tmp_path: Path) -> None:
    path = write(tmp_path / "requests.csv", [row(1)])
    assert "cannot be written" in refusal(path, "--report", str(tmp_path / "none" / "report.txt"))


def test_a_report_over_the_file_itself(tmp_path: Path) -> None:
    path = write(tmp_path / "requests.csv", [row(1)])
    before = path.read_bytes()
    assert refusal(path, "--report", str(path)) == "The report would overwrite the file to import."
    assert path.read_bytes() == before


def test_a_mapping_that_is_not_there(tmp_path: Path) -> None:
    path = write(tmp_path / "requests.csv", [row(1)])
    said = refusal(path, "--mapping", "paris")
    assert said == "There is no mapping paris. Ready-made: nyc311; or give a .toml file."


@pytest.mark.parametrize(
    ("was", "becomes", "complaint"),
    [
        ('source = "nyc311"', "source = ", "Invalid value"),
        ('source = "nyc311"', "source = 3", "Expected `str`, got `int` - at `$.source`"),
        ("key = {", "clef = {", "unknown field `clef`"),
        ('key = { column = "Unique Key" }', "", "missing required field `key`"),
        ("America/New_York", "America/Gotham", "names a time zone that does not exist"),
    ],
)
def test_a_mapping_that_makes_no_sense(tmp_path: Path, was: str, becomes: str, complaint: str) -> None:
    text = (READY_MADE / "nyc311.toml").read_text()
    assert was in text
    mapping = tmp_path / "mine.toml"
    mapping.write_text(text.replace(was, becomes))
    said = refusal(write(tmp_path / "requests.csv", [row(1)]), "--mapping", str(mapping))
    assert complaint in said
