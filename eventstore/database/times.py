"""Times as SQLite stores them."""

from datetime import UTC, datetime


def naive_text(moment: datetime) -> str:
    """The time as Django writes it into SQLite: in UTC, without naming the zone."""
    return str(moment.astimezone(UTC))[:-6]
