"""Webhooks and how their deliveries go: the list, and the log of each."""

from django.db.models import Count, Max, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts import rules
from accounts.guard import allow
from integration.models import DELIVERED, FAILED, WAITING, Delivery, Webhook
from integration.views.configuration import CONFIGURATION, shown_once
from pages.depends_on import shows, shows_none
from pages.list_form import ListForm
from pages.respond import StaffRequest, render_page, tell_done
from readmodels import cursor
from readmodels.page import Page
from readmodels.queries.streams import about
from spelling.fold import kept
from spelling.wanted import among

PAGE = 50
LISTED = "deliveries"
"""The name under which places in this list are sealed."""
STATES = {"all": "All", "waiting": "Waiting", "failed": "Failed", "delivered": "Delivered"}
OF_STATE = {"all": Q(), "waiting": WAITING, "failed": FAILED, "delivered": DELIVERED}


@allow(rules.MANAGE_INTEGRATION)
@shows_none(CONFIGURATION)
@require_safe
def webhooks(request: StaffRequest) -> HttpResponse:
    """Every webhook, with what waits and what has failed."""
    return render(request, "integration/webhooks.html", {"webhooks": counted().order_by("url", "pk")})


def counted() -> QuerySet[Webhook]:
    """Webhooks with how many deliveries of each wait and have failed, and when the last arrived."""
    return Webhook.objects.annotate(
        waiting=Count("deliveries", filter=Q(deliveries__due_at__isnull=False)),
        failed=Count("deliveries", filter=Q(deliveries__due_at__isnull=True, deliveries__error__gt="")),
        delivered_last=Max("deliveries__delivered_at"),
    )


@allow(rules.MANAGE_INTEGRATION)
@shows("work", "orders")
@never_cache
@require_safe
def webhook(request: StaffRequest, webhook_id: int) -> HttpResponse:
    """One webhook and its deliveries, newest first."""
    found = get_object_or_404(counted(), pk=webhook_id)
    asked = ListForm(request.GET, states=STATES)
    secret = found.secret if request.session.pop(shown_once(found), None) else ""
    context = {"webhook": found, "asked": asked, "page": deliveries(found, asked), "secret": secret}
    return render_page(request, "integration/webhook.html", context, fragment="integration/_deliveries.html")


def deliveries(of: Webhook, asked: ListForm) -> Page[Delivery]:
    """A page of the log."""
    found = of.deliveries.filter(OF_STATE[asked.wanted_state])
    there = of.deliveries.values_list("type", flat=True).distinct() if asked.text else ()
    types = {each: kept(each) for each in there}
    for word in asked.text.split():
        found = found.filter(Q(type__in=among(types, word)) | about(word, "subject"))
    last = cursor.unseal_place(LISTED, asked.last_seen or "")
    if last.isascii() and last.isdecimal():
        found = found.filter(pk__lt=int(last[:18]))
    rows = found.defer("body").order_by("-pk")[: PAGE + 1]
    return Page.of(list(rows), PAGE, lambda each: cursor.seal_place(LISTED, str(each.pk)))


@allow(rules.MANAGE_INTEGRATION, has_form=False)
@shows_none(CONFIGURATION)
@require_POST
def redeliver(request: StaffRequest, webhook_id: int, delivery_id: int) -> HttpResponse:
    """Deliver it once more, with as many attempts as the first time."""
    found = get_object_or_404(Delivery, pk=delivery_id, webhook=webhook_id)
    Delivery.objects.filter(pk=found.pk).update(due_at=timezone.now(), attempts=0)
    Webhook.objects.filter(pk=webhook_id).update(resumes_at=None)  # at once, also while it waits
    tell_done(request, "asking for another delivery", f"{found.type}, to {found.webhook.url}")
    return redirect("webhook", webhook_id)
