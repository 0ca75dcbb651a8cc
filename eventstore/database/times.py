"""Times as SQLite keeps them."""

from datetime import UTC, datetime


def naive_text(moment: datetime) -> str:
    """As Django writes times into SQLite: in UTC, without saying so."""
    return str(moment.astimezone(UTC))[:-6]
