"""Everybody who has placed an order."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet

from readmodels.models import BuyerRow, BuyerText
from readmodels.queries.search import holding, nearest_first


def find(text: str) -> QuerySet[BuyerRow]:
    """Buyers whose name or e-mail address contains every word, the nearest first, then by name."""
    found = nearest_first(BuyerRow.objects.all(), text)
    return holding(found, text, BuyerText)


def others_at(addresses: Iterable[str], buyer_id: UUID) -> QuerySet[BuyerRow]:
    """Buyers with one of these e-mail addresses, other than this one."""
    return BuyerRow.objects.filter(email__in=list(addresses)).exclude(pk=buyer_id).order_by("registered_at")
