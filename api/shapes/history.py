"""Moments of the past, as the API takes them and shows them."""

from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel, Field

from api.shapes import Moment

T = TypeVar("T", bound=BaseModel)

FARTHEST = 2**31 - 1
"""No stream has a version beyond it."""


class Then(BaseModel):
    """When somebody wants to know how a thing was; now, unless they say when."""

    at: Moment | None = Field(
        default=None,
        description="As it was at this moment: after all that had happened by then. A moment to come is now.",
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
    )


class Happened(BaseModel, Generic[T]):
    """An event, and what it has come to. Moments are in UTC (RFC 3339)."""

    id: UUID = Field(description="The event's id.")
    type: str = Field(description="What happened.", examples=["WorkAssigned"])
    schema_version: int = Field(description="The version of the type that `data` is written in.")
    data: Any = Field(description="What the event says, as it is stored.")
    version: int = Field(description="The version of the thing after it.", examples=[1])
    position: int = Field(description="Its place in the whole history.", examples=[1042])
    occurred_at: datetime = Field(description="When it happened.")
    recorded_at: datetime = Field(description="When it was stored.")
    actor: str = Field(description="Who did it.", examples=["user-7"])
    actor_name: str = Field(
        description="What whoever did it is called; the same as `actor` where nobody signs in as that.",
        examples=["Grace Hopper"],
    )
    correlation_id: UUID = Field(description="The same for all that one request has led to.")
    causation_id: UUID = Field(description="The command, or the event, that caused it.")
    source: str = Field(description="By which door it came.", examples=["api"])
    state: T = Field(description="The thing as it was after this event.")
