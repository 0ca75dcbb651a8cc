"""What happens to a site."""

from uuid import UUID

from eventstore.events import event


@event("SiteAcquired")
class SiteAcquired:
    site_id: UUID
    address_line_1: str
    town: str
    post_code: str
    telephone_number: str


@event("SiteCorrected")
class SiteCorrected:
    """The particulars were wrong, or have changed; these are all of them."""

    site_id: UUID
    address_line_1: str
    town: str
    post_code: str
    telephone_number: str


@event("SiteRelinquished")
class SiteRelinquished:
    site_id: UUID


SiteEvent = SiteAcquired | SiteCorrected | SiteRelinquished
