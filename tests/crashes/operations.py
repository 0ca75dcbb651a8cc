"""What a process does that is then killed, and what stood there before.

Every id and every time is fixed, so that a deed done again is the same deed, and every run must end with
the very same events. What the kernel tells a deed is stored, the deed acknowledges to the test, line by line.
"""

import os
from collections.abc import Callable, Collection
from datetime import timedelta
from threading import Event
from unittest import mock
from uuid import UUID, uuid5

from eventstore import codec
from eventstore.current import current_store
from eventstore.decider import C, Decider, E, S
from eventstore.dispatch import dispatch
from eventstore.models import Checkpoint, ParkedEvent
from eventstore.projections.advance import advance
from eventstore.projections.read_model import registry
from eventstore.projections.rebuild import rebuild
from eventstore.projections.shadow import Busy
from eventstore.reactions import delivery
from eventstore.reactions.delivery import Reactions
from eventstore.reactions.reaction import Cause, Reaction
from eventstore.store import NO_STREAM, Batch, Metadata, NewEvent
from eventstore.worker import follow
from eventstore.worker.follow import Follower, ReadModels
from operatives.commands import HireOperative
from operatives.operative import OPERATIVE
from readmodels.models import SiteRow, WorkRow
from sites.commands import AcquireSite
from sites.events import SiteAcquired, SiteCorrected, SiteEvent, SiteRelinquished
from sites.site import SITE
from support.commands import AssignWork, RaiseWork
from support.work import WORK
from tests import factories
from tests.crashes.child import MAIL

NAMES = UUID("6a1d4a52-7d70-4a60-8f4f-0d6b2a1c5e11")

acknowledged: Callable[[str], None] = print
"""Called with each event, "<stream>@<version>", that its sender knows to be stored; the child sets it."""


def known(name: str) -> UUID:
    """An id that is the same in every process."""
    return uuid5(NAMES, name)


def send(command: C, to: Decider[C, S, E], name: str) -> None:
    """Dispatch; the name makes it the same command whenever it is sent."""
    outcome = dispatch(command, to=to, by="user-1", command_id=known(name), occurred_at=factories.noon(1))
    acknowledged(f"{to.stream(outcome.aggregate_id)}@{outcome.version}")


def acquire(name: str) -> None:
    command = AcquireSite(
        site_id=known(name),
        address_line_1=name,
        town="Whitby",
        post_code="YO21 1AA",
        telephone_number="01947 600001",
    )
    send(command, SITE, f"acquire {name}")


def raise_work(name: str) -> None:
    sites = (factories.active_site(known("1 Harbour Street")),)
    command = RaiseWork(work_id=known(name), title=name, description="As the caller said.", sites=sites)
    send(command, WORK, f"raise {name}")


def assign(name: str) -> None:
    command = AssignWork(work_id=known(name), operative=factories.employed(known("Ada")))
    send(command, WORK, f"assign {name}")


def history() -> None:
    """What happened before: two sites, an operative, and work that she was given."""
    acquire("1 Harbour Street")
    acquire("2 Harbour Street")
    hire = HireOperative(operative_id=known("Ada"), forename="Ada", surname="Lovelace")
    send(hire, OPERATIVE, "hire Ada")
    raise_work("Boiler out")
    assign("Boiler out")


# --- The deeds ----------------------------------------------------------------------------------------


def command() -> None:
    """Two commands: one begins a stream, one goes on with it."""
    raise_work("Lift stuck")
    assign("Lift stuck")


def batch() -> None:
    """Several events in one append, twice: to a new stream, and after its last event."""
    about: list[type[SiteAcquired] | type[SiteCorrected]] = [
        SiteAcquired,
        SiteCorrected,
        SiteCorrected,
        SiteCorrected,
    ]
    append(NO_STREAM, [particulars(kind, f"{number} Pier Road") for number, kind in enumerate(about)])
    last = SiteRelinquished(site_id=known("Pier Road"))
    append(len(about) - 1, [particulars(SiteCorrected, "9 Pier Road"), last])


def particulars(kind: type[SiteAcquired] | type[SiteCorrected], address: str) -> SiteEvent:
    return kind(
        site_id=known("Pier Road"),
        address_line_1=address,
        town="Staithes",
        post_code="TS13 5BH",
        telephone_number="01947 600002",
    )


def append(version: int, events: Collection[SiteEvent]) -> None:
    new = []
    for place, each in enumerate(events, start=version + 1):
        name, schema_version = codec.registered(each)
        new.append(
            NewEvent(
                id=known(f"batch {place}"),
                type=name,
                schema_version=schema_version,
                data=codec.encode(each),
                metadata=Metadata(
                    actor="user-1", correlation_id=NAMES, causation_id=NAMES, source="crash test"
                ),
                occurred_at=factories.noon(4, place),
            )
        )
    stream = SITE.stream(known("Pier Road"))
    current_store().append(stream, version, new)
    for place, _ in enumerate(new, start=version + 1):
        acknowledged(f"{stream}@{place}")


def projection() -> None:
    """Catch up in batches of three, as `manage.py project` does."""
    while advance(limit=3):
        pass


def live() -> None:
    """A worker, with its locks, takes in what its subscription sends: the events that are there and those
    that come."""
    with mock.patch.object(follow, "FAR_BEHIND", 1):
        follower = Live(registry.values(), stop := Event())
        follow.with_locks(follower, stop)


def reaction() -> None:
    """A worker answers every site acquired: mail, then a command; one of the events fails at first."""
    with mock.patch.object(delivery, "FIRST_PAUSE", timedelta(0)):
        work_off(Reactions([inspections], stop := Event()), stop)


def rebuild_all() -> None:
    """Rebuild the two read models that somebody has tampered with."""
    while True:
        try:
            rebuild([registry["sites"], registry["work"]], progress=lambda *_: None)
            break
        except Busy:
            continue  # the server has yet to notice that our predecessor was killed


DEEDS: dict[str, Callable[[], None]] = {
    "command": command,
    "command while behind": command,
    "batch": batch,
    "projection": projection,
    "live": live,
    "reaction": reaction,
    "rebuild": rebuild_all,
}


def prepare(deed: str) -> None:
    """Set up the state before the operation."""
    history()
    if deed in {"command while behind", "projection"}:
        # No checkpoint and no rows, as for new read models: the operation begins by making checkpoints.
        # Inline, an append then takes the long way.
        Checkpoint.objects.all().delete()
        for read_model in registry.values():
            for table in read_model.tables:
                table._default_manager.all().delete()
        return
    while advance():
        pass
    if deed == "live":
        acquire("3 Harbour Street")
        command()
    if deed == "rebuild":
        SiteRow.objects.filter(site_id=known("2 Harbour Street")).update(town="Tampered with")
        WorkRow.objects.filter(work_id=known("Boiler out")).update(title="Tampered with")


# --- Workers that stop when there is nothing left to do --------------------------------------------------


def work_off(follower: Follower, stop: Event) -> None:
    """Do a worker's work until everything is taken in and nothing is parked."""
    follow.with_locks(UntilDone(follower, stop), stop)


class UntilDone:
    """A follower that stops when it has caught up, provided that it holds all there is to hold."""

    def __init__(self, follower: Follower, stop: Event) -> None:
        self._follower = follower
        self._stop = stop
        self.names = follower.names

    def catch_up(self, held: Collection[str]) -> int:
        position = self._follower.catch_up(held)
        if set(held) == set(self.names):
            while ParkedEvent.objects.exists():
                self._follower.take(held, position, None)
            self._stop.set()
        return position

    def take(self, held: Collection[str], after: int, batch: Batch | None) -> bool:
        return self._follower.take(held, after, batch)


class Live(ReadModels):
    """Read models that continue live from their positions to the end of the store."""

    def catch_up(self, held: Collection[str]) -> int:
        position = super().catch_up(held)
        self._stop_at_the_end(position)
        return position

    def take(self, held: Collection[str], after: int, batch: Batch | None) -> bool:
        taken = super().take(held, after, batch)
        if batch is not None and batch.events:
            self._stop_at_the_end(batch.position)
        return taken

    def _stop_at_the_end(self, position: int) -> None:
        if position == current_store().head():
            self._stop.set()


# --- A reaction -------------------------------------------------------------------------------------------

inspections = Reaction("inspections")


@inspections.on(SiteAcquired)
def inspect(event: SiteAcquired, cause: Cause) -> None:
    """Every new site is inspected; a mail is sent first. The second one fails until it has been parked
    once."""
    if event.site_id == known("2 Harbour Street") and not ParkedEvent.objects.exists():
        raise ValueError("Trouble")
    send_mail(event.address_line_1)
    command = RaiseWork(
        work_id=uuid5(event.site_id, "inspection"),
        title=f"Inspect {event.address_line_1}",
        description="A new site.",
        sites=(factories.active_site(event.site_id),),
    )
    outcome = cause.dispatch(command, to=WORK)
    if outcome is not None:
        acknowledged(f"{WORK.stream(outcome.aggregate_id)}@{outcome.version}")


def send_mail(about: str) -> None:
    """A mail cannot be taken back: no transaction undoes it."""
    post = os.open(os.environ[MAIL], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(post, f"{about}\n".encode())
    os.close(post)
