"""What a product keeps for each order."""

from collections.abc import Iterator, Mapping
from uuid import UUID

Entry = tuple[UUID, int, "Entry | None"]
"""An order, how many are kept for it, and the entry before."""


class Reserved(Mapping[UUID, int]):
    """How many are kept for each order that was ever answered; 0 where it was rejected, or released again.

    Immutable. A product meets one order after the other for years: copying a dict for each would make its
    history cost the square of its length, so each state shares what it has with the one before.
    """

    __slots__ = ("_newest",)

    def __init__(self, newest: Entry | None = None) -> None:
        self._newest = newest

    def having(self, order_id: UUID, quantity: int) -> "Reserved":
        """The same, but for this order."""
        return Reserved((order_id, quantity, self._newest))

    def __getitem__(self, order_id: UUID) -> int:
        for known, quantity in self._newest_first():
            if known == order_id:
                return quantity
        raise KeyError(order_id)

    def __iter__(self) -> Iterator[UUID]:
        return iter(dict(self._newest_first()))

    def __len__(self) -> int:
        return len(dict(self._newest_first()))

    def __repr__(self) -> str:
        return f"<reserved for {len(self)} orders>"

    def _newest_first(self) -> Iterator[tuple[UUID, int]]:
        entry = self._newest
        while entry is not None:
            order_id, quantity, entry = entry
            yield order_id, quantity
