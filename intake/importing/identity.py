"""The ids of what is imported: the same row always gets the same ids, so importing it twice changes
nothing.

An id that was made from text stays. Spellings are folded further now than they were, so a record is first
looked for under its former id (known.py). A test holds ids of both kinds: if `fold` changes, its present
form must be added here, as another former id.
"""

from uuid import UUID, uuid5

from spelling.fold import fold

_IMPORTED = UUID("3a0d7f0e-6a43-5c0b-8f0b-53b7d2a5c9f1")


def place_key(address_line_1: str, town: str, post_code: str) -> str:
    """The same key for every spelling of an address: differences of case, blanks, accents, apostrophes and
    composed letters do not count."""
    return "\n".join((fold(address_line_1), fold(town), fold(post_code).replace(" ", "")))


def site_id(address_line_1: str, town: str, post_code: str) -> UUID:
    """One id for a place, however its address is spelt and whichever source it comes from."""
    return uuid5(_IMPORTED, f"site\n{place_key(address_line_1, town, post_code)}")


def former_site_id(address_line_1: str, town: str, post_code: str) -> UUID:
    """The id that a place had when only case and blanks were ignored."""
    return _id("site", address_line_1, town, post_code.replace(" ", ""))


def crew_key(forename: str, surname: str) -> str:
    """The same for every spelling of a crew's name."""
    return f"{fold(forename)}\n{fold(surname)}"


def operative_id(source: str, forename: str, surname: str) -> UUID:
    """One id for each crew of a source, however its name is spelt."""
    return _id("operative", source, fold(forename), fold(surname))


def former_operative_id(source: str, forename: str, surname: str) -> UUID:
    """The id that a crew had when only case and blanks were ignored."""
    return _id("operative", source, forename, surname)


def work_id(source: str, key: str) -> UUID:
    """One id for each key of a source."""
    return uuid5(_IMPORTED, "\n".join(("work", source, key)))


def command_id(aggregate_id: UUID, verb: str) -> UUID:
    """The id of a command: the import gives each aggregate each command once."""
    return uuid5(aggregate_id, verb)


def _id(*parts: str) -> UUID:
    return uuid5(_IMPORTED, "\n".join(" ".join(part.casefold().split()) for part in parts))
