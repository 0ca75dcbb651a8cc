"""The form that places an order, filled in."""

from typing import Any
from uuid import UUID

from django.utils import timezone

NEW = "/orders/new/"
VISA, CODE = "4111 1111 1111 1111", "987"


def filled(belt: UUID | str, **other: Any) -> dict[str, Any]:
    """A form with nothing wrong in it."""
    return {
        "product": [str(belt)],
        "units": ["2"],
        "buyer_name": "Grace Hopper",
        "buyer_email": "grace@example.com",
        "ship_to": "address",
        "address_line_1": "1 Harbour Street",
        "town": "Whitby",
        "post_code": "YO21 1AA",
        "card_type": "visa",
        "card_number": VISA,
        "card_holder": "G Hopper",
        "expiry": f"12/{timezone.localdate().year % 100}",
        "security_code": CODE,
        **other,
    }
