"""What people did before a test begins: each function sends one command, or the few that lead somewhere.

Everything goes through `dispatch`, as in the application, and so may be refused as there. `at` is when it
happened (now, unless given), `by` the actor.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from django.utils import timezone

from eventstore.dispatch import Outcome, dispatch
from operatives.commands import (
    HireOperative,
    OperativeFact,
    OperativeStatus,
    ReleaseOperative,
    RenameOperative,
)
from operatives.operative import OPERATIVE
from sites.commands import AcquireSite, CorrectSite, RelinquishSite, SiteFact, SiteStatus
from sites.site import SITE
from support.commands import (
    AbandonWork,
    ArriveOnSite,
    AssignWork,
    CompleteWork,
    DispatchOperative,
    RaiseWork,
)
from support.events import AbandonReason
from support.work import WORK, Stage

SOMEBODY = "user-0"


def noon(day: int, minute: int = 0) -> datetime:
    """A fixed time for `at`: noon in UTC on a day of March 2026, and so many minutes."""
    return datetime(2026, 3, 1, 12, tzinfo=UTC) + timedelta(days=day - 1, minutes=minute)


def hire(
    forename: str = "Ada", surname: str = "Lovelace", *, at: datetime | None = None, by: str = SOMEBODY
) -> UUID:
    """A new operative."""
    operative_id = uuid4()
    command = HireOperative(operative_id=operative_id, forename=forename, surname=surname)
    dispatch(command, to=OPERATIVE, by=by, occurred_at=at)
    return operative_id


def rename(operative_id: UUID, forename: str, surname: str, *, at: datetime | None = None) -> Outcome:
    command = RenameOperative(operative_id=operative_id, forename=forename, surname=surname)
    return dispatch(command, to=OPERATIVE, by=SOMEBODY, occurred_at=at)


def release(operative_id: UUID, *, open_jobs: int = 0, at: datetime | None = None) -> Outcome:
    command = ReleaseOperative(operative_id=operative_id, open_jobs=open_jobs)
    return dispatch(command, to=OPERATIVE, by=SOMEBODY, occurred_at=at)


def acquire(
    address_line_1: str = "1 Harbour Street",
    town: str = "Whitby",
    post_code: str = "YO21 1AA",
    telephone_number: str = "01947 600001",
    *,
    at: datetime | None = None,
    by: str = SOMEBODY,
) -> UUID:
    """A new site."""
    site_id = uuid4()
    command = AcquireSite(
        site_id=site_id,
        address_line_1=address_line_1,
        town=town,
        post_code=post_code,
        telephone_number=telephone_number,
    )
    dispatch(command, to=SITE, by=by, occurred_at=at)
    return site_id


def correct(
    site_id: UUID,
    address_line_1: str = "1 Harbour Street",
    town: str = "Whitby",
    post_code: str = "YO21 1AA",
    telephone_number: str = "01947 600001",
    *,
    at: datetime | None = None,
) -> Outcome:
    command = CorrectSite(
        site_id=site_id,
        address_line_1=address_line_1,
        town=town,
        post_code=post_code,
        telephone_number=telephone_number,
    )
    return dispatch(command, to=SITE, by=SOMEBODY, occurred_at=at)


def relinquish(site_id: UUID, *, open_jobs: int = 0, at: datetime | None = None) -> Outcome:
    command = RelinquishSite(site_id=site_id, open_jobs=open_jobs)
    return dispatch(command, to=SITE, by=SOMEBODY, occurred_at=at)


def raise_work(
    title: str = "Boiler out",
    description: str = "No heating since this morning.",
    *,
    site_ids: Sequence[UUID] = (),
    at: datetime | None = None,
    by: str = SOMEBODY,
) -> UUID:
    """New work, at a new site unless some are given."""
    work_id = uuid4()
    sites = tuple(active_site(site_id) for site_id in site_ids or [acquire()])
    command = RaiseWork(work_id=work_id, title=title, description=description, sites=sites)
    dispatch(command, to=WORK, by=by, occurred_at=at)
    return work_id


def active_site(site_id: UUID, name: str = "1 Harbour Street, Whitby") -> SiteFact:
    return SiteFact(site_id=site_id, name=name, status=SiteStatus.ACTIVE)


def employed(operative_id: UUID, name: str = "Ada Lovelace") -> OperativeFact:
    return OperativeFact(operative_id=operative_id, name=name, status=OperativeStatus.EMPLOYED)


def released(operative_id: UUID, name: str = "Ada Lovelace") -> OperativeFact:
    return OperativeFact(operative_id=operative_id, name=name, status=OperativeStatus.RELEASED)


def assign(work_id: UUID, operative_id: UUID, *, at: datetime | None = None, by: str = SOMEBODY) -> Outcome:
    """Put the work at the end of the operative's queue."""
    command = AssignWork(work_id=work_id, operative=employed(operative_id))
    return dispatch(command, to=WORK, by=by, occurred_at=at)


def set_out(
    work_id: UUID,
    *,
    estimated_arrival: datetime | None = None,
    at: datetime | None = None,
    by: str = SOMEBODY,
) -> Outcome:
    """The operative is on the way (DispatchOperative)."""
    command = DispatchOperative(
        work_id=work_id, now=at or timezone.now(), estimated_arrival=estimated_arrival
    )
    return dispatch(command, to=WORK, by=by, occurred_at=at)


def arrive(work_id: UUID, *, at: datetime | None = None, by: str = SOMEBODY) -> Outcome:
    return dispatch(ArriveOnSite(work_id=work_id), to=WORK, by=by, occurred_at=at)


def complete(work_id: UUID, outcome: str = "", *, at: datetime | None = None, by: str = SOMEBODY) -> Outcome:
    return dispatch(CompleteWork(work_id=work_id, outcome=outcome), to=WORK, by=by, occurred_at=at)


def abandon(
    work_id: UUID,
    reason: AbandonReason = AbandonReason.NO_ACCESS,
    note: str = "",
    *,
    at: datetime | None = None,
    by: str = SOMEBODY,
) -> Outcome:
    command = AbandonWork(work_id=work_id, reason=reason, note=note)
    return dispatch(command, to=WORK, by=by, occurred_at=at)


def work_at(stage: Stage, operative_id: UUID | None = None, *, title: str = "Boiler out") -> UUID:
    """New work brought to a stage, by a new operative unless one is given."""
    work_id = raise_work(title)
    if stage is not Stage.RAISED:
        assign(work_id, operative_id or hire())
    if stage in {Stage.DISPATCHED, Stage.ARRIVED}:
        set_out(work_id)
    if stage is Stage.ARRIVED:
        arrive(work_id)
    if stage is Stage.COMPLETED:
        complete(work_id)
    if stage is Stage.ABANDONED:
        abandon(work_id)
    return work_id
