"""The sites as they are now."""

from eventstore.projections.read_model import ReadModel
from eventstore.projections.unit_of_work import Rows
from eventstore.store import RecordedEvent
from readmodels.models import SiteRow, SiteText, SiteWord
from readmodels.texts import add_text, change_text
from sites.events import SiteAcquired, SiteCorrected, SiteRelinquished
from spelling.name_order import sort_key
from spelling.telephone import digits_of

sites = ReadModel("sites", version=3, tables=[SiteRow, SiteText, SiteWord])


@sites.on(SiteAcquired)
def acquired(event: SiteAcquired, recorded: RecordedEvent, rows: Rows) -> None:
    row = SiteRow(site_id=event.site_id, acquired_at=recorded.occurred_at)
    set_particulars(row, event)
    rows.add(row)
    add_text(rows, SiteText, event.site_id, *searchable(event))


@sites.on(SiteCorrected, loads={SiteRow: "site_id", SiteText: "site_id"})
def corrected(event: SiteCorrected, recorded: RecordedEvent, rows: Rows) -> None:
    set_particulars(rows.get(SiteRow, event.site_id), event)
    change_text(rows, SiteText, event.site_id, *searchable(event))


@sites.on(SiteRelinquished, loads={SiteRow: "site_id"})
def relinquished(event: SiteRelinquished, recorded: RecordedEvent, rows: Rows) -> None:
    rows.get(SiteRow, event.site_id).relinquished_at = recorded.occurred_at


def set_particulars(row: SiteRow, event: SiteAcquired | SiteCorrected) -> None:
    row.address_line_1 = event.address_line_1
    row.town = event.town
    row.post_code = event.post_code
    row.telephone_number = event.telephone_number
    row.sort_key = sort_key(event.town, event.address_line_1)


def searchable(event: SiteAcquired | SiteCorrected) -> tuple[str, ...]:
    """The texts by which a caller may name the site."""
    without_blanks = event.post_code.replace(" ", "")
    number = digits_of(event.telephone_number)
    return event.address_line_1, event.town, event.post_code, without_blanks, number
