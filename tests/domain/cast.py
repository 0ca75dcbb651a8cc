"""The cast of the tests of rules: the same people, places and things, by their names."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from operatives.commands import OperativeFact, OperativeStatus
from orders.buyer import buyer_id_of
from orders.events import Address, Card, CardType
from sites.commands import SiteFact, SiteStatus

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
SOON = NOW + timedelta(minutes=25)

JOB = UUID(int=7)
FIRST_ORDER, SECOND_ORDER, THIRD_ORDER = UUID(int=61), UUID(int=62), UUID(int=63)
BELT, FILTER = UUID(int=51), UUID(int=52)

HARBOUR = SiteFact(site_id=UUID(int=21), name="1 Harbour Street, Whitby", status=SiteStatus.ACTIVE)
MILL = SiteFact(site_id=UUID(int=22), name="The Old Mill, Goathland", status=SiteStatus.ACTIVE)
RELINQUISHED_SITE = SiteFact(
    site_id=UUID(int=23), name="9 Cliff Road, Staithes", status=SiteStatus.RELINQUISHED
)
UNKNOWN_SITE = SiteFact(site_id=UUID(int=24), name="nowhere", status=SiteStatus.UNKNOWN)
HARBOUR_ADDRESS = Address(line_1="1 Harbour Street", town="Whitby", post_code="YO21 1AA")

OLIVE = OperativeFact(operative_id=UUID(int=31), name="Olive Marsh", status=OperativeStatus.EMPLOYED)
PETER = OperativeFact(operative_id=UUID(int=32), name="Peter Quill", status=OperativeStatus.EMPLOYED)
RELEASED_LEN = OperativeFact(operative_id=UUID(int=33), name="Len Gone", status=OperativeStatus.RELEASED)
UNKNOWN_OPERATIVE = OperativeFact(operative_id=UUID(int=34), name="nobody", status=OperativeStatus.UNKNOWN)

GRACE = buyer_id_of("grace@example.com")
GRACES_CARD = Card(type=CardType.VISA, holder="Grace Hopper", last_four="1111", expiry="2099-03")
