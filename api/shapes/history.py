"""Moments of the past, as the API takes them and shows them."""

import json
from datetime import datetime
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from api.shapes import Moment, such_as, when
from api.shapes.ids import CommandId, CorrelationId, EventId
from eventstore.codec import encode, registered

T = TypeVar("T", bound=BaseModel)

FARTHEST = 2**31 - 1
"""No stream has a version beyond it."""


class Then(BaseModel):
    """When somebody wants to know how a thing was; now, unless they say when."""

    at: Moment | None = Field(
        default=None,
        description="As it was at this moment, written with its zone (RFC 3339): after all that had"
        " happened by then. A moment to come is now.",
        examples=["2026-03-31T14:30:00+01:00"],
    )
    version: int | None = Field(
        default=None, ge=0, le=FARTHEST, description="As it was at this version.", examples=[3]
    )

    @property
    def is_now(self) -> bool:
        """Whether no moment is named."""
        return self.at is None and self.version is None


class HistoryWanted(BaseModel):
    """Which part of a history."""

    limit: int = Field(default=50, ge=1, le=200, description="Events on the page, at most.")
    after: int | None = Field(
        default=None,
        ge=0,
        le=FARTHEST,
        description="Where the page begins: with what came before this version. Take it from `next`.",
        examples=[8],
    )


class Happened(BaseModel, Generic[T]):
    """An event, and what it has come to."""

    id: EventId
    type: str = Field(description="What happened.")
    schema_version: int = Field(description="The version of the type that `data` is written in.")
    data: Any = Field(description="What the event says, as it is stored.")
    version: int = Field(description="The version of the thing after it: counts from 0.", examples=[8])
    position: int = Field(description="Its place in the whole history.", examples=[1057])
    occurred_at: datetime = when("When it happened.", "2026-03-31T11:30:00Z")
    recorded_at: datetime = when("When it was stored.", "2026-03-31T11:30:00.128000Z")
    actor: str = Field(description="Who did or reported it.", examples=["user-7"])
    actor_name: str = Field(
        description="What whoever did or reported it is called; the same as `actor` where nobody signs in as"
        " that.",
        examples=["Grace Hopper"],
    )
    correlation_id: CorrelationId
    causation_id: CommandId
    source: str = Field(
        description="By which door it came: `web` is a page, `api` a program, `reaction` another event.",
        examples=["api"],
    )
    state: T = Field(description="The thing as it was after this event.")


def happened_as(event: object) -> ConfigDict:
    """The configuration for what has happened to one kind of aggregate: this event is the example, as its
    stream holds it."""
    name, version = registered(event)
    return such_as(type=name, schema_version=version, data=json.loads(encode(event)))
