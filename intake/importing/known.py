"""Sites and operatives of earlier imports, found in any spelling: their ids may come from a former
folding.

Read models are asked once, before anything is imported. What is stored meanwhile has ids of today.
"""

from collections.abc import Iterable
from uuid import UUID

from intake.importing import identity
from readmodels.models import OperativeRow, SiteRow


class Known:
    """Ids by key, the oldest first. `twins` are things that were stored twice under one key."""

    def __init__(self, entries: Iterable[tuple[str, UUID, str]]) -> None:
        self._entries: dict[str, list[tuple[UUID, str]]] = {}
        for key, aggregate_id, name in entries:
            self._entries.setdefault(key, []).append((aggregate_id, name))

    def oldest(self, key: str) -> UUID | None:
        """The first that was stored under this key."""
        return self._entries[key][0][0] if key in self._entries else None

    def twins(self, key: str) -> tuple[str, ...]:
        """The names of those that share the key, if there is more than one."""
        named = tuple(name for _, name in self._entries.get(key, ()))
        return named if len(named) > 1 else ()


def known_sites() -> Known:
    """The sites that were imported. A site whose address was corrected is known only by the spelling of
    its file, from which its id was made."""
    rows = SiteRow.objects.order_by("acquired_at", "site_id")
    spelt = ((row, (row.address_line_1, row.town, row.post_code)) for row in rows.iterator(chunk_size=2_000))
    return Known(
        (identity.place_key(*text), row.site_id, str(row))
        for row, text in spelt
        if row.site_id in {identity.site_id(*text), identity.former_site_id(*text)}
    )


def known_operatives(source: str) -> Known:
    """The crews of this source that were imported."""
    rows = OperativeRow.objects.order_by("hired_at", "operative_id")
    return Known(
        (identity.crew_key(row.forename, row.surname), row.operative_id, str(row))
        for row in rows.iterator(chunk_size=2_000)
        if row.operative_id
        in {
            identity.operative_id(source, row.forename, row.surname),
            identity.former_operative_id(source, row.forename, row.surname),
        }
    )
