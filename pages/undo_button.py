"""The button beside a message that undoes what the message is about. It travels as the message's tags."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class UndoButton:
    """The address that it posts to, the event that it undoes, and what people call that: "arrival"."""

    address: str
    change: UUID
    what: str

    @classmethod
    def read(cls, tags: str) -> "UndoButton | None":
        """The button of a message with these tags; None if it has none."""
        address, _, rest = tags.partition(" ")
        change, _, what = rest.partition(" ")
        return cls(address, UUID(change), what) if change else None

    @property
    def tags(self) -> str:
        """The tags that `read` reads."""
        return f"{self.address} {self.change} {self.what}"
