"""A service request: what a row of the file says, once it is found to be usable."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from intake.importing.column_mapping import ColumnMapping, Field, readings
from intake.importing.local_time import BadTime, moment


class NotTaken(Exception):
    """A row cannot be taken. `reason` is the same for all rows of its kind; `detail` is this row's."""

    def __init__(self, reason: str, detail: str = "") -> None:
        self.reason = reason.rstrip(".")
        super().__init__(f"{self.reason}: {detail}." if detail else f"{self.reason}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where it is, and how to call there."""

    address_line_1: str
    town: str
    post_code: str
    telephone_number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """Who dealt with it, when, and with what outcome."""

    forename: str
    surname: str
    closed: datetime
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRequest:
    """A usable row; `closing` is None while the request is open."""

    line: int
    key: str
    created: datetime
    title: str
    description: str
    place: Place
    closing: Closing | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RowReader:
    """One row under a mapping; every method raises NotTaken with the first fault that it finds."""

    row: Mapping[str, str]
    mapping: ColumnMapping
    now: datetime

    def request(self, line: int) -> ServiceRequest:
        """What the row says."""
        fields = self.mapping.fields
        key, created = self.text(fields.key, "key"), self.time(fields.created, "created date")
        return ServiceRequest(
            line=line,
            key=key,
            created=created,
            title=self.line(fields.title, "title"),
            description=self.text(fields.description, "description"),
            place=Place(
                address_line_1=self.line(fields.address_line_1, "address"),
                town=self.line(fields.town, "town"),
                post_code=self.text(fields.post_code, "post code"),
                telephone_number=self.text(fields.telephone_number, "telephone number"),
            ),
            closing=self.closing(created) if self.is_closed() else None,
        )

    def is_closed(self) -> bool:
        """Whether somebody has dealt with the request."""
        fields = self.mapping.fields
        if fields.status:
            return self.mapping.text(fields.status, self.row) in self.mapping.closed_statuses
        return bool(self.mapping.text(fields.closed, self.row))

    def closing(self, created: datetime) -> Closing:
        """How the request ended."""
        fields = self.mapping.fields
        closed = self.time(fields.closed, "closed date", after=created)
        if closed < created:
            raise NotTaken("It was closed before it was created", self.text(fields.closed, "closed date"))
        return Closing(
            forename=self.line(fields.forename, "forename"),
            surname=self.line(fields.surname, "surname"),
            closed=closed,
            outcome=self.mapping.text(fields.outcome, self.row),
        )

    def text(self, field: Field, name: str) -> str:
        """The text of a field that must have some."""
        text = self.mapping.text(field, self.row)
        if not text:
            columns = ", ".join(column for reading in readings(field) for column in reading.named)
            raise NotTaken(f"There is no {name} ({columns})" if columns else f"There is no {name}")
        return text

    def line(self, field: Field, name: str) -> str:
        """The same on one line: titles, names and addresses have no paragraphs."""
        return " ".join(self.text(field, name).split())

    def time(self, field: Field, name: str, after: datetime | None = None) -> datetime:
        """A moment in the past."""
        text = self.text(field, name)
        try:
            read = moment(text, self.mapping.time_formats, self.mapping.zone, after=after)
        except BadTime as error:
            raise NotTaken(f"The {name} cannot be read", str(error)) from None
        if read > self.now:
            raise NotTaken(f"The {name} is in the future", text)
        return read
