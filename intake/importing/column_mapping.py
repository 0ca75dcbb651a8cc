"""Column mappings: which columns, or constants, of a CSV file become which field of a service request."""

import tomllib
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

READY_MADE = Path(__file__).parent / "mappings"


class BadMapping(Exception):
    """The mapping cannot be used; the text says why, in a sentence."""


class Reading(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One way to get a field's text: a constant, or the columns that are not blank, joined.

    If it is `optional`, a column that the file does not have counts as blank.
    """

    constant: str = ""
    column: str = ""
    columns: tuple[str, ...] = ()
    join: str = " "
    optional: bool = False

    @property
    def named(self) -> tuple[str, ...]:
        """The columns it reads."""
        return (self.column, *self.columns) if self.column else self.columns


Field = Reading | tuple[Reading, ...]


class Fields(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is read from each row. Those with a default may be left out of a mapping."""

    key: Field
    created: Field
    title: Field
    description: Field
    address_line_1: Field
    town: Field
    post_code: Field
    telephone_number: Field
    forename: Field
    surname: Field
    closed: Field = ()
    status: Field = ()
    outcome: Field = ()


class ColumnMapping(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A mapping file. `source` names where the rows come from: keys are unique within it.

    Without a `status` field, a row is closed when it has a closed date. `renamed` maps the column names of
    other versions of the file to the names in the mapping; times may be written in several ways.
    """

    source: str
    time_zone: str
    time_format: str | tuple[str, ...]
    fields: Fields
    blank: frozenset[str] = frozenset()
    closed_statuses: frozenset[str] = frozenset()
    encoding: str = "utf-8-sig"
    delimiter: str = ","
    renamed: dict[str, str] = {}

    def __post_init__(self) -> None:
        if len(self.delimiter) != 1 or self.delimiter in '"\r\n\0':
            raise ValueError(
                "the delimiter must be one character, and neither a quotation mark nor a line break"
            )

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of the file's clock."""
        return ZoneInfo(self.time_zone)

    @property
    def time_formats(self) -> tuple[str, ...]:
        """The ways in which times are written, in the order in which they are tried."""
        return (self.time_format,) if isinstance(self.time_format, str) else self.time_format

    def text(self, field: Field, row: Mapping[str, str]) -> str:
        """The field's text in this row, without blanks around it; empty when no reading gives any."""
        for reading in readings(field):
            values = (row.get(column, "").strip() for column in reading.named)
            told = reading.constant or reading.join.join(v for v in values if v and v not in self.blank)
            if told:
                return told
        return ""

    def lacking(self, header: Collection[str]) -> list[str]:
        """The columns that must be in the file and are not in its header."""
        every = (getattr(self.fields, name) for name in Fields.__struct_fields__)
        wanted = (reading for field in every for reading in readings(field) if not reading.optional)
        return sorted({column for reading in wanted for column in reading.named} - set(header))


def readings(field: Field) -> Iterator[Reading]:
    """The field's readings in the order in which they are tried."""
    yield from (field,) if isinstance(field, Reading) else field


def load_mapping(name: str) -> ColumnMapping:
    """A ready-made mapping by name, or one of your own by the path of its TOML file; raises BadMapping."""
    path = Path(name) if name.endswith(".toml") else READY_MADE / f"{name}.toml"
    try:
        mapping = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), ColumnMapping)
        mapping.zone  # noqa: B018  raises when there is no such time zone
    except FileNotFoundError:
        known = ", ".join(sorted(each.stem for each in READY_MADE.glob("*.toml")))
        raise BadMapping(f"There is no mapping {name}. Ready-made: {known}; or give a .toml file.") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise BadMapping(f"The mapping {name} cannot be used: {error}.") from error
    except (KeyError, ValueError) as error:  # ZoneInfo: unknown, or not a name at all
        raise BadMapping(f"The mapping {name} names a time zone that does not exist: {error}.") from error
    return mapping
