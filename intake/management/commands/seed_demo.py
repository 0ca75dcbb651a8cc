"""manage.py seed_demo: a believable month of support work, through commands."""

from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from tqdm import tqdm

from accounts.demo import NotForProduction, demo_accounts
from accounts.models import User
from eventstore.current import current_store
from eventstore.models import Checkpoint
from eventstore.reactions.delivery import park
from eventstore.reactions.reaction import registry as reactions
from intake.demo.cast import Actors
from intake.demo.diary import Diary, Pending
from intake.demo.organisation import write_diary
from intake.demo.plan import Plan
from intake.demo.present import SCRIPTED, STORIES
from orders.commands import PlaceOrder
from pages.local_time import Skipped, latest_moment
from readmodels.models import OperativeRow, WorkRow


def at_least(least: int) -> Callable[[str], int]:
    """A whole number, `least` or more."""

    def number(text: str) -> int:
        if not text.isdecimal() or int(text) < least:
            raise ArgumentTypeError(f"must be a whole number from {least} up")
        return int(text)

    return number


def moment(text: str) -> datetime:
    """A time such as 2026-03-02T14:30, in the settings' time zone unless it names another."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError("must be a time such as 2026-03-02T14:30") from None
    try:
        return read.astimezone(UTC) if timezone.is_aware(read) else latest_moment(read, timezone.now())
    except Skipped as skipped:
        raise ArgumentTypeError(str(skipped)) from None


class Command(BaseCommand):
    help = (
        "Fill the store with a month of demo history that ends now, and make the demo accounts. Runs with "
        "DEBUG=1 alone: the accounts' password is public. The same options and --now give the same events."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--if-empty", action="store_true", help="add no history to a store that has some")
        parser.add_argument("--seed", type=int, default=1, help="another seed, another month")
        parser.add_argument("--now", type=moment, help="when the history ends, such as 2026-03-02T14:30")
        parser.add_argument("--days", type=at_least(7), default=30)
        parser.add_argument("--jobs", type=at_least(len(STORIES)), default=300)
        parser.add_argument("--operatives", type=at_least(SCRIPTED + 2), default=9)
        parser.add_argument("--sites", type=at_least(6), default=48)

    def handle(self, *, if_empty: bool, now: datetime | None, **sizes: Any) -> None:
        names = ("seed", "days", "jobs", "operatives", "sites")
        to_minute = (now or timezone.now()).replace(second=0, microsecond=0)
        plan = Plan(now=to_minute, **{name: sizes[name] for name in names})
        try:
            # All or nothing: an interrupted seeding must not leave a store that is no longer empty.
            # KurrentDB keeps what it has taken; the same command with the same --now finishes it.
            with transaction.atomic():
                accounts = demo_accounts()
                if not if_empty or not current_store().head():
                    self._seed(plan, accounts)
                elif accounts["operative"].operative_id is None:
                    link(accounts["operative"], busiest())
        except NotForProduction:
            raise CommandError(
                "seed_demo makes accounts whose password is public, so it runs with DEBUG=1 alone. "
                "Nothing was stored."
            ) from None

    def _seed(self, plan: Plan, accounts: dict[str, User]) -> None:
        actors = Actors(**{name: user.actor for name, user in accounts.items()})
        diary, operative = write_diary(plan, actors)
        # disable=None: no bar unless a person watches.
        before = current_store().head()
        bar = tqdm(total=len(diary), desc="Seeding", unit="command", disable=None, leave=False)
        with bar:
            for _ in diary.play(lambda number: plan.id("command", number)):
                bar.update()
        begin_after_demo(before, diary.pending)
        link(accounts["operative"], operative.operative_id)
        self.stdout.write(
            f"Seeded {plan.jobs} jobs, {plan.operatives} operatives, {plan.sites} sites "
            f"and {orders_in(diary)} orders "
            f"with {len(diary)} commands."
        )


def begin_after_demo(before: int, pending: list[Pending]) -> None:
    """Let the reactions begin after the demo, whose events they have answered already, so that nobody gets
    mail about it; except for those that they still have to answer. A reaction that has not reached the
    beginning of the demo has other events to answer first, and is left where it is."""
    store, now = current_store(), timezone.now()
    for reaction in reactions.values():
        stands = Checkpoint.objects.filter(name=reaction.checkpoint)
        if before and not stands.filter(position__gte=before).exists():
            continue
        Checkpoint.objects.update_or_create(
            name=reaction.checkpoint, defaults={"version": 1, "position": store.head()}
        )
    for each in pending:
        (recorded, *_) = store.read_stream(each.stream, each.version)
        due_at = max(each.due_at, now)
        park(reactions[each.reaction], recorded, due_at=due_at, is_timer=True)


def orders_in(diary: Diary) -> int:
    """The number of orders placed in it."""
    return sum(isinstance(each.command, PlaceOrder) for each in diary.entries)


def link(user: User, operative_id: UUID | None) -> None:
    """Make the person of the account this operative."""
    user.operative_id = operative_id
    user.save(update_fields=["operative_id"])


def busiest() -> UUID | None:
    """The operative with the longest queue, among those without an account; None when there is none."""
    theirs = WorkRow.objects.filter(operative_id=OuterRef("operative_id"), queue_place__isnull=False)
    queue = theirs.order_by().values("operative_id").annotate(jobs=Count("*")).values("jobs")
    taken = User.objects.filter(operative_id__isnull=False).values("operative_id")
    free = OperativeRow.objects.filter(released_at__isnull=True).exclude(operative_id__in=taken)
    ranked = free.order_by(Coalesce(Subquery(queue), 0).desc(), "sort_key", "operative_id")
    return ranked.values_list("operative_id", flat=True).first()
