"""What to call operatives, so that no two have the same name."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from django.utils import timezone

from readmodels.models import OperativeRow


@dataclass(frozen=True)
class Names:
    """What to call people, so that no two have the same name. `seen` counts every name of any length."""

    seen: Counter[str]

    @classmethod
    def of(cls, people: Collection[OperativeRow]) -> "Names":
        """Among these people."""
        return cls(Counter(name for row in people for name in {*cls.short_to_long(row)}))

    @classmethod
    def of_namesakes(cls, people: Collection[OperativeRow]) -> "Names":
        """The same for people with the same whole name: most have theirs to themselves."""
        called = Counter(map(str, people))
        return cls.of([row for row in people if called[str(row)] > 1])

    @staticmethod
    def short_to_long(row: OperativeRow) -> list[str]:
        """The possible names, from short to long: forename; with an initial; with the surname; then with
        what tells people of the same name apart: the day on which they were hired, the time of that day,
        and at last four characters of their id."""
        hired = timezone.localtime(row.hired_at)
        day, hour = f"{hired:%-d %b %Y}", f"{hired:%H:%M}"
        initialed = f"{row.forename} {row.surname[:1]}."
        since = [f"{row} (since {day})", f"{row} (since {day} at {hour})"]
        return [row.forename, initialed, str(row), *since, f"{since[-1][:-1]}, {row.pk.hex[-4:]})"]

    def short(self, row: OperativeRow) -> str:
        """The shortest that is distinct."""
        return self._first_of_its_own(self.short_to_long(row))

    def whole(self, row: OperativeRow) -> str:
        """With the surname, whatever the others are called."""
        return self._first_of_its_own(self.short_to_long(row)[2:])

    def _first_of_its_own(self, names: list[str]) -> str:
        return next((name for name in names if self.seen[name] < 2), names[-1])


def whole_name(row: OperativeRow) -> str:
    """The whole name, with what distinguishes it from employed people of the same name."""
    namesakes = OperativeRow.objects.filter(
        forename=row.forename, surname=row.surname, released_at__isnull=True
    ).exclude(pk=row.pk)
    return Names.of([row, *namesakes]).whole(row)
