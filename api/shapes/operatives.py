"""Operatives, as the API shows them and takes them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from api.reads import Listed, PageWanted
from api.shapes import CURSOR, NOT_BLANK, Sent, Text, such_as, when
from api.shapes.history import Happened, happened_as
from api.shapes.ids import OPERATIVE, OperativeId
from operatives.events import OperativeHired
from operatives.forms import NAME
from readmodels.models import OperativeRow
from readmodels.queries.crew import Member, State
from readmodels.time_travel import Moment

OF_THE_CREW = Literal["free", "assigned", "dispatched", "arrived", "late"]


class Name(Sent):
    """What somebody is called."""

    forename: str = Field(
        max_length=NAME, json_schema_extra=NOT_BLANK, description="Forename.", examples=["Ada"]
    )
    surname: str = Field(
        max_length=NAME, json_schema_extra=NOT_BLANK, description="Surname.", examples=["Lovelace"]
    )


class OperativeAsTheyWere(BaseModel):
    """An operative at some moment."""

    id: OperativeId
    forename: str = Field(description="Forename.", examples=["Ada"])
    surname: str = Field(description="Surname.", examples=["Lovelace"])
    hired_at: datetime = when("When they were hired.", "2024-09-02T08:00:00Z")
    released_at: datetime | None = when(
        "When they were released; null while employed.", None, "2026-06-30T16:00:00Z"
    )


class Operative(OperativeAsTheyWere):
    """An operative as they are now."""

    state: State = Field(
        description="The furthest that any of their open work has come.", examples=["arrived"]
    )
    open_jobs: int = Field(description="How much work they hold.", examples=[2])


class OperativeList(Listed[Operative]):
    """A page of operatives, by surname."""

    model_config = such_as(next=f"/api/operatives?limit=50&after={CURSOR}")


class OperativeHappened(Happened[OperativeAsTheyWere]):
    """What has happened to an operative, and the operative after it."""

    model_config = happened_as(OperativeHired(operative_id=OPERATIVE, forename="Ada", surname="Lovelace"))


class OperativeHistory(Listed[OperativeHappened]):
    """A page of what has happened to an operative."""

    model_config = such_as(next=f"/api/operatives/{OPERATIVE}/history?limit=50&after=8")


class OperativesWanted(PageWanted):
    """Which operatives to list."""

    model_config = such_as(after=CURSOR)

    q: Text = Field(default="", description="Words in the name.", examples=["lovelace"])
    state: OF_THE_CREW | Literal["employed", "released"] | None = Field(
        default=None,
        description="Who is `employed` or `released`; or, of those employed, who is in a state. `late` is"
        " whoever has not arrived when they were expected. Everybody unless given.",
    )


class QueueWanted(PageWanted):
    """Which page of a queue."""

    model_config = such_as(after=CURSOR)


def operative_of(member: Member) -> Operative:
    """One of the crew."""
    then = operative_then(member.operative)
    return Operative(**dict(then), state=member.state, open_jobs=member.open)


def operatives_then(moments: Iterable[Moment]) -> list[OperativeAsTheyWere]:
    """The operative at each of these moments."""
    return [operative_then(each.row) for each in moments if isinstance(each.row, OperativeRow)]


def operative_then(row: OperativeRow) -> OperativeAsTheyWere:
    """What the operative's own history tells of them; their work has one of its own."""
    return OperativeAsTheyWere(
        id=row.operative_id,
        forename=row.forename,
        surname=row.surname,
        hired_at=row.hired_at,
        released_at=row.released_at,
    )
