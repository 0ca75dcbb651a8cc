"""What a page asks before it does what is allowed, but seldom meant. Whoever presses again goes on."""

from dataclasses import dataclass

ASKED = "asked"
"""The name under which a form says what its person has been asked already."""


@dataclass(frozen=True)
class Question:
    """Asked once, for its `key` comes back with the form. The sentence stands beside the field; `address` is
    where to look at what it is about, called `name`."""

    key: str
    field: str
    sentence: str
    address: str = ""
    name: str = ""


def twin(row: object, field: str, address: str) -> Question:
    """There is already such a row, at this address."""
    sentence = f"There is already one like it: {row}. Press again if this is another"
    return Question(address, field, sentence, address, str(row))
