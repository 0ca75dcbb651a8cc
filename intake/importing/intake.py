"""Turns service requests into sites, work and completed work, through the ordinary commands."""

from datetime import datetime
from typing import Any
from uuid import UUID

from eventstore.current import current_store
from eventstore.decider import C, Decider, E, S
from eventstore.dispatch import dispatch, state_of
from intake.importing import identity
from intake.importing.imported import imported
from intake.importing.known import Known, known_operatives, known_sites
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
Stored = set[tuple[str, UUID]]


class Intake:
    """Takes requests of one source. `stored` is what the latest of them brought: names of events, and
    which aggregates they belong to. `twins` are the names of what was stored twice before; it stays so."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.stored: Stored = set()
        self.twins: set[tuple[str, ...]] = set()
        self._began_after = current_store().head()
        self._sites, self._operatives = known_sites(), known_operatives(source)

    def take(self, request: ServiceRequest) -> None:
        """Dispatch the commands for the request. Raises Refused, and NotTaken if it was imported before
        and says something else today. Of a request that was imported before, only a closing since then is
        stored."""
        self.stored = set()
        self._note_twins(request.place, request.closing)
        work_id = identity.work_id(self.source, request.key)
        before = imported(work_id)
        if before is None:
            site = self._site(request.place, request.created)
            raise_work = RaiseWork(
                work_id=work_id, title=request.title, description=request.description, sites=(site,)
            )
            self._dispatch(raise_work, WORK, "raise", request.created)
        else:
            before.compare(request)
        if request.closing is not None and (before is None or before.completed is None):
            self._complete(work_id, request.closing, request.created)

    def _note_twins(self, place: Place, closing: Closing | None) -> None:
        found = [self._sites.twins(identity.place_key(place.address_line_1, place.town, place.post_code))]
        if closing is not None:
            found.append(self._operatives.twins(identity.crew_key(closing.forename, closing.surname)))
        self.twins.update(filter(None, found))

    def _complete(self, work_id: UUID, closing: Closing, created: datetime) -> None:
        # Nobody recorded when it was assigned. A request is routed to its agency when it is taken.
        operative = self._operative(closing, created)
        self._dispatch(AssignWork(work_id=work_id, operative=operative), WORK, "assign", created)
        self._dispatch(
            CompleteWork(work_id=work_id, outcome=closing.outcome), WORK, "complete", closing.closed
        )

    # Whether a site or an operative exists already is read from its own stream, not from a read model:
    # with projection by a worker that would not yet know those of the row before.

    def _site(self, place: Place, at: datetime) -> SiteFact:
        text = place.address_line_1, place.town, place.post_code
        site_id, site = self._stored(
            SITE,
            (identity.former_site_id(*text), identity.site_id(*text)),
            self._sites,
            identity.place_key(*text),
        )
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
        text = self.source, forename, surname
        operative_id, operative = self._stored(
            OPERATIVE,
            (identity.former_operative_id(*text), identity.operative_id(*text)),
            self._operatives,
            identity.crew_key(forename, surname),
        )
        if operative.status is Employment.NONE:
            hire = HireOperative(operative_id=operative_id, forename=forename, surname=surname)
            self._dispatch(hire, OPERATIVE, "hire", at)
        released = operative.status is Employment.RELEASED
        return OperativeFact(
            operative_id=operative_id,
            name=f"{forename} {surname}",
            status=OperativeStatus.RELEASED if released else OperativeStatus.EMPLOYED,
        )

    def _stored(
        self, decider: Decider[Any, S, Any], ids: tuple[UUID, UUID], known: Known, key: str
    ) -> tuple[UUID, S]:
        """The id of what is stored, and its state: under the former id, under today's, or under the former
        id of another spelling. If nothing is stored, today's id."""
        for aggregate_id in dict.fromkeys(ids):
            state = standing_of(decider, aggregate_id)
            if state != decider.initial:
                return aggregate_id, state
        aggregate_id = known.oldest(key) or ids[1]
        return aggregate_id, standing_of(decider, aggregate_id)

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
            self.stored |= {(type(each).__name__, aggregate_id) for each in outcome.events}


def standing_of(decider: Decider[Any, S, Any], aggregate_id: UUID) -> S:
    """An aggregate as its stream says it is. Raises Refused if this code cannot read that."""
    return state_of(decider, current_store().read_stream(decider.stream(aggregate_id)))
