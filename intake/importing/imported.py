"""What an earlier import stored of a request, and how today's row differs from it."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from eventstore.current import current_store
from eventstore.dispatch import event_id_of, event_of
from eventstore.store import RecordedEvent
from intake.importing import identity
from intake.importing.service_request import Closing, NotTaken, ServiceRequest
from operatives.operative import OPERATIVE
from sites.site import SITE
from spelling.line import trimmed
from support.work import WORK


@dataclass(frozen=True, slots=True)
class Imported:
    """The events of the import itself; what people have done to the work since is theirs."""

    raised: RecordedEvent
    completed: RecordedEvent | None

    def compare(self, request: ServiceRequest) -> None:
        """Raises NotTaken, with the name of everything that differs, if the row says something else than
        what was imported. A request that has been closed since does not differ: that is new."""
        differences = list(self._of_raising(request))
        if self.completed is not None and request.closing is None:
            raise NotTaken(
                "The source has reopened it since it was imported; what is there stays",
                ", ".join(differences),
            )
        if self.completed is not None and request.closing is not None:
            differences += self._of_closing(request.closing, self.completed)
        if differences:
            raise NotTaken(
                "It was imported before with other contents; what is there stays", ", ".join(differences)
            )

    def _of_raising(self, request: ServiceRequest) -> Iterator[str]:
        raised, place = event_of(self.raised), request.place
        if request.created != self.raised.occurred_at:
            yield "created date"
        if _differ(request.title, raised.title):
            yield "title"
        if _differ(request.description, raised.description):
            yield "description"
        (acquired,) = current_store().read_stream(SITE.stream(raised.site_ids[0]), limit=1)
        site = event_of(acquired)
        if identity.place_key(place.address_line_1, place.town, place.post_code) != identity.place_key(
            site.address_line_1, site.town, site.post_code
        ):
            yield "address"
        # The site keeps the number of the row for which it was acquired.
        elif acquired.occurred_at == request.created and place.telephone_number != site.telephone_number:
            yield "telephone number"

    def _of_closing(self, closing: Closing, completed: RecordedEvent) -> Iterator[str]:
        done = event_of(completed)
        if closing.closed != completed.occurred_at:
            yield "closed date"
        if _differ(closing.outcome, done.outcome):
            yield "outcome"
        hired = event_of(*current_store().read_stream(OPERATIVE.stream(done.operative_id), limit=1))
        if identity.crew_key(closing.forename, closing.surname) != identity.crew_key(
            hired.forename, hired.surname
        ):
            yield "who dealt with it"


def _differ(written: str, stored: str) -> bool:
    """Whether the texts differ in more than what rules drop, or did not drop yet when it was stored."""
    return trimmed(written) != trimmed(stored)


def imported(work_id: UUID) -> Imported | None:
    """What is stored of the request with this id; None if it has not been imported."""
    recorded = {each.id: each for each in current_store().read_stream(WORK.stream(work_id))}
    raised, completed = (
        recorded.get(event_id_of(identity.command_id(work_id, verb), 0)) for verb in ("raise", "complete")
    )
    return Imported(raised, completed) if raised else None
