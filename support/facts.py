"""What is known of other aggregates when a command is made; it travels in the command (docs/adr/)."""

from collections.abc import Sequence
from uuid import UUID

from operatives.commands import OperativeFact, OperativeStatus
from readmodels.models import SiteRow
from readmodels.queries import operatives
from sites.commands import SiteFact, SiteStatus
from spelling.line import isolated


def site_facts(site_ids: Sequence[UUID]) -> tuple[SiteFact, ...]:
    """What the read models know of each of these sites, in the same order."""
    known = SiteRow.objects.in_bulk(site_ids)
    return tuple(
        SiteFact(site_id=site_id, name=str(site_id), status=SiteStatus.UNKNOWN)
        if site_id not in known
        else SiteFact(
            site_id=site_id,
            name=isolated(str(known[site_id])),
            status=SiteStatus.RELINQUISHED if known[site_id].relinquished_at else SiteStatus.ACTIVE,
        )
        for site_id in site_ids
    )


def operative_fact(operative_id: UUID) -> OperativeFact:
    """What the read models know of this operative."""
    known = operatives.by_id(operative_id)
    if known is None:
        return OperativeFact(
            operative_id=operative_id, name=str(operative_id), status=OperativeStatus.UNKNOWN
        )
    status = OperativeStatus.RELEASED if known.released_at else OperativeStatus.EMPLOYED
    return OperativeFact(operative_id=operative_id, name=isolated(str(known)), status=status)
