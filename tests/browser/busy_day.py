"""A day with everything on it, so that every page has something of each kind to show."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from accounts import tokens
from accounts.features import Feature
from accounts.models import Role, Token, User
from eventstore.current import current_store
from eventstore.models import ParkedEvent
from orders.order import Status
from support.events import AbandonReason
from support.work import Stage
from tests import factories
from tests.conftest import person
from tests.integration.logs import webhook_in_use

LONG = "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogoch"
TALE = "Water comes through the ceiling of the boiler room, and the caller has put a bucket under it. " * 5


@dataclass(frozen=True)
class BusyDay:
    """What exists on that day, by its name in addresses, and a job at each stage by the stage's name."""

    known: dict[str, Any]
    jobs: dict[str, UUID]


def busy_day() -> BusyDay:
    """Ada on the way and late, with a long queue; Grace on site; Peter released; work at every stage."""
    ada, grace, peter = factories.hire(), factories.hire("Grace", "Hopper"), factories.hire("Peter", "Quill")
    factories.hire("Department of Environmental Protection", "Operations Unit crew")
    factories.release(peter)
    sites = [
        factories.acquire(),
        factories.acquire(f"12 {LONG} Road", LONG, "LL61 5UJ", "+44 (0)1248 600002"),
    ]
    factories.relinquish(factories.acquire("2 Gone Lane"))
    jobs = {
        "raised": factories.raise_work(f"{LONG} {TALE}"[:200], TALE, site_ids=sites),
        "dispatched": late_job(ada),
        "arrived": factories.work_at(Stage.ARRIVED, grace),
        "completed": eventful_job(sites[0], ada),
        "abandoned": abandoned_job(sites[1], grace),
    }
    for title in ("Lift stuck", "Window broken", f"Sign of {LONG} fallen", "Door jammed"):
        factories.assign(factories.raise_work(title, site_ids=sites), ada)
    role = Role.objects.create(name="Nobody has it", features=["raise_work"])
    leaver = person("leaver", "Response", is_active=False, operative_id=grace)
    known = {
        "operative_id": ada,
        "work_id": jobs["completed"],
        "site_id": sites[1],
        "product_id": eventful_product(),
        "order_id": eventful_order(jobs["completed"]),
        "buyer_id": buyer_at_a_discount(),
        **webhook_in_use(f"https://{LONG}.example.com/{LONG}"),
    }
    ids = {"role_id": role.pk, "user_id": leaver.pk, "token_id": programs(leaver)}
    return BusyDay({**known, "parked_id": parked().pk, **ids}, jobs)


def programs(maker: User) -> int:
    """One that has ended, one that was revoked, and one that may do everything, of which this is the id."""
    ended, _ = tokens.make("Nightly report", [Feature.SEE_EVENTS], maker)
    Token.objects.filter(pk=ended.pk).update(ends_on=date(2026, 1, 31))
    tokens.revoke(tokens.make("Old gateway", [], maker)[0], maker)
    used, _ = tokens.make(LONG[:60], Feature, maker, date(2200, 12, 31))
    tokens.mark_used(used)
    return used.pk


def parked() -> ParkedEvent:
    """An event that a reaction could not answer, and that waits for somebody to look."""
    return ParkedEvent.objects.create(
        reaction="payment",
        position=current_store().head(),
        stream=f"order-{factories.place_order()}",
        version=0,
        type="OrderStarted",
        attempts=8,
        error=f"ConnectionError: {LONG}",
        due_at=None,
    )


def eventful_product() -> UUID:
    """A product that was renamed, repriced up and down, reserved, released and once asked for in vain;
    besides it one of each stock level."""
    factories.create_product("Boiler", stock=4000)
    factories.create_product("Fuse", stock=2)
    factories.withdraw(factories.create_product("Gas mantle"))
    now = timezone.now()
    belt = factories.create_product("Belt", at=now - timedelta(days=300))
    factories.rename_product(belt, f"Fan belt of {LONG}", at=now - timedelta(days=290))
    for days, price in ((200, "13.75"), (120, "1250.00"), (20, "14.20")):
        factories.reprice(belt, price, at=now - timedelta(days=days))
    factories.release_stock(
        belt, factories.reserve(belt, 30, at=now - timedelta(days=9)), at=now - timedelta(days=8)
    )
    factories.reserve(belt, 1000, at=now - timedelta(days=2))
    factories.restock(belt, 2500)
    factories.correct_stock(belt, -1000, f"Typed too high, for {LONG}")
    factories.reserve(belt, 1600)
    return belt


def eventful_order(work_id: UUID) -> UUID:
    """An order for a job, of one product in stock and one that is not, among one order of each status."""
    for status in Status:
        if status is not Status.NONE:
            factories.order_at(status)
    units = {factories.create_product(f"Pump of {LONG}", stock=1): 2, factories.create_product("Filter"): 3}
    return factories.order_at(Status.STOCK_CONFIRMED, units, work_id=work_id, buyer=LONG)


def buyer_at_a_discount() -> UUID:
    """A buyer who has paid enough for a discount, with two cards."""
    dear = {factories.create_product("Boiler", "6000.01"): 1}
    factories.order_at(Status.SHIPPED, dear, email="liskov@example.com", buyer="Barbara Liskov")
    again = factories.place_order(dear, email="liskov@example.com", card=factories.MASTERCARD)
    return factories.verify_buyer(again)


def late_job(operative_id: UUID) -> UUID:
    """Set out two hours ago, expected one hour ago."""
    now = timezone.now()
    work = factories.raise_work("Gas smell", TALE, at=now - timedelta(hours=3))
    factories.assign(work, operative_id, at=now - timedelta(hours=3))
    set_out = now - timedelta(hours=2)
    factories.set_out(work, at=set_out, estimated_arrival=now - timedelta(hours=1))
    return work


def eventful_job(site_id: UUID, operative_id: UUID) -> UUID:
    """Given back once, then visited and completed."""
    work = factories.raise_work("Boiler out", TALE, site_ids=[site_id])
    factories.assign(work, operative_id)
    factories.abandon(work, AbandonReason.PARTS_NEEDED, TALE)
    factories.assign(work, operative_id)
    factories.set_out(work, estimated_arrival=timezone.now() + timedelta(minutes=5))
    factories.arrive(work)
    factories.complete(work, TALE)
    return work


def abandoned_job(site_id: UUID, operative_id: UUID) -> UUID:
    """Waits for Control again."""
    work = factories.raise_work("Drain blocked", TALE, site_ids=[site_id])
    factories.assign(work, operative_id)
    factories.abandon(work, AbandonReason.OTHER, f"{LONG} {TALE}")
    return work
