"""Payment, as far as this application knows it. A real gateway is another class with these two methods."""

from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Protocol
from uuid import UUID

from django.conf import settings


@dataclass(frozen=True)
class Charge:
    """The result of a charge; the reference is the gateway's own."""

    is_accepted: bool
    reference: str


class Gateway(Protocol):
    """Charges cards, which it knows by the payment method's id. May raise any error when it cannot be
    reached: the charge is then tried again."""

    def charge(self, order_id: UUID, payment_method_id: UUID, amount: Decimal) -> Charge:
        """Charge once for the order, however often this is called, and return the same result each time."""
        ...

    def void(self, order_id: UUID) -> None:
        """Make sure that nothing is kept of what may have been charged for the order, however often this
        is called."""
        ...


class SimulatedGateway:
    """Charges nobody. Its answer for an order is always the same: yes, no, or one of them depending on the
    order's id."""

    def __init__(self, simulation: str) -> None:
        self._simulation = simulation

    def charge(self, order_id: UUID, payment_method_id: UUID, amount: Decimal) -> Charge:  # noqa: ARG002
        by_chance = Random(order_id.int).random() < 0.8  # noqa: S311  nothing depends on its being secret
        is_accepted = {"succeed": True, "fail": False, "random": by_chance}[self._simulation]
        return Charge(is_accepted, f"simulated-{order_id}")

    def void(self, order_id: UUID) -> None:
        """Nothing was charged."""


def gateway() -> Gateway:
    """The gateway that the settings name."""
    return SimulatedGateway(settings.PAYMENT_SIMULATION)
