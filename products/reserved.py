"""What a product keeps for each order."""

from collections.abc import Iterator, Mapping
from uuid import UUID

Change = tuple[UUID, int, "Change | None"]
"""An order, how many are kept for it from then on, and the change before."""


class Reserved(Mapping[UUID, int]):
    """How many are kept for each order, as long as any are.

    Immutable. A product meets one order after the other for years: copying a dict for each would make its
    history cost the square of its length, so each state shares what it has with the one before: what was kept
    once, and all changes since.
    """

    __slots__ = ("_kept", "_newest")

    def __init__(self, kept: Mapping[UUID, int] | None = None, newest: Change | None = None) -> None:
        self._kept = kept or {}
        self._newest = newest

    def having(self, order_id: UUID, quantity: int) -> "Reserved":
        """The same, but for this order; with 0 nothing is kept for it any more."""
        return Reserved(self._kept, (order_id, quantity, self._newest))

    def __getitem__(self, order_id: UUID) -> int:
        changes = (quantity for known, quantity in self._newest_first() if known == order_id)
        quantity = next(changes, self._kept.get(order_id, 0))
        if not quantity:
            raise KeyError(order_id)
        return quantity

    def __iter__(self) -> Iterator[UUID]:
        return iter(self._open())

    def __len__(self) -> int:
        return len(self._open())

    def __repr__(self) -> str:
        return f"<reserved for {len(self)} orders>"

    def _open(self) -> dict[UUID, int]:
        changed: dict[UUID, int] = {}
        for order_id, quantity in self._newest_first():
            changed.setdefault(order_id, quantity)
        return {order_id: quantity for order_id, quantity in {**self._kept, **changed}.items() if quantity}

    def _newest_first(self) -> Iterator[tuple[UUID, int]]:
        change = self._newest
        while change is not None:
            order_id, quantity, change = change
            yield order_id, quantity
