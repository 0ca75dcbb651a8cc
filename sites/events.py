"""What happens to a site. Its particulars are its own: a site may be where somebody lives."""

from typing import Annotated
from uuid import UUID

from eventstore.events import Means, event

SiteId = Annotated[UUID, Means("the site")]
AddressLine = Annotated[str, Means("house and street", personal="site")]
Town = Annotated[str, Means("the town", personal="site")]
PostCode = Annotated[str, Means("the post code, as it is written there", personal="site")]
TelephoneNumber = Annotated[str, Means("where somebody at the site answers", personal="site")]


@event("SiteAcquired")
class SiteAcquired:
    """A place is ours to support."""

    site_id: SiteId
    address_line_1: AddressLine
    town: Town
    post_code: PostCode
    telephone_number: TelephoneNumber


@event("SiteCorrected")
class SiteCorrected:
    """The particulars were wrong, or have changed; these are all of them."""

    site_id: SiteId
    address_line_1: AddressLine
    town: Town
    post_code: PostCode
    telephone_number: TelephoneNumber


@event("SiteRelinquished")
class SiteRelinquished:
    """It is ours no more. Its history stays."""

    site_id: SiteId


SiteEvent = SiteAcquired | SiteCorrected | SiteRelinquished
