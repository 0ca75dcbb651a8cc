"""What pages of other parts show of webhooks. They load it by name: nobody imports integration."""

from django import template
from django.db.models import Count, Q

from integration.models import FAILED, Delivery, Webhook

register = template.Library()


@register.inclusion_tag("integration/_front.html")
def webhooks_panel() -> dict[str, int]:
    """How many there are, how many fail, and how many of their deliveries somebody has to look at. A
    disabled webhook needs nobody."""
    found: dict[str, int] = Webhook.objects.aggregate(
        enabled=Count("pk", filter=Q(is_enabled=True)),
        disabled=Count("pk", filter=Q(is_enabled=False)),
        failing=Count("pk", filter=Q(is_enabled=True, failing_since__isnull=False)),
    )
    return {**found, "failed": Delivery.objects.filter(FAILED, webhook__is_enabled=True).count()}
