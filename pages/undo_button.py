"""The button beside a message that undoes what the message is about."""

from typing import NamedTuple
from uuid import UUID


class UndoButton(NamedTuple):
    """The address that it posts to, the event that it undoes, and what people call that: "arrival". It
    travels as the message's tags: these three, with blanks between them."""

    address: str
    change: UUID
    what: str

    @classmethod
    def read(cls, tags: str) -> "UndoButton | None":
        """The button of a message with these tags; None if it has none."""
        address, _, rest = tags.partition(" ")
        change, _, what = rest.partition(" ")
        return cls(address, UUID(change), what) if change else None
