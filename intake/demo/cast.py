"""The demo's organisation: its sites, its operatives, and the accounts that act."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import product
from random import Random
from uuid import UUID

from intake.demo.material import PEOPLE, PLACES, Town
from intake.demo.plan import Plan
from operatives.commands import OperativeFact, OperativeStatus
from sites.commands import SiteFact, SiteStatus


@dataclass(frozen=True, kw_only=True)
class Actors:
    """How events name the people of the demo accounts."""

    response: str
    control: str
    operative: str
    administration: str


@dataclass(frozen=True, kw_only=True)
class Site:
    """A site, and the time during which work is raised there."""

    site_id: UUID
    address_line_1: str
    town: str
    post_code: str
    telephone_number: str
    since: datetime
    until: datetime

    @property
    def fact(self) -> SiteFact:
        name = f"{self.address_line_1}, {self.town}"
        return SiteFact(site_id=self.site_id, name=name, status=SiteStatus.ACTIVE)


@dataclass(frozen=True, kw_only=True)
class Operative:
    """An operative, and the time during which the past month keeps them busy.

    `actor` is the account that they sign in with. Most have none: they tell Control, who records it.
    """

    operative_id: UUID
    forename: str
    surname: str
    since: datetime
    until: datetime
    actor: str | None = None

    @property
    def fact(self) -> OperativeFact:
        name = f"{self.forename} {self.surname}"
        return OperativeFact(operative_id=self.operative_id, name=name, status=OperativeStatus.EMPLOYED)


def make_sites(plan: Plan, rng: Random) -> list[Site]:
    """As many sites as the plan says; the last two were acquired during the month, the first was given up."""
    places = [
        (town, district, kind)
        for town in PLACES.towns
        for district, kind in product(town.districts, PLACES.kinds)
    ]
    rng.shuffle(places)
    sites = [_site(plan, rng, number, *places[number % len(places)]) for number in range(plan.sites)]
    sites[0] = replace(sites[0], until=plan.part(0.5))
    sites[-2:] = [replace(site, since=plan.part(0.3)) for site in sites[-2:]]
    return sites


def _site(plan: Plan, rng: Random, number: int, town: Town, district: str, kind: str) -> Site:
    letters = "".join(rng.sample("ABDEFGHJLNPQRSTUWXYZ", 2))
    return Site(
        site_id=plan.id("site", number),
        address_line_1=f"{district} {kind}, {rng.randint(1, 180)} {rng.choice(PLACES.streets)}",
        town=town.name,
        post_code=f"{town.districts[district]} {rng.randint(1, 9)}{letters}",
        telephone_number=f"{town.dialling}{number % 1000:03}",
        since=plan.start,
        until=plan.now,
    )


def make_operatives(
    plan: Plan, actors: Actors, rng: Random, busy_until: Sequence[datetime]
) -> list[Operative]:
    """As many operatives as the plan says. The first is the person of the demo account; the last was
    released."""
    forenames = rng.sample(PEOPLE.forenames, len(PEOPLE.forenames))
    surnames = rng.sample(PEOPLE.surnames, len(PEOPLE.surnames))
    operatives = [
        Operative(
            operative_id=plan.id("operative", number),
            forename=forenames[number % len(forenames)],
            surname=surnames[number % len(surnames)],
            since=plan.start,
            until=busy_until[min(number, len(busy_until) - 1)],
        )
        for number in range(plan.operatives)
    ]
    operatives[0] = replace(operatives[0], actor=actors.operative)
    operatives[-2] = replace(operatives[-2], since=plan.part(0.25))
    operatives[-1] = replace(operatives[-1], until=plan.part(0.6))
    return operatives
