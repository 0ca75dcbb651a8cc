"""The ids of what is imported: the same row always gets the same ones, so importing twice changes nothing.

An id that is made from text stays. Since spellings are folded further than they were, what is stored under
the former id is looked for first (known.py). A test holds ids of both kinds: if `fold` changes, its present
self belongs here, as another former id.
"""

from uuid import UUID, uuid5

from spelling.fold import fold

_IMPORTED = UUID("3a0d7f0e-6a43-5c0b-8f0b-53b7d2a5c9f1")


def place_key(address_line_1: str, town: str, post_code: str) -> str:
    """The same for every spelling of an address: of case, blanks, accents, apostrophes, composed letters."""
    return "\n".join((fold(address_line_1), fold(town), fold(post_code).replace(" ", "")))


def site_id(address_line_1: str, town: str, post_code: str) -> UUID:
    """One id for a place, however its address is spelt and whichever source it comes from."""
    return uuid5(_IMPORTED, f"site\n{place_key(address_line_1, town, post_code)}")


def former_site_id(address_line_1: str, town: str, post_code: str) -> UUID:
    """The id that a place had while only case and blanks were passed over."""
    return _id("site", address_line_1, town, post_code.replace(" ", ""))


def crew_key(forename: str, surname: str) -> str:
    """The same for every spelling of a crew's name."""
    return f"{fold(forename)}\n{fold(surname)}"


def operative_id(source: str, forename: str, surname: str) -> UUID:
    """One id for each crew of a source, however its name is spelt."""
    return _id("operative", source, fold(forename), fold(surname))


def former_operative_id(source: str, forename: str, surname: str) -> UUID:
    """The id that a crew had while only case and blanks were passed over."""
    return _id("operative", source, forename, surname)


def work_id(source: str, key: str) -> UUID:
    """One id for each key of a source."""
    return uuid5(_IMPORTED, "\n".join(("work", source, key)))


def command_id(aggregate_id: UUID, verb: str) -> UUID:
    """The import gives each aggregate each command once."""
    return uuid5(aggregate_id, verb)


def _id(*parts: str) -> UUID:
    return uuid5(_IMPORTED, "\n".join(" ".join(part.casefold().split()) for part in parts))
