"""Service requests into sites, work and completed work, through the ordinary commands."""

from datetime import datetime
from typing import Any
from uuid import UUID

from eventstore.decider import C, Decider, E, S
from eventstore.dispatch import dispatch
from eventstore.store import current_store
from intake.importing import identity
from intake.importing.service_request import Closing, Place, ServiceRequest
from operatives.commands import HireOperative, OperativeFact, OperativeStatus
from operatives.operative import OPERATIVE
from operatives.operative import Status as Employment
from sites.commands import AcquireSite, SiteFact, SiteStatus
from sites.site import SITE
from sites.site import Status as Holding
from support.commands import AssignWork, CompleteWork, RaiseWork
from support.work import WORK

ACTOR = SOURCE = "import"


class Intake:
    """Takes requests of one source. What it stored anew is in `stored`, by the name of the event."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.stored: dict[str, set[UUID]] = {}
        self._began_after = current_store().head()

    def take(self, request: ServiceRequest) -> None:
        """Dispatch what the request comes to; raises Refused.

        The commands of a request that was taken before are recognised by their ids and change nothing.
        """
        work_id = identity.work_id(self.source, request.key)
        site = self._site(request.place, request.created)
        raise_work = RaiseWork(
            work_id=work_id, title=request.title, description=request.description, sites=(site,)
        )
        self._dispatch(raise_work, WORK, "raise", request.created)
        if request.closing is not None:
            self._complete(work_id, request.closing, request.created)

    def _complete(self, work_id: UUID, closing: Closing, created: datetime) -> None:
        # Nobody wrote down when it was assigned. A request is routed to its agency as it is taken.
        operative = self._operative(closing, created)
        self._dispatch(AssignWork(work_id=work_id, operative=operative), WORK, "assign", created)
        self._dispatch(
            CompleteWork(work_id=work_id, outcome=closing.outcome), WORK, "complete", closing.closed
        )

    # Whether a site or an operative is there already is read from its own stream, not from a read model:
    # with projection by a worker that would not yet know those of the row before.

    def _site(self, place: Place, at: datetime) -> SiteFact:
        site_id = identity.site_id(place.address_line_1, place.town, place.post_code)
        site = state_of(SITE, site_id)
        if site.status is Holding.NONE:
            acquire = AcquireSite(
                site_id=site_id,
                address_line_1=place.address_line_1,
                town=place.town,
                post_code=place.post_code,
                telephone_number=place.telephone_number,
            )
            self._dispatch(acquire, SITE, "acquire", at)
        relinquished = site.status is Holding.RELINQUISHED
        return SiteFact(
            site_id=site_id,
            name=f"{place.address_line_1}, {place.town}",
            status=SiteStatus.RELINQUISHED if relinquished else SiteStatus.ACTIVE,
        )

    def _operative(self, closing: Closing, at: datetime) -> OperativeFact:
        forename, surname = closing.forename, closing.surname
        operative_id = identity.operative_id(self.source, forename, surname)
        operative = state_of(OPERATIVE, operative_id)
        if operative.status is Employment.NONE:
            hire = HireOperative(operative_id=operative_id, forename=forename, surname=surname)
            self._dispatch(hire, OPERATIVE, "hire", at)
        released = operative.status is Employment.RELEASED
        return OperativeFact(
            operative_id=operative_id,
            name=f"{forename} {surname}",
            status=OperativeStatus.RELEASED if released else OperativeStatus.EMPLOYED,
        )

    def _dispatch(self, command: C, to: Decider[C, S, E], verb: str, at: datetime) -> None:
        aggregate_id = to.identify(command)
        outcome = dispatch(
            command,
            to=to,
            by=ACTOR,
            command_id=identity.command_id(aggregate_id, verb),
            occurred_at=at,
            source=SOURCE,
        )
        if outcome.position > self._began_after:
            for each in outcome.events:
                self.stored.setdefault(type(each).__name__, set()).add(aggregate_id)


def state_of(decider: Decider[Any, S, Any], aggregate_id: UUID) -> S:
    """An aggregate as its stream says it is."""
    recorded = current_store().read_stream(decider.stream(aggregate_id))
    return decider.fold(each.event for each in recorded)
