"""The ids of what is imported: the same row always gets the same ones, so importing twice changes nothing."""

from uuid import UUID, uuid5

_IMPORTED = UUID("3a0d7f0e-6a43-5c0b-8f0b-53b7d2a5c9f1")


def site_id(address_line_1: str, town: str, post_code: str) -> UUID:
    """One id for a place, however its address is spelt and whichever source it comes from."""
    return _id("site", address_line_1, town, post_code.replace(" ", ""))


def operative_id(source: str, forename: str, surname: str) -> UUID:
    """One id for each crew of a source."""
    return _id("operative", source, forename, surname)


def work_id(source: str, key: str) -> UUID:
    """One id for each key of a source."""
    return uuid5(_IMPORTED, "\n".join(("work", source, key)))


def command_id(aggregate_id: UUID, verb: str) -> UUID:
    """The import gives each aggregate each command once."""
    return uuid5(aggregate_id, verb)


def _id(*parts: str) -> UUID:
    return uuid5(_IMPORTED, "\n".join(" ".join(part.casefold().split()) for part in parts))
