"""What a page asks before it does something that is allowed, but seldom meant. Pressing again goes on."""

from dataclasses import dataclass

ASKED = "asked"
"""The form field that names what its person has been asked already."""


@dataclass(frozen=True)
class Question:
    """Asked once, because its `key` comes back with the form. The sentence stands in the message, and
    beside the `field` if there is one. `address`, called `name`, is where to look at what it is about."""

    key: str
    sentence: str
    field: str = ""
    address: str = ""
    name: str = ""


def twin(row: object, address: str) -> Question:
    """There is such a row already, at this address."""
    return Question(
        address, f"There is already one like it: {row}. Is this another?", address=address, name=str(row)
    )
