"""A CSV file as numbered records."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


class WrongFile(Exception):
    """The file as a whole cannot be imported; the text says why, in a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record, and the lines of the file that it spans: a quoted value may contain line breaks.

    `problem` says why its values could not be separated, if they could not.
    """

    line: int
    last_line: int
    values: list[str]
    problem: str = ""


def read_csv(path: Path, encoding: str, delimiter: str) -> tuple[list[str], list[Record]]:
    """The header and the records of a CSV file. Raises WrongFile. Blank lines are not records."""
    records = _records(_text(path, encoding), delimiter)
    header = next(records, None)
    if header is None:
        raise WrongFile(f"{path} is empty.")
    return [name.strip() for name in header.values], list(records)


def _text(path: Path, encoding: str) -> str:
    try:
        # Line breaks are kept as they are: the csv module distinguishes those within quotes from those
        # between records.
        return path.read_bytes().decode(encoding)
    except FileNotFoundError:
        raise WrongFile(f"There is no file {path}.") from None
    except IsADirectoryError:
        raise WrongFile(f"{path} is a directory, not a CSV file.") from None
    except OSError as error:
        raise WrongFile(f"{path} cannot be read: {error.strerror}.") from error
    except LookupError:
        raise WrongFile(f"There is no text encoding {encoding}.") from None
    except UnicodeDecodeError as error:
        odd = f"byte {error.start + 1} is {error.object[error.start]:#04x}"
        remedy = "Save it as UTF-8, or name its encoding in the mapping"
        raise WrongFile(f"{path} is not {error.encoding} text: {odd}. {remedy}.") from error


def _records(text: str, delimiter: str) -> Iterator[Record]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    while True:
        line = reader.line_num + 1
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error as error:  # the reader goes on with the next line
            yield Record(line=line, last_line=reader.line_num, values=[], problem=str(error))
            continue
        if values:
            yield Record(line=line, last_line=reader.line_num, values=values)
