"""What a page asks before it does what is allowed, but seldom meant. Whoever presses again goes on."""

from dataclasses import dataclass

ASKED = "asked"
"""The name under which a form says what its person has been asked already."""


@dataclass(frozen=True)
class Question:
    """Asked once, for its `key` comes back with the form. The sentence stands in the message, and beside the
    `field` where there is one; `address` is where to look at what it is about, called `name`."""

    key: str
    sentence: str
    field: str = ""
    address: str = ""
    name: str = ""


def twin(row: object, address: str) -> Question:
    """There is already such a row, at this address."""
    return Question(
        address, f"There is already one like it: {row}. Is this another?", address=address, name=str(row)
    )
