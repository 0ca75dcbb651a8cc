"""An order as programs send it, with a card whose number must appear nowhere else."""

from typing import Any
from uuid import UUID

from django.utils import timezone

NUMBER, DIGITS, CODE = "3782 822463 10005", "378282246310005", "7391"
SECRETS = (NUMBER, DIGITS, CODE)


def card(**changes: Any) -> dict[str, Any]:
    """A card with nothing wrong about it."""
    return {
        "type": "american_express",
        "number": NUMBER,
        "security_code": CODE,
        "holder": "G. M. Hopper",
        "expiry": f"12/{timezone.localdate().year % 100}",
        **changes,
    }


def order(product_id: UUID, units: int = 2, **changes: Any) -> dict[str, Any]:
    """A body that places an order."""
    return {
        "buyer_name": "Grace Hopper",
        "buyer_email": "grace@example.com",
        "items": [{"product_id": str(product_id), "units": units}],
        "ship_to": {"address_line_1": "1 Harbour Street", "town": "Whitby", "post_code": "YO21 1AA"},
        "card": card(),
        **changes,
    }
