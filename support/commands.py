"""The commands of a job of work."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from eventstore.decider import Fact
from operatives.commands import OperativeFact
from sites.commands import SiteFact
from support.events import AbandonReason


@dataclass(frozen=True, kw_only=True)
class RaiseWork:
    """`sites` are the sites it is for, with what was known of each."""

    work_id: UUID
    title: str
    description: str
    sites: tuple[SiteFact, ...]


@dataclass(frozen=True, kw_only=True)
class AssignWork:
    work_id: UUID
    operative: OperativeFact


@dataclass(frozen=True, kw_only=True)
class Shown:
    """Who held the work, and at which stage it was, on the page where a step was asked for."""

    operative_id: UUID
    stage: str


@dataclass(frozen=True, kw_only=True)
class DispatchOperative:
    """`now` is when the command was made. `acting` is the operative who reports it themselves; None when
    Control reports it for them. `shown` is what the asker saw; None when they do not say. The same holds
    for the commands below."""

    work_id: UUID
    now: Fact[datetime]
    estimated_arrival: datetime | None = None
    acting: Fact[UUID | None] = None
    shown: Fact[Shown | None] = None


@dataclass(frozen=True, kw_only=True)
class ArriveOnSite:
    work_id: UUID
    acting: Fact[UUID | None] = None
    shown: Fact[Shown | None] = None


@dataclass(frozen=True, kw_only=True)
class CompleteWork:
    work_id: UUID
    outcome: str = ""
    acting: Fact[UUID | None] = None
    shown: Fact[Shown | None] = None


@dataclass(frozen=True, kw_only=True)
class AbandonWork:
    work_id: UUID
    reason: AbandonReason
    note: str = ""
    acting: Fact[UUID | None] = None
    shown: Fact[Shown | None] = None


@dataclass(frozen=True, kw_only=True)
class ChangeFact:
    """A change as the store recorded it: its event's id, who made it, and when, by the wall clock."""

    event_id: UUID
    made_by: Fact[str]
    made_at: Fact[datetime]


@dataclass(frozen=True, kw_only=True)
class UndoWorkChange:
    """Take back the latest change that has not been undone, which is `change`. Dispatch it at the version
    at which that change was looked up.

    `asked_by` is the actor who asks, `now` when, by the same clock as the change. What may depend on the
    change travels with it: whether parts are on order for the work, and the operative and the sites that
    would have open work again.
    """

    work_id: UUID
    change: ChangeFact
    asked_by: Fact[str]
    now: Fact[datetime]
    has_orders: Fact[bool] = False
    operative: Fact[OperativeFact | None] = None
    sites: Fact[tuple[SiteFact, ...]] = ()


WorkCommand = (
    RaiseWork | AssignWork | DispatchOperative | ArriveOnSite | CompleteWork | AbandonWork | UndoWorkChange
)
