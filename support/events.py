"""What happens to a job of work. Who, when and why live in the envelope."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from eventstore.events import NOBODY, Means, event

WorkId = Annotated[UUID, Means("the job")]
OperativeId = Annotated[UUID, Means("the operative who has it")]

STEPS_KEPT = 20
"""So many of the latest steps of a job can be undone. Whoever keeps what they overwrote keeps as many."""


class AbandonReason(StrEnum):
    """Why an operative gave work back. The values are stored."""

    NO_ACCESS = "no_access"
    PARTS_NEEDED = "parts_needed"
    ANOTHER_TRADE = "another_trade"
    UNSAFE = "unsafe"
    CUSTOMER_NOT_THERE = "customer_not_there"
    OTHER = "other"

    @property
    def label(self) -> str:
        """How people say it."""
        return _LABELS[self]


_LABELS = {
    AbandonReason.NO_ACCESS: "No access",
    AbandonReason.PARTS_NEEDED: "Parts needed",
    AbandonReason.ANOTHER_TRADE: "Needs another trade",
    AbandonReason.UNSAFE: "Unsafe",
    AbandonReason.CUSTOMER_NOT_THERE: "Customer not there",
    AbandonReason.OTHER: "Other",
}


@event("WorkRaised")
class WorkRaised:
    """There is something to do: a customer has called, or somebody has imported it."""

    work_id: WorkId
    title: Annotated[str, Means("what is wanted, in a line", personal="work")]
    description: Annotated[str, Means("the same at length", personal="work")]
    site_ids: Annotated[tuple[UUID, ...], Means("the sites at which it is to be done")]


@event("WorkAssigned")
class WorkAssigned:
    """Control has put the work into the queue of an operative."""

    work_id: WorkId
    operative_id: OperativeId


@event("OperativeDispatched")
class OperativeDispatched:
    """The operative is on the way."""

    work_id: WorkId
    operative_id: OperativeId
    estimated_arrival: Annotated[datetime | None, Means("when they expect to be there, if they said so")]


@event("OperativeArrived")
class OperativeArrived:
    """The operative is at the site."""

    work_id: WorkId
    operative_id: OperativeId


@event("WorkCompleted")
class WorkCompleted:
    """The operative has dealt with the work."""

    work_id: WorkId
    operative_id: OperativeId
    outcome: Annotated[str, Means("what was done", personal="work")]


@event("WorkAbandoned")
class WorkAbandoned:
    """The operative gave the work back; it waits for Control again."""

    work_id: WorkId
    operative_id: OperativeId
    reason: Annotated[AbandonReason, Means("why, in general")]
    note: Annotated[str, Means("why, in their own words", personal="work")]


@event("WorkChangeUndone")
class WorkChangeUndone:
    """The latest change that stood was taken back by whoever had made it. It stays in history; this one makes
    up for it. What came between the two had been undone before."""

    work_id: WorkId
    undone: Annotated[str, Means("the name of the undone event", personal=NOBODY)]
    undone_id: Annotated[UUID, Means("the id of the undone event")]
    stage: Annotated[str, Means("where the work stands now", personal=NOBODY)]
    operative_id: Annotated[
        UUID | None,
        Means("whom the undone change concerned; at a stage where somebody holds the work, they do"),
    ]


WorkEvent = (
    WorkRaised
    | WorkAssigned
    | OperativeDispatched
    | OperativeArrived
    | WorkCompleted
    | WorkAbandoned
    | WorkChangeUndone
)
