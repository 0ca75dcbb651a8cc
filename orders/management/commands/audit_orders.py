"""manage.py audit_orders: check whether orders, stock and buyers agree, and make them agree."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from eventstore.decider import Refused
from orders.audit import Limits, audit
from orders.findings import Finding
from orders.repair import BeyondRepair, repair

ROUNDS = 20
"""One repair may lead to the next: the longest chain has fewer steps."""


class Patience(NamedTuple):
    """How long an order may stay where reactions, and where people, take it on."""

    stuck: timedelta
    unshipped: timedelta


class Command(BaseCommand):
    help = (
        "Compare orders, stock and buyers, and name each inconsistency in a line: stock reserved for no live "
        "order, an order that counts on stock which is not reserved, one that is stuck, one that is paid and "
        "waits to be shipped, a wrong total. "
        "Exits with 1 when there are any, or with --repair, when any are left."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--stuck-after",
            type=float,
            default=60,
            metavar="MINUTES",
            help="leave to the worker what is younger than this (60)",
        )
        parser.add_argument(
            "--unshipped-after",
            type=float,
            default=72,
            metavar="HOURS",
            help="leave to people which orders were paid later than this (72: over a weekend)",
        )
        parser.add_argument("--repair", action="store_true", help="issue the commands that mend it")

    def handle(self, *args: Any, **options: Any) -> None:
        patience = Patience(
            timedelta(minutes=options["stuck_after"]), timedelta(hours=options["unshipped_after"])
        )
        for name, limit in zip(("--stuck-after", "--unshipped-after"), patience, strict=True):
            if limit < timedelta(0):
                raise CommandError(f"{name} must not be negative")
        found = look(patience)
        for each in found:
            self.stdout.write(str(each))
        if options["repair"]:
            found = self.repair(found, patience)
        if found:
            raise CommandError(f"{len(found)} {'inconsistency' if len(found) == 1 else 'inconsistencies'}")
        self.stdout.write("Orders, stock and buyers agree.")

    def repair(self, found: list[Finding], patience: Patience) -> list[Finding]:
        """Repair until nothing is wrong, or nothing more can be done; returns what is left."""
        reasons: dict[Finding, str] = {}
        for _ in range(ROUNDS):
            reasons = {}
            for each in found:
                try:
                    self.stdout.write(f"Repaired: {repair(each)}")
                except (BeyondRepair, Refused) as reason:
                    reasons[each] = str(reason)
            found, mended = look(patience), len(found) > len(reasons)
            if not (found and mended):
                break
        for each in found:
            self.stdout.write(f"Not repaired: {each}: {reasons.get(each, 'it needs another look')}")
        return found


def look(patience: Patience) -> list[Finding]:
    """What is wrong now, and has been for longer than the limits."""
    now = timezone.now()
    grace = timedelta(seconds=settings.ORDER_GRACE_SECONDS)
    return audit(Limits(settled=now - patience.stuck, shipped=now - patience.unshipped, grace=grace))
