"""Everybody who has placed an order."""

from django.db.models import QuerySet

from readmodels.models import BuyerRow
from readmodels.search_text import search_text


def find(text: str) -> QuerySet[BuyerRow]:
    """Buyers whose name or e-mail address holds every word, by name."""
    found = BuyerRow.objects.order_by("name", "buyer_id")
    for word in search_text(text).split():
        found = found.filter(search__contains=word)
    return found
