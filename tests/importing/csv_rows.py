"""Small files of service requests, in the columns of the ready-made mapping."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from django.core.management import call_command

ROW = {
    "Unique Key": "1001",
    "Created Date": "03/01/2011 09:00:00 AM",
    "Closed Date": "03/02/2011 04:30:00 PM",
    "Agency Name": "Department of Lamps",
    "Complaint Type": "Street Light",
    "Descriptor": "Lamp flickers",
    "Location Type": "Street",
    "Incident Address": "12 ELM STREET",
    "City": "BROOKLYN",
    "Incident Zip": "11201",
    "Status": "Closed",
    "Resolution Description": "A new lamp was put in.",
}
OPEN = {"Status": "Open", "Closed Date": "", "Resolution Description": ""}


def row(key: int, **changes: str) -> dict[str, str]:
    """A valid, closed row with this key; `changes` are columns, written with _ for spaces."""
    return ROW | {"Unique Key": str(key)} | {name.replace("_", " "): text for name, text in changes.items()}


def open_row(key: int, **changes: str) -> dict[str, str]:
    """A valid row that nobody has dealt with."""
    return row(key, **changes) | OPEN


def write(path: Path, rows: Sequence[dict[str, str]], *, without: str = "", delimiter: str = ",") -> Path:
    """A CSV file of these rows, perhaps without one of the columns."""
    names = [name for name in ROW if name != without]
    names += sorted({name for each in rows for name in each} - set(ROW))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names, extrasaction="ignore", restval="", delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
    return path


def import_work(path: Path, *options: str) -> str:
    """What `manage.py import_work` prints."""
    out = io.StringIO()
    call_command("import_work", str(path), *options, stdout=out)
    return out.getvalue()
