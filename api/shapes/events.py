"""Events, as the API tells them one after the other."""

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, Field, WithJsonSchema

from api.reads import FARTHEST
from api.shapes import no_nul, when
from api.shapes.ids import OPERATIVE, WORK, CommandId, CorrelationId, EventId
from eventstore.events import all_types

MOST = 1000
"""Events in a page at most."""
LONGEST_WAIT = 30.0
"""Seconds for which a page may wait for an event."""

Written = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]
"""A moment, as RFC 3339 writes it."""


def wanted_in(types: str) -> set[str]:
    """The names between the commas."""
    return {each.strip() for each in types.split(",")} - {""}


def all_known(types: str) -> str:
    """A name that no event has would be waited for in vain."""
    if unknown := wanted_in(types) - {each.name for each in all_types()}:
        raise ValueError(f"No event is called {', '.join(sorted(unknown))}")
    return types


class EventsWanted(BaseModel):
    """Which events, and how long to wait for the first."""

    after: int = Field(
        default=0,
        ge=0,
        le=FARTHEST,
        description="The `position` of the page before; 0 for the first event there has ever been. One that"
        " the store has not come to is refused.",
        examples=[1042],
    )
    types: Annotated[str, AfterValidator(no_nul), AfterValidator(all_known)] = Field(
        default="",
        max_length=2000,
        description="Only events of these types, with commas between them. All unless given.",
        examples=["WorkRaised,WorkCompleted"],
    )
    limit: int = Field(default=100, ge=1, le=MOST, description="Events on the page, at most.")
    wait: float = Field(
        default=0,
        ge=0,
        le=LONGEST_WAIT,
        description="Where there is nothing yet: how many seconds to wait for something.",
        examples=[20],
    )


# A plain class, which pydantic describes and msgspec writes as fast as a structure of its own.
@dataclass(slots=True, kw_only=True)
class Event:
    """Something that has happened."""

    id: EventId
    stream: Annotated[
        str, Field(description="To what it happened: a category and an id.", examples=[f"work-{WORK}"])
    ]
    version: Annotated[int, Field(description="Its place in the stream, from 0.", examples=[3])]
    position: Annotated[
        int, Field(description="Its place in the whole history. There may be holes.", examples=[1042])
    ]
    type: Annotated[str, Field(description="What happened.", examples=["WorkAssigned"])]
    schema_version: Annotated[
        int, Field(description="The version of the type that `data` is written in.", examples=[1])
    ]
    data: Annotated[
        Any,
        Field(
            description="What the event says, as it is stored.",
            examples=[{"work_id": str(WORK), "operative_id": str(OPERATIVE)}],
        ),
    ]
    actor: Annotated[str, Field(description="Who did or reported it.", examples=["user-7"])]
    correlation_id: CorrelationId
    causation_id: CommandId
    occurred_at: Annotated[Written, when("When it happened.", "2026-03-31T10:15:00+00:00")]
    recorded_at: Annotated[Written, when("When it was stored.", "2026-03-31T10:15:00.128000+00:00")]


class EventPage(BaseModel):
    """Events, oldest first, and where to go on."""

    items: list[Event] = Field(description="The events of this page.")
    position: int = Field(
        description="Ask again `after` this. It may lie beyond the last event, over others that were left"
        " out.",
        examples=[1042],
    )
    more: bool = Field(description="Whether there is more to read at once, or it has to be waited for.")
    next: str = Field(
        description="The address to go on from, always: nothing is skipped, and nothing told twice.",
        examples=["/api/events?after=1042&types=WorkRaised&wait=20"],
    )
