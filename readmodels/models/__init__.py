"""Every read table. Derived from events: `manage.py rebuild --all` makes all of it again.

No foreign key leads to another read model's table, so each can be rebuilt alone. Times are those at which
things happened (`occurred_at`), not those at which they were stored.
"""

from readmodels.models.operatives import OperativeRow
from readmodels.models.orders import (
    BuyerRow,
    OrderCounter,
    OrderLineRow,
    OrderRow,
    PaymentMethodRow,
)
from readmodels.models.products import PriceRow, ProductRow, ReservationRow
from readmodels.models.search import (
    BuyerText,
    BuyerWord,
    OperativeText,
    OperativeWord,
    OrderText,
    OrderWord,
    ProductText,
    ProductWord,
    SiteText,
    SiteWord,
    WorkText,
    WorkWord,
)
from readmodels.models.sites import SiteRow
from readmodels.models.work import WorkCounter, WorkRow, WorkSiteRow, WorkStepRow

__all__ = [
    "BuyerRow",
    "BuyerText",
    "BuyerWord",
    "OperativeRow",
    "OperativeText",
    "OperativeWord",
    "OrderCounter",
    "OrderLineRow",
    "OrderRow",
    "OrderText",
    "OrderWord",
    "PaymentMethodRow",
    "PriceRow",
    "ProductRow",
    "ProductText",
    "ProductWord",
    "ReservationRow",
    "SiteRow",
    "SiteText",
    "SiteWord",
    "WorkCounter",
    "WorkRow",
    "WorkSiteRow",
    "WorkStepRow",
    "WorkText",
    "WorkWord",
]
