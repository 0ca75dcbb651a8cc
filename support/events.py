"""What happens to a job of work. Who, when and why live in the envelope."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from eventstore.events import event

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
    work_id: UUID
    title: str
    description: str
    site_ids: tuple[UUID, ...]


@event("WorkAssigned")
class WorkAssigned:
    work_id: UUID
    operative_id: UUID


@event("OperativeDispatched")
class OperativeDispatched:
    """The operative is on the way."""

    work_id: UUID
    operative_id: UUID
    estimated_arrival: datetime | None


@event("OperativeArrived")
class OperativeArrived:
    work_id: UUID
    operative_id: UUID


@event("WorkCompleted")
class WorkCompleted:
    work_id: UUID
    operative_id: UUID
    outcome: str


@event("WorkAbandoned")
class WorkAbandoned:
    """The operative gave the work back; it waits for Control again."""

    work_id: UUID
    operative_id: UUID
    reason: AbandonReason
    note: str


@event("WorkChangeUndone")
class WorkChangeUndone:
    """The latest change that stood was taken back by whoever had made it. It stays in history; this one makes
    up for it. What came between the two had been undone before.

    `undone` is the name of its event and `undone_id` that event's id. `stage` is where the work stands now,
    `operative_id` the operative whom the undone change concerned: they hold the work again, or still, if
    somebody does at that stage.
    """

    work_id: UUID
    undone: str
    undone_id: UUID
    stage: str
    operative_id: UUID | None


WorkEvent = (
    WorkRaised
    | WorkAssigned
    | OperativeDispatched
    | OperativeArrived
    | WorkCompleted
    | WorkAbandoned
    | WorkChangeUndone
)
