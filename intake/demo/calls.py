"""The calls of the past month: mostly in working hours, a few at night and on Sundays."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from random import Random

from django.utils import timezone

from intake.demo.cast import Site
from intake.demo.material import FAULTS, Fault

BUSY = (20, 20, 18, 18, 16, 4, 2)  # how busy Monday to Sunday are, relative to each other
OUT_OF_HOURS = 0.08
SEVERAL_SITES = 0.4  # the share of calls for several sites, among faults that may affect several


@dataclass(frozen=True, kw_only=True)
class Call:
    at: datetime
    fault: Fault
    sites: list[Site]


def make_calls(rng: Random, sites: list[Site], start: datetime, end: datetime, count: int) -> list[Call]:
    """So many calls between two times, oldest first."""
    times = sorted(busy_time(rng, start, end) for _ in range(count))
    # Some sites have more trouble than others.
    trouble = {site.site_id: rng.choice((1, 1, 2, 2, 3, 6)) for site in sites}
    calls = []
    for at in times:
        fault = FAULTS.any(rng)
        there = [site for site in sites if site.since < at < site.until]
        site = rng.choices(there, [trouble[each.site_id] for each in there])[0]
        calls.append(Call(at=at, fault=fault, sites=_sites(rng, fault, site, there)))
    return calls


def busy_time(rng: Random, start: datetime, end: datetime) -> datetime:
    """Some time between two, mostly in working hours."""
    first, last = timezone.localtime(start).date(), timezone.localtime(end).date()
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    while True:
        day = rng.choices(days, [BUSY[day.weekday()] for day in days])[0]
        out_of_hours = rng.random() < OUT_OF_HOURS
        hours = rng.uniform(0, 24) if out_of_hours else rng.triangular(8, 17.5, 9.5)
        midnight = timezone.make_aware(datetime.combine(day, time.min)).astimezone(UTC)
        at = midnight + timedelta(seconds=int(hours * 3600))
        if start + timedelta(hours=1) < at < end:
            return at


def _sites(rng: Random, fault: Fault, site: Site, sites: list[Site]) -> list[Site]:
    nearby = [each for each in sites if each.town == site.town and each is not site]
    if not fault.several or not nearby or rng.random() >= SEVERAL_SITES:
        return [site]
    return [site, *rng.sample(nearby, min(len(nearby), rng.randint(1, 3)))]
