"""The commands of a site."""

from dataclasses import dataclass
from enum import Enum
from uuid import UUID

from eventstore.decider import Fact


@dataclass(frozen=True, kw_only=True)
class AcquireSite:
    site_id: UUID
    address_line_1: str
    town: str
    post_code: str
    telephone_number: str


@dataclass(frozen=True, kw_only=True)
class CorrectSite:
    site_id: UUID
    address_line_1: str
    town: str
    post_code: str
    telephone_number: str


@dataclass(frozen=True, kw_only=True)
class RelinquishSite:
    """`open_jobs` is how much work was open there when it was looked up."""

    site_id: UUID
    open_jobs: Fact[int]


SiteCommand = AcquireSite | CorrectSite | RelinquishSite


class SiteStatus(Enum):
    ACTIVE = "active"
    RELINQUISHED = "relinquished"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class SiteFact:
    """What the read models knew of a site when a command about it was made. `name` is its address."""

    site_id: UUID
    name: Fact[str]
    status: Fact[SiteStatus]
