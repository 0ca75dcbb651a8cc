"""Everybody who has placed an order."""

from django.db.models import QuerySet

from readmodels.models import BuyerRow
from readmodels.search_text import holding


def find(text: str) -> QuerySet[BuyerRow]:
    """Buyers whose name or e-mail address holds every word, by name."""
    return holding(BuyerRow.objects.order_by("name", "buyer_id"), text)
