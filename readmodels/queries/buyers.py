"""Everybody who has placed an order."""

from django.db.models import QuerySet

from readmodels.models import BuyerRow, BuyerText
from readmodels.queries.search import holding, nearest_first


def find(text: str) -> QuerySet[BuyerRow]:
    """Buyers whose name or e-mail address holds every word, the nearest first, then by name."""
    found = nearest_first(BuyerRow.objects.all(), text)
    return holding(found, text, BuyerText)
