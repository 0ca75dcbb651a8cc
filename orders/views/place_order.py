"""Placing an order."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from accounts import rules
from accounts.guard import allow
from orders.forms.items import MOST_ROWS, Row, rows_of, total
from orders.forms.place_order import LOOK_FOR, PlaceOrderForm, searched
from orders.order import ORDER
from orders.views import choices
from orders.views.choices import uuid
from orders.views.order import PLACING
from orders.views.reorder import Again, again
from orders.views.secret import NamesAlone
from pages.depends_on import shows
from pages.respond import UNPROCESSABLE, StaffRequest, render_page, submit
from readmodels.queries import orders, to_order

AGAIN = ("add", "remove", "find", "sum")
"""The buttons (and what htmx sends) that only show the form again, with one row more or fewer, or with the
products or sites that were looked for."""
LINKED = ("work", "product", "units", LOOK_FOR, "ship_to")
FRAGMENTS = {
    "items": "orders/_items.html",
    "items-sum": "orders/_items.html",
    "products": "orders/_products.html",
    "places": "orders/_places.html",
}


@allow(rules.PLACE_ORDERS)
@shows("products", "sites", "work", "orders")
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: StaffRequest) -> HttpResponse:
    """Who, what, where to, and the card."""
    request.exception_reporter_filter = NamesAlone()  # type: ignore[attr-defined]
    sent = request.method == "POST" and not any(name in request.POST for name in AGAIN)
    before = earlier(request)
    form = PlaceOrderForm(request.POST) if sent else PlaceOrderForm(typed=before.typed or typed(request))
    if sent:
        placed = place(request, form)
        if placed is not None:
            return redirect("order", placed)
    return render_page(
        request,
        "orders/new.html",
        {"form": form, "before": before, **order_context(request, form)},
        fragment=FRAGMENTS.get(request.htmx.target or "", "orders/_new.html"),
        status=UNPROCESSABLE if sent else 200,
    )


def place(request: StaffRequest, form: PlaceOrderForm) -> UUID | None:
    """The id of the order; None when it was refused."""
    form.about = lambda: placed_as(form)
    outcome = submit(request, form, form.to_command, to=ORDER, action=PLACING)
    return outcome.aggregate_id if outcome else None


def earlier(request: StaffRequest) -> Again:
    """The order to place once more, if the address names one."""
    order_id = uuid(request.GET.get("again", "")) if request.method != "POST" else None
    return again(request.user, order_id) if order_id else Again()


def placed_as(form: PlaceOrderForm) -> str:
    """The order with its number, and the buyer; only the buyer while it has no number."""
    given = form.cleaned_data
    name = orders.name_of(given["command_id"]) if "command_id" in given else ""
    buyer = given.get("buyer_name")
    return name or (f"For {buyer}" if buyer else "")


def typed(request: StaffRequest) -> QueryDict:
    """What was typed so far, with the rows as the pressed button wants them; or what the address says."""
    if request.method != "POST":
        return linked(request.GET)
    data = request.POST.copy()
    rows = [row for row in rows_of(data) if not row.is_blank]
    if added := uuid(data.get("add", "")):
        data.pop(LOOK_FOR, None)
        # When it is pressed twice, the row is there once.
        if added not in {row.product_id for row in rows}:
            rows.append(Row(str(added)))
    if (place := data.get("remove", "")).isdecimal() and int(place[:6]) < len(rows):
        del rows[int(place[:6])]
    data.setlist("product", [row.product for row in rows[:MOST_ROWS]])
    data.setlist("units", [row.units for row in rows[:MOST_ROWS]])
    return data


def linked(address: QueryDict) -> QueryDict:
    """What a link may fill in: never the command's id, nor anything of the buyer or the card."""
    data = QueryDict(mutable=True)
    for name in (each for each in LINKED if each in address):
        data.setlist(name, address.getlist(name))
    return data


def order_context(request: StaffRequest, form: PlaceOrderForm) -> dict[str, Any]:
    """What can be ordered, where it can go, and the job that it is for."""
    given = request.POST if request.method == "POST" else request.GET
    lines = choices.lines_of(form.rows)
    finds_sites = rules.FIND_SITES.allows(request.user, {})
    text = searched(given, "q") if finds_sites else ""
    work_id = uuid((form.typed or given).get("work", ""))
    job = orders.job_of(work_id) if work_id else None
    return {
        "lines": lines,
        "is_line_faulty": any(each.is_faulty for each in lines),
        "added": uuid(given.get("add", "")),
        "sum": total((each.row, each.product) for each in lines),
        "found": choices.products_found(form.looked_for),
        "is_anything_sold": bool(lines) or to_order.any_sold(),
        "finds_sites": finds_sites,
        "q": text,
        "places": choices.places(form.chosen, job.pk if job else None, text),
        "job": job,
    }
