"""Orders, their buyers, and what an order can be made of."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from readmodels import cursor
from readmodels.models import (
    BuyerRow,
    OrderLineRow,
    OrderRow,
    OrderText,
    PaymentMethodRow,
    SiteRow,
    WorkRow,
    WorkSiteRow,
)
from readmodels.page import Page
from readmodels.queries.search import holding
from spelling.fold import kept
from spelling.wanted import among

LISTED = "orders"
"""What places in this list are sealed for."""
LOOKED_THROUGH = 2_000
"""The most orders that are looked through for a name alone."""
OPEN = (
    OrderRow.Status.SUBMITTED,
    OrderRow.Status.AWAITING_VALIDATION,
    OrderRow.Status.STOCK_CONFIRMED,
    OrderRow.Status.PAID,
)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which orders to list. `status` is one of OrderRow.Status, or "open"; each word of `buyer` is looked for
    in name and e-mail address, or in the name alone; placed from `since` until before `until`; by this buyer,
    for this job."""

    buyer: str = ""
    by_name_alone: bool = False
    status: str = ""
    since: datetime | None = None
    until: datetime | None = None
    buyer_id: UUID | None = None
    work_id: UUID | None = None


def name_of(order_id: UUID) -> str:
    """What people call the order: its number and the buyer; empty while it has no number yet."""
    row = OrderRow.objects.filter(pk=order_id).first()
    return f"{row}, for {row.buyer_name}" if row else ""


def page(wanted: Wanted, last: int | None, size: int) -> Page[OrderRow]:
    """Up to `size` wanted orders after the one with the number `last`, newest first, with their lines."""
    return page_of(filtered(wanted), last, size)


def page_of(found: QuerySet[OrderRow], last: int | None, size: int) -> Page[OrderRow]:
    """A page of these orders, newest first."""
    if last is not None:
        found = found.filter(number__lt=last)
    rows = list(with_lines(found.order_by("-number"))[: size + 1])
    return Page.of(rows, size, lambda row: cursor.seal_place(LISTED, str(row.number)))


def number_at(after: str | None) -> int | None:
    """The number of the order after which the page begins; None at the beginning. Raises ValueError when
    `after` is no place in the list."""
    if after is None:
        return None
    place = cursor.unseal_place(LISTED, after)
    if not re.fullmatch("[0-9]{1,9}", place):
        raise ValueError(f"{after!r} is no place in the list")
    return int(place)


def with_lines(found: QuerySet[OrderRow]) -> QuerySet[OrderRow]:
    """The same orders; their `lines.all()` then takes one query for all of them."""
    return found.prefetch_related(Prefetch("lines", OrderLineRow.objects.order_by("place")))


def filtered(wanted: Wanted) -> QuerySet[OrderRow]:
    """The wanted orders."""
    found = holding(OrderRow.objects.all(), wanted.buyer, OrderText)
    if wanted.buyer.strip() and wanted.by_name_alone:
        found = named(found, wanted.buyer)
    if wanted.status == "open":
        found = found.filter(status__in=OPEN)
    elif wanted.status:
        found = found.filter(status=wanted.status)
    if wanted.since:
        found = found.filter(placed_at__gte=wanted.since)
    if wanted.until:
        found = found.filter(placed_at__lt=wanted.until)
    if wanted.buyer_id:
        found = found.filter(buyer_id=wanted.buyer_id)
    if wanted.work_id:
        found = found.filter(work_id=wanted.work_id)
    return found


def named(found: QuerySet[OrderRow], text: str) -> QuerySet[OrderRow]:
    """The newest orders whose buyer's name alone contains what was typed. The search text of an order also
    has the e-mail address. A person who may not read it must not be able to find it out letter by letter."""
    names = found.order_by("-number").values_list("pk", "buyer_name")[:LOOKED_THROUGH]
    return found.filter(pk__in=among({pk: kept(name) for pk, name in names}, text))


def order(order_id: UUID) -> OrderRow | None:
    """One order with its lines."""
    return with_lines(OrderRow.objects.filter(pk=order_id)).first()


def lines_of(order_id: UUID) -> QuerySet[OrderLineRow]:
    """The lines of an order, in the order in which they were asked for."""
    return OrderLineRow.objects.filter(order_id=order_id).order_by("place")


def of_work(work_id: UUID) -> Sequence[OrderRow]:
    """The orders that belong to a job, with their lines, oldest first."""
    return list(with_lines(OrderRow.objects.filter(work_id=work_id).order_by("number")))


def buyer(buyer_id: UUID) -> BuyerRow | None:
    """One buyer."""
    return BuyerRow.objects.filter(pk=buyer_id).first()


def payment_methods_of(buyer_id: UUID) -> QuerySet[PaymentMethodRow]:
    """The cards of a buyer, the last used first."""
    return PaymentMethodRow.objects.filter(buyer_id=buyer_id).order_by("-verified_at")


def page_of_buyer(buyer_id: UUID, last: int | None, size: int) -> Page[OrderRow]:
    """The orders of a buyer, newest first."""
    return page_of(OrderRow.objects.filter(buyer_id=buyer_id), last, size)


def job_of(work_id: UUID) -> WorkRow | None:
    """The job that an order belongs to, or shall belong to."""
    return WorkRow.objects.filter(pk=work_id).first()


def sites_of(work_id: UUID) -> list[SiteRow]:
    """The sites of the job, in the order in which they were ticked."""
    ids = list(
        WorkSiteRow.objects.filter(work_id=work_id).order_by("place").values_list("site_id", flat=True)
    )
    known = SiteRow.objects.in_bulk(ids)
    return [known[each] for each in ids if each in known]
