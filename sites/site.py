"""The site: a place of the organisation where work is done."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import assert_never

from eventstore.decider import Decider, Refused
from sites.commands import AcquireSite, CorrectSite, RelinquishSite, SiteCommand
from sites.events import SiteAcquired, SiteCorrected, SiteEvent, SiteRelinquished
from spelling.line import has_line_break, plain_number, trimmed


class Status(Enum):
    NONE = "none"
    ACTIVE = "active"
    RELINQUISHED = "relinquished"


@dataclass(frozen=True)
class Particulars:
    """The address and telephone number of the site; every field is required, and is one line without
    blanks around it."""

    address_line_1: str
    town: str
    post_code: str
    telephone_number: str

    @classmethod
    def of(cls, source: AcquireSite | CorrectSite | SiteAcquired | SiteCorrected) -> "Particulars":
        return cls(
            trimmed(source.address_line_1),
            trimmed(source.town),
            trimmed(source.post_code),
            trimmed(plain_number(source.telephone_number)),
        )

    def check(self) -> None:
        if not self.address_line_1:
            raise Refused("Site must have an address line 1")
        if not self.town:
            raise Refused("Site must have a town")
        if not self.post_code:
            raise Refused("Site must have a post code")
        if not self.telephone_number:
            raise Refused("Site must have a telephone number")
        if any(map(has_line_break, (self.address_line_1, self.town, self.post_code, self.telephone_number))):
            raise Refused("Each of a site's particulars must be one line")


@dataclass(frozen=True)
class Site:
    status: Status = Status.NONE
    particulars: Particulars | None = None


def acquire(command: AcquireSite, site: Site) -> Sequence[SiteEvent]:
    if site.status is not Status.NONE:
        raise Refused("This site has already been acquired")
    known = Particulars.of(command)
    known.check()
    return [
        SiteAcquired(
            site_id=command.site_id,
            address_line_1=known.address_line_1,
            town=known.town,
            post_code=known.post_code,
            telephone_number=known.telephone_number,
        )
    ]


def correct(command: CorrectSite, site: Site) -> Sequence[SiteEvent]:
    must_be_ours(site)
    known = Particulars.of(command)
    known.check()
    if known == site.particulars:
        return []
    return [
        SiteCorrected(
            site_id=command.site_id,
            address_line_1=known.address_line_1,
            town=known.town,
            post_code=known.post_code,
            telephone_number=known.telephone_number,
        )
    ]


def relinquish(command: RelinquishSite, site: Site) -> Sequence[SiteEvent]:
    must_be_ours(site)
    if command.open_jobs:
        jobs = "1 open job" if command.open_jobs == 1 else f"{command.open_jobs} open jobs"
        raise Refused(f"This site cannot be relinquished while it has {jobs}")
    return [SiteRelinquished(site_id=command.site_id)]


def must_be_ours(site: Site) -> None:
    if site.status is Status.NONE:
        raise Refused("This site was never acquired")
    if site.status is Status.RELINQUISHED:
        raise Refused("This site has been relinquished")


def decide(command: SiteCommand, site: Site) -> Sequence[SiteEvent]:
    match command:
        case AcquireSite():
            return acquire(command, site)
        case CorrectSite():
            return correct(command, site)
        case RelinquishSite():
            return relinquish(command, site)
        case _:
            assert_never(command)


def evolve(site: Site, event: SiteEvent) -> Site:
    match event:
        case SiteAcquired() | SiteCorrected():
            return Site(Status.ACTIVE, Particulars.of(event))
        case SiteRelinquished():
            return Site(Status.RELINQUISHED, site.particulars)
        case _:
            assert_never(event)


SITE = Decider(
    category="site",
    identify=lambda c: c.site_id,
    initial=Site(),
    decide=decide,
    evolve=evolve,
)
