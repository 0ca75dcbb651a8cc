"""A file of service requests: its usable rows, and a report of the others."""

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from intake.importing.column_mapping import ColumnMapping
from intake.importing.csv_file import Record, WrongFile, read_csv
from intake.importing.report import Report
from intake.importing.service_request import NotTaken, RowReader, ServiceRequest

DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "bars", ",": "commas"}
"""What separates the values of a file, and its name."""


def read_requests(path: Path, mapping: ColumnMapping, now: datetime) -> tuple[list[ServiceRequest], Report]:
    """The usable rows, oldest first, and a report that already names the others. Raises WrongFile.

    They are sorted by creation, because numbers and places in queues follow the order of appending: the
    first caller gets the lowest number. The events of one row stay together, although its closing may be
    later than the next row's creation. So a row is taken whole or not at all, and an import that was
    stopped leaves no half request.
    """
    header, records = read_csv(path, mapping.encoding, mapping.delimiter)
    header = _names(path, header, mapping)
    report = Report(rows=len(records))
    requests: dict[str, ServiceRequest] = {}
    for record in records:
        try:
            request = RowReader(row=_row(record, header), mapping=mapping, now=now).request(record.line)
            if request.key in requests:
                first = requests[request.key].line
                raise NotTaken("Its key was used before", f"{request.key} is on line {first}")
            requests[request.key] = request
        except NotTaken as why:
            report.report(record.line, why)
    return sorted(requests.values(), key=lambda each: (each.created, each.line)), report


def _names(path: Path, header: Sequence[str], mapping: ColumnMapping) -> list[str]:
    """The mapping's names for the columns. Raises WrongFile if one that it needs is missing, or is there
    twice."""
    names = [mapping.renamed.get(name, name) for name in header]
    twice = next((name for name in names if name and names.count(name) > 1), None)
    if twice:
        raise WrongFile(f"{path} has two columns named {twice}.")
    lacking = mapping.lacking(names)
    if lacking and (other := _other_delimiter(header, mapping, len(lacking))):
        raise WrongFile(
            f"{path} has {DELIMITERS[other]} between its values, where the mapping says "
            f"{DELIMITERS.get(mapping.delimiter, mapping.delimiter)}. "
            f"A mapping of your own can name them: delimiter = {json.dumps(other)}."
        )
    if lacking:
        raise WrongFile(f"{path} lacks columns that the mapping names: {', '.join(lacking)}.")
    return names


def _other_delimiter(header: Sequence[str], mapping: ColumnMapping, lacking: int) -> str | None:
    """The delimiter with which the header would lack the fewest columns, if that is fewer than now."""
    line = mapping.delimiter.join(header)
    split = {each: [name.strip(' "') for name in line.split(each)] for each in DELIMITERS}
    found = {
        each: len(mapping.lacking([mapping.renamed.get(n, n) for n in names]))
        for each, names in split.items()
    }
    best = min(found, key=lambda each: found[each])
    return best if found[best] < lacking else None


def _row(record: Record, header: Sequence[str]) -> dict[str, str]:
    if record.problem:
        raise NotTaken("It cannot be read as CSV", record.problem)
    if len(record.values) != len(header):
        detail = f"{len(record.values)} where the header has {len(header)}"
        if record.last_line > record.line:
            detail += f"; it runs on to line {record.last_line}, so a quotation mark may be missing"
        raise NotTaken("It has the wrong number of values", detail)
    if any("\0" in value for value in record.values):
        raise NotTaken("It holds a NUL character")
    return dict(zip(header, record.values, strict=True))
