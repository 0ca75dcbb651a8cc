"""What to call operatives, so that no two are called the same."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from django.utils import timezone

from readmodels.models import OperativeRow


@dataclass(frozen=True)
class Names:
    """What to call people, so that no two are called the same. `seen` counts every name of any length."""

    seen: Counter[str]

    @classmethod
    def of(cls, people: Collection[OperativeRow]) -> "Names":
        """Among these people."""
        return cls(Counter(name for row in people for name in {*cls.short_to_long(row)}))

    @classmethod
    def of_namesakes(cls, people: Collection[OperativeRow]) -> "Names":
        """The same where all are called by their whole names: most have theirs to themselves."""
        called = Counter(map(str, people))
        return cls.of([row for row in people if called[str(row)] > 1])

    @staticmethod
    def short_to_long(row: OperativeRow) -> list[str]:
        """Forename, with an initial, with the surname, and with what tells namesakes apart: the day on which
        they were hired, the time of that day, and at last four characters of their id."""
        hired = timezone.localtime(row.hired_at)
        day, hour = f"{hired:%-d %b %Y}", f"{hired:%H:%M}"
        initialed = f"{row.forename} {row.surname[:1]}."
        since = [f"{row} (since {day})", f"{row} (since {day} at {hour})"]
        return [row.forename, initialed, str(row), *since, f"{since[-1][:-1]}, {row.pk.hex[-4:]})"]

    def short(self, row: OperativeRow) -> str:
        """As short as may be."""
        return self._first_of_its_own(self.short_to_long(row))

    def whole(self, row: OperativeRow) -> str:
        """With the surname, whatever others are called."""
        return self._first_of_its_own(self.short_to_long(row)[2:])

    def _first_of_its_own(self, names: list[str]) -> str:
        return next((name for name in names if self.seen[name] < 2), names[-1])


def whole_name(row: OperativeRow) -> str:
    """With what tells them from employed namesakes."""
    namesakes = OperativeRow.objects.filter(
        forename=row.forename, surname=row.surname, released_at__isnull=True
    ).exclude(pk=row.pk)
    return Names.of([row, *namesakes]).whole(row)
