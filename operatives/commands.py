"""The commands of an operative."""

from dataclasses import dataclass
from enum import Enum
from uuid import UUID

from eventstore.decider import Fact


@dataclass(frozen=True, kw_only=True)
class HireOperative:
    operative_id: UUID
    forename: str
    surname: str


@dataclass(frozen=True, kw_only=True)
class RenameOperative:
    operative_id: UUID
    forename: str
    surname: str


@dataclass(frozen=True, kw_only=True)
class ReleaseOperative:
    """`open_jobs` is how much work they held when it was looked up."""

    operative_id: UUID
    open_jobs: Fact[int]


OperativeCommand = HireOperative | RenameOperative | ReleaseOperative


class OperativeStatus(Enum):
    EMPLOYED = "employed"
    RELEASED = "released"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class OperativeFact:
    """What the read models knew of an operative when a command about them was made."""

    operative_id: UUID
    name: Fact[str]
    status: Fact[OperativeStatus]
