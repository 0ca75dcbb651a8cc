"""Placing an order once more: what the new form is filled in with."""

from dataclasses import dataclass
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, QueryDict

from accounts import rules
from accounts.rules import Principal
from eventstore.current import current_store
from orders.chain import read
from orders.events import OrderStarted
from orders.forms.place_order import ADDRESS
from orders.order import ORDER
from orders.privacy import may_see_buyer
from readmodels.models import SiteRow
from readmodels.queries import products


@dataclass(frozen=True)
class Again:
    """What is typed into the form, and the products that are no longer sold and were left out."""

    typed: QueryDict | None = None
    left_out: tuple[str, ...] = ()


def again(who: Principal, order_id: UUID) -> Again:
    """The order of this id, for those who may see it; 404 when there is none. Nothing of its card is
    filled in, and no price: today's price holds. A person who may not read the destination and the buyer's
    address types them anew."""
    if not rules.SEE_ORDERS.allows(who, {}):
        raise PermissionDenied
    history = current_store().read_stream(ORDER.stream(order_id))
    started = read(history[0]) if history else None
    if not isinstance(started, OrderStarted):
        raise Http404
    known = products.by_ids(line.product_id for line in started.lines)
    sold = {product_id for product_id, row in known.items() if not row.withdrawn_at}
    data = QueryDict(mutable=True)
    if may_see_buyer(who, history):
        data = where(started)
        data["buyer_email"] = started.buyer_email
    data["buyer_name"] = started.buyer_name
    data["work"] = str(started.work_id or "")
    data.setlist("product", [str(line.product_id) for line in started.lines if line.product_id in sold])
    data.setlist("units", [str(line.units) for line in started.lines if line.product_id in sold])
    return Again(data, tuple(line.name for line in started.lines if line.product_id not in sold))


def where(started: OrderStarted) -> QueryDict:
    """The site, as long as it is ours; otherwise the address."""
    data = QueryDict(mutable=True)
    site = SiteRow.objects.in_bulk([started.site_id]).get(started.site_id) if started.site_id else None
    if site and not site.relinquished_at:
        data["ship_to"] = str(site.pk)
        return data
    data["ship_to"], data["address_line_1"] = ADDRESS, started.ship_to.line_1
    data["town"], data["post_code"] = started.ship_to.town, started.ship_to.post_code
    return data
