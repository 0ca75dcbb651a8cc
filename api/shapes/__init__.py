"""What fields of many shapes share."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from django.forms import CharField, Form
from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.config import JsonDict

from api.shapes.ids import SITE
from readmodels.cursor import LONGEST

RFC_3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 12, 31, tzinfo=UTC)


def written_out(value: Any) -> Any:
    """Refuses a number of seconds since some epoch, which could also be milliseconds."""
    if isinstance(value, str) and not RFC_3339.fullmatch(value):
        raise ValueError("Write the moment as 2026-03-31T14:30:00+01:00")
    if not isinstance(value, str | datetime):
        raise ValueError("Write the moment as text, such as 2026-03-31T14:30:00+01:00")
    return value


def within_calendar(value: datetime) -> datetime:
    """Refuses moments near the ends of the calendar, which cannot be calculated with. Checked in UTC,
    because PostgreSQL refuses a moment that is written 16 hours or more ahead of it."""
    if not EARLIEST <= value <= LATEST:
        raise ValueError(f"Choose a moment between {EARLIEST.year} and {LATEST.year}")
    return value.astimezone(UTC)


def no_nul(value: str) -> str:
    """Refuses NUL: PostgreSQL cannot look for it."""
    if "\0" in value:
        raise ValueError("Text must not contain NUL characters")
    return value


Moment = Annotated[AwareDatetime, BeforeValidator(written_out), AfterValidator(within_calendar)]
"""A moment with its zone, as RFC 3339 writes it."""

Text = Annotated[str, Field(max_length=100), AfterValidator(no_nul)]
"""Text to look for."""

Key = Annotated[str, Field(max_length=LONGEST), AfterValidator(no_nul)]
"""The place after which a page of a list begins."""


NOT_BLANK: JsonDict = {"minLength": 1}
"""Stated in the schema, but checked by the forms, in words that people know."""


def longest(form: type[Form], field: str) -> int:
    """The most characters that the form takes in this field."""
    found = form.base_fields[field]
    assert isinstance(found, CharField)
    assert found.max_length is not None
    return found.max_length


def entered(form: type[Form], field: str, what: str, example: str, *, said: JsonDict = NOT_BLANK) -> Any:
    """Text that a field of the pages' form checks. `said` is what the schema states of its rules."""
    return Field(
        max_length=longest(form, field), json_schema_extra=said, description=what, examples=[example]
    )


def when(what: str, *examples: str | None) -> Any:
    """A moment, as it is shown."""
    return Field(description=f"{what} In UTC (RFC 3339).", examples=list(examples))


CURSOR = "osvO0NtP7gYpy8TEXa66K55giqkw9_CovDk5ZTPMQ5-0gw2RZQyPyJwtUTz4-1RH"
"""What a place in a list looks like (readmodels/cursor.py)."""


def such_as(**examples: Any) -> ConfigDict:
    """Examples for a shape that inherits these fields from another."""

    def show(schema: JsonDict) -> None:
        fields: Any = schema["properties"]
        for name, example in examples.items():
            fields[name]["examples"] = [example]

    return ConfigDict(json_schema_extra=show)


class Sent(BaseModel):
    """A body. A field that it does not know is a mistake, not an ornament."""

    model_config = ConfigDict(extra="forbid")


class Reference(BaseModel):
    """Something else, and what it is called."""

    id: UUID = Field(description="Its id.", examples=[str(SITE)])
    name: str = Field(description="What people call it.", examples=["1 Harbour Street, Whitby"])
