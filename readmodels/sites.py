"""The sites as they are now."""

from eventstore.read_models import ReadModel
from eventstore.rows import Rows
from eventstore.store import RecordedEvent
from readmodels.models import SiteRow
from readmodels.search_text import digits_of, search_text
from sites.events import SiteAcquired, SiteCorrected, SiteRelinquished

sites = ReadModel("sites", version=1, tables=[SiteRow])


@sites.on(SiteAcquired)
def acquired(event: SiteAcquired, recorded: RecordedEvent, rows: Rows) -> None:
    row = SiteRow(site_id=event.site_id, acquired_at=recorded.occurred_at)
    set_particulars(row, event)
    rows.add(row)


@sites.on(SiteCorrected, loads={SiteRow: "site_id"})
def corrected(event: SiteCorrected, recorded: RecordedEvent, rows: Rows) -> None:
    set_particulars(rows.get(SiteRow, event.site_id), event)


@sites.on(SiteRelinquished, loads={SiteRow: "site_id"})
def relinquished(event: SiteRelinquished, recorded: RecordedEvent, rows: Rows) -> None:
    rows.get(SiteRow, event.site_id).relinquished_at = recorded.occurred_at


def set_particulars(row: SiteRow, event: SiteAcquired | SiteCorrected) -> None:
    row.address_line_1 = event.address_line_1
    row.town = event.town
    row.post_code = event.post_code
    row.telephone_number = event.telephone_number
    row.search = search_text(
        event.address_line_1,
        event.town,
        event.post_code,
        event.post_code.replace(" ", ""),
        digits_of(event.telephone_number),
    )
