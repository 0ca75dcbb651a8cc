"""A day with everything on it, so that every page has something of each kind to show."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from accounts.models import Role
from support.events import AbandonReason
from support.work import Stage
from tests import scenes
from tests.conftest import person

LONG = "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogoch"
TALE = "Water comes through the ceiling of the boiler room, and the caller has put a bucket under it. " * 5


@dataclass(frozen=True)
class BusyDay:
    """What is on it, by the names that addresses call it, and a job at each stage by the stage's name."""

    known: dict[str, Any]
    jobs: dict[str, UUID]


def busy_day() -> BusyDay:
    """Ada on the way and late, with a long queue; Grace on site; Peter released; work at every stage."""
    ada, grace, peter = scenes.hire(), scenes.hire("Grace", "Hopper"), scenes.hire("Peter", "Quill")
    scenes.release(peter)
    sites = [scenes.acquire(), scenes.acquire(f"12 {LONG} Road", LONG, "LL61 5UJ", "+44 (0)1248 600002")]
    scenes.relinquish(scenes.acquire("2 Gone Lane"))
    jobs = {
        "raised": scenes.raise_work(f"{LONG} {TALE}"[:200], TALE, site_ids=sites),
        "dispatched": late_job(ada),
        "arrived": scenes.work_at(Stage.ARRIVED, grace),
        "completed": eventful_job(sites[0], ada),
        "abandoned": abandoned_job(sites[1], grace),
    }
    for title in ("Lift stuck", "Window broken", f"Sign of {LONG} fallen", "Door jammed"):
        scenes.assign(scenes.raise_work(title, site_ids=sites), ada)
    role = Role.objects.create(name="Nobody has it", features=["raise_work"])
    leaver = person("leaver", "Response", is_active=False, operative_id=grace)
    known = {"operative_id": ada, "work_id": jobs["completed"], "site_id": sites[1]}
    return BusyDay({**known, "role_id": role.pk, "user_id": leaver.pk}, jobs)


def late_job(operative_id: UUID) -> UUID:
    """Set out two hours ago, expected one hour ago."""
    now = timezone.now()
    work = scenes.raise_work("Gas smell", TALE, at=now - timedelta(hours=3))
    scenes.assign(work, operative_id, at=now - timedelta(hours=3))
    set_out = now - timedelta(hours=2)
    scenes.set_out(work, at=set_out, estimated_arrival=now - timedelta(hours=1))
    return work


def eventful_job(site_id: UUID, operative_id: UUID) -> UUID:
    """Given back once, then visited and completed."""
    work = scenes.raise_work("Boiler out", TALE, site_ids=[site_id])
    scenes.assign(work, operative_id)
    scenes.abandon(work, AbandonReason.PARTS_NEEDED, TALE)
    scenes.assign(work, operative_id)
    scenes.set_out(work, estimated_arrival=timezone.now() + timedelta(minutes=5))
    scenes.arrive(work)
    scenes.complete(work, TALE)
    return work


def abandoned_job(site_id: UUID, operative_id: UUID) -> UUID:
    """Waits for Control again."""
    work = scenes.raise_work("Drain blocked", TALE, site_ids=[site_id])
    scenes.assign(work, operative_id)
    scenes.abandon(work, AbandonReason.OTHER, f"{LONG} {TALE}")
    return work
